"""N07, N08: what monitors tell. Kept, shown; what is a problem is raised until the station says that it is over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from releve.domain.anomaly import AnomalyKind
from releve.domain.commands import VariableName
from releve.domain.events import EventTold
from releve.domain.holding import Holding
from releve.domain.monitoring import EventId, Monitor, StationEvent
from releve.services.flags import Flags
from releve.services.live import Inbound
from releve.services.monitors import ToldEvent
from releve.services.ports import Ids, Store, Work

BY_STATION = "the station"
MOST_SHOWN = 20


class Problem(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """A problem that a station reported and that is not over."""

    kind: ClassVar[str] = "problem"

    about: str
    spot: str
    severity: int | None = None
    value: str = ""
    since: str
    """When, by the station's clock: RFC 3339."""
    info: str = ""

    @property
    def key(self) -> str:
        return self.about


class StationEvents:
    def __init__(self, store: Store, ids: Ids, flags: Flags) -> None:
        self._store = store
        self._ids = ids
        self._flags = flags

    async def told(self, inbound: Inbound, events: Sequence[ToldEvent]) -> None:
        """Take in the events of one message, in their order (N07.FR.03, N08.FR.02: whatever they say)."""
        station = inbound.station
        async with self._store.work(station.operator) as work:
            monitors = await self._monitors(work, inbound, events)
            problems: dict[str, Problem | None] = {}
            for one in events:
                event = self._event(inbound, one, monitors)
                work.events.add(event)
                self._learn(work, event)
                if event.problem:
                    problems[event.about] = _problem(event)
                elif event.cleared or event.variable.casefold() == "problem":
                    problems[event.about] = None
                self._announce(work, inbound, event)
            if problems:
                await self._note_problems(work, inbound, problems)

    async def _monitors(
        self, work: Work, inbound: Inbound, events: Sequence[ToldEvent]
    ) -> dict[int, Monitor]:
        """2.0.1's events have no severity of their own: it is that of the monitor, looked up for alerts only."""
        wanted = {
            one.monitor
            for one in events
            if one.severity is None and one.monitor is not None and one.trigger == "Alerting"
        }
        if not wanted:
            return {}
        known = await work.holdings.all(inbound.station.id, Monitor)
        return {monitor.id: monitor for monitor in known if monitor.id in wanted}

    def _event(
        self, inbound: Inbound, one: ToldEvent, monitors: dict[int, Monitor]
    ) -> StationEvent:
        monitor = monitors.get(one.monitor) if one.monitor is not None else None
        severity = monitor.severity if one.severity is None and monitor else one.severity
        spot = one.spot
        return StationEvent(
            id=EventId(self._ids.next()),
            operator=inbound.station.operator,
            station=inbound.station.id,
            event=one.event,
            at=one.at,
            received_at=inbound.at,
            trigger=one.trigger,
            notification=one.notification,
            severity=severity,
            cause=one.cause,
            component=spot.component,
            component_instance=spot.component_instance,
            evse=spot.evse,
            connector=spot.connector,
            variable=spot.variable,
            instance=spot.instance,
            value=one.value,
            cleared=one.cleared,
            monitor=one.monitor,
            tech_code=one.tech_code,
            tech_info=one.tech_info,
            reference=one.reference,
        )

    def _learn(self, work: Work, event: StationEvent) -> None:
        """The value is the variable's latest. One that can only be written comes without (N07; TC_N_48)."""
        if event.value is None:
            return
        name = VariableName(
            component=event.component,
            component_instance=event.component_instance,
            evse=event.evse,
            connector=event.connector,
            variable=event.variable,
            instance=event.instance,
        )
        work.variables.tell(event.station, name, event.value, event.received_at)

    def _announce(self, work: Work, inbound: Inbound, event: StationEvent) -> None:
        work.announce(
            EventTold(
                operator=event.operator,
                station=event.station,
                identity=inbound.station.identity,
                at=event.received_at,
                event=event.id,
                trigger=event.trigger,
                severity=event.severity,
                about=event.spot.label,
                value=event.value,
                cleared=event.cleared,
                problem=event.problem,
            )
        )

    async def _note_problems(
        self, work: Work, inbound: Inbound, problems: dict[str, Problem | None]
    ) -> None:
        """One anomaly a station, while it has any problem; the overview shows it."""
        station = inbound.station.id
        open_ones = {one.about: one for one in await work.holdings.all(station, Problem)}
        before = dict(open_ones)
        for about, problem in problems.items():
            if problem is None:
                if open_ones.pop(about, None) is not None:
                    work.holdings.remove(station, Problem, about)
            else:
                problem = _since(problem, open_ones.get(about))
                open_ones[about] = problem
                work.holdings.save(station, problem)
        if open_ones == before:
            return
        kind = AnomalyKind.STATION_PROBLEM
        known = await work.anomalies.open(station, kind, None)
        told = [_shown(one) for one in list(open_ones.values())[:MOST_SHOWN]]
        if known is None and open_ones:
            _forget(inbound)  # a person resolved it; this is a new one
            await self._flags.raise_(work, inbound, kind, problems=told)
        elif known is not None and open_ones:
            work.anomalies.save(
                msgspec.structs.replace(known, detail={**known.detail, "problems": told})
            )
        elif known is not None:
            _forget(inbound)
            work.anomalies.save(
                msgspec.structs.replace(known, resolved_at=inbound.at, resolved_by=BY_STATION)
            )


def _problem(event: StationEvent) -> Problem:
    return Problem(
        about=event.about,
        spot=event.spot.label,
        severity=event.severity,
        value=event.value or "",
        since=event.at.isoformat(),
        info=" ".join(filter(None, (event.tech_code, event.tech_info))),
    )


def _since(problem: Problem, known: Problem | None) -> Problem:
    return problem if known is None else msgspec.structs.replace(problem, since=known.since)


def _shown(problem: Problem) -> dict[str, object]:
    told: dict[str, object] = {
        "about": problem.spot,
        "value": problem.value,
        "severity": problem.severity,
        "since": problem.since,
        "info": problem.info,
    }
    return {name: value for name, value in told.items() if value not in (None, "")}


def _forget(inbound: Inbound) -> None:
    if inbound.live.flagged is not None:
        inbound.live.flagged.discard((str(AnomalyKind.STATION_PROBLEM), None))
