"""A table of one's own as the source: a path or an upload, what its columns are, and how gaps are handled."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st
from pydantic import ValidationError

from dcn_core.config.run import describe, parse_config
from dcn_core.config.table import ColumnConfig, TableConfig, parse_role, role_text
from dcn_core.data.archive import find_path
from dcn_core.data.labels import fitting_target
from dcn_core.data.table_file import SUFFIXES, Head, is_table, read_head
from dcn_core.data.table_roles import facts, guess_columns, needs_scale
from dcn_core.data.uploads import MOST_MEGABYTES, keep_table
from dcn_core.errors import ConfigError, PlaygroundError
from ui import caches, draft, widgets
from ui.errors import show_problem

ROLES = {
    "ignore": "Ignore",
    "label": "Label (to predict)",
    "user": "User",
    "item": "Item",
    "title": "Title of the item",
    "category": "Category",
    "list:|": "Categories between |",
    "list:;": "Categories between ;",
    "list:,": "Categories between ,",
    "list:/": "Categories between /",
    "number": "Number",
    "number:log": "Number, logarithm",
    "number:5": "Number in 5 buckets",
    "number:10": "Number in 10 buckets",
    "number:20": "Number in 20 buckets",
    "time": "Time",
}
"""What a column can be, by the short form of its role."""
_PATH, _UPLOADED, _PROBLEM = "own-table-path", "own-table-uploaded", "own-table-problem"
_CHOSEN, _SHEET = "own-table-chosen", "own-table-sheet"
_SETTINGS = ("missing", "rare", "scale_label")
_SHOWN_ROWS = 50


def holds(source: str) -> bool:
    """Whether a source is a table of one's own."""
    return is_table(source)


def show() -> None:
    """Draws the choice of a file and, once there is one, of its columns."""
    source = draft.values()["data"]["source"]
    if holds(source) and _CHOSEN not in st.session_state:
        st.session_state[_CHOSEN] = source
    _choose_file()
    if problem := st.session_state.pop(_PROBLEM, None):
        show_problem(problem, "This table cannot be used")
    if chosen := st.session_state.get(_CHOSEN):
        try:
            _columns(chosen)
        except PlaygroundError as error:
            show_problem(error, "This table cannot be read")


def _choose_file() -> None:
    left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
    with left:
        st.session_state.setdefault(_PATH, st.session_state.get(_CHOSEN, ""))
        st.text_input(
            "Path on the machine that runs this app",
            key=_PATH,
            placeholder="/data/cars.csv",
            on_change=lambda: _choose(st.session_state[_PATH].strip()),
        )
    with right:
        file = st.file_uploader(
            "Table",
            type=[suffix.removeprefix(".") for suffix in SUFFIXES],
            max_upload_size=MOST_MEGABYTES,
            key="own-table-upload",
            label_visibility="collapsed",
        )
    if file is not None and st.session_state.get(_UPLOADED) != file.file_id:
        st.session_state[_UPLOADED] = file.file_id
        used = {run.config.data.source for run in caches.store().list() if run.config is not None}
        try:
            _choose(str(keep_table(file.getvalue(), file.name, caches.supervisor().limits.max_uploads_mb, used)))
        except PlaygroundError as error:
            st.session_state[_PROBLEM] = error


def _choose(path: str) -> None:
    st.session_state.pop(_SHEET, None)
    try:
        if path:
            _head(*_stamp(path), "")
            st.session_state[_CHOSEN] = path
    except PlaygroundError as error:
        st.session_state[_PROBLEM] = error


def _stamp(path: str) -> tuple[str, int]:
    """A path and when its file was changed.

    Raises:
        DataError: There is no such file.
    """
    found = find_path(path)
    with contextlib.suppress(OSError):
        return str(found), found.stat().st_mtime_ns
    return str(found), 0


@st.cache_resource(show_spinner="Reading the table", max_entries=4)
def _head(path: str, changed: int, sheet: str) -> Head:
    return read_head(Path(path), sheet)


@st.cache_resource(show_spinner=False, max_entries=4)
def _looks(path: str, changed: int, sheet: str) -> pd.DataFrame:
    """What is seen of each column in the first rows, for the editor, and whether as a label it would be scaled."""
    table = _head(path, changed, sheet).table
    rows = []
    for name in table.column_names:
        seen = facts(table[name])
        some = seen.values.unique()[:4]
        examples = ", ".join(f"{value:g}" if seen.numeric else str(value)[:24] for value in some)
        rows.append((name, examples, seen.distinct, seen.gaps / max(1, seen.rows), needs_scale(seen)))
    return pd.DataFrame(rows, columns=["Column", "Examples", "Different", "Gaps", "Scaled"])


@st.cache_resource(show_spinner=False, max_entries=4)
def _guessed(path: str, changed: int, sheet: str) -> tuple[ColumnConfig, ...]:
    return guess_columns(_head(path, changed, sheet).table)


