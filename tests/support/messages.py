"""Hypothesis strategies for payloads (from the official JSON schemas) and for messages (from our types)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from releve.ocpp import _shapes as shapes
from releve.ocpp._reader import stranger
from releve.ocpp.messages.base import Message
from tests.support.spoiled import bounds
from tools.generate_messages import schemas

Schema = dict[str, Any]

_TEXT = st.characters(exclude_categories=["Cs"])
_JSON = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.text(_TEXT, max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(_TEXT, max_size=5), inner, max_size=2)
    ),
    max_leaves=4,
)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2099, 12, 31), timezones=ZONES)  # noqa: DTZ001
URIS = st.sampled_from(["ftp://user:pw@host:21/a%20b", "https://[2001:db8::1]/x?y=z#q", "urn:a:b"])


@cache
def payloads(package: str, message: str) -> SearchStrategy[Any]:
    """Payloads that the official schema of a message accepts, parsed."""
    root = schemas.official(package)[message]
    return _payload(root, root, {})


@cache
def messages(cls: type[Message]) -> SearchStrategy[Any]:
    """Messages that code could build: most meet their schema, some break a constraint."""
    return _built(shapes.shape_of(cls))


def _payload(root: Schema, schema: Schema, done: dict[str, Any]) -> SearchStrategy[Any]:
    reference = schema.get("$ref")
    if reference is None:
        return _plain(root, schema, done)
    if reference not in done:
        done[reference] = _plain(root, schemas.resolve(root, schema), done)
    strategy: SearchStrategy[Any] = done[reference]
    return strategy


def _plain(root: Schema, schema: Schema, done: dict[str, Any]) -> SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "object":
            return _object(root, schema, done)
        case "array":
            fewest = schema.get("minItems", 0)
            most = min(schema.get("maxItems", fewest + 2), fewest + 2)
            inner = _payload(root, schema["items"], done)
            return st.lists(inner, min_size=fewest, max_size=most)
        case "string":
            return _string(schema)
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return st.booleans()
        case _:
            return _JSON


def _object(root: Schema, schema: Schema, done: dict[str, Any]) -> SearchStrategy[Any]:
    required = set(schema.get("required", []))
    members = {n: _payload(root, inner, done) for n, inner in schema.get("properties", {}).items()}
    strict = st.fixed_dictionaries(
        {n: s for n, s in members.items() if n in required},
        optional={n: s for n, s in members.items() if n not in required},
    )
    if schema.get("additionalProperties") is False:
        return strict
    extra = st.dictionaries(st.text(_TEXT, min_size=9, max_size=12), _JSON, max_size=2)
    return st.builds(lambda more, known: {**more, **known}, extra, strict)


def _string(schema: Schema) -> SearchStrategy[Any]:
    if schema.get("format") == "date-time":
        return st.builds(
            _written, TIMES, st.sampled_from(["seconds", "milliseconds", "microseconds"])
        )
    if schema.get("format") == "uri":
        return URIS
    longest = schema.get("maxLength", 30)
    full = st.just("é" * longest)
    return st.text(_TEXT, max_size=min(longest, 12)) | full


def _written(instant: datetime, precision: str) -> str:
    text = instant.isoformat(timespec=precision)
    return text.replace("+00:00", "Z") if instant.utcoffset() == timedelta(0) else text


def _number(schema: Schema) -> SearchStrategy[Any]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if schema["type"] == "integer":
        return st.integers(
            -(2**31) if least is None else int(least), 2**31 if most is None else int(most)
        )
    if "multipleOf" in schema:
        return st.integers(-9999, 99999).map(lambda tenths: tenths / 10)
    floats = st.floats(
        -1e15 if least is None else least, 1e15 if most is None else most, allow_nan=False
    )
    return floats | floats.map(round).filter(
        lambda n: (least is None or n >= least) and (most is None or n <= most)
    )


def _built(shape: shapes.Shape) -> SearchStrategy[Any]:
    match shape:
        case shapes.Record():
            return st.builds(
                shape.cls,
                **{
                    m.attribute: _built(m.shape)
                    if m.fallback is None
                    else st.builds(m.fallback) | _built(m.shape)
                    for m in shape.members
                },
            )
        case shapes.Sequence():
            fewest = shape.fewest or 0
            most = min(shape.most if shape.most is not None else 9, fewest + 1)
            inner = _built(shape.item)
            return _mostly(st.lists(inner, min_size=fewest, max_size=most), st.just([]))
        case shapes.Text():
            return _built_text(shape)
        case shapes.Whole() | shapes.Real():
            return _built_number(shape)
        case _:
            return _built_scalar(shape)


def _mostly(good: SearchStrategy[Any], bad: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """`bad` once in thirty draws, so that whole messages are often good."""
    return st.integers(0, 29).flatmap(lambda n: bad if n == 13 else good)


def _built_text(shape: shapes.Text) -> SearchStrategy[Any]:
    if shape.pattern is not None:
        return _mostly(URIS, st.just("no address"))
    longest = 30 if shape.longest is None else shape.longest
    good = st.text(_TEXT, max_size=min(longest, 8)) | st.just("€" * longest)
    return _mostly(good, st.just("x" * (longest + 1)) | st.integers())


def _built_number(shape: shapes.Whole | shapes.Real) -> SearchStrategy[Any]:
    lower, upper = bounds(shape)
    least = -1000 if lower is None else int(lower)
    most = 1000 if upper is None else int(upper)
    wrong = st.sampled_from([least - 1, most + 1, True, "7"])
    if isinstance(shape, shapes.Whole):
        return _mostly(st.integers(least, most), wrong)
    good = st.integers(least * 10, most * 10).map(lambda tenths: tenths / 10)
    fine = st.floats(least, most, allow_subnormal=False).map(lambda n: round(n, 3))
    return _mostly(good, wrong | fine)


def _built_scalar(shape: shapes.Shape) -> SearchStrategy[Any]:
    match shape:
        case shapes.Choice():
            return _mostly(st.sampled_from(list(shape.enum)), st.just(stranger(shape.enum, "Odd")))
        case shapes.Instant():
            return _mostly(TIMES, st.just("2026-01-01T00:00:00") | st.just(7))
        case shapes.Truth():
            return _mostly(st.booleans(), st.just(1))
        case shapes.Custom():
            good = st.fixed_dictionaries({"vendorId": st.text(_TEXT, max_size=8)})
            bad = st.sampled_from([{}, {"vendorId": 1}, {"vendorId": "v" * 256}, "text"])
            return _mostly(good, bad)
        case _:
            return _JSON
