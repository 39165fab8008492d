"""Tables of one's own: read in every format, roles guessed, sorted into users, items and ratings."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dcn_core.config.data import DataConfig, known_features
from dcn_core.config.run import parse_config
from dcn_core.config.table import TableConfig, identifier, parse_role, role_text
from dcn_core.data.csv_layout import layout_of
from dcn_core.data.encoder import Encoder, encode
from dcn_core.data.labels import labelled_rows, labels
from dcn_core.data.leakage import meters
from dcn_core.data.own_table import load_table
from dcn_core.data.profile import profile
from dcn_core.data.sources import load_dataset
from dcn_core.data.splits import split_rows
from dcn_core.data.table_file import read_head
from dcn_core.data.table_roles import guess, guess_columns
from dcn_core.errors import ConfigError, DataError
from tests.data.tables import cars, purchases, write_xlsx
from tests.fuzz import fuzz, mutated

CARS = ["category", "category", "number", "list:;", "time", "label"]
PURCHASES = ["user", "item", "title", "category", "number:log", "category", "time", "label"]


def table(**roles: str) -> TableConfig:
    """A table's settings from short forms of its roles."""
    return TableConfig.model_validate(
        {"columns": [{"column": name} | parse_role(role) for name, role in roles.items()]}
    )


def save(frame: pd.DataFrame, path: Path) -> Path:
    """Writes a frame in the format that the path names."""
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".xlsx":
        write_xlsx(frame, path)
    else:
        frame.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")
    return path


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "xlsx"])
def test_every_format_gives_the_same_roles_and_the_same_data(tmp_path: Path, suffix: str) -> None:
    path = save(cars(), tmp_path / f"cars.{suffix}")
    found = guess(read_head(path).table)
    assert [role_text(column) for column in found.columns] == CARS
    assert found.scale_label
    dataset, frame = load_table(path, found), cars()
    nouns = dataset.nouns
    np.testing.assert_allclose(nouns.of_source(dataset.ratings["rating"]), frame["Price"], rtol=1e-4)
    assert (nouns.rating, nouns.unit) == ("Price", "standard deviations of Price")
    assert "standard deviations of all rows, held-out ones included" in dataset.notes[0]
    assert nouns.features == {"brand": "Brand", "fuel_type": "Fuel type", "power_ps": "Power (PS)", "extras": "Extras"}
    assert dataset.available_features() == ("brand", "fuel_type", "power_ps", "extras")
    assert dataset.ratings["brand"].astype(str).tolist() == frame["Brand"].tolist()
    assert dataset.ratings["timestamp"].iloc[:2].tolist() == [1_704_067_200, 1_704_070_800]
    assert (len(dataset.users), len(dataset.movies)) == (1, 1)


