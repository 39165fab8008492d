"""Where the app's own files are, and its pages by name."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGO = str(ROOT / "assets" / "logo.svg")
MARK = ROOT / "assets" / "mark.svg"


def page(name: str) -> str:
    """Path of a page's script, as `st.Page` and `st.page_link` take it."""
    return str(ROOT / "pages" / f"{name}.py")
