"""A station and a CSMS over a channel that loses, repeats, reorders and cuts frames, and reconnects.

Whatever the channel does: no answer is ever taken for that of another call, each side has at most
one open CALL, every call ends exactly once, and a transaction message has one effect.
"""

import json
from collections import Counter, deque
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from releve.ocpp.errors import ErrorCode
from releve.ocpp.rpc import (
    AnsweredCalls,
    AnswerMalformed,
    CallAborted,
    CallAnswered,
    CallQueued,
    CallQueueFull,
    CallReceived,
    CallRefused,
    CallTimedOut,
    Counters,
    Limits,
    MessageIds,
    Overrun,
    Retransmitted,
    Role,
    Session,
)
from releve.ocpp.rpc.retransmission import HANDLED_ONCE
from releve.ocpp.version import Version

TIMEOUT_S = 30.0
REMEMBERED = 4
LIMITS = Limits(waiting_calls=3, queued_calls=2)
CHANNEL = 12

ACTIONS: dict[Role, dict[Version, list[str]]] = {
    Role.STATION: {
        Version.V16: ["StartTransaction", "MeterValues", "Heartbeat", "Authorize"],
        Version.V201: ["TransactionEvent", "Heartbeat", "Authorize"],
        Version.V21: ["TransactionEvent", "Heartbeat", "Authorize"],
    },
    Role.CSMS: {
        Version.V16: ["RemoteStartTransaction", "ClearCache"],
        Version.V201: ["RequestStartTransaction", "ClearCache"],
        Version.V21: ["RequestStartTransaction", "ClearCache"],
    },
}


class Side:
    """One end: its session, the frames on their way to it, and what the test knows of its calls."""

    def __init__(self, version: Version, role: Role) -> None:
        self.version, self.role = version, role
        self.ids = MessageIds(role.value)
        self.answered = AnsweredCalls(max_count=REMEMBERED)
        self.counters = Counters()
        self.arriving: list[bytes] = []
        self.seen: deque[bytes] = deque(maxlen=CHANNEL)
        self.open_calls: set[int] = set()
        self.ended: Counter[int] = Counter()
        self.made = 0
        self.current: tuple[CallReceived, bytes] | None = None
        self.waiting: deque[bytes] = deque()
        self.answered_frames: dict[str, bytes] = {}
        self.connect()

    def connect(self) -> None:
        self.written_calls = 0
        self.ended_calls = 0
        self.session = Session(
            self.version,
            self.role,
            self.ids,
            limits=LIMITS,
            answered=self.answered,
            counters=self.counters,
        )

    def end(self, token: object) -> None:
        assert isinstance(token, int)
        assert token in self.open_calls, "a call ended that was not open"
        self.open_calls.remove(token)
        self.ended[token] += 1
        self.ended_calls += 1

    def begin(self, call: CallReceived, frame: bytes) -> None:
        if call.action in HANDLED_ONCE:
            assert self.answered_frames.get(call.id) != frame, "a second effect"
        assert json.loads(frame)[1:3] == [call.id, call.action]
        self.current = (call, frame)

    def finish(self, call: CallReceived, frame: bytes) -> CallReceived | None:
        following = self.session.answer(call.id, bytes(call.payload))
        if call.action in HANDLED_ONCE:
            self.answered_frames.pop(call.id, None)
            self.answered_frames[call.id] = frame
            if len(self.answered_frames) > REMEMBERED:
                del self.answered_frames[next(iter(self.answered_frames))]
        self.current = None
        return following


