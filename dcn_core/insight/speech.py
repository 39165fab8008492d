"""What is written on stars, movies and users, said in the words of a run: of likes, or of a table of one's own."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from dcn_core.config.metrics import Target
from dcn_core.data.dataset import Nouns
from dcn_core.insight.wording import LOG_ODDS, PROBABILITY, STARS, Unit, label, sentence, words

_VOCABULARY = re.compile(r"\b(?:stars|MSE|movies?|users?|ratings?)\b", re.IGNORECASE)
_AMOUNTS = re.compile(
    r"(?P<squared>\bstars²)|(?P<number>(?<=\d) stars\b)|(?P<within>\bin stars\b)|(?P<error>(?<=\d) MSE\b)"
)
_PROSE = re.compile(
    r"(?P<many>\bhow many stars\b)|(?P<no>\bnumber of stars\b)|(?P<small>\bstars\b)|(?P<large>\bStars\b)|"
    r"(?P<squared>\b[Mm]ean squared error\b)|(?P<error>\bMSE\b)"
)
_MOST_NAMES = 2_000


def plural(noun: str) -> str:
    """Several of a noun: customers, companies."""
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"


def unit_of(nouns: Nouns, target: Target) -> Unit:
    """What predictions of a data set's labels, or of likes, are measured in."""
    if target == "like":
        return PROBABILITY
    if nouns.unit == STARS.noun:
        return STARS
    return Unit(nouns.unit, nouns.unit)


