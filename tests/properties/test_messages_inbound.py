"""Whatever the official schema accepts decodes, and re-encodes without loss."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from releve.ocpp import codec
from releve.ocpp._shapes import Instant, Record, Sequence, Shape, shape_of
from releve.ocpp.messages.base import Datatype
from releve.ocpp.version import Version
from tests.support.messages import payloads
from tools.generate_messages import schemas

PACKAGES = {"v16": Version.V16, "v201": Version.V201, "v21": Version.V21}
MESSAGES = [(package, name) for package in PACKAGES for name in schemas.official(package)]


@pytest.mark.parametrize(("package", "name"), MESSAGES, ids=lambda part: part)
def test_what_the_schema_accepts_survives_a_round_trip(package: str, name: str) -> None:
    version = PACKAGES[package]
    request = name.endswith("Request")
    action = name.removesuffix("Request").removesuffix("Response")
    decode = codec.decode_request_noted if request else codec.decode_response_noted
    allowed = _forgiven_although_schema_valid(package, name)

    @settings(max_examples=10)
    @given(st.data())
    def round_trip(data: st.DataObject) -> None:
        payload = data.draw(payloads(package, name))
        decoded = decode(version, action, json.dumps(payload))
        assert [n for n in decoded.notes if not n.endswith(allowed)] == []
        again = codec.encode(decoded.message)
        assert _lost(shape_of(type(decoded.message)), payload, json.loads(again), name) == []

    round_trip()


def _forgiven_although_schema_valid(package: str, name: str) -> tuple[str, ...]:
    """Where our overlay is narrower than the official schema."""
    if (package, name) == ("v16", "StopTransactionRequest"):
        return ("0 items, at least 1 allowed",)
    if (package, name) == ("v201", "Get15118EVCertificateResponse"):
        return ("at most 5600 allowed",)
    return ("(nothing)",)


def _lost(shape: Shape, before: Any, after: Any, path: str) -> list[str]:
    """What of `before` is not in `after`, by path; and the other way round."""
    match shape:
        case Record():
            return _lost_members(shape, before, after, path)
        case Sequence():
            if len(before) != len(after):
                return [f"{path}: {len(before)} items, {len(after)} after"]
            pairs = enumerate(zip(before, after, strict=True))
            return [x for i, (b, a) in pairs for x in _lost(shape.item, b, a, f"{path}[{i}]")]
        case Instant():
            return [] if _same_instant(before, after) else [f"{path}: {before} {after}"]
        case _:
            return (
                []
                if before == after and _kind(before) is _kind(after)
                else [f"{path}: {before!r} {after!r}"]
            )


def _lost_members(shape: Record, before: Any, after: Any, path: str) -> list[str]:
    lost = [f"{path}.{n}: appeared" for n in after.keys() - before.keys()]
    lost += [f"{path}.{n}: unknown" for n in before.keys() - {m.wire for m in shape.members}]
    for member in shape.members:
        if member.wire not in before:
            continue
        where = f"{path}.{member.wire}"
        if member.wire in after:
            lost += _lost(member.shape, before[member.wire], after[member.wire], where)
        elif not _implied(shape.cls, member.attribute, before[member.wire]):
            lost.append(f"{where}: gone")
    order = [m.wire for m in shape.members if m.wire in after]
    return lost if list(after) == order else [*lost, f"{path}: out of order {list(after)}"]


def _implied(cls: type[Datatype], attribute: str, value: Any) -> bool:
    """Left out because it says the same when absent: a default, an empty list, null."""
    field = next(m for m in shape_of(cls).members if m.attribute == attribute)
    return field.fallback is not None and bool(field.fallback() == value)


def _same_instant(before: str, after: str) -> bool:
    """Equal up to the milliseconds that we send, and written as we write."""
    gap = datetime.fromisoformat(before) - datetime.fromisoformat(after)
    return timedelta(0) <= gap < timedelta(milliseconds=1) and after.endswith("Z")


def _kind(value: Any) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)
