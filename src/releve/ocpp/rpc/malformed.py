"""The slow path: what is wrong with a frame, what may be tolerated, and what to answer.

What each version says:

- 2.0.1 and 2.1 part 4, section 4.2.3: an unreadable message is answered with a CALLERROR; where its
  id cannot be read, the id is "-1". Section 4.3: RpcFrameworkError for what is no valid RPC
  request, MessageTypeNotSupported for an unknown type number, FormatViolation for bad syntax.
- OCPP-J 1.6 section 4.1.3: a frame of an unknown type number is ignored. There is no id "-1", so a
  frame without a readable id cannot be answered; every other bad CALL gets FormationViolation,
  whose definition covers both bad syntax and a wrong structure.
- In every version only a CALL is answered. A bad CALLRESULT or CALLERROR must not end the
  connection: stations do send truncated ones.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

import msgspec

from releve.ocpp.errors import ErrorCode
from releve.ocpp.version import Version

CALL, RESULT, ERROR, RESULT_ERROR, SEND = 2, 3, 4, 5, 6

_KINDS_16: Final = frozenset({CALL, RESULT, ERROR})
_KINDS_21: Final = _KINDS_16 | {RESULT_ERROR, SEND}
_ARITY: Final = {CALL: 4, RESULT: 3, SEND: 4}
_NAMES: Final = {
    CALL: "CALL",
    RESULT: "CALLRESULT",
    ERROR: "CALLERROR",
    RESULT_ERROR: "CALLRESULTERROR",
    SEND: "SEND",
}

MAX_ID_LENGTH: Final = 36
NO_ID: Final = "-1"
"""The id of a CALLERROR about a message whose own id cannot be read (part 4, section 4.2.3)."""

_MAX_ECHO_LENGTH: Final = 255
"""A longer id is no id: we do not send back kilobytes that a peer chose."""

# Reads the head of a frame whose JSON is broken further on. Anchored and without nested repetition,
# so linear in time. An escape in the id is left to the JSON decoder.
_HEAD: Final = re.compile(rb'[ \t\r\n]*\[[ \t\r\n]*(\d{1,9})[ \t\r\n]*,[ \t\r\n]*("[^"]{0,255}")?')

_split = msgspec.json.Decoder(list[msgspec.Raw]).decode
_NOT_READ: Final = (msgspec.MsgspecError, ValueError, RecursionError)


class BadFrame(msgspec.Struct, frozen=True, gc=False):
    """A frame that cannot be used.

    `kind` is its message type number and `id` its message id, where they can be read. `reply_id` is
    the id that a CALLERROR about it must carry; None says that it must not be answered.
    """

    kind: int | None
    id: str | None
    code: ErrorCode
    description: str
    reply_id: str | None


class Mended(msgspec.Struct, frozen=True, gc=False):
    """The members of a frame whose faults may be tolerated.

    `text` is the action or the error code.
    """

    kind: int
    id: str
    text: str = ""
    description: str = ""
    payload: msgspec.Raw | None = None
    """The payload or the details; None stands for `{}`."""


Diagnosis: TypeAlias = BadFrame | Mended


def diagnose(version: Version, frame: bytes) -> Diagnosis:
    """Why `frame` was not read by the fast path. Never raises."""
    try:
        members = _split(frame)
    except msgspec.ValidationError:
        return _bad(version, None, None, ErrorCode.RPC_FRAMEWORK_ERROR, "not a JSON array")
    except RecursionError:
        return _salvage(version, frame, "nested too deeply")
    except _NOT_READ as error:
        return _salvage(version, frame, str(error))
    kind = _read_kind(members)
    frame_id = _read_id(version, members)
    if kind is None:
        complaint = "the message type number cannot be read"
        return _bad(version, None, frame_id, ErrorCode.RPC_FRAMEWORK_ERROR, complaint)
    if kind not in (_KINDS_21 if version is Version.V21 else _KINDS_16):
        code = ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED
        return _bad(version, kind, frame_id, code, f"message type {kind} is not supported")
    if frame_id is None or not _is_good_id(kind, members[1], frame_id):
        complaint = f"the message id of the {_NAMES[kind]} is no text of at most {MAX_ID_LENGTH}"
        return _bad(version, kind, frame_id, ErrorCode.RPC_FRAMEWORK_ERROR, complaint)
    if kind in (ERROR, RESULT_ERROR):
        return _mend_error(version, kind, frame_id, members)
    return _mend_message(version, kind, frame_id, members)


def _bad(
    version: Version, kind: int | None, frame_id: str | None, code: ErrorCode, description: str
) -> BadFrame:
    return BadFrame(kind, frame_id, code, description, _reply_id(version, kind, frame_id))


def _reply_id(version: Version, kind: int | None, frame_id: str | None) -> str | None:
    if version is Version.V16:
        return frame_id if kind == CALL else None
    if kind in (RESULT, ERROR):
        return None  # a CALLERROR answers a CALL only: no complaints about complaints
    if version is Version.V21 and kind in (RESULT_ERROR, SEND):
        return None  # 2.1 part 4, section 4.2.4: the receiver SHALL NOT respond to a SEND
    return NO_ID if frame_id is None else frame_id


def _salvage(version: Version, frame: bytes, why: str) -> BadFrame:
    """Broken JSON: the type number and the id can often be read all the same."""
    head = _HEAD.match(frame)
    if head is None:
        return _bad(version, None, None, ErrorCode.RPC_FRAMEWORK_ERROR, why)
    kind = int(head[1])
    frame_id = _read_text(head[2]) if head[2] else None
    if frame_id is None:
        return _bad(version, kind, None, ErrorCode.RPC_FRAMEWORK_ERROR, why)
    return _bad(version, kind, frame_id, ErrorCode.FORMAT_VIOLATION, why)


def _read_kind(members: list[msgspec.Raw]) -> int | None:
    if not members or len(memoryview(members[0])) > 9:
        return None
    try:
        return msgspec.json.decode(members[0], type=int)
    except _NOT_READ:
        return None


def _read_text(raw: msgspec.Raw | bytes) -> str | None:
    try:
        return msgspec.json.decode(raw, type=str)
    except _NOT_READ:
        return None


def _read_id(version: Version, members: list[msgspec.Raw]) -> str | None:
    if len(members) < 2:
        return None
    if version is Version.V16 and re.fullmatch(rb"\d{1,36}", bytes(members[1])):
        # 1.6 has no id "-1" to answer with, and a station that sends 7 may well recognise "7".
        return bytes(members[1]).decode()
    text = _read_text(members[1])
    return None if text is None or len(text) > _MAX_ECHO_LENGTH else text


def _is_good_id(kind: int, raw: msgspec.Raw, frame_id: str) -> bool:
    if not bytes(raw).startswith(b'"'):
        return False
    # An answer with too long an id answers nothing of ours, as the session will find.
    return kind not in (CALL, SEND) or len(frame_id) <= MAX_ID_LENGTH


def _mend_error(
    version: Version, kind: int, frame_id: str, members: list[msgspec.Raw]
) -> Diagnosis:
    """A CALLERROR tells enough by its code; stations leave out the rest, or send null."""
    code = _read_text(members[2]) if len(members) > 2 else None
    if code is None:
        complaint = f"the error code of the {_NAMES[kind]} cannot be read"
        return _bad(version, kind, frame_id, ErrorCode.RPC_FRAMEWORK_ERROR, complaint)
    description = _read_text(members[3]) if len(members) > 3 else None
    details = members[4] if len(members) > 4 else None
    return Mended(kind, frame_id, code, description or "", details)


def _mend_message(
    version: Version, kind: int, frame_id: str, members: list[msgspec.Raw]
) -> Diagnosis:
    """A CALL, CALLRESULT or SEND; the one fault to tolerate is a payload of `null`."""
    if len(members) != _ARITY[kind]:
        complaint = f"a {_NAMES[kind]} has {_ARITY[kind]} members, this one {len(members)}"
        return _bad(version, kind, frame_id, ErrorCode.RPC_FRAMEWORK_ERROR, complaint)
    action = "" if kind == RESULT else _read_text(members[2])
    if action is None:
        complaint = "the action cannot be read"
        return _bad(version, kind, frame_id, ErrorCode.RPC_FRAMEWORK_ERROR, complaint)
    payload = bytes(members[-1])
    if (
        payload == b"null"
    ):  # OCPP-J section 4.1.5 (2.x), 4.2.1 (1.6): null and {} both mean no payload
        return Mended(kind, frame_id, action)
    if not payload.startswith(b"{"):
        complaint = "the payload is not a JSON object"
        return _bad(version, kind, frame_id, ErrorCode.FORMAT_VIOLATION, complaint)
    return Mended(kind, frame_id, action, payload=members[-1])
