"""Everything that is wrong with a message of ours, before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from releve.ocpp import _shapes as shapes
from releve.ocpp.errors import ErrorCode
from releve.ocpp.messages.base import Message

_VENDOR_ID_LONGEST = 255


class Violation(msgspec.Struct, frozen=True):
    """One constraint of the schema that a message breaks. `path` in wire names: `evse.id`."""

    path: str
    code: ErrorCode
    wrong: str

    def __str__(self) -> str:
        return f"{self.path}: {self.wrong}"


def violations(message: Message) -> Iterator[Violation]:
    """Every violation in a message, in the order of its members."""
    return _record(shapes.shape_of(type(message)), message, "")


def _value(shape: shapes.Shape, value: object, path: str) -> Iterator[Violation]:
    return _CHECKS[type(shape)](shape, value, path)


def _record(shape: shapes.Record, value: object, path: str) -> Iterator[Violation]:
    if not isinstance(value, shape.cls):
        yield _type(path, shape.cls.__name__)
        return
    for member in shape.members:
        inner = getattr(value, member.attribute)
        where = f"{path}.{member.wire}" if path else member.wire
        if member.fallback is None or (inner is not None and inner != []):
            yield from _value(member.shape, inner, where)


def _sequence(shape: shapes.Sequence, value: object, path: str) -> Iterator[Violation]:
    if not isinstance(value, list):
        yield _type(path, "list")
        return
    if shape.fewest is not None and len(value) < shape.fewest:
        yield _occurrence(path, f"{len(value)} items, at least {shape.fewest} wanted")
    if shape.most is not None and len(value) > shape.most:
        yield _occurrence(path, f"{len(value)} items, at most {shape.most} allowed")
    for position, item in enumerate(value):
        yield from _value(shape.item, item, f"{path}[{position}]")


def _text(shape: shapes.Text, value: object, path: str) -> Iterator[Violation]:
    if not isinstance(value, str):
        yield _type(path, "str")
        return
    if shape.longest is not None and len(value) > shape.longest:
        yield _property(path, f"{len(value)} characters, at most {shape.longest} allowed")
    if shape.pattern is not None and not shape.pattern.match(value):
        yield _property(path, "not an absolute address")
    if not _encodable(value):
        yield _property(path, "not Unicode text")


def _whole(shape: shapes.Whole, value: object, path: str) -> Iterator[Violation]:
    if isinstance(value, bool) or not isinstance(value, int):
        yield _type(path, "int")
        return
    yield from _bounds(shape, value, path)


def _real(shape: shapes.Real, value: object, path: str) -> Iterator[Violation]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield _type(path, "float")
        return
    if value != value or value in (float("inf"), float("-inf")):
        yield _property(path, "not a finite number")
        return
    yield from _bounds(shape, value, path)
    if shape.step is not None and Decimal(str(value)) % Decimal(shape.step):
        yield _property(path, f"{value} is not a multiple of {shape.step}")


def _bounds(shape: shapes.Whole | shapes.Real, value: float, path: str) -> Iterator[Violation]:
    if shape.least is not None and value < shape.least:
        yield _property(path, f"{value} is below {shape.least:g}")
    if shape.most is not None and value > shape.most:
        yield _property(path, f"{value} is above {shape.most:g}")


def _truth(shape: shapes.Truth, value: object, path: str) -> Iterator[Violation]:
    if not isinstance(value, bool):
        yield _type(path, "bool")


def _instant(shape: shapes.Instant, value: object, path: str) -> Iterator[Violation]:
    if not isinstance(value, datetime):
        yield _type(path, "datetime")
    elif value.tzinfo is None:
        yield _property(path, "a time without a time zone")


def _choice(shape: shapes.Choice, value: object, path: str) -> Iterator[Violation]:
    if not isinstance(value, str) or value not in shape.enum._value2member_map_:
        yield _property(path, f"{str(value)[:40]!r} is not in {shape.enum.__name__}")


def _custom(shape: shapes.Custom, value: object, path: str) -> Iterator[Violation]:
    if not isinstance(value, dict):
        yield _type(path, "dict")
        return
    vendor = value.get("vendorId")
    if vendor is None:
        yield _occurrence(f"{path}.vendorId", "missing")
    elif not isinstance(vendor, str):
        yield _type(f"{path}.vendorId", "str")
    elif len(vendor) > _VENDOR_ID_LONGEST:
        wrong = f"{len(vendor)} characters, at most {_VENDOR_ID_LONGEST} allowed"
        yield _property(f"{path}.vendorId", wrong)


def _anything(shape: shapes.Anything, value: object, path: str) -> Iterator[Violation]:
    try:
        msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError):
        yield _type(path, "JSON value")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return False
    return True


def _type(path: str, wanted: str) -> Violation:
    return Violation(path, ErrorCode.TYPE_CONSTRAINT_VIOLATION, f"not a {wanted}")


def _occurrence(path: str, wrong: str) -> Violation:
    return Violation(path, ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, wrong)


def _property(path: str, wrong: str) -> Violation:
    return Violation(path, ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, wrong)


_CHECKS: Final[dict[type, Callable[[Any, object, str], Iterator[Violation]]]] = {
    shapes.Text: _text,
    shapes.Whole: _whole,
    shapes.Real: _real,
    shapes.Truth: _truth,
    shapes.Instant: _instant,
    shapes.Choice: _choice,
    shapes.Anything: _anything,
    shapes.Custom: _custom,
    shapes.Sequence: _sequence,
    shapes.Record: _record,
}
