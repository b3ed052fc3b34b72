"""A complete, valid message of any type, and the same message with one constraint broken at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from releve.ocpp import _shapes as shapes
from releve.ocpp._reader import stranger
from releve.ocpp.messages.base import LARGEST

NOW = datetime(2026, 11, 22, 12, 0, 0, 123000, tzinfo=UTC)


def complete(shape: shapes.Shape) -> Any:
    """A valid value with every optional member present."""
    match shape:
        case shapes.Record():
            return shape.cls(**{m.attribute: complete(m.shape) for m in shape.members})
        case shapes.Sequence():
            return [complete(shape.item)] * (shape.fewest or 1)
        case shapes.Text():
            return "urn:x:y" if shape.pattern else "x" * min(shape.longest or 1, 3)
        case shapes.Whole() | shapes.Real():
            least, most = bounds(shape)
            return int(least if least is not None else min(most or 0, 0))
        case shapes.Choice():
            return next(iter(shape.enum))
        case shapes.Instant():
            return NOW
        case shapes.Custom():
            return {"vendorId": "x"}
        case _:
            return True


def bounds(shape: shapes.Whole | shapes.Real) -> tuple[float | None, float | None]:
    """The schema's bounds, without ours of 64 bits."""
    least = None if shape.least == -LARGEST else shape.least
    return least, None if shape.most == LARGEST else shape.most


def spoiled(shape: shapes.Shape, value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(where and how, the value with that one thing wrong)."""
    match shape:
        case shapes.Record():
            for member in shape.members:
                inner = getattr(value, member.attribute)
                for where, bad in spoiled(member.shape, inner, f"{path}.{member.wire}"):
                    yield where, msgspec.structs.replace(value, **{member.attribute: bad})
        case shapes.Sequence():
            yield from _spoiled_list(shape, value, path)
        case shapes.Custom() if path.count(".") > 1:
            yield f"{path}: no vendor", {}  # it is in every object of 2.x: once in full is enough
        case _:
            yield from ((f"{path}: {bad!r}", bad) for bad in _bad(shape))


def _spoiled_list(shape: shapes.Sequence, value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if shape.fewest is not None and shape.fewest > 1:
        yield f"{path}: too few", value[:1]
    if shape.most is not None:
        yield f"{path}: too many", [value[0]] * (shape.most + 1)
    yield f"{path}: no list", value[0]
    for where, bad in spoiled(shape.item, value[0], f"{path}[]"):
        yield where, [bad, *value[1:]]


def _bad(shape: shapes.Shape) -> list[Any]:
    match shape:
        case shapes.Text():
            long = [] if shape.longest is None else ["x" * (shape.longest + 1)]
            return [*long, *(["no address"] if shape.pattern else []), 7]
        case shapes.Whole() | shapes.Real():
            least, most = bounds(shape)
            below = [] if least is None else [least - 1]
            above = [] if most is None else [most + 1]
            uneven = [8.13] if isinstance(shape, shapes.Real) and shape.step else []
            return [*below, *above, *uneven, "7", True]
        case shapes.Choice():
            return [stranger(shape.enum, "Odd"), 7, ["Accepted"]]
        case shapes.Instant():
            return ["soon", 7]
        case shapes.Custom():
            return [{}, {"vendorId": 7}, {"vendorId": "x" * 256}, "x"]
        case shapes.Truth():
            return [1, "true"]
        case _:
            return []
