"""Requests of both 2.x versions from one plain dict in wire names."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from releve.dialects.registry import Unsupported

T = TypeVar("T", bound=msgspec.Struct)


def built(kind: type[T], payload: dict[str, Any]) -> T:
    """A version's request. Keys whose value is None are left out. Unsupported when it breaks the version's schema."""
    try:
        return msgspec.convert(trimmed(payload), kind)
    except msgspec.ValidationError as error:
        raise Unsupported(f"OCPP cannot carry this: {error}") from error


def trimmed(value: Any) -> Any:
    """The same without keys whose value is None."""
    if isinstance(value, dict):
        return {name: trimmed(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [trimmed(item) for item in value]
    return value
