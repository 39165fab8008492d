"""What is said of ratings, said of likes."""

from dcn_core.data.dataset import Nouns
from dcn_core.insight.report import Section
from dcn_core.insight.speech import Speech


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