@pytest.mark.parametrize(
    ("name", "values", "notes"),
    [
        ("Churn", ["Yes", "no", "no", "YES", "no"], ("Churn is 1 for Yes or YES and 0 for no.",)),
        ("renewed", ["true", "false", "false", "true", "false"], ("renewed is 1 for true and 0 for false.",)),
        ("outcome", ["won", "lost", "lost", "won", "lost"], ("outcome is 1 for won and 0 for lost.",)),
        ("clicked", [1, 0, 0, 1, 0], ()),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx"])
def test_a_yes_or_no_is_guessed_as_label_and_learned_as_one_or_zero(
    tmp_path: Path, suffix: str, name: str, values: list[object], notes: tuple[str, ...]
) -> None:
    frame = pd.DataFrame({"plan": [f"p{row % 3}" for row in range(50)], name: values * 10})
    if name == "clicked":
        frame["length"] = np.arange(50) / 8
    path = save(frame, tmp_path / f"t.{suffix}")
    found = guess(read_head(path).table)
    assert found.of("label") == name and not found.scale_label
    dataset = load_table(path, found)
    assert dataset.ratings["rating"].tolist() == [1, 0, 0, 1, 0] * 10
    assert dataset.notes == notes
    assert (dataset.nouns.low, dataset.nouns.high) in (
        ("no", "Yes"),
        ("no", "YES"),
        ("false", "true"),
        ("lost", "won"),
        ("0", "1"),
    )
    config = DataConfig(source=str(path), table=found, target="like")
    assert labels(dataset, config).tolist() == [1, 0, 0, 1, 0] * 10  # wherever the bounds are
    assert len(labelled_rows(dataset, config)) == 50


def test_booleans_are_labels_and_three_values_are_none(tmp_path: Path) -> None:
    frame = pd.DataFrame({"plan": ["a", "b", "c"] * 10, "kept": [True, False, True] * 10})
    path = save(frame, tmp_path / "t.parquet")
    found = guess(read_head(path).table)
    assert found.of("label") == "kept"
    assert load_table(path, found).ratings["rating"].tolist() == [1, 0, 1] * 10
    assert (
        load_table(save(purchases(), tmp_path / "p.csv"), guess(read_head(tmp_path / "p.csv").table)).nouns.high == ""
    )
    with pytest.raises(
        DataError, match=r"must hold numbers, or two values such as yes and no\. Received: 'a' in row 1"
    ):
        load_table(path, table(plan="label", kept="category"))


def test_columns_belong_to_the_user_the_item_or_the_rating_by_what_they_hold(tmp_path: Path) -> None:
    frame = purchases()
    path = save(frame, tmp_path / "purchases.csv")
    found = guess(read_head(path).table)
    assert [role_text(column) for column in found.columns] == [
        *PURCHASES[:4],
        role_text(found.columns[4]),
        *PURCHASES[5:],
    ]
    dataset = load_table(path, found)
    assert {column.name: column.level for column in dataset.known} == {
        "city": "user",
        "price": "movie",
        "channel": "rating",
        "user_id": "user",
        "movie_id": "movie",
    }
    whole = dataset.frame()
    assert dataset.users["name"].iloc[dataset.ratings["user_row"]].tolist() == frame["customer_id"].tolist()
    assert whole["movie_id"].tolist() == frame["product_id"].tolist()
    assert whole["title"].astype(str).tolist() == frame["product_name"].tolist()
    assert dataset.movies["price"].iloc[dataset.ratings["movie_row"]].tolist() == frame["price"].tolist()
    assert (dataset.rating_min, dataset.rating_max, dataset.rating_step) == (1, 5, 1)
    assert (dataset.nouns.user, dataset.nouns.movie, dataset.nouns.unit) == ("customer", "product", "units of rating")
    counts = profile(dataset).counts.iloc[0]
    assert (counts["ratings"], counts["users"], counts["movies"]) == (300, 20, 12)


@pytest.mark.parametrize(("role", "categories"), [("number", {}), ("number:log", {}), ("number:5", {"power_ps": 5})])
def test_a_number_has_as_many_categories_as_buckets(tmp_path: Path, role: str, categories: dict[str, int]) -> None:
    roles = table(**{"Fuel type": "category", "Power (PS)": role, "Price": "label"})
    found = profile(load_table(save(cars(), tmp_path / "cars.csv"), roles)).cardinality
    assert found.dropna().set_index("feature")["categories"].to_dict() == {"fuel_type": 2} | categories


def test_gaps_are_what_the_settings_say(tmp_path: Path) -> None:
    text = "who,colour,size,y\na,red,1,1\na,,2,2\nb,blue,?,3\n,red,4,4\nb,red,5,\na,blue,9,9\n"
    (tmp_path / "t.csv").write_text(text)
    roles = table(who="user", colour="category", size="number", y="label")
    category, unknown, drop = (
        load_table(tmp_path / "t.csv", roles.model_copy(update={"missing": missing}))
        for missing in ("category", "unknown", "drop")
    )
    assert category.notes == ("1 row without y left out.", "1 row without who left out.")
    assert category.ratings["colour"].astype(object).tolist() == ["red", "missing", "blue", "blue"]
    assert unknown.ratings["colour"].isna().tolist() == [False, True, False, False]
    np.testing.assert_array_equal(category.ratings["size"], [1, 2, np.nan, 9])
    assert drop.ratings["rating"].tolist() == [1, 9]
    assert drop.notes[-1] == "2 rows with a gap in a feature left out."
    assert len({category.fingerprint, unknown.fingerprint, drop.fingerprint}) == 3


def test_a_config_of_a_table_has_the_features_of_its_columns() -> None:
    roles = table(who="user", colour="category", age="number", y="label")
    data = DataConfig(source="t.csv", table=roles)
    assert data.features == known_features(roles) == ("colour", "age_", "user_id")
    again = parse_config({"data": data.model_dump(mode="json")}).data
    assert again == data
    with pytest.raises(ConfigError, match=r"data.features may name colour, age_, user_id. Received: genres"):
        parse_config({"data": data.model_dump(mode="json") | {"features": ["genres", "colour"]}})
    with pytest.raises(ConfigError, match=r"data.features may name genres.*Received: colour"):
        parse_config({"data": {"features": ["colour"]}})


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        ({"a": "category"}, "one column must be the label"),
        ({"a": "label"}, "at least one column must be a feature"),
        ({"a": "label", "b": "label", "c": "number"}, "at most one column can be the label. Received: a, b"),
        ({"a": "label", "b": "title", "c": "number"}, "Received a title but no item"),
    ],
)
def test_roles_that_do_not_fit_together_are_refused(roles: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        table(**roles)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("x,y\n", "has column names but no rows"),
        ("x,x,y\n1,2,3\n", "several columns 'x'"),
        ("z,y\n1,2\n", "has no column 'x'. It has: 'z', 'y'"),
        ("x,y\n1,2\nthree,4\n", "column 'x' of t.csv must hold numbers. Received: 'three' in row 2"),
        ("x,y\n1,2\n3,2\n", "is 2 in every row"),
        ("x,y\n1,\n", "no row of t.csv has all that it needs"),
        ("x,y\n1,2\n3\n", "cannot be read as a table"),
        ("x,y\n1,1e300\n2,2\n", "below 3e37"),
        ("x\x00,y\n1,2\n", "is no text"),
    ],
)
def test_a_file_that_is_not_what_its_roles_say_is_refused_in_words(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        load_table(tmp_path / "t.csv", table(x="number", y="label"))


def test_other_broken_files_are_refused_in_words(tmp_path: Path) -> None:
    for name in ("broken.parquet", "broken.xlsx", "broken.ods"):
        (tmp_path / name).write_bytes(b"PK\x03\x04 nothing of the kind")
        with pytest.raises(DataError, match=f"{name} cannot be read as a table"):
            read_head(tmp_path / name)
    save(cars(30), tmp_path / "cars.xlsx")
    with pytest.raises(DataError, match=r"has no sheet 'Boats'. It has: 'Cars'"):
        read_head(tmp_path / "cars.xlsx", "Boats")
    assert read_head(tmp_path / "cars.xlsx").sheets == ("Cars",)
    with pytest.raises(DataError, match="must be a file that ends in"):
        read_head(tmp_path / "cars.doc")
    with pytest.raises(DataError, match="it must be said what its columns are"):
        load_dataset(DataConfig(source=str(save(cars(30), tmp_path / "cars.csv"))))
    with pytest.raises(DataError, match="needs a column to be predicted"):
        (tmp_path / "words.csv").write_text("a,b\nx,y\nz,w\n")
        guess(read_head(tmp_path / "words.csv").table)
    (tmp_path / "t.csv").write_text("x,t,y\n1,soon,2\n2,later,3\n")
    with pytest.raises(DataError, match=r"must hold times.*Received: 'soon'"):
        load_table(tmp_path / "t.csv", table(x="number", t="time", y="label"))


_LINES = ["who,what,rating", *(f"u{number % 5},m{number % 3},{number % 4}" for number in range(40))]
_TEXT = "\n".join(_LINES) + "\n"


@pytest.mark.parametrize(
    "content",
    [
        ("\ufeff" + _TEXT.replace(",", ";")).encode(),
        _TEXT.replace(",", "\t").encode("utf-16"),
        ("sep=;\r\n" + _TEXT.replace(",", ";").replace("\n", "\r\n")).encode(),
        ("\n\n" + _TEXT).encode(),
        _TEXT.replace("\n", "\r").encode(),
        _TEXT.replace("who", '"who"').encode(),
    ],
    ids=["bom", "utf-16", "sep", "blank", "cr", "quoted"],
)
def test_whatever_a_spreadsheet_saves_is_the_same_table(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    head = read_head(tmp_path / "t.csv").table
    assert (head.column_names, head.num_rows) == (["who", "what", "rating"], 40)
    found = load_table(tmp_path / "t.csv", table(who="user", what="item", rating="label"))
    assert (found.num_ratings, len(found.users), len(found.movies)) == (40, 5, 3)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
@pytest.mark.parametrize("role", ["user", "category"])
def test_a_last_row_that_sums_up_the_others_is_left_out(tmp_path: Path, suffix: str, role: str) -> None:
    frame = pd.DataFrame({"who": ["a", "b", "c"] * 20, "kind": ["x", "y"] * 30, "score": np.arange(60) % 7 + 1})
    total = pd.DataFrame({"who": ["Total:"], "kind": [None], "score": [frame["score"].sum()]})
    path = save(pd.concat([frame, total], ignore_index=True), tmp_path / f"t{suffix}")
    head = read_head(path).table
    assert head.num_rows == 60 and not guess(head).scale_label
    found = load_table(path, table(who=role, kind="category", score="label"))
    assert (found.num_ratings, found.rating_max) == (60, 7)
    assert found.notes[0] == "The last row left out: it sums up the others."
    total["kind"] = "x"
    path = save(pd.concat([frame, total], ignore_index=True), tmp_path / f"t{suffix}")
    assert load_table(path, table(who=role, kind="category", score="label")).num_ratings == 61


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('"who\nrates",b\nu,1\nv,2\n', ["who rates", "b"]),
        ("a,b\nu,1,\nv,2,\n", ["a", "b", "column 3"]),
        ("a,b\n1,u,1\n2,v,2\n", ["column 1", "a", "b"]),
        ("<TICKER>,[x]\nu,1\nv,2\n", ["<TICKER>", "[x]"]),
    ],
    ids=["lines", "behind", "in front", "brackets"],
)
def test_names_of_columns_are_found_where_programs_put_them(tmp_path: Path, text: str, names: list[str]) -> None:
    (tmp_path / "t.csv").write_text(text)
    head = read_head(tmp_path / "t.csv").table
    assert head.column_names == names and head.num_rows == 2


