"""Transaction messages that wait for their turn: kept in order, repeated, and in the end given up.

1.6 section 3.7.1 (TransactionMessageAttempts, TransactionMessageRetryInterval), 2.x use case E13
(MessageAttempts and MessageAttemptInterval of TransactionEvent). No clock: `now` is an argument, in seconds.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from releve.ocpp.messages.base import Request, Response
from releve.simulator.transaction import Transaction


@dataclass(slots=True)
class Entry:
    """A message to deliver. `build` makes it when it is sent: only then is all of it known.

    In 1.6 that is the transactionId, in 2.x whether it is sent after an offline period (E04.FR.03).
    """

    action: str
    transaction: Transaction | None
    build: Callable[[bool], Request[Response]]
    on_answer: Callable[[Response], None]
    begins: bool = False
    """The first message of its transaction."""
    message_id: str | None = None
    """The id to use again, where the station repeats a message under the same one."""
    answer_lost: bool = False
    offline: bool = False
    transmissions: int = 0
    not_before: float = field(default=0.0)
    may_be_thinned: bool = False
    """An intermediate sample: the first to go when memory is short (E04.FR.07)."""
    on_discard: Callable[[], None] | None = None


class Outbox:
    """The queue of one station. At most one entry is under way: the first."""

    def __init__(self, capacity: int = 5_000) -> None:
        self._entries: deque[Entry] = deque()
        self._capacity = capacity
        self.discarded = 0
        self.thinned = 0

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, entry: Entry) -> None:
        self._entries.append(entry)
        if len(self._entries) > self._capacity:
            self._thin()

    def holds(self, key: str) -> bool:
        """Whether messages of the transaction `key` are still waiting."""
        waiting = (entry.transaction for entry in self._entries)
        return any(each is not None and each.key == key for each in waiting)

    def head(self, now: float) -> Entry | None:
        """The entry to send now, if there is one and its waiting time is over."""
        if not self._entries or self._entries[0].not_before > now:
            return None
        return self._entries[0]

    def delivered(self) -> None:
        """The first entry was answered."""
        self._entries.popleft()

    def failed(self, now: float, attempts: int, interval_s: float) -> bool:
        """The CSMS did not process the first entry. Tells whether it was given up.

        Before every retransmission the station waits the interval times the number of transmissions so far
        (E13.FR.03); after `attempts` of them the message is disposed of and the next one has its turn.
        """
        entry = self._entries[0]
        entry.transmissions += 1
        if entry.transmissions >= max(1, attempts):
            self._entries.popleft()
            self.discarded += 1
            if entry.on_discard is not None:
                entry.on_discard()
            return True
        entry.not_before = now + interval_s * entry.transmissions
        return False

    def went_offline(self) -> None:
        """The line is down: what has not been delivered will be sent as offline (E12.FR.02)."""
        for entry in self._entries:
            entry.offline = True

    def came_back(self) -> None:
        """A new connection: what waited for a failed delivery may be tried at once."""
        for entry in self._entries:
            entry.not_before = 0.0

    def clear(self) -> None:
        self._entries.clear()

    def _thin(self) -> None:
        """Drop every second intermediate message, the first of them first (E04.FR.08)."""
        kept: deque[Entry] = deque()
        drop = True
        for index, entry in enumerate(self._entries):
            if entry.may_be_thinned and index > 0:
                drop = not drop
                if not drop:
                    self.thinned += 1
                    continue
            kept.append(entry)
        self._entries = kept