class Conversation(RuleBasedStateMachine):
    """The state machine; `now` is the only clock."""

    @initialize(version=st.sampled_from(list(Version)))
    def connect(self, version: Version) -> None:
        self.now = 0.0
        self.sides = {role: Side(version, role) for role in Role}

    def other(self, side: Side) -> Side:
        return self.sides[Role.CSMS if side.role is Role.STATION else Role.STATION]

    def flush(self, side: Side) -> None:
        for frame in side.session.take():
            members = json.loads(frame)
            if members[0] == 2:
                side.written_calls += 1
            target = self.other(side)
            target.seen.append(frame)
            if len(target.arriving) < CHANNEL:
                target.arriving.append(frame)

    @rule(role=st.sampled_from(list(Role)), data=st.data())
    def make_a_call(self, role: Role, data: st.DataObject) -> None:
        side = self.sides[role]
        action = data.draw(st.sampled_from(ACTIONS[role][side.version]))
        token = side.made
        payload = json.dumps({"marker": f"{role}-{token}"}).encode()
        before = side.session.unfinished
        try:
            side.session.call(action, payload, self.now, TIMEOUT_S, token)
        except CallQueueFull:
            assert before == 1 + LIMITS.waiting_calls
            return
        side.made += 1
        side.open_calls.add(token)
        self.flush(side)

    @rule(role=st.sampled_from(list(Role)), data=st.data(), keep=st.booleans())
    def deliver(self, role: Role, data: st.DataObject, keep: bool) -> None:
        side = self.sides[role]
        if not side.arriving:
            return
        place = data.draw(st.integers(0, len(side.arriving) - 1))
        frame = side.arriving[place] if keep else side.arriving.pop(place)
        self.receive(side, frame)

    @rule(role=st.sampled_from(list(Role)), data=st.data())
    def lose(self, role: Role, data: st.DataObject) -> None:
        arriving = self.sides[role].arriving
        if arriving:
            arriving.pop(data.draw(st.integers(0, len(arriving) - 1)))

    @rule(role=st.sampled_from(list(Role)), data=st.data())
    def cut(self, role: Role, data: st.DataObject) -> None:
        side = self.sides[role]
        if side.arriving:
            frame = side.arriving.pop(0)
            self.receive(side, frame[: data.draw(st.integers(0, len(frame) - 1))])

    @rule(role=st.sampled_from(list(Role)), data=st.data())
    def repeat_an_old_frame(self, role: Role, data: st.DataObject) -> None:
        """Also one of an earlier connection: a station that saw no answer sends it again."""
        side = self.sides[role]
        if side.seen:
            self.receive(side, data.draw(st.sampled_from(list(side.seen))))

    @rule(
        numbers=st.lists(st.integers(1, 3), min_size=1, max_size=5),
        content=st.integers(0, 2),
        data=st.data(),
    )
    def pipeline(self, numbers: list[int], content: int, data: st.DataObject) -> None:
        """A station whose ids restart at 1, and that does not wait for answers."""
        csms = self.sides[Role.CSMS]
        for number in numbers:
            action = data.draw(st.sampled_from(ACTIONS[Role.STATION][csms.version]))
            payload = {"marker": "pipelined", "content": content}
            self.receive(csms, json.dumps([2, str(number), action, payload]).encode())

    def receive(self, side: Side, frame: bytes) -> None:
        frame = bytes(bytearray(frame))  # from a socket, equal frames are never the same object
        event = side.session.receive(frame, self.now)
        match event:
            case CallReceived():
                assert side.current is None, "two calls in progress"
                side.begin(event, frame)
            case CallQueued():
                side.waiting.append(frame)
            case CallAnswered(token=token, payload=payload):
                side.end(token)
                assert json.loads(bytes(payload))["marker"] == f"{side.role}-{token}"
            case CallRefused(token=token, details=details):
                side.end(token)
                marker = json.loads(bytes(details)).get("marker", f"{side.role}-{token}")
                assert marker == f"{side.role}-{token}"
            case AnswerMalformed(token=token):
                side.end(token)
            case Overrun():
                assert len(side.waiting) == LIMITS.queued_calls
            case Retransmitted(id=call_id, answered=answered):
                in_progress = [side.current[1]] if side.current else []
                assert answered != (frame in [*in_progress, *side.waiting])
                assert not answered or side.answered_frames[call_id] == frame
            case _:
                pass
        self.flush(side)

    @rule(role=st.sampled_from(list(Role)), well=st.booleans())
    def finish_handling(self, role: Role, well: bool) -> None:
        side = self.sides[role]
        if side.current is None:
            return
        call, frame = side.current
        if well:
            following = side.finish(call, frame)
        else:
            following = side.session.refuse(
                call.id, ErrorCode.INTERNAL_ERROR, "no", bytes(call.payload)
            )
            side.current = None
        if following is not None:
            side.begin(following, side.waiting.popleft())
        else:
            assert not side.waiting
        self.flush(side)

    @rule(seconds=st.sampled_from([1.0, 10.0, 29.0, 31.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        for side in self.sides.values():
            event = side.session.tick(self.now)
            if isinstance(event, CallTimedOut):
                side.end(event.token)
            deadline = side.session.next_deadline()
            assert deadline is None or deadline > self.now
            self.flush(side)

    @rule()
    @precondition(lambda self: any(side.made for side in self.sides.values()))
    def reconnect(self) -> None:
        for side in self.sides.values():
            self.abort(side)
            side.arriving.clear()
            side.waiting.clear()
            if side.current is not None:
                # The handler had not finished: it does now, and writes to a socket that is gone.
                side.finish(*side.current)
            assert side.session.take() == []
            side.connect()

    def abort(self, side: Side) -> None:
        for event in side.session.close():
            assert isinstance(event, CallAborted)
            side.end(event.token)
        assert not side.open_calls

    @invariant()
    def one_open_call_and_every_end_once(self) -> None:
        for side in getattr(self, "sides", {}).values():
            on_the_wire = side.written_calls - side.ended_calls
            assert on_the_wire == min(1, len(side.open_calls)), "not one open call"
            assert side.session.unfinished == len(side.open_calls)
            assert all(count == 1 for count in side.ended.values())

    def teardown(self) -> None:
        for side in getattr(self, "sides", {}).values():
            self.abort(side)
            assert sum(side.ended.values()) == side.made


TestConversation = Conversation.TestCase
TestConversation.settings = settings(max_examples=200, stateful_step_count=80, deadline=None)


def test_a_lossless_channel_answers_every_call() -> None:
    """The same two sides without faults: the machine's invariants are not met by doing nothing."""
    version = Version.V201
    sides = {role: Side(version, role) for role in Role}
    station, csms = sides[Role.STATION].session, sides[Role.CSMS].session
    answered: list[Any] = []
    for number in range(50):
        station.call("TransactionEvent", b'{"n":%d}' % number, float(number), TIMEOUT_S, number)
        for frame in station.take():
            event = csms.receive(frame, 0.0)
            assert isinstance(event, CallReceived)
            csms.answer(event.id, bytes(event.payload))
        for frame in csms.take():
            result = station.receive(frame, float(number))
            assert isinstance(result, CallAnswered)
            answered.append((result.token, json.loads(bytes(result.payload))["n"]))

    assert answered == [(number, number) for number in range(50)]
