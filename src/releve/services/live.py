"""The live state of a connected station: what the hot messages decide on without reading the database.

One process owns a connected station. Its state is loaded when it connects (`load`), changed only by the handlers of its
own messages and commands, one at a time, and thrown away with the connection: when a commit fails, the socket is closed
and the state goes with it, so memory never knows more than the disk for longer than that.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from releve.domain.ids import OperationId, TransactionId
from releve.domain.limits import Limit
from releve.domain.quirks import NONE, Quirks
from releve.domain.station import ConnectorStatus, Evse, Station
from releve.domain.transaction import EventKind, Transaction, TransactionFact, TransactionState

if TYPE_CHECKING:
    from releve.domain.monitoring import Stream
    from releve.services.bill import Bill
    from releve.services.guesses import Guesses
    from releve.services.ports import Work

Afterwards = Callable[[], Coroutine[Any, Any, None]]
RECENT_EVENTS = 64
KEPT_TRANSACTIONS = 64
LARGEST_GAP = 1000


class LiveTransaction:
    """A transaction of the station, with the last sequence numbers seen and the digests of their content."""

    __slots__ = (
        "bill",
        "highest",
        "lowest",
        "missing",
        "recent",
        "row",
        "saw_end",
        "saw_start",
        "token_seq",
    )

    def __init__(self, row: Transaction) -> None:
        self.row = row
        self.bill: Bill | None = None
        """What it costs so far; None: not looked at yet."""
        self.lowest: int | None = None
        self.highest: int | None = None
        """Lowest and highest sequence number seen."""
        self.missing: set[int] | None = None
        """Numbers between `lowest` and `highest` that have not come; None: none is missing."""
        self.recent: OrderedDict[int, str] | None = None
        """seq_no -> digest of the last events, to know a replay from a contradiction."""
        self.saw_start = False
        self.saw_end = False
        self.token_seq: int | None = None
        """Number of the event that named the token: an earlier event's token is the one that began."""

    @property
    def active(self) -> bool:
        return self.row.state is TransactionState.ACTIVE

    def recall(self, facts: Iterable[TransactionFact]) -> None:
        """Take in what the store knows of its events."""
        for fact in facts:
            self.saw_start |= fact.kind is EventKind.STARTED
            self.saw_end |= fact.kind is EventKind.ENDED
            if fact.seq_no is not None:
                self.note(fact.seq_no, fact.digest)

    def follows(self, seq_no: int) -> bool:
        """Whether an event of this number is newer than all that came: the usual case, and never a replay."""
        return self.highest is not None and seq_no > self.highest

    def note(self, seq_no: int, digest: str) -> None:
        """Remember that event `seq_no` came."""
        if self.recent is None:
            self.recent = OrderedDict()
        self.recent[seq_no] = digest
        if len(self.recent) > RECENT_EVENTS:
            self.recent.popitem(last=False)
        if self.lowest is None or self.highest is None:
            self.lowest = self.highest = seq_no
        elif seq_no > self.highest:
            self._gap(self.highest + 1, seq_no)
            self.highest = seq_no
        elif seq_no < self.lowest:
            self._gap(seq_no + 1, self.lowest)
            self.lowest = seq_no
        elif self.missing is not None:
            self.missing.discard(seq_no)
            if not self.missing:
                self.missing = None

    def _gap(self, first: int, end: int) -> None:
        if (
            first < end
        ):  # a lying station may leap by billions: the gap is what matters, not each of its numbers
            self.missing = (self.missing or set()) | set(
                range(first, min(end, first + LARGEST_GAP))
            )

    @property
    def complete(self) -> bool:
        """Start and end seen and nothing missing between."""
        return self.saw_start and self.saw_end and self.missing is None


