"""What the fuzz tests share: how many cases, damaged bytes, and values of every kind that JSON can hold."""

import json
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.runs.steps import THOROUGH

PIECES = (
    *(b"::", b":", b"|", b",", b"\t", b'"', b"\n", b"\r", b"\r\n", b"\0", b" ", b""),
    *(b"-1", b"1e9", b"0x10", b"99999999999999999999", b"nan", b"inf", b"5", b"0.5"),
    *(b"\xff", b"\xef\xbb\xbf", "é²٣".encode(), b"(1995)", b"(9999)", b"userId"),
    *(b"{", b"}", b"[", b"]", b"null", b"true", b"NaN", b"1e999", b"\\ud800", b"\\u0000", b"[" * 2000),
)
"""Bytes that mean something to one reader or another."""
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**63, -1, 0, 10**30, 1e300, -0.0])
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["\ud800", "\0", "a" * 10_000, "<script>", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def fuzz(examples: int) -> Any:
    """Settings of a fuzz test: so many cases, ten times as many where `PLAYGROUND_THOROUGH` is set."""
    return settings(
        max_examples=examples * (10 if THOROUGH else 1),
        deadline=None,
        derandomize=not THOROUGH,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
    )


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """The data with a few pieces cut out, doubled or replaced, or cut off."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 40)))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=6) | st.just(data[start:end] * 2))
        data = data[:start] + piece + data[end:]
    return data[: draw(st.just(len(data)) | st.integers(0, len(data)))]


@st.composite
def edited(draw: st.DrawFn, value: Any) -> bytes:
    """A JSON text with one value, anywhere in it, replaced by another, or removed, or joined by a key of its own."""
    value = json.loads(json.dumps(value))
    place = value
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            break
        key = draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and place[key] and draw(st.booleans()):
            place = place[key]
            continue
        match draw(st.sampled_from(["replace", "replace", "remove", "add"])):
            case "replace":
                place[key] = draw(JSON)
            case "remove":
                del place[key]
            case "add" if isinstance(place, dict):
                place[draw(st.text(max_size=6))] = draw(JSON)
        break
    return json.dumps(value).encode()
