"""Every kind of malformed frame gets the right error code of the right version, on the right id."""

import json
from typing import Any

import pytest

from releve.ocpp.errors import ErrorCode
from releve.ocpp.rpc import CallTurnedAway, FrameMalformed, MessageIds, Role, Session
from releve.ocpp.rpc.frames import READERS, Call, CallError, CallResult, CallResultError, Send
from releve.ocpp.version import Version
from tests.support.rpc import csms, written

V16, V201, V21 = Version.V16, Version.V201, Version.V21
ALL = (V16, V201, V21)

Answer = tuple[str, str] | None
"""The code and the id of the CALLERROR that is to be written; None: nothing is written."""

FORMATION = "FormationViolation"
FORMAT = "FormatViolation"
RPC = "RpcFrameworkError"
TYPE = "MessageTypeNotSupported"
LONG = "x" * 37

# frame, then what is answered in 1.6, in 2.0.1, in 2.1
TABLE: dict[str, tuple[bytes, Answer, Answer, Answer]] = {
    "empty": (b"", None, (RPC, "-1"), (RPC, "-1")),
    "not JSON": (b"hello", None, (RPC, "-1"), (RPC, "-1")),
    "an object": (b'{"a":1}', None, (RPC, "-1"), (RPC, "-1")),
    "a text": (b'"[2]"', None, (RPC, "-1"), (RPC, "-1")),
    "null": (b"null", None, (RPC, "-1"), (RPC, "-1")),
    "empty array": (b"[]", None, (RPC, "-1"), (RPC, "-1")),
    "only a type": (b"[2]", None, (RPC, "-1"), (RPC, "-1")),
    "truncated payload": (
        b'[2,"i","Heartbeat",{"a":',
        (FORMATION, "i"),
        (FORMAT, "i"),
        (FORMAT, "i"),
    ),
    "truncated id": (b'[2,"i', None, (RPC, "-1"), (RPC, "-1")),
    "trailing junk": (
        b'[2,"i","Heartbeat",{}] x',
        (FORMATION, "i"),
        (FORMAT, "i"),
        (FORMAT, "i"),
    ),
    "a comma too many": (
        b'[2,"i","MeterValues",{"a":[,{}]}]',
        (FORMATION, "i"),
        (FORMAT, "i"),
        (FORMAT, "i"),
    ),
    "NaN": (
        b'[2,"i","Heartbeat",{"a":NaN}]',
        (FORMATION, "i"),
        (FORMAT, "i"),
        (FORMAT, "i"),
    ),
    "nested without end": (
        b'[2,"i","Heartbeat",{"a":' + b"[" * 100_000,
        (FORMATION, "i"),
        (FORMAT, "i"),
        (FORMAT, "i"),
    ),
    "nested too deeply": (
        b'[2,"i","Heartbeat",{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}]",
        (FORMATION, "i"),
        (FORMAT, "i"),
        (FORMAT, "i"),
    ),
    "only brackets": (b"[" * 100_000, None, (RPC, "-1"), (RPC, "-1")),
    "id with bad UTF-8": (b'[2,"\xff","Heartbeat",{}]', None, (RPC, "-1"), (RPC, "-1")),
    "id half a surrogate": (b'[2,"\\ud800","Heartbeat",{}]', None, (RPC, "-1"), (RPC, "-1")),
    "too few members": (
        b'[2,"i","Heartbeat"]',
        (FORMATION, "i"),
        (RPC, "i"),
        (RPC, "i"),
    ),
    "too many members": (
        b'[2,"i","Heartbeat",{},{}]',
        (FORMATION, "i"),
        (RPC, "i"),
        (RPC, "i"),
    ),
    "action not a text": (b'[2,"i",5,{}]', (FORMATION, "i"), (RPC, "i"), (RPC, "i")),
    "action missing": (b'[2,"i",{}]', (FORMATION, "i"), (RPC, "i"), (RPC, "i")),
    "payload an array": (
        b'[2,"i","Heartbeat",[]]',
        (FORMATION, "i"),
        (FORMAT, "i"),
        (FORMAT, "i"),
    ),
    "payload a text": (
        b'[2,"i","Heartbeat","{}"]',
        (FORMATION, "i"),
        (FORMAT, "i"),
        (FORMAT, "i"),
    ),
    "id a number": (b'[2,7,"Heartbeat",{}]', (FORMATION, "7"), (RPC, "-1"), (RPC, "-1")),
    "id null": (b'[2,null,"Heartbeat",{}]', None, (RPC, "-1"), (RPC, "-1")),
    "id an array": (b'[2,["i"],"Heartbeat",{}]', None, (RPC, "-1"), (RPC, "-1")),
    "id too long": (
        b'[2,"%b","Heartbeat",{}]' % LONG.encode(),
        (FORMATION, LONG),
        (RPC, LONG),
        (RPC, LONG),
    ),
    "id absurdly long": (
        b'[2,"%b","Heartbeat",{}]' % (b"x" * 10_000),
        None,
        (RPC, "-1"),
        (RPC, "-1"),
    ),
    "unknown type": (b'[9,"i","Heartbeat",{}]', None, (TYPE, "i"), (TYPE, "i")),
    "unknown type, no id": (b"[9]", None, (TYPE, "-1"), (TYPE, "-1")),
    "unknown type, number as id": (b"[9,1]", None, (TYPE, "-1"), (TYPE, "-1")),
    "negative type": (b'[-2,"i","Heartbeat",{}]', None, (TYPE, "i"), (TYPE, "i")),
    "giant type": (b'[%b,"i"]' % (b"9" * 400), None, (RPC, "i"), (RPC, "i")),
    "type a text": (b'["2","i","Heartbeat",{}]', None, (RPC, "i"), (RPC, "i")),
    "type a fraction": (b'[2.5,"i","Heartbeat",{}]', None, (RPC, "i"), (RPC, "i")),
    "type true": (b'[true,"i","Heartbeat",{}]', None, (RPC, "i"), (RPC, "i")),
    "type null": (b'[null,"i","Heartbeat",{}]', None, (RPC, "i"), (RPC, "i")),
    "SEND before 2.1": (
        b'[6,"i","NotifyPeriodicEventStream",{}]',
        None,
        (TYPE, "i"),
        None,
    ),
    "CALLRESULTERROR before 2.1": (
        b'[5,"i","GenericError","",{}]',
        None,
        (TYPE, "i"),
        None,
    ),
    "malformed SEND": (b'[6,"i","NotifyPeriodicEventStream"]', None, (TYPE, "i"), None),
    "CALLRESULT without payload": (b'[3,"i"]', None, None, None),
    "CALLRESULT truncated": (b'[3,"i",{"configurationKey":[]', None, None, None),
    "CALLRESULT with an array": (b'[3,"i",[]]', None, None, None),
    "CALLRESULT without an id": (b"[3,null,{}]", None, None, None),
    "CALLERROR without a code": (b'[4,"i"]', None, None, None),
    "CALLERROR truncated": (b'[4,"i","GenericErr', None, None, None),
    "CALLERROR with a number as code": (b'[4,"i",5,"",{}]', None, None, None),
    "unknown action": (
        b'[2,"i","MakeCoffee",{}]',
        ("NotImplemented", "i"),
        ("NotImplemented", "i"),
        ("NotImplemented", "i"),
    ),
    "action in the wrong case": (
        b'[2,"i","heartbeat",{}]',
        ("NotImplemented", "i"),
        ("NotImplemented", "i"),
        ("NotImplemented", "i"),
    ),
    "action in the wrong direction": (
        b'[2,"i","Reset",{}]',
        ("NotSupported", "i"),
        ("NotSupported", "i"),
        ("NotSupported", "i"),
    ),
}

