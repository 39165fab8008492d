"""A PostgreSQL server of its own for a test, where it is installed: it takes a second and is gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def programs() -> Path | None:
    """The folder of `initdb`, None where PostgreSQL is not installed."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    return next((path.parent for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None)


@contextmanager
def postgres() -> Iterator[str]:
    """Starts a server and yields its address for SQLAlchemy. Skips the test where it or its driver is not installed."""
    pytest.importorskip("psycopg")
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed")
    place = Path(tempfile.mkdtemp(prefix="dcn-postgres-"))
    as_user = []
    if os.geteuid() == 0:  # it refuses to run as root
        shutil.chown(place, "nobody")
        as_user = ["setpriv", "--reuid=nobody", "--clear-groups", "--"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = str(place / "data")

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [*as_user, str(folder / program), "-D", data, *arguments], check=True, capture_output=True, cwd=place
        )

    try:
        run("initdb", "-U", "tester", "-A", "trust", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {place} -c fsync=off"
        run("pg_ctl", "-w", "-l", str(place / "log"), "-o", options, "start")
        try:
            yield f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(place, ignore_errors=True)
