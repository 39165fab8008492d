"""The releases of MovieLens that can be downloaded: where they are, how large, with which checksum and under which terms."""

import os
from dataclasses import dataclass
from typing import Literal

OFFICIAL = "https://files.grouplens.org/datasets/movielens/"
"""Where GroupLens keeps the archives, each with its checksum beside it as `<archive>.md5`."""
ADDRESS_VARIABLE = "PLAYGROUND_MOVIELENS"
"""Environment variable with the address of a mirror. What comes from it must have the official checksums."""
PAGE = "https://grouplens.org/datasets/movielens/"

_COMMON = (
    "The ratings are for research and teaching. You may not use them commercially without permission from GroupLens, you "
    "may not suggest that the University of Minnesota or GroupLens endorses what you do, and you cite Harper and Konstan, "
    "The MovieLens Datasets: History and Context, ACM TiiS 5 (4), 2015, in what you publish. They come without any warranty."
)
TERMS: dict[str, str] = {
    "keep": f"{_COMMON} You may not pass them on without separate permission.",
    "share": f"{_COMMON} You may pass them on under the same terms.",
}
"""The terms of use in short, by what they say of passing the data on. Those in each archive's README are the ones that bind."""


@dataclass(frozen=True)
class Release:
    """One archive.

    Attributes:
        name: Of the archive, without `.zip`.
        title: For people.
        about: What is in it beside users, movies, ratings and times.
        ratings: How many there are; about, where the release changes.
        size: Bytes of the archive; about, where the release changes.
        md5: Its checksum as GroupLens publishes it; None where the release changes, so that it is read there.
        terms: Which of `TERMS` hold.
    """

    name: str
    title: str
    about: str
    ratings: int
    size: int
    md5: str | None
    terms: Literal["keep", "share"]

    @property
    def file(self) -> str:
        """Name of the archive."""
        return f"{self.name}.zip"

    @property
    def url(self) -> str:
        """Where the archive is."""
        return f"{address()}{self.file}"

    @property
    def readme(self) -> str:
        """Where its README with the terms of use is."""
        return f"{OFFICIAL}{self.name}-README.{'html' if self.name not in ('ml-1m', 'ml-100k') else 'txt'}"


RELEASES: tuple[Release, ...] = (
    Release(
        "ml-latest-small",
        "MovieLens latest, small",
        "half stars, genres, no demographics; changes now and then",
        100_836,
        978_202,
        None,
        "share",
    ),
    Release(
        "ml-100k",
        "MovieLens 100K",
        "whole stars, genres, gender, age, occupation",
        100_000,
        4_924_029,
        "0e33842e24a9c977be4e0107933c0723",
        "keep",
    ),
    Release(
        "ml-1m",
        "MovieLens 1M",
        "whole stars, genres, gender, age, occupation",
        1_000_209,
        5_917_549,
        "c4d9eecfca2ab87c1945afe126590906",
        "keep",
    ),
    Release(
        "ml-10m",
        "MovieLens 10M",
        "half stars, genres, no demographics",
        10_000_054,
        65_566_137,
        "ce571fd55effeba0271552578f2648bd",
        "keep",
    ),
    Release(
        "ml-20m",
        "MovieLens 20M",
        "half stars, genres, no demographics",
        20_000_263,
        198_702_078,
        "cd245b17a1ae2cc31bb14903e1204af3",
        "share",
    ),
    Release(
        "ml-25m",
        "MovieLens 25M",
        "half stars, genres, no demographics",
        25_000_095,
        261_978_986,
        "6b51fb2759a8657d3bfcbfc42b592ada",
        "share",
    ),
    Release(
        "ml-32m",
        "MovieLens 32M",
        "half stars, genres, no demographics",
        32_000_204,
        238_950_008,
        "d472be332d4daa821edc399621853b57",
        "share",
    ),
)


def address() -> str:
    """Returns where the archives are, with a slash at its end."""
    return (os.environ.get(ADDRESS_VARIABLE, "").strip() or OFFICIAL).rstrip("/") + "/"
