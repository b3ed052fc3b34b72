"""Domain values to rows and back, by the names and types of their fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from types import UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from releve.storage.times import micros, moment
from releve.storage.writes import Row

T = TypeVar("T", bound=msgspec.Struct)
Converter = Callable[[Any], Any]
OTHERS = frozenset({"operator", "station", "transaction", "user", "operation"})
"""Fields that name another row."""

_decode = msgspec.json.decode
_encode = msgspec.json.encode


class Mapper(Generic[T]):
    """Between one kind of Struct and the columns that have its fields' names.

    columns: names in the order of `encode`'s tuples, and of the rows that `decode` takes. Fields that name another row
    (operator, station, ...) are columns with `_id` appended. absent: fields whose None is a value of its own in the
    column, because the column is part of a key.
    """

    __slots__ = ("_from", "_getter", "_to", "columns", "fields", "struct")

    def __init__(
        self,
        struct: type[T],
        *,
        absent: Mapping[str, object] | None = None,
        leave: Sequence[str] = (),
    ) -> None:
        absent = absent or {}
        hints = get_type_hints(struct)
        self.struct = struct
        self.fields = tuple(name for name in struct.__struct_fields__ if name not in leave)
        self.columns = tuple(map(_column, self.fields))
        self._getter = attrgetter(*self.fields)
        self._to: list[tuple[int, Converter]] = []
        self._from: list[tuple[int, Converter]] = []
        for place, name in enumerate(self.fields):
            to, back = _converters(_bare(hints[name]))
            if name in absent:
                to, back = _keyed(absent[name])
            if to:
                self._to.append((place, to))
            if back:
                self._from.append((place, back))

    def encode(self, value: T) -> Row:
        """The row of `value`."""
        row = list(self._getter(value))
        for place, convert in self._to:
            if row[place] is not None:
                row[place] = convert(row[place])
            elif convert.__class__ is _Absent:
                row[place] = convert(None)
        return tuple(row)

    def decode(self, row: Sequence[Any], **more: Any) -> T:
        """The value of a row; `more`: fields that are not columns."""
        values = list(row[: len(self.fields)])
        for place, convert in self._from:
            if values[place] is not None:
                values[place] = convert(values[place])
        return self.struct(**dict(zip(self.fields, values, strict=True)), **more)


class _Absent:
    """None as a value of its own, and back."""

    __slots__ = ("back", "value")

    def __init__(self, value: object, *, back: bool) -> None:
        self.value = value
        self.back = back

    def __call__(self, given: Any) -> Any:
        if self.back:
            return None if given == self.value else given
        return self.value if given is None else given


def _keyed(value: object) -> tuple[Converter, Converter]:
    return _Absent(value, back=False), _Absent(value, back=True)


def _column(field: str) -> str:
    return field + "_id" if field in OTHERS else field


def _bare(hint: Any) -> Any:
    """The type without "or None"."""
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    return getattr(hint, "__supertype__", hint)


def _converters(kind: Any) -> tuple[Converter | None, Converter | None]:
    """To the column and from it; None where the driver does as it is."""
    if kind is datetime:
        return micros, moment
    if kind is bool:
        return None, bool  # SQLite answers 0 and 1
    if kind is float:
        return finite, None
    if kind is Decimal:
        return str, Decimal  # money is text: neither driver's floating point may touch it
    if isinstance(kind, type) and issubclass(kind, Enum):
        return None, kind  # a StrEnum is text for both drivers
    if kind is str:
        return clean, None
    if get_origin(kind) in (dict, tuple, list) or (
        isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    ):
        return to_json, lambda text: _decode(text, type=kind)
    return None, None


def clean(text: str) -> str:
    """`text` without NUL, which PostgreSQL's text cannot hold: it would refuse the whole unit for ever."""
    return text.replace("\x00", "\ufffd") if "\x00" in text else text


def finite(number: float) -> float | None:
    """Infinity and "not a number" are no measurements: None."""
    return number if number - number == 0 else None


def to_json(value: object) -> str:
    """Compact JSON text."""
    return _encode(value).decode()
