"""The five kinds of text frame of OCPP-J, read in one pass and written compactly.

A frame is a JSON array whose first member is a message type number. OCPP-J 1.6 section 4.2; OCPP
2.0.1 and 2.1 part 4 section 4.2. Payloads stay raw JSON here: the codec reads them once it knows
the action's type.

Reading a good frame costs one pass of msgspec. A frame that fails it is looked at again, slowly, by
`releve.ocpp.rpc.malformed`, which finds out what to answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, TypeAlias

import msgspec

from releve.ocpp.errors import ErrorCode
from releve.ocpp.rpc.malformed import ERROR, MAX_ID_LENGTH, RESULT, BadFrame, Diagnosis, diagnose
from releve.ocpp.version import Version

MAX_DESCRIPTION_LENGTH: Final = 255
ANSWERS: Final = frozenset({RESULT, ERROR})
"""The kinds that answer a CALL."""

_Id = Annotated[str, msgspec.Meta(max_length=MAX_ID_LENGTH)]
_EMPTY: Final = msgspec.Raw(b"{}")


class Call(
    msgspec.Struct, array_like=True, tag=2, frozen=True, gc=False, forbid_unknown_fields=True
):
    """CALL: a request that wants an answer. `payload` is one JSON object, unread."""

    id: _Id
    action: str
    payload: msgspec.Raw


class CallResult(
    msgspec.Struct, array_like=True, tag=3, frozen=True, gc=False, forbid_unknown_fields=True
):
    """CALLRESULT: the answer to the CALL of the same id. `payload` is one JSON object, unread."""

    id: str
    payload: msgspec.Raw


class CallError(
    msgspec.Struct, array_like=True, tag=4, frozen=True, gc=False, forbid_unknown_fields=True
):
    """CALLERROR: the CALL of the same id failed. `code` is as the peer spelled it."""

    id: str
    code: str
    description: str
    details: msgspec.Raw


class CallResultError(
    msgspec.Struct, array_like=True, tag=5, frozen=True, gc=False, forbid_unknown_fields=True
):
    """CALLRESULTERROR (2.1): our CALLRESULT of the same id could not be processed."""

    id: str
    code: str
    description: str
    details: msgspec.Raw


class Send(
    msgspec.Struct, array_like=True, tag=6, frozen=True, gc=False, forbid_unknown_fields=True
):
    """SEND (2.1): a message that is never answered. `payload` is one JSON object, unread."""

    id: _Id
    action: str
    payload: msgspec.Raw


Frame: TypeAlias = Call | CallResult | CallError | CallResultError | Send

_Decode: TypeAlias = Callable[[bytes], Frame]
_decode_16: Final[_Decode] = msgspec.json.Decoder(Call | CallResult | CallError).decode
_decode_21: Final[_Decode] = msgspec.json.Decoder(Frame).decode
_encode: Final = msgspec.json.Encoder().encode


class FrameReader:
    """Reads the text frames of one version. Has no state: one per version serves every session."""

    __slots__ = ("_decode", "version")

    def __init__(self, version: Version) -> None:
        self.version = version
        self._decode = _decode_21 if version is Version.V21 else _decode_16

    def read(self, frame: bytes) -> Frame | BadFrame:
        """The frame that these bytes are, or what is wrong with them. Never raises.

        UTF-8 is checked only in the strings that are read here (id, action, code, description); the
        socket answers for the whole text (RFC 6455 section 8.1), the codec for what it decodes.
        """
        try:
            read = self._decode(frame)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return _rebuild(diagnose(self.version, frame))
        # The last member of a frame is an object when the frame ends so; nearly all do.
        if frame.endswith(b"}]") or type(read) is CallError or type(read) is CallResultError:
            return read
        return self._with_object_payload(read, frame)

    def _with_object_payload(self, read: Frame, frame: bytes) -> Frame | BadFrame:
        if not isinstance(read, Call | CallResult | Send) or bytes(read.payload)[:1] == b"{":
            return read
        return _rebuild(diagnose(self.version, frame))


READERS: Final = {version: FrameReader(version) for version in Version}


def _rebuild(diagnosis: Diagnosis) -> Frame | BadFrame:
    """A frame whose faults may be tolerated, made whole; or the diagnosis of what may not."""
    if isinstance(diagnosis, BadFrame):
        return diagnosis
    payload = _EMPTY if diagnosis.payload is None else diagnosis.payload
    match diagnosis.kind:
        case 2:
            return Call(diagnosis.id, diagnosis.text, payload)
        case 3:
            return CallResult(diagnosis.id, payload)
        case 4:
            return CallError(diagnosis.id, diagnosis.text, diagnosis.description, payload)
        case 5:
            return CallResultError(diagnosis.id, diagnosis.text, diagnosis.description, payload)
        case _:
            return Send(diagnosis.id, diagnosis.text, payload)


def encode_call(call_id: str, action: str, payload: bytes) -> bytes:
    """A CALL. `payload` is one JSON object, encoded, and checked elsewhere."""
    return _encode(Call(call_id, action, msgspec.Raw(payload)))


def encode_result(call_id: str, payload: bytes) -> bytes:
    """A CALLRESULT for the CALL of this id."""
    return _encode(CallResult(call_id, msgspec.Raw(payload)))


def encode_send(send_id: str, action: str, payload: bytes) -> bytes:
    """A SEND. Only 2.1 knows it."""
    return _encode(Send(send_id, action, msgspec.Raw(payload)))


def encode_error(
    version: Version, call_id: str, code: ErrorCode, description: str, details: bytes = b"{}"
) -> bytes:
    """A CALLERROR in the spelling of `version`; the description is cut at 255 characters.

    `details` is one JSON object, already encoded; there MUST be one, if only an empty one.
    """
    text = description[:MAX_DESCRIPTION_LENGTH]
    return _encode(CallError(call_id, code.spelling(version), text, msgspec.Raw(details)))


def encode_result_error(
    call_id: str, code: ErrorCode, description: str, details: bytes = b"{}"
) -> bytes:
    """A CALLRESULTERROR: we could not process the peer's CALLRESULT. Only 2.1 knows it."""
    text = description[:MAX_DESCRIPTION_LENGTH]
    spelling = code.spelling(Version.V21)
    return _encode(CallResultError(call_id, spelling, text, msgspec.Raw(details)))
