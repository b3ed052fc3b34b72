"""The slow reading of a payload: repairs what is forgiven, or finds the right error code.

Runs only when msgspec's single pass has failed, so it may take its time; it still visits each value once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

from releve.ocpp import _shapes as shapes
from releve.ocpp._tolerance import DECISIVE, EXPENDABLE, STAND_INS, Tolerance
from releve.ocpp.errors import ErrorCode, Malformed
from releve.ocpp.instants import UNREADABLE_TIME, read_instant
from releve.ocpp.messages.base import LARGEST, Datatype

_MOST_NOTES = 20
_SHOWN = 40
_WHOLE = re.compile(r"[+-]?\d{1,18}(?:\.0*)?")
_REAL = re.compile(r"[+-]?(?:\d{1,18}(?:[.,]\d{0,18})?|\.\d{1,18})(?:[eE][+-]?\d{1,2})?")
_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False}


class _Unreadable(Exception):
    """A value that cannot be read; whoever holds it decides whether it can be spared."""

    def __init__(self, code: ErrorCode, path: str, wrong: str) -> None:
        super().__init__(wrong)
        self.code = code
        self.note = f"{path or 'payload'}: {wrong}"


class Reader:
    """One reading of one payload; `notes` tells what was forgiven."""

    def __init__(self, tolerance: Tolerance) -> None:
        self._tolerance = tolerance
        self.notes: list[str] = []

    def read(self, cls: type[Datatype], value: object) -> Datatype:
        """The message, from parsed JSON; raises Malformed."""
        try:
            return self._record(shapes.shape_of(cls), value, "")
        except _Unreadable as error:
            raise Malformed(error.code, error.note) from None

    def _forgive(self, code: ErrorCode, path: str, wrong: str) -> None:
        """Note a deviation; in a strict reading it is an error."""
        if self._tolerance.strict:
            raise _Unreadable(code, path, wrong)
        if len(self.notes) < _MOST_NOTES:
            self.notes.append(f"{path or 'payload'}: {wrong}")

    def _value(self, shape: shapes.Shape, value: object, path: str) -> Any:
        return _READINGS[type(shape)](self, shape, value, path)

    def _record(self, shape: shapes.Record, value: object, path: str) -> Datatype:
        if not isinstance(value, dict):
            raise _Unreadable(ErrorCode.TYPE_CONSTRAINT_VIOLATION, path, "not an object")
        members = {
            member.attribute: self._member(shape, member, value.get(member.wire), path)
            for member in shape.members
        }
        return shape.cls(**members)

    def _member(
        self, owner: shapes.Record, member: shapes.Member, value: object, path: str
    ) -> object:
        path = f"{path}.{member.wire}" if path else member.wire
        if value is None:  # null is absent: several stations write it so
            return self._absent(owner, member, path)
        if value == "" and member.fallback is not None and not _may_be_empty(member.shape):
            self._forgive(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, path, "empty")
            return member.fallback()
        try:
            return self._value(member.shape, value, path)
        except _Unreadable as error:
            return self._spare(owner, member, error)

    def _absent(self, owner: shapes.Record, member: shapes.Member, path: str) -> object:
        if member.fallback is not None:
            return member.fallback()
        missing = _Unreadable(ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, path, "missing")
        return self._spare(owner, member, missing)

    def _spare(self, owner: shapes.Record, member: shapes.Member, error: _Unreadable) -> object:
        """What to use instead of an unreadable or missing value, if anything."""
        if self._tolerance.strict:
            raise error
        stand_in: object = STAND_INS.get((owner.cls.__name__, member.wire))
        if stand_in is None and self._tolerance.generous:
            if isinstance(member.shape, shapes.Instant) and member.fallback is None:
                stand_in = UNREADABLE_TIME
            elif isinstance(member.shape, shapes.Sequence) and _expendable(member.shape.item):
                stand_in = []
        if stand_in is None:
            if member.fallback is None or not self._can_drop(member.shape):
                raise error
            stand_in = member.fallback()
        if len(self.notes) < _MOST_NOTES:
            self.notes.append(error.note)
        return stand_in

    def _can_drop(self, shape: shapes.Shape) -> bool:
        """An optional time or customData is never worth a message; in a generous reading, nothing is."""
        return self._tolerance.generous or isinstance(shape, (shapes.Instant, shapes.Custom))

    def _text(self, shape: shapes.Text, value: object, path: str) -> str:
        if not isinstance(value, str):
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise _Unreadable(ErrorCode.TYPE_CONSTRAINT_VIOLATION, path, "not a string")
            self._forgive(ErrorCode.TYPE_CONSTRAINT_VIOLATION, path, "a number, not a string")
            value = str(value)
        if shape.longest is not None and len(value) > shape.longest:
            wrong = f"{len(value)} characters, at most {shape.longest} allowed"
            self._forgive(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, path, wrong)
        if shape.pattern is not None and not shape.pattern.match(value):
            self._forgive(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, path, "not an absolute address")
        return value

    def _whole(self, shape: shapes.Whole, value: object, path: str) -> int:
        if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            self._forgive(ErrorCode.TYPE_CONSTRAINT_VIOLATION, path, "a string, not an integer")
            value = float(value) if "." in value else int(value)
        if isinstance(value, float):
            if not value.is_integer():
                if not self._tolerance.generous:
                    wrong = "not an integer"
                    raise _Unreadable(ErrorCode.TYPE_CONSTRAINT_VIOLATION, path, wrong)
                self._forgive(ErrorCode.TYPE_CONSTRAINT_VIOLATION, path, "rounded to an integer")
            value = round(value)  # 1.0 is an integer in JSON Schema from draft 6 on
        if isinstance(value, bool) or not isinstance(value, int):
            raise _Unreadable(ErrorCode.TYPE_CONSTRAINT_VIOLATION, path, "not an integer")
        self._bounds(shape, value, path)
        return value

    def _real(self, shape: shapes.Real, value: object, path: str) -> float:
        if isinstance(value, str) and _REAL.fullmatch(value.strip()):
            self._forgive(ErrorCode.TYPE_CONSTRAINT_VIOLATION, path, "a string, not a number")
            value = float(value.strip().replace(",", "."))
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _Unreadable(ErrorCode.TYPE_CONSTRAINT_VIOLATION, path, "not a number")
        try:
            number = float(value)
        except OverflowError:
            wrong = "out of range"
            raise _Unreadable(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, path, wrong) from None
        self._bounds(shape, number, path)
        return number

    def _bounds(self, shape: shapes.Whole | shapes.Real, value: float, path: str) -> None:
        below = shape.least is not None and value < shape.least
        above = shape.most is not None and value > shape.most
        if below or above:
            bound = f"below {shape.least:g}" if below else f"above {shape.most:g}"
            if not self._tolerance.generous or abs(value) > LARGEST:
                raise _Unreadable(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, path, bound)
            self._forgive(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, path, bound)

    def _truth(self, shape: shapes.Truth, value: object, path: str) -> bool:
        if isinstance(value, bool):
            return value
        flag = _FLAGS.get(str(value).strip().lower()) if isinstance(value, (str, int)) else None
        if flag is None:
            raise _Unreadable(ErrorCode.TYPE_CONSTRAINT_VIOLATION, path, "not a boolean")
        self._forgive(ErrorCode.TYPE_CONSTRAINT_VIOLATION, path, "not written as a boolean")
        return flag

    def _instant(self, shape: shapes.Instant, value: object, path: str) -> object:
        found = read_instant(value)
        if found is None:
            raise _Unreadable(ErrorCode.FORMAT_VIOLATION, path, f"not a time: {_shown(value)}")
        instant, wrong = found
        if not _rfc3339(value):
            self._forgive(ErrorCode.FORMAT_VIOLATION, path, wrong)
        return instant

    def _choice(self, shape: shapes.Choice, value: object, path: str) -> StrEnum:
        if not isinstance(value, str):
            raise _Unreadable(ErrorCode.TYPE_CONSTRAINT_VIOLATION, path, "not a string")
        known = shape.enum._value2member_map_.get(value)
        if known is not None:
            return known  # type: ignore[return-value]  # a StrEnum's members are StrEnums
        wanted = value.strip().casefold()
        for member in shape.enum:
            if member.value.casefold() == wanted:
                wrong = f"{_shown(value)} for {member.value}"
                self._forgive(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, path, wrong)
                return member
        return self._stranger(shape, value, path)

    def _stranger(self, shape: shapes.Choice, value: str, path: str) -> StrEnum:
        wrong = f"unknown value {_shown(value)}"
        if shape.enum.__name__ in DECISIVE:
            raise _Unreadable(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, path, wrong)
        self._forgive(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, path, wrong)
        return stranger(shape.enum, value)

    def _sequence(self, shape: shapes.Sequence, value: object, path: str) -> list[object]:
        if not isinstance(value, list):
            if not isinstance(value, dict) or not isinstance(shape.item, shapes.Record):
                raise _Unreadable(ErrorCode.TYPE_CONSTRAINT_VIOLATION, path, "not a list")
            wrong = "one object, not a list"
            self._forgive(ErrorCode.TYPE_CONSTRAINT_VIOLATION, path, wrong)
            value = [value]
        few = shape.fewest is not None and len(value) < shape.fewest
        many = shape.most is not None and len(value) > shape.most
        if few or many:
            bound = f"at least {shape.fewest}" if few else f"at most {shape.most}"
            wrong = f"{len(value)} items, {bound} allowed"
            self._forgive(ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, path, wrong)
        return self._items(shape, value, path)

    def _items(self, shape: shapes.Sequence, value: list[Any], path: str) -> list[object]:
        items: list[object] = []
        for position, item in enumerate(value):
            try:
                items.append(self._value(shape.item, item, f"{path}[{position}]"))
            except _Unreadable as error:
                if not self._tolerance.generous or not _expendable(shape.item):
                    raise
                self._forgive(error.code, "left out", error.note)
        return items

    def _custom(self, shape: shapes.Custom, value: object, path: str) -> object:
        if not isinstance(value, dict):
            raise _Unreadable(ErrorCode.TYPE_CONSTRAINT_VIOLATION, path, "not an object")
        if not isinstance(value.get("vendorId"), str):
            self._forgive(ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, path, "no vendorId")
        return value

    def _anything(self, shape: shapes.Anything, value: object, path: str) -> object:
        return value


def stranger(enum: type[StrEnum], value: str) -> StrEnum:
    """A member that the list does not have: equal to none of it, and written out as it came in."""
    member = str.__new__(enum, value)
    member._name_ = member._value_ = value
    return member


def _expendable(shape: shapes.Shape) -> bool:
    return isinstance(shape, shapes.Record) and shape.cls.__name__ in EXPENDABLE


def _may_be_empty(shape: shapes.Shape) -> bool:
    return isinstance(shape, (shapes.Text, shapes.Anything))


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)", re.ASCII
)


def _rfc3339(value: object) -> bool:
    """Whether the fast pass would have taken it, or RFC 3339 has it (a leap second)."""
    return isinstance(value, str) and _RFC3339.fullmatch(value) is not None


_READINGS: Final[dict[type, Callable[[Reader, Any, object, str], Any]]] = {
    shapes.Text: Reader._text,
    shapes.Whole: Reader._whole,
    shapes.Real: Reader._real,
    shapes.Truth: Reader._truth,
    shapes.Instant: Reader._instant,
    shapes.Choice: Reader._choice,
    shapes.Anything: Reader._anything,
    shapes.Custom: Reader._custom,
    shapes.Sequence: Reader._sequence,
    shapes.Record: Reader._record,
}
