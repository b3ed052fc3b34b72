"""What a generated type asks of a value, read once from its annotations.

msgspec checks a text against the annotations in one fast pass, but it stops at the first thing it dislikes and
speaks in prose. The slow ways (a tolerant reading, a full list of violations) walk these shapes instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from msgspec import NODEFAULT, inspect

from releve.ocpp.messages.base import Datatype


@dataclass(frozen=True, slots=True)
class Text:
    """A string of at most `longest` characters."""

    longest: int | None
    pattern: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer within bounds, both included."""

    least: float | None
    most: float | None


@dataclass(frozen=True, slots=True)
class Real:
    """A number within bounds, both included, and a multiple of `step` (decimal text) if that is given."""

    least: float | None
    most: float | None
    step: str | None


@dataclass(frozen=True, slots=True)
class Truth:
    """A boolean."""


@dataclass(frozen=True, slots=True)
class Instant:
    """A timestamp."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed list of texts."""

    enum: type[StrEnum]


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value (DataTransfer.data of 2.x)."""


@dataclass(frozen=True, slots=True)
class Custom:
    """2.x customData."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    item: Shape
    fewest: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a record. `fallback` makes the value of an absent one; a required one has none."""

    wire: str
    attribute: str
    shape: Shape
    fallback: Callable[[], Any] | None


@dataclass(frozen=True, slots=True)
class Record:
    """An object."""

    cls: type[Datatype]
    members: tuple[Member, ...]


Shape = Text | Whole | Real | Truth | Instant | Choice | Anything | Custom | Sequence | Record


@cache
def shape_of(cls: type[Datatype]) -> Record:
    """The shape of a generated type."""
    return _record(inspect.type_info(cls))


def _record(info: inspect.Type) -> Record:
    if not isinstance(info, inspect.StructType) or not issubclass(info.cls, Datatype):
        raise TypeError(f"not a struct: {info}")
    members = tuple(
        Member(f.encode_name, f.name, _shape(f.type), _fallback(f)) for f in info.fields
    )
    return Record(info.cls, members)


def _fallback(field: inspect.Field) -> Callable[[], Any] | None:
    if field.required:
        return None
    if field.default_factory is not NODEFAULT:
        factory: Callable[[], Any] = field.default_factory
        return factory
    default = field.default
    return lambda: default


def _shape(info: inspect.Type) -> Shape:
    step: str | None = None
    if isinstance(info, inspect.UnionType):  # optional: the other half is None
        (info,) = (t for t in info.types if not isinstance(t, inspect.NoneType))
    if isinstance(info, inspect.Metadata):  # Tenths
        step = str((info.extra_json_schema or {})["multipleOf"])
        info = info.type
    if isinstance(info, inspect.StructType):
        return shape_of(info.cls)
    if isinstance(info, inspect.ListType):
        return Sequence(_shape(info.item_type), info.min_length, info.max_length)
    if isinstance(info, inspect.FloatType):
        return Real(info.ge, info.le, step)
    return _scalar(info)


def _scalar(info: inspect.Type) -> Shape:
    match info:
        case inspect.StrType():
            return Text(info.max_length, re.compile(info.pattern) if info.pattern else None)
        case inspect.IntType():
            return Whole(info.ge, info.le)
        case inspect.BoolType():
            return Truth()
        case inspect.DateTimeType():
            return Instant()
        case inspect.EnumType():
            return Choice(info.cls)  # type: ignore[arg-type]  # all of ours are StrEnum
        case inspect.DictType():
            return Custom()
        case inspect.AnyType():
            return Anything()
        case _:
            raise TypeError(f"unexpected type in a message: {info}")


def has_instants(shape: Shape) -> bool:
    """Whether a value of this shape may hold a timestamp."""
    match shape:
        case Instant():
            return True
        case Sequence():
            return has_instants(shape.item)
        case Record():
            return any(has_instants(member.shape) for member in shape.members)
        case _:
            return False


def has_steps(shape: Shape) -> bool:
    """Whether a value of this shape may hold a number that must be a multiple of something."""
    match shape:
        case Real():
            return shape.step is not None
        case Sequence():
            return has_steps(shape.item)
        case Record():
            return any(has_steps(member.shape) for member in shape.members)
        case _:
            return False
