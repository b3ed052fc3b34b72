"""What a version's schemas say, before it becomes Python."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "text", "integer", "number", "boolean", "datetime", "any", "custom", "object", "enum"
]


@dataclass(frozen=True)
class Type:
    """A value's type. `name` is the Python class of an object or enum."""

    kind: Kind
    name: str = ""
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    step: str = ""  # `0.1`: what a number must be a multiple of
    uri: bool = False
    array: bool = False
    min_items: int | None = None
    max_items: int | None = None


@dataclass(frozen=True)
class Member:
    """A member of an object."""

    wire: str
    attribute: str
    type: Type
    required: bool
    default: object = None


@dataclass
class Struct:
    """An object type, or a message."""

    name: str
    members: tuple[Member, ...]
    used_by: set[str] = field(default_factory=set)


@dataclass
class Enum:
    """A closed list of texts, as (Python name, wire value)."""

    name: str
    values: tuple[tuple[str, str], ...]
    used_by: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Block:
    """A functional block (2.x) or feature profile (1.6)."""

    file: str
    title: str
    actions: tuple[str, ...]


@dataclass
class Model:
    """One version: its shared types and its messages."""

    package: str
    label: str
    blocks: tuple[Block, ...]
    from_station: frozenset[str]
    from_csms: frozenset[str]
    unanswered: frozenset[str]
    requests: dict[str, Struct]
    responses: dict[str, Struct]
    structs: dict[str, Struct]
    enums: dict[str, Enum]
