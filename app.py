"""The door: `streamlit run app.py`. Serves the app in `ui/shell.py` and its own fonts and pictures, and nothing else.

The script is not this file because a `pages/` folder beside a running script makes Streamlit serve each page without it.
"""

import contextlib
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import streamlit as st
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from dcn_core.errors import PlaygroundError
from ui.errors import show_bug

ROOT = Path(__file__).resolve().parent


async def train(request):  # the train page is the front page
    """Leads `/train` to `/` and keeps the query, which names the shown run."""
    return RedirectResponse(request.url.replace(path="/"))


def take_up_work() -> None:
    """Starts the supervisor, which goes on with the runs and searches that an earlier server has left."""
    from dcn_core.search import place
    from ui import caches  # takes a second to load, which the first page need not wait for

    with contextlib.suppress(PlaygroundError):  # a limit that is no number: every page says so
        caches.supervisor()
        if place.exist(caches.store().root):
            from ui import sweep_store

            sweep_store.conductor()


@contextlib.asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """What happens when the server starts, whether or not somebody opens a page, and when it ends.

    A server that is ended by a signal runs no `atexit`, so what works beside it is told here.
    """
    threading.Thread(target=take_up_work, name="take-up-work", daemon=True).start()
    yield
    st.cache_resource.clear()  # closes the supervisor and whatever else has processes of its own


app = st.App(
    ROOT / "ui" / "shell.py",
    routes=[Route("/train", train), Mount("/assets", StaticFiles(directory=ROOT / "assets"))],
    lifespan=lifespan,
    on_script_error=show_bug,
)

if __name__ == "__main__":
    app.run()
