"""A web server on this machine that the app takes for GroupLens's."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dcn_core.data import releases


class Server(ThreadingHTTPServer):
    """Serves files from memory with ranges, and cuts, delays or refuses them when told."""

    files: dict[str, bytes]
    cut_after: int | None = None
    status: int | None = None
    knows_ranges = True
    piece, delay_s = 20_000, 0.0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.asked = {}, []
        self.asked: list[tuple[str, str | None]]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/movielens"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        ranges = self.headers["Range"]
        self.server.asked.append((self.path, ranges))
        body = self.server.files.get(self.path.rsplit("/", 1)[-1])
        if body is None or self.server.status is not None:
            self.send_error(self.server.status or 404)
            return
        start = int(ranges.removeprefix("bytes=").rstrip("-")) if ranges and self.server.knows_ranges else 0
        if start >= len(body):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        end, piece = min(len(body), self.server.cut_after or len(body)), self.server.piece
        for at in range(start, end, piece):
            self.wfile.write(body[at : min(at + piece, end)])
            time.sleep(self.server.delay_s)
        self.close_connection = True


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that the app takes for GroupLens's."""
    with Server() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        monkeypatch.setenv(releases.ADDRESS_VARIABLE, server.address)
        yield server
        server.shutdown()
