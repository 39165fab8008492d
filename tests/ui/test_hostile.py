"""Whatever stands in titles, genres, occupations, paths, names and notes, every page shows it as text."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from tests.hostile import LONG, SCRIPT, TEXTS, WORDS, archive, movielens_100k
from tests.ui.conftest import Open, train
from ui import texts

VIEWS = ("crosses", "real", "weights", "parts", "embeddings", "errors", "ladder")
SHORT = tuple(text for text in TEXTS if len(text) <= 120)
EVERY = (*TEXTS, *WORDS)


def markdown(page: AppTest) -> str:
    """All text of a page that a browser reads as Markdown: values, and labels and options of widgets that take it."""
    kinds = ("markdown", "caption", "title", "header", "subheader", "badge", "toast")
    found = [str(element.value) for kind in kinds for element in page.get(kind)]
    for kind in ("segmented_control", "pills", "button_group", "radio", "tab", "expander", "checkbox", "button"):
        for element in page.get(kind):
            found += [str(getattr(element, "label", "")), *map(str, getattr(element, "options", ()))]
    for element in page.metric:
        found += [str(element.label), str(element.value), str(element.delta)]
    return "\n".join(found)


def no_mark_up(page: AppTest) -> None:
    """Fails if the page broke, or if a hostile text stands where it would be read as mark-up."""
    assert not page.exception
    assert [text for text in EVERY if text in markdown(page)] == []
    raw = "\n".join(str(element.value) for element in page.html)
    assert [text for text in EVERY if "<" in text and text in raw] == []


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run on an archive whose occupations are hostile too."""
    folder = tmp_path_factory.mktemp("people")
    source = archive(movielens_100k(folder / "ml-100k"))
    values: dict[str, dict[str, object]] = {
        "data": {"source": str(source)},
        "train": {"epochs": 1, "batch_size": 64},
        "model": {"embedding_dim": 4},
    }
    return train(folder / "runs", values)


@pytest.fixture(params=["hostile", "people"])
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """Either run, hostile by name and note, beside others."""
    run: RunFolder = request.getfixturevalue(request.param)
    monkeypatch.setenv("PLAYGROUND_RUNS", str(run.path.parent))
    store = RunStore(run.path.parent)
    store.edit(run.id, SHORT[-3], "\n".join(SHORT))
    return run


def test_every_page_shows_hostile_texts_as_text(app: Open, run: RunFolder) -> None:
    for page in ("train", "data", "predict"):
        no_mark_up(app(page, {"run": run.id}))
    predict = app("predict", {"run": run.id})
    predict.get_by_key("user-kind").set_value("Someone new").run()
    predict.get_by_key("movie-kind").set_value("A new movie").run()
    no_mark_up(predict)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_inspect_shows_hostile_texts_as_text(app: Open, run: RunFolder, view: str) -> None:
    page = app("inspect", {"run": run.id})
    page.get_by_key("view").set_value(view).run()
    no_mark_up(page)


@pytest.mark.parametrize("text", SHORT)
def test_every_name_is_shown_literally_on_every_page(app: Open, on_trained: RunFolder, text: str) -> None:
    RunStore(on_trained.path.parent).edit(on_trained.id, name=text)
    for name in ("train", "predict"):
        page = app(name)
        no_mark_up(page)
        picker = page.get_by_key("run_picker")
        assert any(option.endswith(text) for option in picker.options)


def test_a_hostile_path_is_named_literally_when_it_cannot_be_read(app: Open, tmp_path: Path) -> None:
    page = app("data")
    page.button(key="card-on-this-machine").click().run()
    for text in (*WORDS, SCRIPT):
        page.text_input(key="source-path").set_value(f"/nowhere/{text}").run()
        no_mark_up(page)
        assert any(text in element.value for element in page.text)


def test_text_for_markdown_is_made_harmless() -> None:
    assert texts.as_text("a *b* $x$\n<i>") == r"a \*b\* \$x\$ \<i\>"
    assert ":smile:" not in texts.as_text(":smile:").replace("\\", "")


def test_long_names_that_begin_alike_stay_apart_in_a_chart() -> None:
    from dcn_core.pictures.theme import escaped

    assert len(set(escaped([LONG, f"{LONG} again", "short"]))) == 3
