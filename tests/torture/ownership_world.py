"""The world of the ownership simulation: stations, their lines, and the node's real links between them.

Real: Link, Roster, Calling, StationCalls, the RPC session, the codec, the timer wheel, arrival and farewell.
Simulated: time, the network, the store, the stations, and one handler.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from datetime import UTC, datetime
from itertools import count
from random import Random
from types import SimpleNamespace
from typing import Any, cast

from releve.domain.commands import Outcome, Result
from releve.domain.ids import DEFAULT_OPERATOR, StationId, TransactionId
from releve.domain.station import Station
from releve.domain.transaction import Transaction
from releve.gateway.calls import StationCalls
from releve.gateway.house import House
from releve.gateway.journal import Journal
from releve.gateway.link import Link
from releve.gateway.roster import Roster
from releve.gateway.wheel import Wheel
from releve.ocpp.messages import v16
from releve.ocpp.rpc.ids import MessageIds
from releve.ocpp.version import Version
from releve.services.admission import Admitted
from releve.services.flags import Flags
from releve.services.live import Inbound
from releve.services.quirks import QuirkTable
from releve.services.security.arrivals import Arrivals
from tests.support.stores import TurnedClock
from tests.torture.ownership_store import SlowStore

STAMP = "2026-03-01T12:00:00Z"


class Crossed(AssertionError):
    """An invariant does not hold; the text says which one."""


class Numbers:
    """Implements `services.ports.Ids`: 1, 2, 3, ..."""

    def __init__(self) -> None:
        self._count = count(1)

    def next(self) -> int:
        return next(self._count)

    number = next

    def secret(self, length: int) -> str:
        return "s" * length


class Line:
    """One connection: implements what links use of `gateway.socket.Socket`."""

    def __init__(self, world: World, number: int, station: SimStation) -> None:
        self.world = world
        self.number = number
        self.station = station
        self.link: Link
        self.up: deque[bytes] = deque()
        self.down: deque[bytes] = deque()
        self.sent: dict[str, int] = {}
        """Calls of the station that reached the link on this line: message id -> marker."""
        self.is_open = True
        self.gone = False
        self.cut = False
        """Half-open: the station is away, the link does not know."""
        self.held = False
        self.why = (1006, "")

    def send_text(self, data: bytes) -> bool:
        if not self.is_open:
            return False
        if not self.world.house.roster.owns(self.link):
            # Kept as well: what writes may be a timer, which survives exceptions.
            self.world.crossings.append(f"line {self.number} speaks after a newer one took over")
            raise Crossed(self.world.crossings[-1])
        if not self.cut:
            self.down.append(data)
        return True

    def close(self, code: int, reason: str) -> None:
        if self.is_open:
            self.is_open = False
            self.why = (code, reason)

    def hold(self, held: bool) -> None:
        self.held = held

    def arrive(self) -> None:
        """The oldest frame on its way reaches the link."""
        data = self.up.popleft()
        if self.is_open:
            frame = json.loads(data)
            if frame[0] == 2:
                self.sent[frame[1]] = frame[3]["meterStart"]
            self.link.text(data)

    def end(self) -> None:
        """The transport is gone."""
        if not self.gone:
            self.is_open, self.gone = False, True
            self.up.clear()
            self.link.closed(*self.why)


class SimStation:
    """Starts transactions, repeats itself, answers calls: soon, late, twice, or over another line."""

    def __init__(self, row: Station) -> None:
        self.row = row
        self.lines: list[Line] = []
        self.ids = count(1)
        self.unanswered: list[tuple[str, int]] = []
        self.answers: list[tuple[str, str, int]] = []
        """Calls that wait for this station's answer: message id, marker, number of the line."""

    @property
    def line(self) -> Line | None:
        """The line that the station itself believes in."""
        return self.lines[-1] if self.lines and not self.lines[-1].gone else None