class LiveStation:
    """Mutable on purpose: owned by one connection, touched by one handler at a time."""

    __slots__ = (
        "__weakref__",
        "epoch",
        "evses",
        "flagged",
        "guesses",
        "leaving",
        "quirks",
        "remote_starts",
        "renewing",
        "station",
        "streams",
        "transactions",
        "triggered",
    )

    def __init__(self, station: Station, epoch: int = 0) -> None:
        self.station = station
        self.epoch = epoch
        self.quirks: Quirks = NONE
        """What its family gets wrong, as far as it is known; new with each boot."""
        self.leaving: OperationId | None = None
        """The migration that its next disconnection completes (B10)."""
        self.evses: dict[tuple[int, int], Evse] = {}
        self.transactions: OrderedDict[str, LiveTransaction] = OrderedDict()
        """By reference, oldest first: active and presumed-ended ones and the latest ended."""
        self.triggered: set[str] | None = None
        """Actions asked for while Pending: allowed although the boot is not accepted (B02.FR.09)."""
        self.remote_starts: list[PendingStart] | None = None
        self.streams: dict[int, Stream] | None = None
        """Open periodic event streams by their id (2.1); None: not read yet."""
        self.renewing: Callable[[], None] | None = None
        """It came in with an expired certificate, and may only get a new one: begins that (A00.FR.429, A00.FR.807)."""
        self.guesses: Guesses | None = None
        """Unknown tokens shown here lately; None: none."""
        self.flagged: set[tuple[str, int | None]] | None = None
        """Anomalies already raised here, by kind and transaction: a bad clock is one anomaly, not one a message."""

    def remember(self, transaction: Transaction) -> LiveTransaction:
        """Take a row into the live state, or replace it there; forget the oldest ended ones beyond the bound."""
        known = self.transactions.get(transaction.reference)
        if known is not None:
            known.row = transaction
            return known
        live = self.transactions[transaction.reference] = LiveTransaction(transaction)
        if len(self.transactions) > KEPT_TRANSACTIONS:
            for reference, old in list(self.transactions.items()):
                if old.row.state is TransactionState.ENDED and old is not live:
                    del self.transactions[reference]
                    break
        return live

    def active_on(self, evse: int, *, but: TransactionId | None = None) -> LiveTransaction | None:
        """The active transaction of an EVSE, other than `but`; the latest if a lying station made several."""
        found = None
        for live in self.transactions.values():
            if live.row.evse == evse and live.active and live.row.id != but:
                found = live
        return found

    def evse(self, evse: int, connector: int = 1) -> Evse:
        """What is known of a connector; UNKNOWN when it never reported."""
        return self.evses.get((evse, connector)) or Evse(
            evse=evse, connector=connector, status=ConnectorStatus.UNKNOWN
        )


class PendingStart:
    """A remote start that the station took on, waiting for its transaction (1.6 has no id to correlate by)."""

    __slots__ = ("evse", "expires_at", "limit", "remote_start_id", "token")

    def __init__(
        self,
        remote_start_id: int,
        token: str,
        evse: int | None,
        expires_at: datetime,
        limit: Limit | None = None,
    ) -> None:
        self.remote_start_id = remote_start_id
        self.token = token.casefold()
        self.evse = evse
        self.expires_at = expires_at
        self.limit = limit
        """What the transaction that answers it is limited to (F07)."""


async def load(work: Work, station: Station, epoch: int) -> LiveStation:
    """Read a station's live state from the store."""
    live = LiveStation(station, epoch)
    for evse in await work.stations.evses(station.id):
        live.evses[(evse.evse, evse.connector)] = evse
    for row in await work.transactions.live(station.id):
        live.remember(row).recall(await work.transactions.facts(row.id))
    return live


async def find_transaction(work: Work, live: LiveStation, reference: str) -> LiveTransaction | None:
    """The station's transaction of that name, from memory or from the store, with what its facts say of it."""
    known = live.transactions.get(reference)
    if known is None and (row := await work.transactions.find(live.station.id, reference)):
        known = live.remember(row)
        known.recall(await work.transactions.facts(row.id))  # else its start would be forgotten
    return known


class Inbound:
    """One message from a station, on its way through a handler."""

    __slots__ = ("action", "afterwards", "at", "live", "message_id", "raw")

    def __init__(
        self, live: LiveStation, at: datetime, action: str, message_id: str, raw: bytes
    ) -> None:
        self.live = live
        self.at = at
        """When it was received, by the system's clock."""
        self.action = action
        self.message_id = message_id
        self.raw = raw
        """The payload as it came, JSON."""
        self.afterwards: list[Afterwards] | None = None

    def later(self, work: Afterwards) -> None:
        """Have something done once the answer to this message has been sent, beside the messages that follow."""
        self.afterwards = [*(self.afterwards or ()), work]

    @property
    def station(self) -> Station:
        return self.live.station
