"""Texts that Markdown, HTML, LaTeX, shortcodes or format strings would eat, and data sets that are full of them."""

import zipfile
from pathlib import Path

SCRIPT = "<script>window.hacked=1</script>"
IMAGE = "<img src=x onerror=window.hacked=1>"
LONG = "Llanfairpwllgwyngyll" * 30
TEXTS = (
    "M*A*S*H (1970)",
    "What the #$*! Do We Know!? (2004)",
    "$1,000,000 Duck (1971) and $2",
    "<b>Bold</b> & <script>alert(1)</script> (1999)",
    "[REC] (2007)",
    ":material/bug_report: _it_ `code` (2001)",
    "![x](http://example.com/x.png) (2002)",
    f"{SCRIPT} (1990)",
    f"{IMAGE} (1991)",
    "$\\frac{1}{2}$ and $$x^2$$ (1992)",
    ":smile: and :red[red] :heart: (1993)",
    "[click](javascript:window.hacked=1) (1994)",
    "%{x} %{customdata} {0} {name} %s %d (1995)",
    "'; DROP TABLE runs; -- (1996)",
    "&lt;i&gt; &amp; &#x3C;u&#x3E; (1997)",
    "# Heading (1998)",
    f"{LONG} (1999)",
    f"{LONG} again (1999)",
)
"""Titles, names and notes, some of them real."""
WORDS = ("<b>Bold</b>", ":smile:", "$y$", "*Star*", IMAGE, ":material/home:", "[a](b)", LONG[:200])
"""Genres and occupations."""


def movielens_csv(folder: Path) -> Path:
    """Writes a small data set in MovieLens's latest layout with hostile titles and genres, and returns its folder."""
    folder.mkdir(parents=True)
    titles = [title.replace('"', '""') for title in TEXTS]
    genres = [f"{WORDS[row % len(WORDS)]}|Comedy|{WORDS[(row + 3) % len(WORDS)]}" for row in range(len(titles))]
    rows = [f'{row + 1},"{title}","{genres[row]}"' for row, title in enumerate(titles)]
    (folder / "movies.csv").write_text("\n".join(["movieId,title,genres", *rows]) + "\n")
    ratings = [f"{user},{movie},{rating}.0,{time}" for user, movie, rating, time in _ratings(len(titles))]
    (folder / "ratings.csv").write_text("\n".join(["userId,movieId,rating,timestamp", *ratings]) + "\n")
    return folder


def movielens_100k(folder: Path) -> Path:
    """Writes a small data set in the layout of MovieLens 100K with hostile titles and occupations."""
    folder.mkdir(parents=True)
    titles = [title for title in TEXTS if "|" not in title]
    flags = ["|".join(["0", *("1" if kind == row % 18 else "0" for kind in range(18))]) for row in range(len(titles))]
    rows = [f"{row + 1}|{title}|01-Jan-1995||http://x|{flags[row]}" for row, title in enumerate(titles)]
    (folder / "u.item").write_text("\n".join(rows) + "\n", encoding="latin-1")
    users = [f"{user}|{18 + user % 40}|{'FM'[user % 2]}|{WORDS[user % len(WORDS)]}|12345" for user in range(1, 61)]
    (folder / "u.user").write_text("\n".join(users) + "\n", encoding="latin-1")
    ratings = [f"{user}\t{movie}\t{rating}\t{time}" for user, movie, rating, time in _ratings(len(titles))]
    (folder / "u.data").write_text("\n".join(ratings) + "\n")
    return folder


def archive(folder: Path) -> Path:
    """Packs a folder into a zip beside it."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as zipped:
        for file in folder.iterdir():
            zipped.write(file, f"{folder.name}/{file.name}")
    return path


def _ratings(movies: int) -> list[tuple[int, int, int, int]]:
    return [
        (user, movie, 1 + (user * movie) % 5, 1_000_000_000 + user * 100 + movie)
        for user in range(1, 61)
        for movie in range(1, movies + 1)
        if (user + movie) % 4
    ]
