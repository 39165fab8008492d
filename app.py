"""The door: `streamlit run app.py`. Serves the app in `ui/shell.py` and its own fonts and pictures, and nothing else.

The script is not this file because a `pages/` folder beside a running script makes Streamlit serve each page without it.
"""

from pathlib import Path

import streamlit as st
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ui.errors import show_bug

ROOT = Path(__file__).resolve().parent


async def train(request):  # the train page is the front page
    """Leads `/train` to `/` and keeps the query, which names the shown run."""
    return RedirectResponse(request.url.replace(path="/"))


app = st.App(
    ROOT / "ui" / "shell.py",
    routes=[Route("/train", train), Mount("/assets", StaticFiles(directory=ROOT / "assets"))],
    on_script_error=show_bug,
)

if __name__ == "__main__":
    app.run()
