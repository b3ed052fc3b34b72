"""Calls that the peer makes: handled one at a time, in the order in which they came.

Stations pipeline: several CALLs may arrive behind a BootNotification before its answer. They are
kept, within bounds, and handed out one by one, so that a station's messages are never handled out
of order.
"""

from __future__ import annotations

from collections import deque

from releve.ocpp.rpc.frames import Call


class IncomingCalls:
    """The CALL in progress, and those that wait for it, each with its frame."""

    __slots__ = ("_frame", "_max_bytes", "_max_count", "_queue", "_queued_bytes", "current")

    def __init__(self, max_count: int, max_bytes: int) -> None:
        self.current: Call | None = None
        self._frame = b""
        self._queue: deque[tuple[Call, bytes]] | None = None  # made when a CALL first has to wait
        self._queued_bytes = 0
        self._max_count = max_count
        self._max_bytes = max_bytes

    def __len__(self) -> int:
        return (self.current is not None) + (len(self._queue) if self._queue else 0)

    @property
    def frame(self) -> bytes:
        """The frame of the CALL in progress."""
        return self._frame

    @property
    def is_congested(self) -> bool:
        """Whether the queue is more than half full."""
        if not self._queue:
            return False
        return 2 * len(self._queue) > self._max_count or 2 * self._queued_bytes > self._max_bytes

    def begin(self, call: Call, frame: bytes) -> None:
        """Put a CALL in progress. There must be none."""
        self.current = call
        self._frame = frame

    def holds(self, frame: bytes) -> bool:
        """Whether this very frame is in progress or waiting."""
        if self.current is not None and frame == self._frame:
            return True
        return self._queue is not None and any(frame == waiting for _, waiting in self._queue)

    def wait(self, call: Call, frame: bytes) -> bool:
        """Let a CALL wait. False if the queue is full: it was not kept."""
        if self._queue is None:
            self._queue = deque()
        if len(self._queue) >= self._max_count or self._queued_bytes + len(frame) > self._max_bytes:
            return False
        self._queue.append((call, frame))
        self._queued_bytes += len(frame)
        return True

    def next(self) -> Call | None:
        """The CALL in progress has its answer: put the next one in progress and return it."""
        if not self._queue:
            self.current = None
            self._frame = b""
            self._queue = None
            return None
        self.current, self._frame = self._queue.popleft()
        self._queued_bytes -= len(self._frame)
        return self.current

    def forget_waiting(self) -> None:
        """The connection is closed: only the CALL in progress may still find its answer."""
        self._queue = None
        self._queued_bytes = 0
