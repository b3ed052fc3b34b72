"""N02 to N06: monitors of a station's variables: set, cleared, reported (2.x)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from releve.domain.commands import Command, Outcome, Result, VariableName
from releve.domain.ids import OperatorId, StationId
from releve.domain.monitoring import (
    REPORT,
    ClearVariableMonitoring,
    Criterion,
    GetMonitoringReport,
    Monitor,
    MonitoringBase,
    MonitorResult,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetVariableMonitoring,
    Spot,
    WantedMonitor,
)
from releve.domain.operation import Operation, OperationPart
from releve.services.commands import Commands
from releve.services.device import device_facts
from releve.services.errors import Invalid
from releve.services.live import Inbound
from releve.services.message_limits import MessageLimits
from releve.services.operations import Operations
from releve.services.ports import Clock, Store, Work
from releve.services.reports import Reports

CONTROL = "MonitoringCtrlr"
BASE, LEVEL = "ActiveMonitoringBase", "ActiveMonitoringLevel"
ACCEPTED = "Accepted"
GONE = frozenset({"Accepted", "NotFound"})
HARD_WIRED = "HardWiredMonitor"
CUSTOM = "CustomMonitor"
MOST_AT_ONCE = 500


class ToldEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event as a station tells it. severity: 2.1 only; 2.0.1's is its monitor's."""

    event: int
    at: datetime
    trigger: str
    notification: str
    severity: int | None
    cause: int | None
    spot: Spot
    value: str | None
    cleared: bool
    monitor: int | None
    tech_code: str
    tech_info: str
    reference: str