ROWS = [
    pytest.param(version, frame, answers[number], id=f"{version.label} {name}")
    for name, (frame, *answers) in TABLE.items()
    for number, version in enumerate(ALL)
]


@pytest.mark.parametrize(("version", "frame", "answer"), ROWS)
def test_a_malformed_frame_gets_its_error(version: Version, frame: bytes, answer: Answer) -> None:
    session = csms(version)

    event = session.receive(frame, 0.0)

    replies = written(session)
    if answer is None:
        assert replies == []
    else:
        [[kind, frame_id, code, description, details]] = replies
        assert (kind, code, frame_id) == (4, *answer)
        assert 0 < len(description) <= 255
        assert details == {}
    assert not isinstance(event, Call)
    if isinstance(event, FrameMalformed):
        assert event.answered == (answer is not None)


@pytest.mark.parametrize(("version", "frame", "answer"), ROWS)
def test_the_session_goes_on_after_a_malformed_frame(
    version: Version, frame: bytes, answer: Answer
) -> None:
    session = csms(version)
    session.receive(frame, 0.0)
    session.take()

    event = session.receive(b'[2,"good","Heartbeat",{}]', 0.0)

    assert isinstance(event, Call)
    assert session.answer("good", b"{}") is None
    assert written(session) == [[3, "good", {}]]


