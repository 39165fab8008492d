"""How errors and texts that are data meet a person."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dcn_core.runs.log import SERVER_FILE, read_log
from tests.ui.test_train_page import words


def calm_script() -> None:
    import streamlit as st

    from dcn_core.errors import DataError
    from ui.errors import calm

    with calm("No ratings"):
        raise DataError("expected *a zip*. Received: <b>. Give $1 or $2")
    st.text("goes on")


def bug_script() -> None:
    from ui.errors import show_bug

    show_bug(ValueError("the secret of /home/somebody"))


def test_an_expected_error_is_shown_word_for_word_and_the_page_goes_on() -> None:
    page = AppTest.from_function(calm_script).run()
    assert not page.exception
    assert [text.value for text in page.text] == ["Expected *a zip*. Received: <b>. Give $1 or $2", "goes on"]


def test_a_bug_is_called_one_and_tells_no_secrets(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    page = AppTest.from_function(bug_script).run()
    assert not page.exception
    assert "a mistake in the playground" in words(page) and "secret" not in words(page)
    reference = page.markdown[1].value.split("`")[1]
    assert any(reference in record.message for record in caplog.records)
    (entry,) = read_log(tmp_path / "runs" / SERVER_FILE)
    assert reference in entry.message and entry.error == "ValueError: the secret of /home/somebody"


def heading_script() -> None:
    from ui import style

    style.heading("<script>alert(1)</script> *M*")


def test_a_heading_of_data_is_text() -> None:
    page = AppTest.from_function(heading_script).run()
    assert "<script>" not in page.html[0].value and "&lt;script&gt;" in page.html[0].value
