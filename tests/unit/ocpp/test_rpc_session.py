"""Calls in both directions: order, crossing, time-outs, bounds, and what belongs to no call."""

import json
from typing import Any

import msgspec
import pytest

from releve.ocpp.errors import ErrorCode
from releve.ocpp.rpc import (
    AnswerMalformed,
    CallAborted,
    CallAnswered,
    CallQueued,
    CallQueueFull,
    CallReceived,
    CallRefused,
    CallTimedOut,
    Dropped,
    DropReason,
    FrameMalformed,
    LateResult,
    Limits,
    MessageIds,
    NotInProgress,
    Overrun,
    PeerComplained,
    ResultRejected,
    Role,
    SendReceived,
    Session,
    SessionClosed,
)
from releve.ocpp.version import Version

V16, V201, V21 = Version.V16, Version.V201, Version.V21
SOFT = b'{"type":"Soft"}'


def csms(version: Version = V16, limits: Limits | None = None) -> Session:
    return Session(version, Role.CSMS, MessageIds("test"), limits=limits or Limits())


def written(session: Session) -> list[Any]:
    return [json.loads(frame) for frame in session.take()]


def frame(*members: object) -> bytes:
    return msgspec.json.encode(members)


def heartbeat(call_id: str) -> bytes:
    return frame(2, call_id, "Heartbeat", {})


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


# Our calls


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

    for members in ((3, call_id, {}), (3, "other", {}), (4, "other", "GenericError", "", {})):
        event = session.receive(frame(*members), 2.0)
        assert event == Dropped(DropReason.UNSOLICITED, str(members[1]))

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


# Answers that cannot be used


@pytest.mark.parametrize(
    ("version", "rejected"), [(V16, False), (V201, False), (V21, True)], ids=str
)
def test_a_truncated_result_ends_its_call_as_malformed(version: Version, rejected: bool) -> None:
    session = csms(version)
    call_id = session.call("Reset", SOFT, 0.0, 30.0, token="t")
    following = session.call("ClearCache", b"{}", 0.0, 30.0)
    session.take()

    event = session.receive(b'[3,"%b",{"configurationKey":[]' % call_id.encode(), 1.0)

    assert isinstance(event, AnswerMalformed)
    assert (event.token, event.action) == ("t", "Reset")
    replies = written(session)
    if rejected:
        assert replies.pop(0)[:3] == [5, call_id, "FormatViolation"]
    assert [reply[:2] for reply in replies] == [[2, following]]
    assert session.counters.malformed == 1


def test_a_result_with_an_array_ends_its_call_as_malformed() -> None:
    session = csms()
    call_id = session.call("Reset", SOFT, 0.0, 30.0)

    assert isinstance(session.receive(frame(3, call_id, []), 1.0), AnswerMalformed)


def test_an_error_without_a_code_ends_its_call_as_malformed_and_is_not_answered() -> None:
    session = csms(V21)
    call_id = session.call("Reset", SOFT, 0.0, 30.0)
    session.take()

    assert isinstance(session.receive(frame(4, call_id), 1.0), AnswerMalformed)
    assert session.take() == []


def test_a_truncated_result_of_no_call_of_ours_is_only_malformed() -> None:
    session = csms()
    session.call("Reset", SOFT, 0.0, 30.0)

    event = session.receive(b'[3,"other",{', 1.0)

    assert isinstance(event, FrameMalformed)
    assert session.unfinished == 1


@pytest.mark.parametrize("version", Version)
def test_a_result_that_the_codec_cannot_read_is_rejected_where_words_exist(
    version: Version,
) -> None:
    session = csms(version)

    told = session.reject_result("i", ErrorCode.TYPE_CONSTRAINT_VIOLATION, "status is a number")

    assert told == (version is V21)
    expected = [[5, "i", "TypeConstraintViolation", "status is a number", {}]]
    assert written(session) == (expected if told else [])
    assert session.counters.results_unusable == 1


def test_the_peer_may_reject_our_result() -> None:
    session = csms(V21)

    event = session.receive(frame(5, "i", "FormatViolation", "no", {"a": 1}), 0.0)

    assert isinstance(event, ResultRejected)
    assert (event.id, event.code, event.description) == ("i", ErrorCode.FORMAT_VIOLATION, "no")
    assert session.counters.results_rejected == 1
    assert session.take() == []


@pytest.mark.parametrize("version", Version)
def test_the_peer_may_complain_of_a_frame_without_an_id(version: Version) -> None:
    session = csms(version)
    session.call("Reset", SOFT, 0.0, 30.0)
    session.take()

    event = session.receive(frame(4, "-1", "RpcFrameworkError", "what?", {}), 0.0)

    assert isinstance(event, PeerComplained)
    assert event.code is ErrorCode.RPC_FRAMEWORK_ERROR
    assert session.counters.peer_complaints == 1
    assert session.unfinished == 1
    assert session.take() == []


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


# The end


def test_closing_ends_every_call_and_says_what_was_written() -> None:
    session = csms()
    first = session.call("Reset", SOFT, 0.0, 30.0, token="a")
    second = session.call("ClearCache", b"{}", 0.0, 30.0, token="b")

    ended = session.close()

    assert ended == [
        CallAborted("a", first, "Reset", written=True),
        CallAborted("b", second, "ClearCache", written=False),
    ]
    assert session.close() == []
    assert session.is_closed
    assert session.next_deadline() is None
    assert session.tick(1e9) is None


def test_a_closed_session_takes_and_gives_nothing() -> None:
    session = csms(V21)
    session.receive(heartbeat("1"), 0.0)
    session.receive(heartbeat("2"), 0.0)
    session.call("Reset", SOFT, 0.0, 30.0)
    session.close()

    assert session.receive(heartbeat("3"), 0.0) == Dropped(DropReason.CLOSED)
    assert session.answer("1", b"{}") is None  # what waited went with the connection
    assert not session.reject_result("i", ErrorCode.FORMAT_VIOLATION)
    assert session.take() == []
    with pytest.raises(SessionClosed):
        session.call("Reset", SOFT, 0.0, 30.0)
    with pytest.raises(SessionClosed):
        session.send("NotifyPeriodicEventStream", b"{}")


def test_a_refusal_after_the_close_writes_nothing() -> None:
    session = csms()
    session.receive(heartbeat("1"), 0.0)
    session.close()

    assert session.refuse("1", ErrorCode.INTERNAL_ERROR) is None
    assert session.take() == []


# Ids and memory


def test_ids_differ_and_fit() -> None:
    ids = MessageIds("0123456789abcdef0123")
    made = [ids() for _ in range(1_000)]

    assert len(set(made)) == 1_000
    assert max(map(len, made)) <= 36


@pytest.mark.parametrize("prefix", ["", "x" * 21])
def test_an_id_prefix_leaves_room(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        MessageIds(prefix)
