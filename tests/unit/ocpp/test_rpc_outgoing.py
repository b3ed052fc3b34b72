"""Our calls: one open, bounded queue, time-outs, crossing, and what belongs to no call."""

import pytest

from releve.ocpp.errors import ErrorCode
from releve.ocpp.rpc import (
    CallAnswered,
    CallQueued,
    CallQueueFull,
    CallReceived,
    CallRefused,
    CallTimedOut,
    Dropped,
    DropReason,
    LateResult,
    Limits,
)
from releve.ocpp.version import Version
from tests.support.rpc import SOFT, csms, frame, heartbeat, written


def test_a_call_is_answered() -> None:
    session = csms()

    call_id = session.call("Reset", SOFT, 10.0, 30.0, token="mine")
    assert session.take() == [b'[2,"%b","Reset",{"type":"Soft"}]' % call_id.encode()]
    assert session.next_deadline() == 40.0
    event = session.receive(frame(3, call_id, {"status": "Accepted"}), 12.5)

    assert isinstance(event, CallAnswered)
    assert (event.token, event.id, event.action) == ("mine", call_id, "Reset")
    assert bytes(event.payload) == b'{"status":"Accepted"}'
    assert event.waited_s == 2.5
    assert session.next_deadline() is None


@pytest.mark.parametrize("spelling", ["FormationViolation", "FormatViolation"])
@pytest.mark.parametrize("version", Version)
def test_a_call_is_refused_in_either_spelling(version: Version, spelling: str) -> None:
    session = csms(version)
    call_id = session.call("Reset", SOFT, 0.0, 30.0, token=1)

    event = session.receive(frame(4, call_id, spelling, "why", {"a": 1}), 1.0)

    assert isinstance(event, CallRefused)
    assert (event.token, event.code) == (1, ErrorCode.FORMAT_VIOLATION)
    assert (event.spelling, event.description) == (spelling, "why")
    assert bytes(event.details) == b'{"a":1}'


def test_an_unknown_error_code_is_kept_as_it_was_spelled() -> None:
    session = csms()
    call_id = session.call("Reset", SOFT, 0.0, 30.0)

    event = session.receive(frame(4, call_id, "Kaputt", "", {}), 1.0)

    assert isinstance(event, CallRefused)
    assert (event.code, event.spelling) == (ErrorCode.GENERIC_ERROR, "Kaputt")


def test_one_call_is_open_and_the_others_wait() -> None:
    session = csms()

    first = session.call("Reset", SOFT, 0.0, 30.0)
    second = session.call("ClearCache", b"{}", 1.0, 30.0)
    assert [call[1] for call in written(session)] == [first]
    assert session.unfinished == 2
    session.receive(frame(3, first, {"status": "Accepted"}), 20.0)

    assert [call[1] for call in written(session)] == [second]
    assert session.next_deadline() == 50.0  # its time began when it was written


def test_calls_that_wait_are_written_in_their_order() -> None:
    session = csms()
    ids = [session.call("ClearCache", b"{}", 0.0, 30.0) for _ in range(4)]

    written_ids = []
    for _ in ids:
        [call] = written(session)
        written_ids.append(call[1])
        session.receive(frame(3, call[1], {"status": "Accepted"}), 1.0)

    assert written_ids == ids


def test_a_full_queue_is_an_error_at_once() -> None:
    session = csms(limits=Limits(waiting_calls=1))
    session.call("Reset", SOFT, 0.0, 30.0)
    session.call("Reset", SOFT, 0.0, 30.0)

    with pytest.raises(CallQueueFull):
        session.call("Reset", SOFT, 0.0, 30.0)

    assert session.unfinished == 2


def test_a_call_times_out_and_the_next_is_written() -> None:
    session = csms()
    first = session.call("Reset", SOFT, 0.0, 30.0, token="a")
    second = session.call("ClearCache", b"{}", 0.0, 5.0, token="b")
    session.take()

    assert session.tick(29.9) is None
    assert session.tick(30.0) == CallTimedOut("a", first, "Reset")

    assert [call[1] for call in written(session)] == [second]
    assert session.next_deadline() == 35.0
    assert session.tick(34.0) is None
    assert session.tick(36.0) == CallTimedOut("b", second, "ClearCache")
    assert session.tick(1e9) is None
    assert session.counters.timed_out == 2