@pytest.mark.parametrize("version", ALL)
def test_a_station_turns_away_what_only_stations_send(version: Version) -> None:
    session = Session(version, Role.STATION, MessageIds("test"))

    event = session.receive(b'[2,"i","Heartbeat",{}]', 0.0)

    assert event == CallTurnedAway("i", "Heartbeat", ErrorCode.NOT_SUPPORTED)
    assert written(session)[0][:3] == [4, "i", "NotSupported"]
    assert session.counters.turned_away == 1


@pytest.mark.parametrize("version", [V201, V21])
def test_an_action_of_another_version_is_not_known(version: Version) -> None:
    session = csms(version)

    session.receive(b'[2,"i","StopTransaction",{}]', 0.0)

    assert written(session)[0][:3] == [4, "i", "NotImplemented"]


@pytest.mark.parametrize("version", ALL)
def test_data_transfer_goes_both_ways(version: Version) -> None:
    for role in Role:
        session = Session(version, role, MessageIds("test"))
        event = session.receive(b'[2,"i","DataTransfer",{"vendorId":"v"}]', 0.0)
        assert isinstance(event, Call)


def test_a_stream_that_comes_as_a_call_is_refused() -> None:
    session = csms(V21)

    session.receive(b'[2,"i","NotifyPeriodicEventStream",{}]', 0.0)

    assert written(session)[0][:3] == [4, "i", "NotSupported"]


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(
    "frame",
    [
        b'[2,"i","Heartbeat",{}]',
        b'\n[ 2 , "i" ,\t"Heartbeat", {\n} ]\r\n',
        b'[2,"i","Heartbeat",null]',
        b' [2,"i","Heartbeat",null ] ',
        b'[2,"\\u0069","Heartbeat",{}]',
    ],
)
def test_what_may_be_tolerated_is_read(version: Version, frame: bytes) -> None:
    read = READERS[version].read(frame)

    assert isinstance(read, Call)
    assert (read.id, read.action) == ("i", "Heartbeat")
    assert json.loads(bytes(read.payload)) == {}


def test_an_id_of_36_characters_is_not_too_long() -> None:
    read = READERS[V16].read(b'[2,"%b","Heartbeat",{}]' % (b"x" * 36))

    assert isinstance(read, Call)


def test_a_result_of_null_means_nothing_more() -> None:
    read = READERS[V201].read(b'[3,"i",null]')

    assert isinstance(read, CallResult)
    assert bytes(read.payload) == b"{}"


@pytest.mark.parametrize(
    ("frame", "description", "details"),
    [
        (b'[4,"i","NotSupported","why",{"a":1}]', "why", {"a": 1}),
        (b'[4,"i","NotSupported","why"]', "why", {}),
        (b'[4,"i","NotSupported"]', "", {}),
        (b'[4,"i","NotSupported",null,null]', "", None),
        (b'[4,"i","NotSupported",5,"text",6]', "", "text"),
    ],
)
def test_an_error_is_read_by_its_code(frame: bytes, description: str, details: Any) -> None:
    read = READERS[V16].read(frame)

    assert isinstance(read, CallError)
    assert (read.id, read.code, read.description) == ("i", "NotSupported", description)
    assert json.loads(bytes(read.details)) == details


def test_21_reads_its_two_new_kinds() -> None:
    reader = READERS[V21]

    sent = reader.read(b'[6,"i","NotifyPeriodicEventStream",{"id":1}]')
    error = reader.read(b'[5,"i","FormatViolation","",{}]')
    short = reader.read(b'[5,"i","FormatViolation"]')
    empty = reader.read(b'[6,"i","NotifyPeriodicEventStream",null]')

    assert isinstance(sent, Send)
    assert isinstance(error, CallResultError)
    assert isinstance(short, CallResultError)
    assert isinstance(empty, Send)


def test_duplicate_members_and_giant_numbers_reach_the_codec_unread() -> None:
    payload = b'{"a":1,"a":2,"b":' + b"9" * 5_000 + b',"c":1e999999}'

    read = READERS[V16].read(b'[2,"i","Heartbeat",' + payload + b"]")

    assert isinstance(read, Call)
    assert bytes(read.payload) == payload


def test_the_callerror_does_not_carry_the_peers_broken_text() -> None:
    session = csms(V201)

    session.receive(b'[2,"i","Heartbeat",{"secret" "}]', 0.0)

    assert b"secret" not in session.take()[0]
