"""Calls that we make: one open at a time, the others waiting in a bounded queue.

2.0.1 and 2.1 part 4, section 4.1.1: a party SHALL NOT send a CALL before its last one was answered
or timed out (1.6: SHOULD NOT).
"""

from __future__ import annotations

from collections import deque
from typing import Final

import msgspec

LATE_REMEMBERED: Final = 4
"""How many timed-out calls are remembered, to tell a late answer from an unsolicited one."""


class CallQueueFull(Exception):
    """Too many calls wait for this station already; nothing was queued."""


class OutgoingCall(msgspec.Struct):
    """A call of ours.

    When it is written, `written_at` and `deadline` are set (seconds of the clock), and its frame
    is let go.
    """

    id: str
    action: str
    frame: bytes
    timeout_s: float
    token: object
    written_at: float = 0.0
    deadline: float = 0.0


class OutgoingCalls:
    """The open call, those that wait, and the last that timed out."""

    __slots__ = ("_late", "_max_waiting", "_waiting", "open")

    def __init__(self, max_waiting: int) -> None:
        self.open: OutgoingCall | None = None
        self._waiting: deque[OutgoingCall] | None = (
            None  # a deque takes 600 bytes: made when needed
        )
        self._late: dict[str, OutgoingCall] | None = None
        self._max_waiting = max_waiting

    def __len__(self) -> int:
        return (self.open is not None) + (len(self._waiting) if self._waiting else 0)

    def add(self, call: OutgoingCall, now: float) -> OutgoingCall | None:
        """Take a call. Returns it if it is to be written now; raises CallQueueFull."""
        if self.open is None:
            return self._begin(call, now)
        if self._waiting is None:
            self._waiting = deque()
        if len(self._waiting) >= self._max_waiting:
            raise CallQueueFull(f"{self._max_waiting} calls wait already")
        self._waiting.append(call)
        return None

    def end(self, now: float) -> OutgoingCall | None:
        """The open call ended. Returns the next one, to be written now."""
        self.open = None
        if self._waiting:
            return self._begin(self._waiting.popleft(), now)
        self._waiting = None
        return None

    def remember_late(self, call: OutgoingCall) -> None:
        """`call` timed out: an answer may still come."""
        if self._late is None:
            self._late = {}
        self._late[call.id] = call
        if len(self._late) > LATE_REMEMBERED:
            del self._late[next(iter(self._late))]

    def pop_late(self, call_id: str) -> OutgoingCall | None:
        """The timed-out call of this id, once."""
        return self._late.pop(call_id, None) if self._late else None

    def withdraw(self, call_id: str) -> OutgoingCall | None:
        """Take back a call that still waits; None if it was written already, or is not known."""
        for call in self._waiting or ():
            if call.id == call_id:
                assert self._waiting is not None
                self._waiting.remove(call)
                return call
        return None

    def abandon(self) -> list[OutgoingCall]:
        """End all calls, the open one first."""
        calls = [self.open] if self.open is not None else []
        calls.extend(self._waiting or ())
        self.open = self._waiting = self._late = None
        return calls

    def _begin(self, call: OutgoingCall, now: float) -> OutgoingCall:
        call.written_at = now
        call.deadline = now + call.timeout_s
        self.open = call
        return call
