"""A CALL sent again: one effect, one answer; and what only looks like it is handled."""

import tracemalloc
from typing import Any

import msgspec
import pytest

from releve.ocpp.errors import ErrorCode
from releve.ocpp.rpc import (
    AnsweredCalls,
    CallQueued,
    CallReceived,
    MessageIds,
    Retransmitted,
    Role,
    Session,
)
from releve.ocpp.version import Version
from tests.support.rpc import csms, written

START = {"connectorId": 1, "meterStart": 0, "timestamp": "2022-02-24T10:01:39Z", "idTag": "A"}


def call(call_id: str, action: str, payload: dict[str, Any]) -> bytes:
    return msgspec.json.encode((2, call_id, action, payload))


def handled(session: Session, frame: bytes, answer: bytes = b"{}") -> bool:
    """Whether the frame reached the handler, which then answers."""
    event = session.receive(frame, 0.0)
    if not isinstance(event, CallReceived):
        return False
    session.answer(event.id, answer)
    return True


@pytest.mark.parametrize(
    ("version", "action", "payload"),
    [
        (Version.V16, "StartTransaction", START),
        (Version.V16, "StopTransaction", {"transactionId": 1, "meterStop": 2}),
        (Version.V16, "MeterValues", {"connectorId": 1, "meterValue": []}),
        (Version.V16, "DataTransfer", {"vendorId": "v"}),
        (Version.V201, "TransactionEvent", {"seqNo": 0}),
        (Version.V21, "TransactionEvent", {"seqNo": 0}),
    ],
)
def test_a_retransmission_gets_the_stored_answer(
    version: Version, action: str, payload: dict[str, Any]
) -> None:
    session = csms(version=version)
    frame = call("531531536", action, payload)
    assert handled(session, frame, b'{"first":true}')
    [first] = session.take()

    event = session.receive(bytes(bytearray(frame)), 60.0)

    assert event == Retransmitted("531531536", action, answered=True)
    assert session.take() == [first]
    assert session.current is None
    assert session.counters.replayed == 1


def test_a_retransmission_over_the_next_connection_gets_the_stored_answer() -> None:
    old = csms()
    frame = call("9", "StartTransaction", START)
    assert handled(old, frame, b'{"transactionId":4}')
    old.close()

    new = csms(answered=old.answered)

    assert not handled(new, frame)
    assert written(new) == [[3, "9", {"transactionId": 4}]]


def test_an_answer_found_after_its_connection_closed_is_kept_for_the_next() -> None:
    old = csms()
    frame = call("9", "StartTransaction", START)
    old.receive(frame, 0.0)
    new = csms(answered=old.answered)
    old.close()
    old.answer("9", b'{"transactionId":4}')

    assert not handled(new, frame)
    assert written(new) == [[3, "9", {"transactionId": 4}]]
    assert old.take() == []


@pytest.mark.parametrize("action", ["StartTransaction", "Heartbeat"])
def test_a_repeat_of_the_call_in_progress_is_swallowed(action: str) -> None:
    session = csms()
    frame = call("1", action, START)
    session.receive(frame, 0.0)

    event = session.receive(bytes(bytearray(frame)), 1.0)

    assert event == Retransmitted("1", action, answered=False)
    assert session.counters.repeated == 1
    assert session.answer("1", b"{}") is None
    assert written(session) == [[3, "1", {}]]


def test_a_repeat_of_a_call_that_waits_is_swallowed() -> None:
    session = csms()
    session.receive(call("1", "Heartbeat", {}), 0.0)
    frame = call("2", "StartTransaction", START)
    assert isinstance(session.receive(frame, 0.0), CallQueued)

    event = session.receive(bytes(bytearray(frame)), 1.0)

    assert event == Retransmitted("2", "StartTransaction", answered=False)
    following = session.answer("1", b"{}")
    assert following is not None
    assert session.answer("2", b"{}") is None


