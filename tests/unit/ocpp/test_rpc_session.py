"""Answers that cannot be used, the end of a session, and its ids."""

import pytest

from releve.ocpp.errors import ErrorCode
from releve.ocpp.rpc import (
    AnswerMalformed,
    CallAborted,
    Dropped,
    DropReason,
    FrameMalformed,
    MessageIds,
    PeerComplained,
    ResultRejected,
    SessionClosed,
)
from releve.ocpp.version import Version
from tests.support.rpc import SOFT, csms, frame, heartbeat, written

V16, V201, V21 = Version.V16, Version.V201, Version.V21


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
