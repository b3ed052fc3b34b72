"""Payloads: from JSON to typed messages and back. Lenient in, strict out.

Reading is one pass of msgspec against the type's annotations. Only when that fails, the payload is read again
slowly: what `_tolerance` forgives is repaired and noted, for anything else `Malformed` carries the error code.
Fields that the schema does not know are ignored, except inside `customData`.

A value that no closed list knows becomes a stranger of its enum: an instance that equals none of its members
and whose `.value` is the station's text. So a handler that looks values up must have an answer for strangers.

Writing never checks by itself: `encode` is for what is right by construction, `encode_checked` for what came
from people or settings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from releve.ocpp import _shapes as shapes
from releve.ocpp._checker import Violation, violations
from releve.ocpp._reader import Reader
from releve.ocpp._stamping import Stamp, stamp_for
from releve.ocpp._tolerance import (
    GENEROUS,
    MONEY,
    STRICT,
    UNKNOWN_METER_WH,
    UNKNOWN_TRANSACTION,
    USUAL,
    Tolerance,
)
from releve.ocpp.errors import ErrorCode, Malformed
from releve.ocpp.instants import UNREADABLE_TIME
from releve.ocpp.messages import v16, v21, v201
from releve.ocpp.messages.base import Message, Request, Response
from releve.ocpp.version import Version

__all__ = [
    "UNKNOWN_METER_WH",
    "UNKNOWN_TRANSACTION",
    "UNREADABLE_TIME",
    "Decoded",
    "Unsendable",
    "Violation",
    "action_of",
    "check",
    "decode_answer",
    "decode_request",
    "decode_request_noted",
    "decode_response",
    "decode_response_noted",
    "encode",
    "encode_checked",
    "request_type",
    "response_type",
    "version_of",
]

Raw = bytes | bytearray | memoryview | msgspec.Raw | str
R = TypeVar("R", bound=Response)

_TYPES: Final = {
    Version.V16: (v16.REQUESTS, v16.RESPONSES),
    Version.V201: (v201.REQUESTS, v201.RESPONSES),
    Version.V21: (v21.REQUESTS, v21.RESPONSES),
}
_ACTIONS: Final = {
    cls: (version, action)
    for version, tables in _TYPES.items()
    for table in tables
    for action, cls in table.items()
}
# What msgspec raises for a text that is no JSON (or no UTF-8), or that does not fit the type.
_REFUSALS: Final = (msgspec.MsgspecError, ValueError, RecursionError)


class Decoded(msgspec.Struct, frozen=True, gc=False):
    """A message, and what had to be forgiven to read it (`evse.id: a string, not an integer`)."""

    message: Message
    notes: tuple[str, ...] = ()


class Unsendable(Exception):
    """A message of ours that breaks its schema."""

    def __init__(self, message: Message, found: tuple[Violation, ...]) -> None:
        super().__init__(f"{type(message).__name__}: {'; '.join(map(str, found))}")
        self.violations = found


class _Decoders(dict[str, Callable[[Raw], Any]]):
    """The decoders of one version and direction, each made when first needed."""

    def __init__(self, types: dict[str, type[Message]]) -> None:
        super().__init__()
        self._types = types

    def __missing__(self, action: str) -> Callable[[Raw], Any]:
        cls = self._types.get(action)
        if cls is None:
            raise Malformed(ErrorCode.NOT_IMPLEMENTED, f"unknown action {action[:50]}")
        decode: Callable[[Raw], Any] = msgspec.json.Decoder(cls).decode
        self[action] = decode
        return decode


_REQUESTS: Final = {version: _Decoders(tables[0]) for version, tables in _TYPES.items()}
_RESPONSES: Final = {version: _Decoders(tables[1]) for version, tables in _TYPES.items()}


def decode_request(version: Version, action: str, raw: Raw, *, strict: bool = False) -> Message:
    """The request (or, in 2.1, the payload of a SEND) of an action; raises Malformed.

    `strict` forgives nothing but unknown members.
    """
    try:
        return _REQUESTS[version][action](raw)  # type: ignore[no-any-return]
    except _REFUSALS:
        return _read_request(version, action, raw, strict=strict).message


def decode_request_noted(
    version: Version, action: str, raw: Raw, *, strict: bool = False
) -> Decoded:
    """As `decode_request`, with the notes."""
    try:
        return Decoded(_REQUESTS[version][action](raw))
    except _REFUSALS:
        return _read_request(version, action, raw, strict=strict)


def decode_response(version: Version, action: str, raw: Raw, *, strict: bool = False) -> Message:
    """The response of an action; raises Malformed."""
    try:
        return _RESPONSES[version][action](raw)  # type: ignore[no-any-return]
    except _REFUSALS:
        return _read_response(version, action, raw, strict=strict).message


def decode_response_noted(
    version: Version, action: str, raw: Raw, *, strict: bool = False
) -> Decoded:
    """As `decode_response`, with the notes."""
    try:
        return Decoded(_RESPONSES[version][action](raw))
    except _REFUSALS:
        return _read_response(version, action, raw, strict=strict)


def decode_answer(request: Request[R], raw: Raw, *, strict: bool = False) -> R:
    """The response to a request that we have sent, by its type; raises Malformed."""
    version, action = _ACTIONS[type(request)]
    return decode_response(version, action, raw, strict=strict)  # type: ignore[return-value]


def _read_request(version: Version, action: str, raw: Raw, *, strict: bool) -> Decoded:
    tolerance = GENEROUS if action in MONEY else USUAL
    cls = _TYPES[version][0][action]
    return _read(version, cls, raw, STRICT if strict else tolerance)


def _read_response(version: Version, action: str, raw: Raw, *, strict: bool) -> Decoded:
    # A result that is refused helps nobody: there is no second one.
    return _read(version, _TYPES[version][1][action], raw, STRICT if strict else GENEROUS)


def _read(version: Version, cls: type[Message], raw: Raw, tolerance: Tolerance) -> Decoded:
    """The slow way. Raises Malformed, and nothing else, whatever the text."""
    try:
        value = msgspec.json.decode(raw)
    except _REFUSALS as error:
        wrong = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Malformed(ErrorCode.FORMAT_VIOLATION, f"payload: {wrong}") from None
    reader = Reader(tolerance)
    if value is None and not tolerance.strict:  # `null` for "no members"
        value = {}
        reader.notes.append("payload: null, not an object")
    if not isinstance(value, dict):
        # 1.6 table 7 has FormationViolation for what does not conform to the PDU structure; 2.x part 4
        # table 9 has ProtocolError.
        early = version is Version.V16
        code = ErrorCode.FORMAT_VIOLATION if early else ErrorCode.PROTOCOL_ERROR
        raise Malformed(code, "payload: not an object")
    message = reader.read(cls, value)
    return Decoded(message, tuple(reader.notes))  # type: ignore[arg-type]


class _Outgoing(msgspec.Struct, frozen=True):
    """What has to happen to a type of message before it goes out."""

    stamp: Stamp | None
    decode: Callable[[bytes], Any]
    has_steps: bool


class _Outgoings(dict[type[Message], _Outgoing]):
    def __missing__(self, cls: type[Message]) -> _Outgoing:
        made = _Outgoing(
            stamp=stamp_for(cls),
            decode=msgspec.json.Decoder(cls).decode,
            has_steps=shapes.has_steps(shapes.shape_of(cls)),
        )
        self[cls] = made
        return made


_OUTGOING: Final = _Outgoings()
_to_json: Final = msgspec.json.Encoder().encode


def encode(message: Message) -> bytes:
    """Compact JSON, members in the schema's order, absent ones left out, times in UTC with `Z`.

    Raises ValueError for a time without a zone. Nothing else is checked: values of a wrong Python type are
    written as they are, or raise TypeError or AttributeError.
    """
    stamp = _OUTGOING[type(message)].stamp
    return _to_json(message if stamp is None else stamp(message))


def check(message: Message) -> tuple[Violation, ...]:
    """Every constraint of the schema that the message breaks; empty if it may be sent."""
    return tuple(violations(message))


def encode_checked(message: Message) -> bytes:
    """As `encode`; raises Unsendable if the message breaks its schema."""
    outgoing = _OUTGOING[type(message)]
    try:
        data = encode(message)
        outgoing.decode(data)  # one native pass sees all but multiples and customData
        doubtful = outgoing.has_steps or b'"customData"' in data
    except (TypeError, AttributeError, *_REFUSALS):  # of the wrong Python type somewhere
        data, doubtful = b"", True
    if doubtful:
        found = check(message)
        if found:
            raise Unsendable(message, found)
    return data or encode(message)


def action_of(message: Message | type[Message]) -> str:
    """The action that a request or response belongs to; KeyError for a type of no version."""
    return _ACTIONS[message if isinstance(message, type) else type(message)][1]


def version_of(message: Message | type[Message]) -> Version:
    """The version that a request or response belongs to."""
    return _ACTIONS[message if isinstance(message, type) else type(message)][0]


def request_type(version: Version, action: str) -> type[Message]:
    """The type of an action's request; raises Malformed (NotImplemented) for an unknown action."""
    try:
        return _TYPES[version][0][action]
    except KeyError:
        raise Malformed(ErrorCode.NOT_IMPLEMENTED, f"unknown action {action[:50]}") from None


def response_type(version: Version, action: str) -> type[Message] | None:
    """The type of an action's response; None for an action that has none, or that is unknown."""
    return _TYPES[version][1].get(action)