class World:
    """Everything of one run."""

    def __init__(self, seed: int, roster: Roster | None = None, stations: int = 2) -> None:
        self.random = Random(seed)
        self.clock = TurnedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
        self.store = SlowStore(self.random)
        ids = Numbers()
        self.wheel = Wheel(self.clock.monotonic, buckets=16)
        self.house = House(
            store=cast(Any, self.store),
            services=cast(
                Any,
                SimpleNamespace(
                    security=SimpleNamespace(arrivals=Arrivals(cast(Any, None))),
                    quirks=SimpleNamespace(table=QuirkTable()),
                    networks=SimpleNamespace(arrived=lambda live: None),  # nobody is moved away
                ),
            ),
            clock=self.clock,
            ids=ids,
            flags=Flags(ids),
            journal=Journal(cast(Any, self.store)),
            roster=roster or Roster(),
            new_message_id=MessageIds("sim"),
            wheel=self.wheel,
        )
        self.calls = StationCalls(self.house.roster, 5.0)
        self.dialect = SimpleNamespace(
            version=Version.V16, boots_first=False, handler=lambda action: self.start
        )
        self.stations = [SimStation(self._row(n)) for n in range(1, stations + 1)]
        self.lines: list[Line] = []
        self.commands: list[tuple[StationId, str, asyncio.Task[Outcome]]] = []
        self.at_work: set[StationId] = set()
        self.markers = count(1)
        self.transactions = count(1)
        self.answered = 0
        self.crossings: list[str] = []

    def _row(self, number: int) -> Station:
        row = Station(
            id=StationId(number),
            operator=DEFAULT_OPERATOR,
            identity=f"S{number}",
            registered=True,
            created_at=self.clock.now(),
        )
        self.store.add(row)
        return row

    def connect(self, station: SimStation) -> Line:
        """A station's handshake has succeeded."""
        line = Line(self, len(self.lines) + 1, station)
        line.link = Link(
            self.house, Admitted(station=station.row), cast(Any, self.dialect), "192.0.2.1"
        )
        self.lines.append(line)
        station.lines.append(line)
        line.link.opened(cast(Any, line))
        return line

    async def start(self, request: Any, inbound: Inbound, _: object) -> Any:
        """The one handler: opens the transaction of this marker, unless it is open already."""
        live = inbound.live
        station = live.station.id
        if station in self.at_work:
            raise Crossed(f"two handlers at work for station {station}")
        self.at_work.add(station)
        try:
            known = live.transactions.get(str(request.meter_start))
            async with self.store.work(DEFAULT_OPERATOR) as work:
                row = known.row if known else self._transaction(station, request.meter_start)
                live.remember(row)
                if known is None:
                    work.add(row)
        finally:
            self.at_work.discard(station)
        info = v16.IdTagInfo(status=v16.AuthorizationStatus.ACCEPTED)
        return v16.StartTransactionResponse(id_tag_info=info, transaction_id=int(row.id))

    def _transaction(self, station: StationId, marker: int) -> Transaction:
        return Transaction(
            id=TransactionId(next(self.transactions)),
            operator=DEFAULT_OPERATOR,
            station=station,
            reference=str(marker),
            received_at=self.clock.now(),
        )

    def command(self, station: SimStation) -> None:
        """The operator asks something of a station."""
        marker = f"c{next(self.markers)}"
        call = self.calls.call(
            station.row.id, "DataTransfer", {"vendorId": "v", "data": marker}, timeout=5.0
        )
        task = asyncio.get_running_loop().create_task(call)
        self.commands.append((station.row.id, marker, task))

    # --- what a station hears ------------------------------------------------------------------------------------

    def hear(self, line: Line) -> None:
        """The oldest frame to a station reaches it."""
        frame = json.loads(line.down.popleft())
        if frame[0] == 2:
            line.station.answers.append((frame[1], frame[3]["data"], line.number))
        elif frame[0] == 3:
            self._check_answer(line, frame[1], frame[2]["transactionId"])
        else:
            raise Crossed(f"line {line.number} was sent an error: {frame}")

    def _check_answer(self, line: Line, call_id: str, number: int) -> None:
        """An answer belongs to a call of this line, names this station's transaction, and that is on disk."""
        self.answered += 1
        marker = line.sent.get(call_id)
        if marker is None:
            raise Crossed(f"line {line.number} got an answer to {call_id}, which it never sent")
        row = self.store.transactions[line.station.row.id].get(str(marker))
        if row is None or row.id != number:
            raise Crossed(f"line {line.number}: {call_id} was answered {number}, on disk is {row}")
        line.station.unanswered = [u for u in line.station.unanswered if u[1] != marker]

    # --- what must be true ---------------------------------------------------------------------------------------

    def check_lines(self) -> None:
        """A station is offline if and only if its newest connection has closed; in the row and in the events."""
        for station in self.stations:
            key = station.row.id
            newest = station.lines[-1] if station.lines else None
            up = newest is not None and not newest.gone
            owner = self.house.roster.link(key)
            if owner is not (newest.link if newest is not None and up else None):
                raise Crossed(f"station {key}: the owner is not its newest line (up: {up})")
            if self.store.online[key] is not up:
                raise Crossed(f"station {key}: the row says online={self.store.online[key]}")
            if self.store.announced[key] is not up:
                raise Crossed(f"station {key}: the last event says {self.store.announced[key]}")
        if self.store.doubled:
            row = self.store.doubled[0]
            raise Crossed(f"station {row.station}: transaction {row.reference} was opened twice")
        if self.crossings:
            raise Crossed(self.crossings[0])

    def check_commands(self) -> None:
        """Every call ended, and the answer is the one that its own station gave on the line that it came by."""
        for station, marker, task in self.commands:
            if not task.done():
                raise Crossed(f"call {marker} to station {station} never ended")
            if (error := task.exception()) is not None:
                raise Crossed(f"call {marker} to station {station} raised {error!r}")
            outcome = task.result()
            if outcome.result is Result.ANSWERED:
                said, identity, came_by, went_by = outcome.payload["data"].split("/")
                # A station may lie about its own calls, never about another's.
                if (
                    said not in (marker, "forged")
                    or identity != f"S{station}"
                    or came_by != went_by
                ):
                    raise Crossed(f"call {marker} to {station} was answered {outcome.payload}")