def test_a_file_without_names_is_refused_and_one_with_years_as_names_is_not(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("\n".join(_LINES[1:]))
    with pytest.raises(
        DataError, match=r"t\.csv seems to have no line of column names: its first line, 'u0', 'm0', '0'"
    ):
        read_head(path)
    path.write_text("2019,2020\n1,2\n2,3\n")
    assert read_head(path).table.column_names == ["2019", "2020"]


def test_the_label_is_found_behind_hundreds_of_columns(tmp_path: Path) -> None:
    frame = pd.DataFrame({f"c{number}": np.arange(30) / 7 for number in range(600)} | {"rating": range(30), "last": 1})
    columns = guess_columns(read_head(save(frame, tmp_path / "t.csv")).table)
    assert [column.column for column in columns[-3:]] == ["c497", "rating", "last"]
    assert columns[-2].role == "label"


def test_windows_letters_are_read(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("what;y\n3 €;1\nZürich – See;2\n".encode("cp1252"))
    assert read_head(tmp_path / "t.csv").table["what"].to_pylist() == ["3 €", "Zürich – See"]


def test_line_breaks_in_values_are_no_rows_however_long_the_file_is(tmp_path: Path) -> None:
    review = "good\n" * 3 + "u1,m1,3\n" * 3
    rows = [f'u{number % 5},m{number % 3},{number % 4},"{number} {review}"' for number in range(2_000)]
    (tmp_path / "t.csv").write_text("\n".join([_LINES[0] + ",review", *rows]))
    assert 500 < read_head(tmp_path / "t.csv", rows=5_003).table.num_rows < 2_000
    (tmp_path / "t.csv").write_text("\n".join([_LINES[0] + ",review", *(rows * 100)]))
    found = load_table(tmp_path / "t.csv", table(who="user", what="item", rating="label"))
    assert (found.num_ratings, len(found.users), len(found.movies)) == (200_000, 5, 3)


def test_a_file_is_what_it_holds_and_not_what_its_name_says(tmp_path: Path) -> None:
    frame = purchases(40)
    for real, said in ((".parquet", "csv"), (".xlsx", "txt"), (".csv", "xls")):
        save(frame, tmp_path / f"t{real}").rename(tmp_path / f"named.{said}")
        assert read_head(tmp_path / f"named.{said}").table.num_rows == 40
    for text, kind in ((frame.to_html(), "a web page"), (frame.to_json(orient="records"), "JSON")):
        (tmp_path / "t.xls").write_text(str(text))
        with pytest.raises(DataError, match=rf"t\.xls is {kind}, expected a table"):
            read_head(tmp_path / "t.xls")


def test_a_sheet_with_a_cell_far_away_is_refused_and_ends_nothing(tmp_path: Path) -> None:
    save(cars(5), tmp_path / "cars.xlsx")
    with zipfile.ZipFile(tmp_path / "cars.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    far = {"far.xlsx": "XFD1000000", "wide.xlsx": "Z1000000"}
    for name, cell in far.items():
        last = f'<row r="1000000"><c r="{cell}"><v>1</v></c></row></sheetData>'.encode()
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for part, content in parts.items():
                archive.writestr(part, content.replace(b"</sheetData>", last))
    with pytest.raises(DataError, match=r"more memory than.*at most 5,000,000 cells.*Save it as CSV or Parquet"):
        read_head(tmp_path / "far.xlsx")
    with pytest.raises(DataError, match=r"has [\d,]+ rows of \d\d columns\. A spreadsheet may have at most 5,000,000"):
        read_head(tmp_path / "wide.xlsx")


def test_numbers_with_a_decimal_comma_are_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame({"shop": [1, 2, 3, 4] * 10, "weight": np.arange(40) / 8, "score": np.arange(40) % 7 / 2})
    frame.loc[3, "weight"] = np.nan
    comma, point = tmp_path / "comma.csv", tmp_path / "point.csv"
    frame.to_csv(comma, index=False, sep=";", decimal=",")
    frame.to_csv(point, index=False)
    found = guess(read_head(comma).table)
    assert found == guess(read_head(point).table)
    assert [role_text(column) for column in found.columns] == ["item", "number", "label"]
    for name in ("rating", "weight"):
        np.testing.assert_array_equal(*(load_table(path, found).ratings[name] for path in (comma, point)))
    comma.write_text(comma.read_text().replace("0,5;2,0", "heavy;2,0"))
    with pytest.raises(DataError, match=r"must hold numbers\. Received: 'heavy' in row 5\."):
        load_table(comma, found)


@pytest.mark.parametrize("value", ["1,2,3", "a,b", "1.5"])
def test_a_comma_is_no_decimal_point_beside_lists_and_points(tmp_path: Path, value: str) -> None:
    rows = [f"{number % 3};{'2,5' if number % 2 else value};{number % 5}" for number in range(40)]
    (tmp_path / "lists.csv").write_text("\n".join(["a;kinds;score", *rows]))
    assert read_head(tmp_path / "lists.csv").table["kinds"].type == pa.string()


@pytest.mark.parametrize("separator", [";", ","])
@pytest.mark.parametrize(
    ("written", "read"),
    [
        (("1.234,56", "7", "-12.345.678,9"), (1234.56, 7, -12345678.9)),
        (("1,234.56", "7.5", "12,345,678"), (1234.56, 7.5, 12345678)),
        (("1\u00a0234,56", "7", "12 345"), (1234.56, 7, 12345)),
        (("1\u202f234.5", "7", "0.5"), (1234.5, 7, 0.5)),
        (("1'234.56", "7", "12’345"), (1234.56, 7, 12345)),
        (("1.234", "7", "12.345"), (1.234, 7, 12.345)),
    ],
    ids=["points", "commas", "blanks", "narrow", "apostrophes", "unclear"],
)
def test_signs_between_thousands_are_read_where_a_whole_column_has_them(
    tmp_path: Path, separator: str, written: tuple[str, ...], read: tuple[float, ...]
) -> None:
    rows = [(number, f'"{text}"', number % 5) for number, text in enumerate(written * 5)]
    lines = [separator.join(map(str, row)) for row in [("id", "price", "score"), *rows]]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    np.testing.assert_allclose(read_head(tmp_path / "t.csv").table["price"], read * 5)
    found = load_table(tmp_path / "t.csv", table(id="number", price="number", score="label"))
    np.testing.assert_allclose(found.ratings["price"], read * 5)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
@pytest.mark.parametrize(
    ("written", "read"),
    [
        (("4 stars", "1 star", "4.5 Stars"), (4, 1, 4.5)),
        (("4/5", "1/5", "3.5/5"), (4, 1, 3.5)),
        (("80 %", "20%", "-5 %"), (80, 20, -5)),
        (("€ 1,234.50", "€7.00", "€ 8"), (1234.5, 7, 8)),
        (("1.234,50 €", "7,00 €", "-8 €"), (1234.5, 7, -8)),
    ],
    ids=["stars", "of five", "percent", "before", "after"],
)
def test_numbers_of_one_unit_are_numbers(
    tmp_path: Path, written: tuple[str, ...], read: tuple[float, ...], suffix: str
) -> None:
    frame = pd.DataFrame({"kind": ["a", "b", "c"] * 20, "n": written * 20, "score": np.arange(60) % 7})
    path = save(frame, tmp_path / f"t{suffix}")
    np.testing.assert_allclose(read_head(path).table["n"].to_pandas().to_numpy(float), read * 20)
    found = load_table(path, table(kind="category", n="number", score="label"))
    np.testing.assert_allclose(found.ratings["n"], read * 20)


@pytest.mark.parametrize("written", [("4/5", "3/10"), ("€5", "$5"), ("u1", "u2"), ("5 %", "5"), ("1/2023", "2/2023")])
def test_numbers_of_several_units_stay_texts(tmp_path: Path, written: tuple[str, ...]) -> None:
    path = save(pd.DataFrame({"n": written * 20, "score": np.arange(40) % 7}), tmp_path / "t.csv")
    assert read_head(path).table["n"].to_pylist() == [*written] * 20


def test_empty_columns_are_ignored_and_infinities_are_gaps(tmp_path: Path) -> None:
    frame = pd.DataFrame({"kind": ["a", "b", "c"] * 20, "nothing": "", "x": np.arange(60) / 7, "rating": range(60)})
    frame["x"] = frame["x"].astype("object")
    frame.loc[::9, "x"] = np.inf
    frame.loc[::10, "x"] = "#DIV/0!"
    frame.loc[::11, "x"] = " "
    found = guess(read_head(save(frame, tmp_path / "t.csv")).table)
    assert [column.role for column in found.columns] == ["category", "ignore", "number", "label"]
    assert not found.columns[2].log


@pytest.mark.parametrize(
    ("separator", "written"),
    [(",", ("1.234,56", "1,234.56")), (",", ("1,5", "2,5")), (";", ("1 23", "4 567")), (";", ("040 123 456", "1"))],
)
def test_what_is_in_no_one_style_stays_a_text(tmp_path: Path, separator: str, written: tuple[str, ...]) -> None:
    rows = [f'{number}{separator}"{text}"' for number, text in enumerate(written * 10)]
    (tmp_path / "t.csv").write_text("\n".join([f"id{separator}price", *rows]))
    assert read_head(tmp_path / "t.csv").table["price"].to_pylist() == [*written] * 10


def test_thousands_that_only_later_lines_show_are_read(tmp_path: Path) -> None:
    rows = [f"{number % 3};{number},5;{number % 5}" for number in range(1_000)]
    rows += ["1;1.000,5;1", "1;12.345,25;1"]
    (tmp_path / "t.csv").write_text("\n".join(["kind;price;score", *rows]))
    roles = table(kind="category", price="number", score="label")
    assert load_table(tmp_path / "t.csv", roles).ratings["price"].tolist()[-3:] == [999.5, 1000.5, 12345.25]
    (tmp_path / "t.csv").write_text("\n".join(["kind;price;score", *rows, "1;heavy;1"]))
    with pytest.raises(DataError, match=r"must hold numbers\. Received: 'heavy' in row 1,003"):
        load_table(tmp_path / "t.csv", roles)


def test_each_column_has_its_own_decimal_point_and_a_comma_in_numbers_is_no_separator(tmp_path: Path) -> None:
    rows = [f"{number % 3};{number},25;{number}.5; {number % 7},5;{number % 5}" for number in range(40)]
    path = tmp_path / "mixed.csv"
    path.write_text("\n".join(["shop;weight, kg;size, m;depth, in m, about;score", *rows]))
    head = read_head(path).table
    assert head.column_names == ["shop", "weight, kg", "size, m", "depth, in m, about", "score"]
    np.testing.assert_array_equal(head["weight, kg"], np.arange(40) + 0.25)
    np.testing.assert_array_equal(head["size, m"], np.arange(40) + 0.5)
    roles = table(**dict.fromkeys(head.column_names[:4], "number"), score="label")
    found = load_table(path, roles).ratings
    np.testing.assert_array_equal(found["weight_kg"], np.arange(40) + 0.25)
    np.testing.assert_array_equal(found["size_m"], np.arange(40) + 0.5)
    np.testing.assert_array_equal(found["depth_in_m_about"], np.arange(40) % 7 + 0.5)


@pytest.mark.parametrize(
    "text", ["id,kind|tag,y\n1,2|3,4\n2,5|6,7\n", "id,kind;tag,y\n1,a;b,4\n2,a,7\n", "id,y\n1,2\n3\n"]
)
def test_commas_stay_separators_where_others_only_seem_to_be(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    assert layout_of(tmp_path / "t.csv").names[::2] in (["id", "y"], ["id"])


def test_names_of_columns_are_read_without_their_signs_and_a_title_belongs_to_the_item(tmp_path: Path) -> None:
    rows = np.arange(60)
    frame = pd.DataFrame(
        {
            "Guest 😀 name": [f"G{row % 20}" for row in rows],
            "hotel": rows % 7,
            "Hotel_Name": [f"H{row % 7}" for row in rows],
            "Street name": [f"S{row % 9}" for row in rows],
            "Price (€)": rows * 1.5,
            "Overall score": rows % 10,
        }
    )
    found = guess(read_head(save(frame, tmp_path / "stays.csv")).table)
    assert [column.role for column in found.columns] == ["user", "item", "title", "category", "number", "label"]


def test_times_are_read_in_seconds_thousandths_and_as_dates(tmp_path: Path) -> None:
    for times in (
        ("1700000000", "1700000060"),
        ("1700000000000", "1700000060000"),
        ("2023-11-14 22:13:20", "2023-11-14 22:14:20"),
    ):
        (tmp_path / "t.csv").write_text(f"x,t,y\n1,{times[0]},2\n2,{times[1]},3\n")
        found = load_table(tmp_path / "t.csv", table(x="number", t="time", y="label"))
        assert found.ratings["timestamp"].tolist() == [1_700_000_000, 1_700_000_060]


@pytest.mark.parametrize(
    ("written", "read", "notes"),
    [
        (("03/04/2023", "31/05/2023 14:30"), ("2023-04-03", "2023-05-31 14:30"), ()),
        (("03-04-2023", "05-31-2023"), ("2023-03-04", "2023-05-31"), ()),
        (("03.04.2023", "05.06.23, 14:30"), ("2023-04-03", "2023-06-05 14:30"), ()),
        (("2023-03-04", "2023/05/06"), ("2023-03-04", "2023-05-06"), ()),
        (
            ("03/04/2023", "05/06/2023"),
            ("2023-03-04", "2023-05-06"),
            ("t is read month first, as in 03/04/2023: nothing in it says which number is the day.",),
        ),
        (
            ("31/05/2023", "05/31/2023", "01/06/2023", "30/06/2023"),
            ("2023-05-31", "2023-05-31", "2023-06-01", "2023-06-30"),
            ("1 row without a readable t taken as the oldest.",),
        ),
    ],
    ids=["day", "month", "dots", "iso", "either", "both"],
)
def test_dates_of_a_column_have_one_order_of_day_and_month(
    tmp_path: Path, written: tuple[str, ...], read: tuple[str, ...], notes: tuple[str, ...]
) -> None:
    rows = "".join(f'{number},"{text}",{number}\n' for number, text in enumerate(written))
    (tmp_path / "t.csv").write_text(f"x,t,y\n{rows}")
    found = load_table(tmp_path / "t.csv", table(x="number", t="time", y="label"))
    seconds = pd.to_datetime(pd.Series(read), format="mixed").astype("datetime64[s]").astype("int64")
    assert found.ratings["timestamp"].tolist() == seconds.tolist()
    assert found.notes == notes


@pytest.mark.parametrize("text", ["14:05", "20:30:01", "now", "January", "10 pm", "5/6"])
def test_what_has_no_year_is_no_time(tmp_path: Path, text: str) -> None:
    rows = "".join(f"{number % 3},{text if number else '31-Jan-23'},{number % 5}\n" for number in range(60))
    (tmp_path / "t.csv").write_text(f"kind,time,y\n{rows}")
    assert "time" not in {column.role for column in guess(read_head(tmp_path / "t.csv").table).columns}
    with pytest.raises(DataError, match=rf"must hold times: dates like .* Received: '{text}"):
        load_table(tmp_path / "t.csv", table(kind="category", time="time", y="label"))
    (tmp_path / "t.csv").write_text(f"kind,time,y\n{rows.replace(text, '31-Jan-23')}")
    seconds = load_table(tmp_path / "t.csv", table(kind="category", time="time", y="label")).ratings["timestamp"]
    assert set(pd.to_datetime(seconds, unit="s").astype(str)) == {"2023-01-31"}


@pytest.mark.parametrize("gap", ["", "20230231"])
def test_whole_numbers_are_days_where_nearly_all_can_be(tmp_path: Path, gap: str) -> None:
    days = [f"202{number % 10}12{number + 1:02}" for number in range(20)]
    rows = "".join(f"{number},{day},{number}\n" for number, day in enumerate([*days, gap]))
    (tmp_path / "t.csv").write_text(f"x,t,y\n{rows}")
    seconds = load_table(tmp_path / "t.csv", table(x="number", t="time", y="label")).ratings["timestamp"]
    assert pd.to_datetime(seconds, unit="s").dt.strftime("%Y%m%d").tolist() == [*days, "20201201"]


@pytest.mark.parametrize(
    ("name", "role"), [("day", "time"), ("orderDate", "time"), ("order_id", "number"), ("user_id", "user")]
)
def test_whole_numbers_are_days_only_in_a_column_named_for_times(tmp_path: Path, name: str, role: str) -> None:
    days = pd.date_range("2023-01-01", periods=60).strftime("%Y%m%d").astype(int)
    frame = pd.DataFrame({name: np.repeat(days, 2), "x": np.arange(120) % 7, "rating": np.arange(120) % 5})
    assert guess(read_head(save(frame, tmp_path / "t.csv")).table).columns[0].role == role


@pytest.mark.parametrize("name", ["Datum", "booked"])
def test_dates_with_dots_are_times_whatever_the_column_is_called(tmp_path: Path, name: str) -> None:
    rows = "".join(f"{number % 28 + 1:02}.01.2023;{number % 4};{number}\n" for number in range(60))
    (tmp_path / "t.csv").write_text(f"{name};kind;score\n{rows}")
    roles = guess(read_head(tmp_path / "t.csv").table).columns
    assert [column.role for column in roles] == ["time", "category", "label"]


def test_a_table_is_split_encoded_and_cold_by_its_own_users(tmp_path: Path) -> None:
    path = save(purchases(), tmp_path / "p.csv")
    config = DataConfig(source=str(path), table=guess(read_head(path).table), split="user")
    dataset = load_dataset(config)
    split = split_rows(dataset, config)
    data = encode(dataset, Encoder.fit(dataset, split.train, config.features), config)
    assert set(data.inputs(split.train)) == set(config.features)
    assert (data.inputs(split.validation)["user_id"] == 0).all()
    assert meters(dataset, split)[0].of_new_users == 1
    with pytest.raises(DataError, match="a split by item needs at least 3 of them"):
        cars_path = save(cars(), tmp_path / "cars.csv")
        roles = guess(read_head(cars_path).table)
        split_rows(load_table(cars_path, roles), DataConfig(source=str(cars_path), table=roles, split="movie"))


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Engine size (l)", "engine_size_l"),
        ("Größe", "groe"),
        ("年", "column"),
        ("2nd", "column_2nd"),
        ("rating", "rating_"),
    ],
)
def test_features_have_names_that_every_library_takes(header: str, name: str) -> None:
    assert identifier(header) == name.replace("groe", identifier("Größe"))
    assert identifier(header).isidentifier()


@fuzz(60)
@given(st.data())
def test_no_bytes_raise_anything_but_a_data_error(data: st.DataObject) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        suffix = data.draw(st.sampled_from([".csv", ".parquet", ".csv", ".parquet", ".parquet", ".xlsx"]))
        path = save(cars(12), Path(folder) / f"x{suffix}")
        path.write_bytes(data.draw(mutated(path.read_bytes())))
        try:
            roles = guess(read_head(path).table)
            dataset = load_table(path, roles)
        except DataError as error:
            assert str(error)
            return
        assert dataset.num_ratings > 0
        assert np.isfinite(dataset.ratings["rating"]).all()
        assert json.dumps(roles.model_dump(mode="json"))