class Monitors:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        commands: Commands,
        operations: Operations,
        limits: MessageLimits,
        reports: Reports,
    ) -> None:
        self._store = store
        self._clock = clock
        self._commands = commands
        self._operations = operations
        self._limits = limits
        self._reports = reports
        operations.when_done(REPORT, _without_stale)

    async def all(self, operator: OperatorId, station: StationId) -> list[Monitor]:
        """What is known of a station's monitors, by id."""
        async with self._store.work(operator) as work:
            found = await work.holdings.all(station, Monitor)
        return sorted(found, key=lambda monitor: monitor.id)

    async def active(
        self, operator: OperatorId, station: StationId
    ) -> tuple[str | None, int | None]:
        """The base and the level that a station has, as it last told or took them; None: not known."""
        asked = ((CONTROL, BASE, ""), (CONTROL, LEVEL, ""))
        async with self._store.work(operator) as work:
            facts = await device_facts(work, station, asked)
        return facts.text(CONTROL, BASE), facts.number(CONTROL, LEVEL)

    async def set(
        self,
        operator: OperatorId,
        station: StationId,
        wanted: Sequence[WantedMonitor],
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> tuple[Outcome, list[MonitorResult]]:
        """Set monitors, in as many messages as the station's limits ask for; what it answered for each.

        The outcome is that of the last message; what came before it has taken effect.
        """
        _check(wanted)
        groups = await self._groups(operator, station, "SetVariableMonitoring", wanted)
        outcome, results = _NOTHING, []
        for group in groups:
            command = SetVariableMonitoring(monitors=group)
            outcome, answered = await self._ask(operator, station, command, by, timeout)
            await self._keep(operator, station, group, answered)
            results += answered
            if outcome.result is not Result.ANSWERED:
                break
        return _whole(outcome, results, len(wanted)), results

    async def clear(
        self,
        operator: OperatorId,
        station: StationId,
        ids: Sequence[int],
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> tuple[Outcome, list[MonitorResult]]:
        """Clear monitors by id, never more in one message than the station takes (N06.FR.04)."""
        if not ids:
            raise Invalid("Name at least one monitor.", field="ids")
        if len(ids) > MOST_AT_ONCE:
            raise Invalid(f"At most {MOST_AT_ONCE} monitors at a time.", field="ids")
        groups = await self._groups(
            operator, station, "ClearVariableMonitoring", tuple(dict.fromkeys(ids))
        )
        outcome, results = _NOTHING, []
        for group in groups:
            command = ClearVariableMonitoring(ids=group)
            outcome, answered = await self._ask(operator, station, command, by, timeout)
            async with self._store.work(operator) as work:
                for one in answered:
                    if one.status in GONE and one.id is not None:
                        work.holdings.remove(station, Monitor, str(one.id))
            results += answered
            if outcome.result is not Result.ANSWERED:
                break
        return _whole(outcome, results, sum(map(len, groups))), results

    async def set_base(
        self,
        operator: OperatorId,
        station: StationId,
        base: MonitoringBase,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Go back to a base (N03): FactoryDefault removes what was set by us, HardWiredOnly what can be removed."""
        command = SetMonitoringBase(base=base)
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        if outcome.accepted:
            async with self._store.work(operator) as work:
                for one in await work.holdings.all(station, Monitor):
                    if _removed_by(base, one):
                        work.holdings.remove(station, Monitor, one.key)
                self._note(work, station, BASE, base)
        return outcome

    async def set_level(
        self,
        operator: OperatorId,
        station: StationId,
        severity: int,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Have events of this severity and graver told, 0 to 9 (N05)."""
        if not 0 <= severity <= 9:
            raise Invalid("A severity is 0 (danger) to 9 (debug).", field="severity")
        command = SetMonitoringLevel(severity=severity)
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        if outcome.accepted:
            async with self._store.work(operator) as work:
                self._note(work, station, LEVEL, str(severity))
        return outcome

    async def report(
        self,
        operator: OperatorId,
        station: StationId,
        *,
        criteria: Sequence[Criterion] = (),
        spots: Sequence[Spot] = (),
        by: str = "",
        timeout: float | None = None,
    ) -> Operation:
        """Ask for a report of monitors (N02); all when nothing narrows it. What it names is then known."""

        def make(request_id: int) -> GetMonitoringReport:
            return GetMonitoringReport(
                request_id=request_id, criteria=tuple(criteria), spots=tuple(spots)
            )

        arguments = {
            "criteria": [str(one) for one in criteria],
            "spots": [spot.label for spot in spots],
        }
        return await self._operations.begin(
            operator, station, REPORT, make, by=by, arguments=arguments, timeout=timeout
        )

    async def reported(
        self,
        inbound: Inbound,
        request_id: int,
        seq_no: int,
        tbc: bool,
        monitors: Sequence[Monitor],
    ) -> None:
        """Take in a part of a report. A report that nobody asked for tells the truth all the same."""
        station = inbound.station
        async with self._store.work(station.operator) as work:
            known = {one.id: one for one in await work.holdings.all(station.id, Monitor)}
            for one in monitors:
                before = known.get(one.id)
                if before is not None:  # 2.0.1 tells no origin, and no version the stream
                    origin = one.origin or before.origin
                    one = msgspec.structs.replace(one, origin=origin, stream=before.stream)
                work.holdings.save(station.id, one)
        content = {"ids": [one.id for one in monitors]}
        operation = await self._operations.part(inbound, REPORT, request_id, seq_no, tbc, content)
        if operation is None:
            await self._reports.told(
                inbound, inbound.action, {"requestId": request_id, "seqNo": seq_no, **content}
            )

    async def _groups(
        self, operator: OperatorId, station: StationId, action: str, items: Sequence[Any]
    ) -> list[tuple[Any, ...]]:
        """One item needs no limit looked up."""
        if len(items) == 1:
            return [tuple(items)]
        limits = await self._limits.of(operator, station, CONTROL, action)
        return limits.split(items, _wire)

    async def _ask(
        self,
        operator: OperatorId,
        station: StationId,
        command: Command,
        by: str,
        timeout: float | None,
    ) -> tuple[Outcome, list[MonitorResult]]:
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        if outcome.result is not Result.ANSWERED:
            return outcome, []
        return outcome, msgspec.convert(outcome.details or [], list[MonitorResult])

    async def _keep(
        self,
        operator: OperatorId,
        station: StationId,
        wanted: Sequence[WantedMonitor],
        answered: Sequence[MonitorResult],
    ) -> None:
        now = self._clock.now()
        async with self._store.work(operator) as work:
            for one, result in zip(wanted, answered, strict=False):
                if result.status != ACCEPTED or result.id is None:
                    continue
                work.holdings.save(
                    station,
                    Monitor(
                        id=result.id,
                        spot=one.spot,
                        type=one.type,
                        value=one.value,
                        severity=one.severity,
                        transaction=one.transaction,
                        origin=CUSTOM,
                        stream=one.stream,
                        reported_at=now,
                    ),
                )

    def _note(self, work: Work, station: StationId, variable: str, value: str) -> None:
        name = VariableName(component=CONTROL, variable=variable)
        work.variables.tell(station, name, value, self._clock.now())


_NOTHING = Outcome(result=Result.INVALID, description="Nothing was asked for.")


async def _without_stale(work: Work, operation: Operation, parts: Sequence[OperationPart]) -> None:
    """After a report of all monitors those that it does not name are gone."""
    if operation.arguments.get("criteria") or operation.arguments.get("spots") or not parts:
        return
    told = {number for part in parts for number in part.content.get("ids", [])}
    for one in await work.holdings.all(operation.station, Monitor):
        if one.id not in told:
            work.holdings.remove(operation.station, Monitor, one.key)


def _removed_by(base: MonitoringBase, monitor: Monitor) -> bool:
    if base is MonitoringBase.HARD_WIRED_ONLY:
        return monitor.origin != HARD_WIRED
    return base is MonitoringBase.FACTORY_DEFAULT and monitor.origin == CUSTOM


def _whole(outcome: Outcome, results: Sequence[MonitorResult], wanted: int) -> Outcome:
    """One outcome of several messages."""
    if outcome.result is not Result.ANSWERED:
        return outcome
    words = {one.status for one in results}
    return msgspec.structs.replace(
        outcome,
        status=words.pop() if len(words) == 1 else None,
        accepted=len(results) >= wanted and all(one.status == ACCEPTED for one in results),
        details=msgspec.to_builtins(list(results)),
    )


def _wire(item: Any) -> Any:
    """An item as it is written, for its length."""
    if not isinstance(item, WantedMonitor):
        return item
    spot = item.spot
    written: dict[str, Any] = {
        "value": item.value,
        "type": item.type,
        "severity": item.severity,
        "component": {"name": spot.component, "instance": spot.component_instance},
        "variable": {"name": spot.variable, "instance": spot.instance},
        "evse": {"id": spot.evse, "connectorId": spot.connector},
        "transaction": item.transaction,
        "id": item.id,
    }
    if item.stream is not None:
        written["periodicEventStream"] = item.stream
    return written


def _check(wanted: Sequence[WantedMonitor]) -> None:
    if not wanted:
        raise Invalid("Name at least one monitor.", field="monitors")
    if len(wanted) > MOST_AT_ONCE:
        raise Invalid(f"At most {MOST_AT_ONCE} monitors at a time.", field="monitors")
    for one in wanted:
        if not one.spot.component or not one.spot.variable:
            raise Invalid("A monitor watches a variable of a component.", field="monitors")
        if not 0 <= one.severity <= 9:
            raise Invalid("A severity is 0 (danger) to 9 (debug).", field="severity")
        if one.type.periodic and one.value <= 0:
            raise Invalid(
                "A periodic monitor tells every so many seconds: more than 0.", field="value"
            )
        check_stream(one)


def check_stream(wanted: WantedMonitor) -> None:
    """Invalid when it could not be flushed: interval or number of values, or both (N11.FR.09)."""
    stream = wanted.stream
    if stream is None:
        return
    if not wanted.type.periodic:
        raise Invalid("Only a periodic monitor can have a stream.", field="stream")
    if not stream.interval_s and not stream.values:
        raise Invalid("A stream needs an interval or a number of values.", field="stream")
