"""A predicted rating, large, with stars, and on its scale among the ratings that it is held against. HTML."""

import html
from collections.abc import Sequence

from ui import insight_parts
from ui.asking import Asked
from ui.predict_store import Model

_STYLE = """<style>
.verdict{display:flex;flex-wrap:wrap;align-items:baseline;gap:6px 18px;line-height:1}
.verdict b{font-family:'Bricolage Grotesque',sans-serif;font-size:72px;font-weight:700;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.verdict span{font-size:38px;letter-spacing:3px;-webkit-background-clip:text;background-clip:text;color:transparent}
.pair{font-size:15px;line-height:1.5;overflow-wrap:anywhere}
.pair strong{display:block;font-family:'Bricolage Grotesque',sans-serif;font-size:21px;font-weight:650;line-height:1.25}
.pair em{font-style:normal;opacity:.7}
.strip{position:relative;margin:6px 12px 0;font-size:12.5px;font-variant-numeric:tabular-nums;line-height:1.3}
.strip .axis{position:relative;height:26px}
.strip .axis>*{position:absolute;top:50%;transform:translate(-50%,-50%)}
.strip .line{left:0!important;width:100%;height:2px;transform:translateY(-50%);background:color-mix(in srgb,currentColor 22%,transparent)}
.strip .band{height:14px;border-radius:7px;transform:translateY(-50%);background:color-mix(in srgb,#dd8a2f 38%,transparent)}
.strip .dot{width:16px;height:16px;border-radius:50%;background:#dd8a2f}
.strip .mark{width:3px;height:22px;border-radius:1.5px;background:currentColor;opacity:.75}
.strip .ticks{position:relative;height:18px;opacity:.62}
.strip .ticks span{position:absolute;transform:translateX(-50%)}
.strip ol{list-style:none;display:flex;flex-wrap:wrap;gap:2px 16px;margin:0;padding:0 0 2px}
.strip li{margin:0;padding:0;font-size:12.5px}
.strip li b{font-weight:600}
.strip .key{position:absolute;font-size:11px;top:-13px;transform:translateX(-50%);font-style:normal;opacity:.8;white-space:nowrap}
.strip .key.up{top:-26px}
</style>"""
_STAR = "#dd8a2f"


def stars(rating: float, most: float) -> str:
    """Returns the number and its stars as HTML."""
    share = 100 * max(0.0, min(1.0, rating / most))
    fill = f"background-image:linear-gradient(90deg,{_STAR} {share:.1f}%,#9a9fa555 {share:.1f}%)"
    count = round(most)
    drawn = f'<span aria-hidden="true" style="{fill}">{"★" * count}</span>' if count <= 10 else ""
    return f'{_STYLE}<div class="verdict" role="img" aria-label="{rating:.1f} of {count} stars"><b>{rating:.1f}</b>{drawn}</div>'


def number(value: float) -> str:
    """A label as the source has it, in about four digits."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 1 else f"{value:.3g}"


def answer(value: float, model: Model) -> str:
    """Returns a model's prediction as HTML: stars, or the probability of a like in percent."""
    nouns = model.dataset.nouns
    if not model.likes and nouns.unit == "stars":
        return stars(value, model.scale[1])
    if not model.likes:
        said = f"{number(nouns.of_source(value))} {html.escape(nouns.rating)}"
        return (
            f'{_STYLE}<div class="verdict" role="img" aria-label="{said}"><b>{number(nouns.of_source(value))}</b></div>'
        )
    said = insight_parts.speech().sentence(f"A probability of {100 * value:.0f} % of a like")
    return f'{_STYLE}<div class="verdict" role="img" aria-label="{html.escape(said)}"><b>{100 * value:.0f} %</b></div>'


def question(user: Asked, movie: Asked) -> str:
    """Returns movie and user as HTML, escaped: titles are data."""
    genres = str(movie.table["genres"].iloc[0] or "").replace("|", ", ") if "genres" in movie.table else ""
    below = "<br>".join(filter(None, (f"<em>{html.escape(genres)}</em>" if genres else "", html.escape(user.text))))
    return f'{_STYLE}<div class="pair"><strong>{html.escape(movie.text)}</strong>{below}</div>'


def strip(
    rating: float, interval: tuple[float, float], marks: Sequence[tuple[str, float]], low: float, high: float
) -> str:
    """Returns the scale of ratings as HTML: the interval as a band, the prediction as a dot, other ratings as marks.

    Args:
        rating: The prediction, within the scale.
        interval: Its lower and upper end, within the scale.
        marks: Name and value of each other rating; numbered on the scale, and named below it.
        low: Where the scale begins.
        high: Where it ends.
    """

    def place(value: float) -> float:
        return 100 * (min(max(value, low), high) - low) / max(high - low, 1e-9)

    left, right = (place(end) for end in interval)
    placed = "".join(
        f'<span class="mark" style="left:{left_at:.1f}%"><i class="key{" up" if raised else ""}">{letters}</i></span>'
        for left_at, letters, raised in _together([place(value) for _, value in marks])
    )
    names = "".join(
        f"<li><b>{letter}</b> {html.escape(name)} {number(value)}</li>"
        for letter, (name, value) in zip("ABCDEFG", marks, strict=False)
    )
    ticks = "".join(
        f'<span style="left:{place(tick):.1f}%">{number(tick) if tick % 1 else f"{tick:g}"}</span>'
        for tick in _ticks(low, high)
    )
    said = f"Predicted {number(rating)}, interval from {number(interval[0])} to {number(interval[1])}"
    return (
        f'{_STYLE}<div class="strip"><div style="height:28px"></div><div class="axis" role="img" aria-label="{said}">'
        f'<span class="line"></span><span class="band" style="left:{left:.1f}%;width:{max(right - left, 0.5):.1f}%"></span>'
        f'{placed}<span class="dot" style="left:{place(rating):.1f}%"></span></div>'
        f'<div class="ticks">{ticks}</div><ol>{names}</ol></div>'
    )


def _together(places: Sequence[float], apart: float = 1.0, room: float = 5.0) -> list[tuple[float, str, bool]]:
    """Places of marks with their letters, and whether these are raised, as those of every second of near marks are.

    Marks that cannot be told apart are one mark.
    """
    found: list[tuple[float, str, bool]] = []
    for place, letter in sorted(zip(places, "ABCDEFG", strict=False)):
        gap = place - found[-1][0] if found else room
        if gap < apart:
            found[-1] = (found[-1][0], f"{found[-1][1]} {letter}", found[-1][2])
        else:
            found.append((place, letter, gap < room and not found[-1][2]))
    return found


def _ticks(low: float, high: float) -> list[float]:
    """Whole numbers of a short scale; the ends and the middle of a long one."""
    if high - low <= 10:
        whole = range(round(low + 0.499), round(high - 0.499) + 1)
        return sorted({low, high, *map(float, whole)})
    return [low, (low + high) / 2, high]