def test_the_same_id_with_another_content_is_a_new_call() -> None:
    session = csms()
    assert handled(session, call("1", "StartTransaction", START), b'{"transactionId":1}')
    later = START | {"timestamp": "2022-02-25T08:00:00Z"}

    assert handled(session, call("1", "StartTransaction", later), b'{"transactionId":2}')

    assert [reply[2] for reply in written(session)] == [{"transactionId": 1}, {"transactionId": 2}]
    assert not handled(session, call("1", "StartTransaction", later))
    assert written(session) == [[3, "1", {"transactionId": 2}]]


def test_the_same_id_with_another_content_waits_for_the_one_in_progress() -> None:
    session = csms()
    session.receive(call("1", "Heartbeat", {}), 0.0)

    assert isinstance(session.receive(call("1", "StartTransaction", START), 0.0), CallQueued)
    following = session.answer("1", b"{}")

    assert following is not None
    assert following.action == "StartTransaction"


def test_the_same_content_with_another_id_is_a_new_call_here() -> None:
    session = csms()
    assert handled(session, call("1", "StartTransaction", START))
    assert handled(session, call("2", "StartTransaction", START))


@pytest.mark.parametrize("action", ["Heartbeat", "Authorize", "StatusNotification"])
def test_what_must_be_true_now_is_handled_again(action: str) -> None:
    session = csms()
    frame = call("1", action, {})

    assert handled(session, frame)
    assert handled(session, bytes(bytearray(frame)))


def test_a_boot_with_the_same_id_every_time_is_answered_anew() -> None:
    session = csms()
    boot = call("1000001", "BootNotification", {"chargePointVendor": "Metron"})

    assert handled(session, boot, b'{"currentTime":"2026-01-01T00:00:00Z"}')
    assert handled(session, boot, b'{"currentTime":"2026-01-01T00:00:10Z"}')

    times = [reply[2]["currentTime"] for reply in written(session)]
    assert times == ["2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z"]


def test_after_a_boot_the_same_id_and_content_may_be_a_new_fact() -> None:
    session = csms()
    frame = call("2", "DataTransfer", {"vendorId": "EN+", "messageId": "gatewayInfo"})
    assert handled(session, frame)
    assert not handled(session, frame)

    assert handled(session, call("1", "BootNotification", {}))

    assert handled(session, frame)


def test_a_refused_call_is_tried_again() -> None:
    session = csms()
    frame = call("1", "StartTransaction", START)
    session.receive(frame, 0.0)
    session.refuse("1", ErrorCode.INTERNAL_ERROR)

    assert handled(session, frame)


def test_a_station_does_not_start_twice_for_one_call() -> None:
    station = Session(Version.V16, Role.STATION, MessageIds("st"))
    frame = call("c", "RemoteStartTransaction", {"idTag": "A"})

    assert handled(station, frame, b'{"status":"Accepted"}')
    assert not handled(station, frame)
    assert len(station.take()) == 2


# The memory itself


def test_the_memory_is_bounded_in_number() -> None:
    memory = AnsweredCalls(max_count=3)
    for number in range(10):
        memory.remember(str(number), b"call %d" % number, b"answer %d" % number)

    assert len(memory) == 3
    assert memory.find("6", b"call 6") is None
    assert memory.find("7", b"call 7") == b"answer 7"
    assert memory.stored_bytes == 3 * len(b"answer 7")


def test_the_memory_is_bounded_in_bytes() -> None:
    memory = AnsweredCalls(max_bytes=100)
    memory.remember("1", b"a", b"x" * 60)
    memory.remember("2", b"b", b"y" * 60)
    assert memory.find("1", b"a") is None
    assert memory.find("2", b"b") == b"y" * 60

    memory.remember("2", b"b", b"z" * 101)

    assert len(memory) == 0
    assert memory.stored_bytes == 0


def test_an_id_used_again_replaces_its_answer() -> None:
    memory = AnsweredCalls()
    memory.remember("1", b"a", b"first")
    memory.remember("1", b"b", b"second")

    assert memory.find("1", b"a") is None
    assert memory.find("1", b"b") == b"second"
    assert memory.stored_bytes == len(b"second")


def test_an_idle_session_is_small() -> None:
    ids = MessageIds("test")
    csms()  # what is made once for all sessions is made now
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        sessions = [Session(Version.V21, Role.CSMS, ids) for _ in range(200)]
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (after - before) / len(sessions) < 1024