@dataclass(frozen=True)
class Speech:
    """The words of a run. Those of ratings in stars leave everything as it is.

    Attributes:
        unit: What predictions are measured in.
        raw: What adds up to them is measured in.
        error: The mean squared error.
        nouns: The data set's words.
        names: Names of categories that hold one of the words that are replaced: they stay as they are.
    """

    unit: Unit = STARS
    raw: Unit = STARS
    error: str = "MSE"
    nouns: Nouns = field(default_factory=Nouns)
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, nouns: Nouns, target: Target, names: Iterable[str] = ()) -> "Speech":
        """The words of a run on a data set; of `names`, those that matter are kept."""
        unit = unit_of(nouns, target)
        own = [text for text in (unit.amount, f"in {unit.noun}", unit.noun, nouns.rating) if " " in text]
        kept = [name for name in names if _VOCABULARY.search(name)] if nouns != Nouns() else []
        likes = target == "like"
        return cls(
            unit,
            LOG_ODDS if likes else unit,
            "Brier score" if likes else "MSE",
            nouns,
            (*own, *kept[:_MOST_NAMES]),
        )

    def keeping(self, names: Iterable[str]) -> "Speech":
        """The same words, with more names that stay as they are."""
        return replace(self, names=(*self.names, *(name for name in names if _VOCABULARY.search(name))))

    @property
    def usual(self) -> bool:
        """Whether nothing is said otherwise."""
        return self.unit == STARS and self.nouns == Nouns()

    def sentence(self, text: str, raw: bool = False) -> str:
        """A finding, which may have names of categories in it.

        Args:
            text: Plain text.
            raw: Whether its amounts add up to the raw output.
        """
        return text if self.usual else self.amounts(self._nouns(text), raw)

    def prose(self, text: str, raw: bool = False) -> str:
        """A text that has no names in it: a title, an axis, how to read a picture."""
        if self.usual:
            return text
        unit = self.raw if raw else self.unit

        def said(found: re.Match[str]) -> str:
            return {
                "many": f"how much, in {unit.noun},",
                "no": f"number in {unit.noun}",
                "small": unit.noun,
                "large": sentence(unit.noun),
                "squared": found[0] if self.error == "MSE" else sentence(self.error),
                "error": self.error,
            }[found.lastgroup or "small"]

        return _PROSE.sub(said, self.amounts(self._nouns(text), raw))

    def name(self, text: str) -> str:
        """A feature, or a pair of them, by itself or before a colon, as a list names it."""
        return text if self.usual else self._names.sub(lambda found: self._features[found[0]], text)

    def feature(self, name: str) -> str:
        """A feature by itself: `Release year`, and one of a table as its column is called."""
        return self.name(label(name))

    def column(self, text: str) -> str:
        """The header of a column of numbers."""
        return self.feature(text) if text in self.nouns.features else self.prose(self.name(text))

    def amounts(self, text: str, raw: bool = False) -> str:
        """A finding with its amounts in the run's unit, else unchanged. Arguments as of `sentence`."""
        unit = self.raw if raw else self.unit
        said = {
            "squared": f"squared {unit.noun}",
            "number": f" {unit.amount}",
            "within": f"in {unit.noun}",
            "error": f" {self.error}",
        }
        return _AMOUNTS.sub(lambda found: said[found.lastgroup or "number"], text)

    def _nouns(self, text: str) -> str:
        return self._words.sub(lambda found: self._said.get(found[0], found[0]), text) if self._said else text

    @cached_property
    def _features(self) -> Mapping[str, str]:
        """What a feature is called by itself, by what it would be called otherwise."""
        own = {
            label(name): _alone(header)
            for name, header in self.nouns.features.items()
            if name not in ("user_id", "movie_id")
        }
        said = {"User": self.nouns.user, "Movie": self.nouns.movie, "Rating": self.nouns.rating}
        said |= {
            "Mean rating": self._said.get("mean rating", "mean rating"),
            "Number of ratings": "number of rows",
            "ratings": "rows",
        }
        said |= {"All ratings": "All rows"}
        if self.nouns.high:
            said["Like or not"] = f"{self.nouns.high} or {self.nouns.low}"
        return {name: sentence(noun) if name[:1].isupper() else noun for name, noun in said.items()} | own

    @cached_property
    def _names(self) -> re.Pattern[str]:
        return re.compile(rf"(?:^|(?<= × )|(?<=<br>)|(?<=\d ))(?:{_any(self._features)})(?=$| × |: | \(|  ·  \d)")

    @cached_property
    def _said(self) -> Mapping[str, str]:
        """The words of a table of one's own, by those of ratings of movies."""
        if self.nouns == Nouns():
            return {}
        nouns = self.nouns
        small = {"user": nouns.user, "movie": nouns.movie, "rating": "row"}
        small |= {plural(name): plural(noun) for name, noun in small.items()}
        small |= {
            f"{before} rating": f"{before} {nouns.rating}"
            for before in ("the", "predicted", "real", "mean", "minus", "training")
        }
        small |= {
            "rated movie": nouns.movie,
            "most rated": "most frequent",
            "least rated": "least frequent",
            "is rated": "is put",
            "how people rate": "labels",
            "is given most": "is most frequent",
            "people gave": "labels were",
            "too generous": "too high",
            "too strict": "too low",
            "people give what was predicted": "labels are as predicted",
            "a movie": f"{'an' if nouns.movie[:1] in 'aeiou' else 'a'} {nouns.movie}",
            "a user": f"{'an' if nouns.user[:1] in 'aeio' else 'a'} {nouns.user}",
            "a genre stands for a movie with that genre alone": "what is in a list stands for itself alone",
        }
        if nouns.high and self.unit == PROBABILITY:
            small |= {
                "of a like": f"that {nouns.rating} is {nouns.high}",
                "a like": nouns.high,
                "no like": nouns.low,
                "the rating": "the prediction",
                "mean rating": f"share of {nouns.high}",
                "mean training rating": f"share of {nouns.high} in training",
            }
        large = {sentence(name): sentence(noun) for name, noun in small.items()}
        large["Rating"] = sentence(nouns.rating)
        own = {
            form: said
            for name, header in nouns.features.items()
            if name not in ("user_id", "movie_id")
            for form, said in ((label(name), _alone(header)), (words(name), header))
        }
        return small | large | own

    @cached_property
    def _words(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w)(?:{_any((*self.names, *self._said))})(?!\w)")


def _alone(header: str) -> str:
    """A column's name by itself; letters that are large on purpose, as in `pH`, stay as they are."""
    return sentence(header) if header.islower() else header


def _any(texts: Iterable[str]) -> str:
    return "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))
