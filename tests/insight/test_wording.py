"""What is said of ratings, said of likes."""

import pandas as pd
import plotly.graph_objects as go

from dcn_core.data.dataset import Nouns
from dcn_core.insight.report import Section
from dcn_core.insight.speech import Speech
from dcn_core.insight.wording import amount, percent, short, signed
from dcn_core.pictures.picture import Picture
from dcn_core.pictures.spoken import spoken


def test_sentences_on_likes_speak_of_probability_and_of_log_odds() -> None:
    said = {
        "pairs": "Age and 5 Stars (the stars) interact most: 0.15 stars, 0.161 MSE.",
        "orders": "They move the rating most, by 0.20 stars.",
    }
    assert Section(said).said_in(Speech()).sentences == said
    assert Section(said).said_in(Speech.of(Nouns(), "like")).sentences == {
        "pairs": "Age and 5 Stars (the stars) interact most: 0.15 in probability, 0.161 Brier score.",
        "orders": "They move the rating most, by 0.20 in log-odds.",
    }


def test_numbers_have_a_true_minus_and_no_digits_of_the_machine() -> None:
    assert (signed(-0.256, 2), signed(0.256, 2)) == ("−0.26", "+0.26")
    assert (short(1e-6), short(0.001), short(0.0012345678, 4)) == ("1e-6", "0.001", "0.001235")


def test_an_axis_of_a_table_with_a_long_label_is_folded_after_its_words_are_put_in() -> None:
    nouns = Nouns(rating="overall impression of the stay", unit="standard deviations of overall impression of the stay")
    figure = go.Figure().update_xaxes(title="Effect in stars").update_yaxes(title="A · B")
    shown = Picture("key", "Title", "Sentence", figure, "Alt", "About", pd.DataFrame())
    axis = spoken(shown, Speech.of(nouns, "rating")).figure.layout.xaxis.title.text
    assert axis == "Effect in standard<br>deviations of overall<br>impression of the stay"


def test_a_column_has_one_name_alone_and_one_in_a_sentence() -> None:
    nouns = Nouns(
        user="guest", movie="hotel", features={"trip_type": "trip type", "ph": "pH", "power_ps": "Power (PS)"}
    )
    speech = Speech.of(nouns, "rating")
    assert [speech.feature(name) for name in ("trip_type", "ph", "power_ps", "user_id")] == [
        "Trip type",
        "pH",
        "Power (PS)",
        "Guest",
    ]
    assert speech.sentence("trip type and movie, Power ps: 3") == "trip type and hotel, Power (PS): 3"


def test_zero_has_no_sign_and_a_small_effect_is_not_written_as_zero() -> None:
    assert (signed(-0.001, 2), signed(0.0, 2), percent(-0.54), percent(-0.002)) == ("0.00", "0.00", "−54 %", "−0.2 %")
    assert [amount(value) for value in (0.0, 0.0042, 0.00096, 0.005, 1.234)] == [
        "0.00",
        "0.004",
        "0.0010",
        "0.01",
        "1.23",
    ]


def test_of_two_labels_the_share_of_the_higher_one_is_spoken_of() -> None:
    speech = Speech.of(Nouns(rating="Clicked", unit="units of Clicked", low="no", high="yes"), "like")
    assert speech.sentence("That is a probability of 0.41 of a like. The real rating is no like.") == (
        "That is a probability of 0.41 that Clicked is yes. The real Clicked is no."
    )
    assert speech.name("Mean rating") == "Share of yes"
    assert speech.prose("The mean training rating for everyone.") == "The share of yes in training for everyone."
    assert (
        speech.prose("Change something: the rating moves at once.") == "Change something: the prediction moves at once."
    )