def test_a_late_answer_is_told_and_changes_nothing() -> None:
    session = csms()
    first = session.call("Reset", SOFT, 0.0, 30.0, token="a")
    session.tick(30.0)
    second = session.call("Reset", SOFT, 31.0, 30.0, token="b")

    event = session.receive(frame(3, first, {"status": "Accepted"}), 32.0)

    assert isinstance(event, LateResult)
    assert (event.token, event.id, event.action) == ("a", first, "Reset")
    assert event.payload is not None
    assert session.counters.late == 1
    again = session.receive(frame(4, first, "GenericError", "", {}), 33.0)
    assert again == Dropped(DropReason.UNSOLICITED, first)
    assert isinstance(session.receive(frame(3, second, {}), 34.0), CallAnswered)


def test_a_late_refusal_has_no_payload() -> None:
    session = csms()
    call_id = session.call("Reset", SOFT, 0.0, 30.0)
    session.tick(30.0)

    event = session.receive(frame(4, call_id, "GenericError", "", {}), 31.0)

    assert isinstance(event, LateResult)
    assert event.payload is None


def test_only_a_few_timed_out_calls_are_remembered() -> None:
    session = csms()
    ids = []
    for number in range(10):
        ids.append(session.call("Reset", SOFT, float(number), 0.5))
        session.tick(number + 0.5)

    events = [session.receive(frame(3, call_id, {}), 20.0) for call_id in ids]

    assert [isinstance(event, LateResult) for event in events] == [False] * 6 + [True] * 4


def test_unsolicited_and_duplicate_results_are_dropped_and_counted() -> None:
    session = csms()
    call_id = session.call("Reset", SOFT, 0.0, 30.0)
    session.receive(frame(3, call_id, {"status": "Accepted"}), 1.0)
    session.take()

    strays = {
        frame(3, call_id, {}): call_id,
        frame(3, "other", {}): "other",
        frame(4, "other", "GenericError", "", {}): "other",
    }
    for stray, its_id in strays.items():
        event = session.receive(stray, 2.0)
        assert event == Dropped(DropReason.UNSOLICITED, its_id)

    assert session.counters.dropped == 3
    assert session.take() == []


def test_calls_cross() -> None:
    session = csms()
    session.receive(heartbeat("1"), 0.0)  # in progress, its handler now calls the station
    ours = session.call("TriggerMessage", b'{"requestedMessage":"Heartbeat"}', 0.0, 30.0)

    queued = session.receive(heartbeat("2"), 1.0)
    answered = session.receive(frame(3, ours, {"status": "Accepted"}), 1.0)

    assert isinstance(queued, CallQueued)
    assert isinstance(answered, CallAnswered)
    following = session.answer("1", b"{}")
    assert following is not None
    assert following.id == "2"


def test_a_call_of_the_peer_may_have_the_id_of_ours() -> None:
    session = csms()
    call_id = session.call("Reset", SOFT, 0.0, 30.0)

    assert isinstance(session.receive(heartbeat(call_id), 0.0), CallReceived)
    session.answer(call_id, b"{}")
    assert isinstance(session.receive(frame(3, call_id, {}), 1.0), CallAnswered)


def test_a_call_that_waits_may_be_withdrawn() -> None:
    session = csms()
    first = session.call("Reset", SOFT, 0.0, 30.0)
    second = session.call("Reset", SOFT, 0.0, 30.0)
    third = session.call("ClearCache", b"{}", 0.0, 30.0)
    session.take()

    assert session.withdraw(second)
    assert not session.withdraw(second)
    assert not session.withdraw(first)  # it was written: the station has it
    session.receive(frame(3, first, {}), 1.0)

    assert [call[1] for call in written(session)] == [third]