def _columns(path: str) -> None:
    """Draws the editor of roles, the settings and the preview."""
    place = _stamp(path)
    sheet = st.session_state.get(_SHEET, "")
    head = _head(*place, sheet)
    if len(head.sheets) > 1:
        st.selectbox("Sheet", head.sheets, key=_SHEET, filter_mode=None)
    frame = _looks(*place, sheet).copy()
    scaled = dict(zip(frame["Column"].astype(str), frame.pop("Scaled"), strict=True))
    start = _start(path, sheet)
    columns = start.columns if start else _guessed(*place, sheet)
    said = {column.column: role_text(column) for column in columns}
    options = list(dict.fromkeys([*ROLES, *said.values()]))
    names = [ROLES.get(text, text) for text in options]
    frame.insert(1, "Role", [ROLES.get(text := said.get(name, "ignore"), text) for name in frame["Column"]])
    key = f"own-table-{abs(hash((place, sheet)))}"
    st.data_editor(
        frame,
        hide_index=True,
        key=key,
        alt="Columns of the table and their roles",
        disabled=["Column", "Examples", "Different", "Gaps"],
        height=min(38 + 35 * len(frame), 460),
        column_config={
            "Column": st.column_config.TextColumn(width="medium"),
            "Role": st.column_config.SelectboxColumn(options=names, required=True, width="medium"),
            "Examples": st.column_config.TextColumn(width="large"),
            "Different": st.column_config.NumberColumn(
                format="localized",
                width="small",
                help=f"Different values among the first {head.table.num_rows:,} rows.",
            ),
            "Gaps": st.column_config.NumberColumn(
                format="percent", width="small", help="Share of these without a value."
            ),
        },
    )
    roles = {name: said.get(name, "ignore") for name in scaled}
    if start:
        st.session_state.setdefault(f"{key}-label", start.of("label"))
    _follow_label(roles, scaled, key)
    if f"{key}-label" not in st.session_state:
        st.info("No column is sure to be what should be predicted. Give one the role of the label.")
    _settings(start, key)
    with st.expander("First rows", icon=":material/table_rows:"):
        st.dataframe(_plain(head.table), hide_index=True, key=f"{key}-rows", alt="First rows of the table", height=260)
    args = (path, roles, scaled, sheet, key)
    st.button("Use this table", type="primary", key="use-own-table", on_click=_press, args=args)


def _start(path: str, sheet: str) -> TableConfig | None:
    """The roles to begin with if the draft has this table already."""
    data = draft.values()["data"]
    if data["source"] == path and data["table"]:
        with contextlib.suppress(ValidationError):
            own = TableConfig.model_validate(data["table"])
            if own.sheet == sheet:
                return own
    return None


def _follow_label(roles: Mapping[str, str], scaled: Mapping[str, bool], key: str) -> None:
    """Scales the label or not, as it needs, whenever another column becomes it."""
    edited = edited_roles(roles, st.session_state.get(key) or {})
    labels = [name for name, role in edited.items() if role == "label"]
    if len(labels) == 1 and labels[0] != st.session_state.get(f"{key}-label"):
        st.session_state[f"{key}-label"] = labels[0]
        st.session_state[f"{key}-scale_label"] = bool(scaled[labels[0]])


def _settings(start: TableConfig | None, key: str) -> None:
    """Draws the settings of the whole table."""
    with st.grid(3, min_column_width=200, gap="medium", vertical_alignment="bottom"):
        for name in _SETTINGS:
            field = TableConfig.model_fields[name]
            widgets.draw(field, getattr(start, name) if start else field.default, f"{key}-{name}")


def _plain(table: pa.Table) -> pd.DataFrame:
    return table.slice(0, _SHOWN_ROWS).to_pandas()


def _press(path: str, roles: Mapping[str, str], scaled: Mapping[str, bool], sheet: str, key: str) -> None:
    """Uses the table with what the editor and the settings say at the press, which may be later than what was last drawn.

    Args:
        path: Of the table.
        roles: Short form of each column's role before it was edited, in the order of the editor's rows.
        scaled: Whether each column would be scaled as the label.
        sheet: Of an Excel file.
        key: Of the editor.
    """
    _follow_label(roles, scaled, key)
    settings = {name: st.session_state[f"{key}-{name}"] for name in _SETTINGS}
    _use(path, edited_roles(roles, st.session_state.get(key) or {}), sheet, settings)


def edited_roles(roles: Mapping[str, str], edits: Mapping[str, Any]) -> dict[str, str]:
    """Roles in their short form after what was done in the editor.

    Args:
        roles: Before, in the order of the rows.
        edits: What Streamlit keeps of an editor: under `edited_rows` the changed cells by row and column.
    """
    columns, found = list(roles), dict(roles)
    short = {title: text for text, title in ROLES.items()}
    for row, cells in edits.get("edited_rows", {}).items():
        if 0 <= int(row) < len(columns) and (title := cells.get("Role")):
            found[columns[int(row)]] = short.get(str(title), str(title))
    return found


def _use(path: str, roles: Mapping[str, str], sheet: str, settings: Mapping[str, Any]) -> None:
    """Makes a table with these roles the draft's source if it can be read; else notes why not."""
    try:
        table = table_of(roles, sheet, settings)
        plain = table.model_dump(mode="json", exclude_defaults=True)
        config = parse_config({"data": {"source": path, "table": plain}})
        dataset = caches.dataset(config.data)
    except PlaygroundError as error:
        st.session_state[_PROBLEM] = error
        return
    draft.use_source(path, plain)
    draft.set_value("data", "target", fitting_target(dataset, draft.values()["data"]["target"]))
    for bias, feature in (("user_bias", "user_id"), ("movie_bias", "movie_id")):
        if feature not in config.data.features:
            draft.set_value("model", bias, False)


def table_of(roles: Mapping[str, str], sheet: str, settings: Mapping[str, Any]) -> TableConfig:
    """The settings of a table from the short forms of its columns' roles.

    Raises:
        ConfigError: The roles do not fit together.
    """
    try:
        columns = [{"column": name, **parse_role(text)} for name, text in roles.items()]
        return TableConfig.model_validate({"columns": columns, "sheet": sheet, **settings})
    except ValidationError as error:
        raise ConfigError(describe(error)) from None
    except ValueError as error:
        raise ConfigError(str(error)) from None
