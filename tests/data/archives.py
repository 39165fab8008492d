"""Writes tiny archives in the layout of each MovieLens release. All rows are invented."""

import zipfile
from pathlib import Path

FILES_1M = {
    "ratings.dat": "1::10::5::978300760\n1::20::3::978302109\n2::10::4::978301968\n3::30::1::978300275\n",
    "users.dat": "1::F::1::10::48067\n2::M::56::16::70072\n3::M::25::15::55117\n",
    "movies.dat": "10::Élan: The Return (1995)::Drama|Sci-Fi\n20::Two Goats, A (1980)::Comedy\n30::Untitled::\n",
}
FILES_10M = {
    "ratings.dat": "1::10::5::838985046\n1::20::3.5::838983525\n2::10::0.5::838983392\n",
    "movies.dat": "10::Élan (1995)::Drama|IMAX\n20::Goats (1980)::(no genres listed)\n30::Nobody Saw This (2001)::War\n",
}
FILES_100K = {
    "u.data": "1\t10\t5\t881250949\n2\t20\t3\t891717742\n",
    "u.item": "10|Élan (1995)|01-Jan-1995||http://x|0|1|1" + "|0" * 16 + "\n20|unknown||||1" + "|0" * 18 + "\n",
    "u.user": "1|24|M|technician|85711\n2|49|F|other|94043\n",
}
FILES_CSV = {
    "ratings.csv": "userId,movieId,rating,timestamp\r\n1,10,4.0,964982703\r\n7,10,0.5,964981247\r\n7,20,4.5,964982224\r\n",
    "movies.csv": 'movieId,title,genres\r\n10,"Goats, Two ""Old"" (1995)",Adventure|Children\r\n20,東京 (2006–2007),(no genres listed)\r\n',
}
RELEASES = {
    "ml-1m": (FILES_1M, "latin-1"),
    "ml-10M100K": (FILES_10M, "utf-8"),
    "ml-100k": (FILES_100K, "latin-1"),
    "ml-latest-small": (FILES_CSV, "utf-8"),
}


def contents(release: str, **changed: str | bytes | None) -> dict[str, bytes]:
    """The files of a release by name; `changed` replaces some (with `_` for the dot), None removes one."""
    files, encoding = RELEASES[release]
    result: dict[str, bytes] = {name: text.encode(encoding) for name, text in files.items()}
    for key, value in changed.items():
        name = key.replace("_", ".")
        if value is None:
            del result[name]
        else:
            result[name] = value.encode(encoding) if isinstance(value, str) else value
    return result


def write_zip(path: Path, files: dict[str, bytes], folder: str = "") -> Path:
    """Writes the files into a zip, inside a folder if one is named."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"{folder}/{name}" if folder else name, data)
    return path


def write_release(folder: Path, release: str, **changed: str | bytes | None) -> Path:
    """Writes the archive of a release, with changed files, and returns its path."""
    return write_zip(folder / f"{release}.zip", contents(release, **changed), release)


def write_folder(folder: Path, release: str, **changed: str | bytes | None) -> Path:
    """Writes the files of a release unpacked and returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in contents(release, **changed).items():
        (folder / name).write_bytes(data)
    return folder
