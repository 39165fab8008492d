"""What is said of ratings, said of likes."""

from dcn_core.insight.report import Section


def test_sentences_on_likes_speak_of_probability_and_of_log_odds() -> None:
    said = {
        "pairs": "Age and 5 Stars (the stars) interact most: 0.15 stars, 0.161 MSE.",
        "orders": "They move the rating most, by 0.20 stars.",
    }
    assert Section(said).said_of("rating").sentences == said
    assert Section(said).said_of("like").sentences == {
        "pairs": "Age and 5 Stars (the stars) interact most: 0.15 of probability, 0.161 Brier score.",
        "orders": "They move the rating most, by 0.20 of log-odds.",
    }
