"""Whatever arrives, the session stands, and what it writes is a well-formed frame."""

import json
from typing import Any

import hypothesis.strategies as st
from hypothesis import given

from releve.ocpp.errors import ErrorCode
from releve.ocpp.rpc import CallReceived, MessageIds, Role, Session
from releve.ocpp.rpc.frames import (
    READERS,
    Call,
    CallResult,
    encode_call,
    encode_error,
    encode_result,
)
from releve.ocpp.rpc.malformed import BadFrame
from releve.ocpp.version import Version

VERSIONS = st.sampled_from(list(Version))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)

# A JSON value that has the members of a frame, mostly, in about their places.
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)
ACTIONS = st.sampled_from(["Heartbeat", "StartTransaction", "TransactionEvent", "Reset", "Nope"])
NEAR_FRAMES = st.builds(
    lambda kind, call_id, rest: [kind, call_id, *rest],
    st.integers(-1, 8) | VALUES,
    TEXT | VALUES,
    st.lists(ACTIONS | VALUES | st.just({}), max_size=4),
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A near-valid frame with some bytes cut, changed, put in or repeated."""
    frame = bytearray(json.dumps(draw(NEAR_FRAMES)).encode())
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(0, len(frame) - 1)))
        match draw(st.integers(0, 3)):
            case 0:
                del frame[place:]
            case 1:
                frame[place : place + 1] = bytes([draw(st.integers(0, 255))])
            case 2:
                frame[place:place] = draw(st.binary(max_size=4))
            case _:
                frame += frame[place:]
    return bytes(frame)


def check_survival(version: Version, role: Role, frame: bytes) -> None:
    session = Session(version, role, MessageIds("fuzz"))
    session.call("DataTransfer", b'{"vendorId":"v"}', 0.0, 30.0)
    session.take()

    event = session.receive(frame, 1.0)

    for reply in session.take():
        kind, frame_id, *rest = json.loads(reply)
        assert kind in ((2, 4, 5) if version is Version.V21 else (2, 4))
        assert isinstance(frame_id, str)
        assert len(reply) < 4_096, "a reply grows with what a peer sends"
        if kind == 4:
            code, description, details = rest
            assert isinstance(code, str)
            assert len(description) <= 255
            assert details == {}
    if isinstance(event, CallReceived):
        session.answer(event.id, b"{}")
        assert json.loads(session.take()[0]) == [3, event.id, {}]


@given(VERSIONS, st.sampled_from(list(Role)), st.binary(max_size=200))
def test_arbitrary_bytes_are_survived(version: Version, role: Role, frame: bytes) -> None:
    check_survival(version, role, frame)


@given(VERSIONS, st.sampled_from(list(Role)), NEAR_FRAMES)
def test_near_valid_frames_are_survived(version: Version, role: Role, members: Any) -> None:
    check_survival(version, role, json.dumps(members).encode())


@given(VERSIONS, st.sampled_from(list(Role)), damaged())
def test_damaged_frames_are_survived(version: Version, role: Role, frame: bytes) -> None:
    check_survival(version, role, frame)


@given(VERSIONS, NEAR_FRAMES)
def test_the_fast_path_agrees_with_plain_json(version: Version, members: Any) -> None:
    read = READERS[version].read(json.dumps(members).encode())

    if isinstance(read, BadFrame):
        is_call = (
            len(members) == 4
            and type(members[0]) is int
            and members[0] == 2
            and isinstance(members[1], str)
            and len(members[1]) <= 36
            and isinstance(members[2], str)
            and isinstance(members[3], dict)
        )
        assert not is_call
    elif isinstance(read, Call):
        assert [2, read.id, read.action] == members[:3]
        assert json.loads(bytes(read.payload)) == (members[3] or {})


OBJECTS = st.dictionaries(TEXT, VALUES, max_size=4)


@given(VERSIONS, TEXT.filter(lambda text: len(text) <= 36), TEXT, OBJECTS)
def test_what_is_written_is_read_back(
    version: Version, call_id: str, action: str, payload: dict[str, Any]
) -> None:
    raw = json.dumps(payload).encode()

    call = READERS[version].read(encode_call(call_id, action, raw))
    result = READERS[version].read(encode_result(call_id, raw))

    assert isinstance(call, Call)
    assert isinstance(result, CallResult)
    assert (call.id, call.action, bytes(call.payload)) == (call_id, action, raw)
    assert (result.id, bytes(result.payload)) == (call_id, raw)


@given(VERSIONS, TEXT, st.text(st.characters(exclude_categories=["Cs"]), max_size=600))
def test_an_error_is_always_a_good_frame(version: Version, call_id: str, words: str) -> None:
    for code in ErrorCode:
        kind, frame_id, spelling, description, details = json.loads(
            encode_error(version, call_id, code, words)
        )
        assert (kind, frame_id, details) == (4, call_id, {})
        assert description == words[:255]
        assert ErrorCode.read(spelling) is not None
