"""The index of runs in a database that several servers share, such as PostgreSQL: `PLAYGROUND_INDEX_DB` is its address.

Like the file beside the runs it is a cache: the folders are the truth, and whatever is wrong with it only costs time.
"""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, Text, create_engine, delete, insert, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from dcn_core.errors import ConfigError
from dcn_core.files import parse_json
from dcn_core.runs.index import Entry

SCHEMA = 1
"""Version of the table's layout, a part of its name: another one is another table."""
TABLE = Table(
    f"playground_runs_{SCHEMA}",
    MetaData(),
    Column("place", String(4096), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("signature", Text, nullable=False),
    Column("summary", Text, nullable=False),
)
CONNECT_S = 5


class SharedIndex:
    """Signature and summary of each settled run, see `dcn_core.runs.index.Index`.

    Args:
        url: Address of the database, as SQLAlchemy takes it: `postgresql+psycopg://user:password@host/name`.
        place: The runs folder, the same path on all servers; others may use the same table.
        version: Version of the program that makes the summaries; those of another one are not read.
    """

    def __init__(self, url: str, place: str, version: str) -> None:
        self._url, self._place, self._version = url, place, version

    @property
    def name(self) -> str:
        """What to call it, without its password."""
        return self._engine.url.render_as_string(hide_password=True)

    def load(self) -> dict[str, Entry]:
        """Returns what is kept by run id; nothing where the database cannot be read."""
        wanted = select(TABLE.c.id, TABLE.c.signature, TABLE.c.summary).where(
            TABLE.c.place == self._place, TABLE.c.version == self._version
        )
        try:
            with self._begin() as database:
                rows = database.execute(wanted).all()
            return {run_id: (signature, parse_json(summary)) for run_id, signature, summary in rows}
        except (SQLAlchemyError, ValueError, TypeError):
            return {}

    def save(self, entries: Mapping[str, Entry], gone: Iterable[str] = ()) -> bool:
        """Keeps entries in place of those before, and forgets runs that are gone. Returns whether it could."""
        rows = [
            {"place": self._place, "id": run_id, "version": self._version, "signature": signature, "summary": text}
            for run_id, (signature, summary) in entries.items()
            if "\\u0000" not in (text := json.dumps(summary))  # PostgreSQL keeps no such sign, so the run is read anew
        ]
        old = [*entries, *gone]
        try:
            with self._begin() as database:
                database.execute(delete(TABLE).where(TABLE.c.place == self._place, TABLE.c.id.in_(old)))
                if rows:
                    database.execute(insert(TABLE), rows)
            return True
        except SQLAlchemyError:  # away, or another server has just kept the same
            return False

    def remove(self) -> None:
        """Forgets all runs of this folder."""
        with contextlib.suppress(SQLAlchemyError), self._begin() as database:
            database.execute(delete(TABLE).where(TABLE.c.place == self._place))

    def problem(self) -> str | None:
        """What is wrong with the database, None if nothing is."""
        try:
            with self._begin() as database:
                database.execute(select(TABLE.c.id).limit(1)).all()
            return None
        except SQLAlchemyError as error:
            return str(getattr(error, "orig", None) or error).strip().splitlines()[0]

    @cached_property
    def _engine(self) -> Engine:
        try:
            timeout = {"connect_timeout": CONNECT_S} if self._url.startswith("postgresql") else {}
            return create_engine(self._url, poolclass=NullPool, connect_args=timeout)  # it is asked now and then
        except (ArgumentError, ImportError, SQLAlchemyError) as error:
            raise ConfigError(
                "PLAYGROUND_INDEX_DB must be the address of a database whose driver is installed, such as "
                f"postgresql+psycopg://user:password@host/name. It is not: {error}"
            ) from None

    @contextlib.contextmanager
    def _begin(self) -> Iterator[Connection]:
        """A connection in one transaction, with the table made if it is missing."""
        with self._engine.begin() as database:
            TABLE.create(database, checkfirst=True)
            yield database
