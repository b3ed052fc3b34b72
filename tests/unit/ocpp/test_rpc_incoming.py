"""The peer's calls: one at a time, in order, bounded, and each answered in its spelling."""

import pytest

from releve.ocpp.errors import ErrorCode
from releve.ocpp.rpc import (
    CallQueued,
    CallReceived,
    Dropped,
    DropReason,
    Limits,
    MessageIds,
    NotInProgress,
    Overrun,
    Role,
    SendReceived,
    Session,
)
from releve.ocpp.version import Version
from tests.support.rpc import csms, frame, heartbeat, written

V16, V201, V21 = Version.V16, Version.V201, Version.V21


# The peer's calls


def test_a_call_is_handed_out_and_its_answer_written() -> None:
    session = csms()

    event = session.receive(frame(2, "7", "Heartbeat", {}), 0.0)

    assert isinstance(event, CallReceived)
    assert (event.id, event.action, bytes(event.payload)) == ("7", "Heartbeat", b"{}")
    assert session.current is event
    assert session.answer("7", b'{"currentTime":"2026-01-01T00:00:00Z"}') is None
    assert session.take() == [b'[3,"7",{"currentTime":"2026-01-01T00:00:00Z"}]']
    assert session.take() == []


def test_calls_are_handed_out_one_at_a_time_in_their_order() -> None:
    session = csms()
    session.receive(heartbeat("1"), 0.0)

    assert session.receive(heartbeat("2"), 0.0) == CallQueued("2", "Heartbeat")
    assert session.receive(heartbeat("3"), 0.0) == CallQueued("3", "Heartbeat")
    second = session.answer("1", b"{}")
    assert second is not None
    third = session.refuse("2", ErrorCode.SECURITY_ERROR, "not yet")
    assert third is not None
    last = session.answer("3", b"{}")

    assert (second.id, third.id, last) == ("2", "3", None)
    assert written(session) == [
        [3, "1", {}],
        [4, "2", "SecurityError", "not yet", {}],
        [3, "3", {}],
    ]


@pytest.mark.parametrize(
    ("version", "code", "spelling"),
    [
        (V16, ErrorCode.FORMAT_VIOLATION, "FormationViolation"),
        (V201, ErrorCode.FORMAT_VIOLATION, "FormatViolation"),
        (V16, ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, "OccurenceConstraintViolation"),
        (V21, ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, "OccurrenceConstraintViolation"),
    ],
)
def test_a_refusal_is_spelled_as_the_version_spells_it(
    version: Version, code: ErrorCode, spelling: str
) -> None:
    session = csms(version)
    session.receive(heartbeat("1"), 0.0)

    session.refuse("1", code, "é" * 300, b'{"at":"x"}')

    assert written(session) == [[4, "1", spelling, "é" * 255, {"at": "x"}]]


def test_only_the_call_in_progress_can_be_answered() -> None:
    session = csms()
    with pytest.raises(NotInProgress):
        session.answer("1", b"{}")
    session.receive(heartbeat("1"), 0.0)
    session.receive(heartbeat("2"), 0.0)
    with pytest.raises(NotInProgress):
        session.answer("2", b"{}")
    with pytest.raises(NotInProgress):
        session.refuse("2", ErrorCode.INTERNAL_ERROR)
    session.answer("1", b"{}")
    with pytest.raises(NotInProgress):
        session.answer("1", b"{}")


def test_an_id_that_needs_escaping_comes_back_unharmed() -> None:
    session = csms()
    odd = 'a"\\\n\u00e9\U0001f50c'

    session.receive(heartbeat(odd), 0.0)
    session.answer(odd, b"{}")

    assert written(session) == [[3, odd, {}]]


def test_calls_beyond_the_queue_overrun_it_without_an_answer() -> None:
    session = csms(limits=Limits(queued_calls=2))
    session.receive(heartbeat("1"), 0.0)
    session.receive(heartbeat("2"), 0.0)
    assert not session.is_congested
    session.receive(heartbeat("3"), 0.0)
    assert session.is_congested

    assert session.receive(heartbeat("4"), 0.0) == Overrun("4", "Heartbeat")

    assert session.take() == []
    assert session.counters.overrun == 1
    session.answer("1", b"{}")
    assert isinstance(session.receive(heartbeat("4"), 0.0), CallQueued)


def test_the_queue_is_bounded_in_bytes_too() -> None:
    session = csms(limits=Limits(queued_bytes=1_000))
    big = frame(2, "2", "DataTransfer", {"vendorId": "v", "data": "x" * 800})
    session.receive(heartbeat("1"), 0.0)

    assert isinstance(session.receive(big, 0.0), CallQueued)
    assert session.is_congested
    assert isinstance(session.receive(big.replace(b'"2"', b'"3"'), 0.0), Overrun)
    session.answer("1", b"{}")
    assert not session.is_congested
    assert isinstance(session.receive(big.replace(b'"2"', b'"3"'), 0.0), CallQueued)


# SEND


def test_a_send_is_handed_out_and_never_answered() -> None:
    session = csms(V21)
    session.receive(heartbeat("1"), 0.0)

    event = session.receive(frame(6, "s", "NotifyPeriodicEventStream", {"id": 1}), 0.0)

    assert isinstance(event, SendReceived)
    assert (event.id, event.action) == ("s", "NotifyPeriodicEventStream")
    assert session.take() == []


@pytest.mark.parametrize("action", ["Heartbeat", "Reset", "MakeCoffee"])
def test_a_send_of_no_such_action_is_dropped_without_an_answer(action: str) -> None:
    session = csms(V21)

    event = session.receive(frame(6, "s", action, {}), 0.0)

    assert event == Dropped(DropReason.NOT_A_SEND, "s")
    assert session.take() == []


def test_a_send_goes_out_while_a_call_is_open() -> None:
    station = Session(V21, Role.STATION, MessageIds("st"))
    station.call("Heartbeat", b"{}", 0.0, 30.0)
    station.take()

    send_id = station.send("NotifyPeriodicEventStream", b'{"id":1}')

    assert written(station) == [[6, send_id, "NotifyPeriodicEventStream", {"id": 1}]]


@pytest.mark.parametrize("version", [V16, V201])
def test_older_versions_have_no_send(version: Version) -> None:
    with pytest.raises(ValueError, match="has no SEND"):
        Session(version, Role.STATION, MessageIds("st")).send("NotifyPeriodicEventStream", b"{}")
