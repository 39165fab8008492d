"""Who may import whom: the arrows of the architecture, read from the code itself."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOREIGN = {
    "streamlit": ("app.py", "pages/", "ui/"),
    "tensorflow": ("dcn_core/model/", "dcn_core/training/", "dcn_core/worker.py"),
    "keras": ("dcn_core/model/", "dcn_core/training/", "dcn_core/worker.py"),
    "onnxruntime": ("dcn_core/serving/",),
    "typer": ("dcn_core/cli.py", "dcn_core/cli_"),
    "optuna": ("dcn_core/search/",),
    "sqlalchemy": ("dcn_core/search/", "dcn_core/runs/shared_index.py"),
    "fsspec": ("dcn_core/runs/object_store.py",),
    "ray": ("dcn_core/runs/ray_executor.py",),
}
"""Packages that only some rooms may import."""
ROOMS = {
    "dcn_core/config": {"config", "errors"},
    "dcn_core/data": {"data", "config", "errors", "files", "interpreter"},
    "dcn_core/model": {"model", "config", "errors", "files"},
    "dcn_core/training": {"training", "model", "data", "config", "errors", "files"},
    "dcn_core/runs": {"runs", "data", "config", "errors", "", "files", "interpreter"},
    "dcn_core/insight": {"insight", "model", "data", "config", "errors"},
    "dcn_core/pictures": {
        "pictures",
        "compare",
        "search",
        "insight",
        "serving",
        "model",
        "data",
        "config",
        "errors",
        "files",
    },
    "dcn_core/polynomials": {"polynomials", "model", "training", "errors"},
    "dcn_core/compare": {"compare", "runs", "insight", "data", "config", "errors"},
    "dcn_core/search": {"search", "compare", "runs", "config", "errors"},
    "dcn_core/serving": {"serving", "insight", "data", "config", "errors", "files"},
    "dcn_core/export": {
        *("export", "runs", "data", "config", "model", "insight", "serving", "errors", "files", ""),
        *("study", "siblings", "report_page", "training", "interpreter"),
    },
}
"""What each room of dcn_core may import of dcn_core; "" is the package itself, for its version."""
SOURCES = sorted(
    p
    for place in ("app.py", "ui", "pages", "dcn_core")
    for p in [ROOT / place, *(ROOT / place).rglob("*.py")]
    if p.suffix == ".py"
)


def imported(path: Path) -> set[str]:
    """Full names of all modules that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_file_imports_only_what_its_room_may(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    for name in imported(path):
        package = name.split(".")[0]
        if package in FOREIGN:
            assert place.startswith(FOREIGN[package]), f"{place} may not import {package}"
        if package in ("ui", "pages"):
            assert place.startswith(("app.py", "pages/", "ui/")), f"{place} may not import {package}"
        if package == "dcn_core":
            room = "/".join(place.split("/")[:2])
            inner = [*name.split("."), ""][1]
            assert room not in ROOMS or inner in ROOMS[room], f"{place} may not import {name}"


def test_the_law_is_read_from_real_files() -> None:
    assert len(SOURCES) > 30
    assert "tensorflow" in {name.split(".")[0] for path in SOURCES for name in imported(path)}


def test_no_file_of_the_app_reaches_tensorflow_through_others() -> None:
    """Follows imports at module level from the app's files; those inside functions are for the worker and the shell."""
    todo = [p for p in SOURCES if not p.relative_to(ROOT).as_posix().startswith("dcn_core")]
    seen: set[Path] = set()
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in imported_on_load(path):
            assert name.split(".")[0] not in ("tensorflow", "keras"), f"{path} loads {name}"
            for target in (ROOT / (name.replace(".", "/") + ".py"), ROOT / name.replace(".", "/") / "__init__.py"):
                if target.exists():
                    todo.append(target)


def imported_on_load(path: Path) -> set[str]:
    """Modules that a file imports when it is loaded."""
    names: set[str] = set()
    todo: list[ast.AST] = [ast.parse(path.read_text())]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
        todo.extend(ast.iter_child_nodes(node))
    return names
