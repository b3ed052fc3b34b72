"""2.1 N11 to N15: periodic event streams: many values of one monitor in messages that nobody answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec

from releve.domain.commands import Outcome, Result, VariableName
from releve.domain.events import StreamTold
from releve.domain.ids import OperatorId, StationId
from releve.domain.monitoring import (
    AdjustPeriodicEventStream,
    GetPeriodicEventStream,
    Monitor,
    Stream,
    StreamParams,
    StreamValue,
)
from releve.services.commands import Commands
from releve.services.errors import Invalid, NotFound
from releve.services.live import Inbound
from releve.services.ports import Background, Clock, Presence, Store, Work
from releve.services.reports import Reports

MOST_STREAMS = 100
"""Open at one station. More is a station that has lost count."""
LARGEST_OFFSET_S = 86_400.0 * 366
GROWN = 3
"""After so many messages in a row with more waiting than before a stream is adjusted."""
MOST_VALUES = 1000
"""As many at a time are asked for without a person."""
BY = "stream"


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A stream as a station names it (ConstantStreamDataType)."""

    id: int
    monitor: int
    params: StreamParams


class Streams:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        commands: Commands,
        presence: Presence,
        reports: Reports,
        background: Background,
    ) -> None:
        self._store = store
        self._clock = clock
        self._commands = commands
        self._presence = presence
        self._reports = reports
        self._background = background

    async def opened(self, inbound: Inbound, opened: Opened) -> str:
        """Make ready for a stream (N11.FR.04); why not, when it cannot be taken (N11.FR.05)."""
        station = inbound.station
        async with self._store.work(station.operator) as work:
            streams = await self._known(work, inbound)
            if opened.id not in streams and len(streams) >= MOST_STREAMS:
                return f"{MOST_STREAMS} streams are open already."
            stream = Stream(
                id=opened.id, monitor=opened.monitor, params=opened.params, opened_at=inbound.at
            )
            work.holdings.save(station.id, stream)
            monitor = await work.holdings.get(station.id, Monitor, str(opened.monitor))
            if monitor is not None:  # N11.FR.08: what the values are of is the monitor's to say
                work.holdings.save(
                    station.id, msgspec.structs.replace(monitor, stream=opened.params)
                )
        inbound.live.streams = {**(inbound.live.streams or {}), stream.id: stream}
        return ""

    async def closed(self, inbound: Inbound, number: int) -> None:
        """Stop using a stream; its monitor tells by events again (N13.FR.02, N13.FR.04)."""
        station = inbound.station
        async with self._store.work(station.operator) as work:
            stream = (await self._known(work, inbound)).get(number)
            work.holdings.remove(station.id, Stream, str(number))
            if stream is not None:
                monitor = await work.holdings.get(station.id, Monitor, str(stream.monitor))
                if monitor is not None:
                    work.holdings.save(station.id, msgspec.structs.replace(monitor, stream=None))
        left = {**(inbound.live.streams or {})}
        left.pop(number, None)
        inbound.live.streams = left

    async def told(
        self,
        inbound: Inbound,
        number: int,
        base: datetime,
        pending: int,
        values: Sequence[tuple[float, str]],
    ) -> None:
        """Keep values. values: seconds after `base`, and the value. Those of a stream that is not open are not kept."""
        station = inbound.station
        async with self._store.work(station.operator) as work:
            streams = await self._known(work, inbound)
            stream, behind = streams.get(number), False
            if stream is not None:
                # Before anything is waited for: the next message may be at work already.
                moved = _moved(stream, pending, inbound.at)
                behind = moved.grown >= GROWN
                moved = msgspec.structs.replace(moved, grown=0) if behind else moved
                inbound.live.streams = {**streams, number: moved}
                if moved.growing is not stream.growing:
                    work.holdings.save(station.id, moved)
                last = self._keep(work, inbound, stream, base, values)
                await self._learn(work, inbound, stream, last)
                self._announce(work, inbound, moved, len(values), last)
        if stream is not None and behind and (wider := _wider(stream.params)):
            self._background.start(
                partial(self._widen, station.operator, station.id, number, wider)
            )
        if stream is None:
            told = {"id": number, "values": len(values), "problem": "no such stream is open"}
            await self._reports.told(inbound, inbound.action, told)

    async def _widen(
        self, operator: OperatorId, station: StationId, number: int, wider: StreamParams
    ) -> None:
        """Let a stream that falls behind send more at a time, or more often (N15.FR.05)."""
        try:
            await self.adjust(operator, station, number, wider, by=BY)
        except NotFound:  # closed meanwhile
            return

    def _keep(
        self,
        work: Work,
        inbound: Inbound,
        stream: Stream,
        base: datetime,
        values: Sequence[tuple[float, str]],
    ) -> str:
        seen: dict[datetime, int] = {}
        last = ""
        for offset, last in values:
            seconds = offset if 0 <= offset <= LARGEST_OFFSET_S else 0.0
            at = base + timedelta(seconds=seconds)
            part = seen[at] = seen.get(at, -1) + 1
            work.events.add_value(
                StreamValue(
                    operator=inbound.station.operator,
                    station=inbound.station.id,
                    monitor=stream.monitor,
                    at=at,
                    part=part,
                    value=last,
                    received_at=inbound.at,
                )
            )
        return last

    async def _learn(self, work: Work, inbound: Inbound, stream: Stream, value: str) -> None:
        """The last value is the variable's, which the monitor names (N15.FR.03)."""
        monitor = await work.holdings.get(inbound.station.id, Monitor, str(stream.monitor))
        if monitor is None:
            return
        spot = monitor.spot
        name = VariableName(
            component=spot.component,
            component_instance=spot.component_instance,
            evse=spot.evse,
            connector=spot.connector,
            variable=spot.variable,
            instance=spot.instance,
        )
        work.variables.tell(inbound.station.id, name, value, inbound.at)

    def _announce(
        self, work: Work, inbound: Inbound, stream: Stream, count: int, last: str
    ) -> None:
        if not work.wants(StreamTold):
            return
        work.announce(
            StreamTold(
                operator=inbound.station.operator,
                station=inbound.station.id,
                identity=inbound.station.identity,
                at=inbound.at,
                stream=stream.id,
                monitor=stream.monitor,
                values=count,
                last=last,
                pending=stream.pending,
            )
        )

    async def _known(self, work: Work, inbound: Inbound) -> dict[int, Stream]:
        """The station's streams: read once a connection, then from its live state."""
        if inbound.live.streams is None:
            found = await work.holdings.all(inbound.station.id, Stream)
            inbound.live.streams = {stream.id: stream for stream in found}
        return inbound.live.streams

    # --- the operator -------------------------------------------------------------------------------------------

    async def all(self, operator: OperatorId, station: StationId) -> list[Stream]:
        """Open streams as far as known, by id."""
        live = self._presence.live(station)
        if live is not None and live.streams is not None and live.station.operator == operator:
            return sorted(live.streams.values(), key=lambda stream: stream.id)
        async with self._store.work(operator) as work:
            found = await work.holdings.all(station, Stream)
        return sorted(found, key=lambda stream: stream.id)

    async def values(
        self,
        operator: OperatorId,
        station: StationId,
        monitor: int,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 500,
    ) -> Sequence[StreamValue]:
        """Values of a monitor that came by streams, newest first."""
        async with self._store.work(operator) as work:
            return await work.events.values(station, monitor, since, until, limit)

    async def refresh(
        self,
        operator: OperatorId,
        station: StationId,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> tuple[Outcome, list[Stream]]:
        """Ask which streams are open (N12), and believe the answer."""
        outcome = await self._commands.perform(
            operator, station, GetPeriodicEventStream(), by=by, timeout=timeout
        )
        if outcome.result is not Result.ANSWERED:
            return outcome, await self.all(operator, station)
        told = msgspec.convert(outcome.details or [], list[Opened])
        known = {stream.id: stream for stream in await self.all(operator, station)}
        now = self._clock.now()
        streams = {}
        async with self._store.work(operator) as work:
            for number in known.keys() - {one.id for one in told}:
                work.holdings.remove(station, Stream, str(number))
            for one in told:
                before = known.get(one.id)
                opened_at = before.opened_at if before and before.monitor == one.monitor else now
                stream = Stream(
                    id=one.id, monitor=one.monitor, params=one.params, opened_at=opened_at
                )
                streams[stream.id] = stream
                work.holdings.save(station, stream)
        self._remember(station, streams)
        return outcome, [streams[number] for number in sorted(streams)]

    async def adjust(
        self,
        operator: OperatorId,
        station: StationId,
        number: int,
        params: StreamParams,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Change when a stream is flushed (N14.FR.01)."""
        if not params.interval_s and not params.values:
            raise Invalid("A stream needs an interval or a number of values.", field="interval_s")
        known = {stream.id: stream for stream in await self.all(operator, station)}
        if number not in known:
            raise NotFound("No such stream is open.")
        command = AdjustPeriodicEventStream(stream=number, params=params)
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        if outcome.accepted:
            stream = msgspec.structs.replace(known[number], params=params, growing=False, grown=0)
            async with self._store.work(operator) as work:
                work.holdings.save(station, stream)
            self._remember(station, {**known, number: stream})
        return outcome

    def _remember(self, station: StationId, streams: dict[int, Stream]) -> None:
        live = self._presence.live(station)
        if live is not None:
            live.streams = streams


def _moved(stream: Stream, pending: int, at: datetime) -> Stream:
    """N15.FR.05: what waits at the station grows from message to message when the stream is too slow."""
    growing = pending > stream.pending > 0
    grown = stream.grown + 1 if growing else 0
    return msgspec.structs.replace(
        stream, pending=pending, growing=growing, grown=grown, told_at=at
    )


def _wider(params: StreamParams) -> StreamParams | None:
    """Twice as many values at a time, or twice as often; None: as wide as it is made by itself."""
    if params.values:
        values = min(params.values * 2, MOST_VALUES)
        return msgspec.structs.replace(params, values=values) if values > params.values else None
    if params.interval_s and params.interval_s > 1:
        return msgspec.structs.replace(params, interval_s=params.interval_s // 2)
    return None
