"""The cards of the data page: each in the app, up to ratings that the page shows."""

import hashlib
from pathlib import Path

import pytest

from dcn_core.data.releases import ADDRESS_VARIABLE
from tests.hostile import archive, movielens_csv
from tests.local_server import serving
from tests.ui.conftest import Open
from tests.ui.test_train_page import words
from ui import releases
from ui.source_cards import CARDS

BOX = releases.ACCEPTED


def test_every_card_opens_and_the_one_in_use_is_marked(app: Open) -> None:
    page = app("data")
    for card in CARDS:
        assert card.sentence in words(page)
        page.button(key=f"card-{card.slug}").click().run()
        assert not page.exception, card.title
    assert words(page).count("In use") == 1


def test_a_cross_is_planted_and_shown_and_the_next_run_learns_from_it(app: Open) -> None:
    page = app("data", state={"setting-data-num_ratings": 10_000})
    page.get_by_key("setting-data-cross_gender_year").set_value(0.5).run()
    assert not page.exception
    planted = next(table.value for table in page.dataframe if "Stars" in table.value)
    assert planted.iloc[0].tolist() == ["Gender × Release year", 0.5]
    assert page.session_state["draft"]["data"]["cross_gender_year"] == 0.5


def test_a_release_is_downloaded_after_its_terms_were_accepted(
    app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = archive(movielens_csv(tmp_path / "ml-latest")).read_bytes()
    with serving(monkeypatch) as server:
        server.files["ml-latest-small.zip"] = body
        server.files["ml-latest-small.zip.md5"] = hashlib.md5(body).hexdigest().encode()
        page = app("data", state={"source-card": "MovieLens"})
        assert page.button(key="download-ml-latest-small").disabled
        page.checkbox(key=BOX).check().run()
        page.button(key="download-ml-latest-small").click().run()
        release = releases.RELEASES[0]
        found = releases.downloads().of(release)
        assert found is not None
        found.wait(20)
        page.run()
    assert not page.exception and found.state == "done", found.error
    assert page.session_state["draft"]["data"]["source"] == str(
        tmp_path / "cache" / "downloads" / "ml-latest-small.zip"
    )
    assert "download-ml-latest-small" not in {button.key for button in page.button}
    assert page.metric[0].value != "100,000"


def test_offline_the_page_says_so_and_offers_the_upload(app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ADDRESS_VARIABLE, "http://127.0.0.1:1")
    page = app("data", state={"source-card": "MovieLens", BOX: True})
    page.button(key="download-ml-100k").click().run()
    found = releases.downloads().of(releases.RELEASES[1])
    assert found is not None
    found.wait(20)
    page.run()
    assert not page.exception
    assert "could not be reached" in words(page) and "upload it here" in words(page)
    assert page.session_state["draft"]["data"]["source"] == "generated"
    assert not page.button(key="card-upload").disabled and not page.button(key="download-ml-100k").disabled
