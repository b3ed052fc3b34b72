"""R: DER controls at stations, and the alarms that they raise. Superseding is the station's to decide, ours to show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from releve.domain.commands import Outcome
from releve.domain.der import (
    ClearDerControl,
    ControlType,
    DerAlarm,
    DerControl,
    GetDerControls,
    SetDerControl,
    wrong,
)
from releve.domain.events import StationReported
from releve.domain.ids import OperatorId, StationId
from releve.domain.operation import Operation, OperationPart
from releve.services.commands import Commands
from releve.services.errors import Invalid
from releve.services.live import Inbound
from releve.services.operations import Operations
from releve.services.ports import Clock, Store, Work
from releve.services.reports import Reports

KIND = "der-controls"
PATIENCE = timedelta(minutes=5)


class DerControls:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        commands: Commands,
        operations: Operations,
        reports: Reports,
    ) -> None:
        self._store = store
        self._clock = clock
        self._commands = commands
        self._operations = operations
        self._reports = reports
        operations.when_done(KIND, self._read)

    async def all(self, operator: OperatorId, station: StationId) -> list[DerControl]:
        """What the station has, as last confirmed: by type, defaults first. Those that ran out are left away."""
        now = self._clock.now()
        async with self._store.work(operator) as work:
            held = await work.holdings.all(station, DerControl)
        held = [control for control in held if not _over(control, now)]
        return sorted(held, key=lambda c: (c.type, not c.is_default, c.control_id))

    async def alarms(self, operator: OperatorId, station: StationId) -> list[DerAlarm]:
        """The latest alarm of each type, open ones first."""
        async with self._store.work(operator) as work:
            held = await work.holdings.all(station, DerAlarm)
        return sorted(held, key=lambda a: (a.ended_at is not None, a.type))

    async def set(
        self,
        operator: OperatorId,
        station: StationId,
        control: DerControl,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Install a control; Invalid with what is wrong with it. What it supersedes, the station says (R04)."""
        fault = wrong(control)
        if fault is not None:
            raise Invalid(fault.message, field=fault.field)
        command = SetDerControl(control=control)
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        if outcome.accepted:
            superseded = set(outcome.told or ())
            async with self._store.work(operator) as work:
                kept = msgspec.structs.replace(
                    control,
                    superseded=control.control_id in superseded,
                    confirmed_at=self._clock.now(),
                )
                work.holdings.save(station, kept)
                await self._supersede(work, station, superseded - {control.control_id})
        return outcome

    async def _supersede(self, work: Work, station: StationId, ids: Iterable[str]) -> None:
        for name in ids:
            held = await work.holdings.get(station, DerControl, name)
            if held is not None:
                work.holdings.save(
                    station, msgspec.structs.replace(held, superseded=True, active=False)
                )

    async def clear(
        self,
        operator: OperatorId,
        station: StationId,
        *,
        is_default: bool,
        type: ControlType | None = None,
        control_id: str | None = None,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Remove one control by its id, or all of a type, or all: of the default or of the scheduled ones."""
        command = ClearDerControl(is_default=is_default, type=type, control_id=control_id)
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        if outcome.accepted or outcome.status == "NotFound":
            async with self._store.work(operator) as work:
                for held in await work.holdings.all(station, DerControl):
                    if _asked(held, is_default, type, control_id):
                        work.holdings.remove(station, DerControl, held.key)
        return outcome

    async def read(
        self,
        operator: OperatorId,
        station: StationId,
        *,
        is_default: bool | None = None,
        type: ControlType | None = None,
        control_id: str | None = None,
        by: str = "",
        timeout: float | None = None,
    ) -> Operation:
        """Ask for controls, all or some: an operation, whose parts are the station's answer."""
        arguments = {"is_default": is_default, "type": type, "control_id": control_id}
        operation = await self._operations.begin(
            operator,
            station,
            KIND,
            lambda number: GetDerControls(
                request_id=number, is_default=is_default, type=type, control_id=control_id
            ),
            by=by,
            patience=PATIENCE,
            arguments={name: value for name, value in arguments.items() if value is not None},
            timeout=timeout,
        )
        if operation.status == "NotFound":
            async with self._store.work(operator) as work:
                await self._forget(work, station, operation.arguments)
        return operation

    # --- what stations tell -------------------------------------------------------------------------------------

    async def told(
        self, inbound: Inbound, request_id: int, tbc: bool, controls: Sequence[DerControl]
    ) -> None:
        """Take in a part of the answer. Parts have no numbers: they count in the order in which they come."""
        async with self._store.work(inbound.station.operator) as work:
            known = await work.operations.requested(inbound.station.id, request_id)
        operation = next((o for o in known if o.kind == KIND), None)
        content = {"controls": msgspec.to_builtins(controls)}
        if operation is None:
            await self._reports.told(inbound, inbound.action, content)
            return
        await self._operations.part(inbound, KIND, request_id, operation.parts, tbc, content)

    async def _read(self, work: Work, operation: Operation, parts: Sequence[OperationPart]) -> None:
        station = operation.station
        active = {c.key: c.active for c in await work.holdings.all(station, DerControl)}
        await self._forget(work, station, operation.arguments)
        for part in parts:
            for told in part.content["controls"]:
                control = msgspec.convert(told, DerControl)
                kept = msgspec.structs.replace(
                    control, active=active.get(control.key), confirmed_at=part.received_at
                )
                work.holdings.save(station, kept)

    async def _forget(self, work: Work, station: StationId, arguments: dict[str, Any]) -> None:
        for held in await work.holdings.all(station, DerControl):
            if _asked(
                held,
                arguments.get("is_default"),
                arguments.get("type"),
                arguments.get("control_id"),
            ):
                work.holdings.remove(station, DerControl, held.key)

    async def started(
        self,
        inbound: Inbound,
        control_id: str,
        *,
        started: bool,
        superseded: Iterable[str],
        detail: dict[str, Any],
    ) -> None:
        """A scheduled control begins or ends to hold (R04.FR.20)."""
        station = inbound.station
        async with self._store.work(station.operator) as work:
            held = await work.holdings.get(station.id, DerControl, control_id)
            if held is not None:
                work.holdings.save(station.id, msgspec.structs.replace(held, active=started))
            await self._supersede(work, station.id, superseded)
            _report(work, inbound, detail)

    async def alarm(
        self,
        inbound: Inbound,
        type: ControlType,
        *,
        fault: str | None,
        ended: bool,
        at: datetime,
        info: str,
        detail: dict[str, Any],
    ) -> None:
        """The station deviates from its charging profile because of the grid, or does so no longer (R05)."""
        station = inbound.station
        async with self._store.work(station.operator) as work:
            known = await work.holdings.get(station.id, DerAlarm, type.value)
            began = known.began_at if known is not None and known.ended_at is None else at
            alarm = DerAlarm(
                type=type,
                fault=fault or (known.fault if known is not None else None),
                began_at=began,
                ended_at=at if ended else None,
                info=info,
            )
            work.holdings.save(station.id, alarm)
            _report(work, inbound, detail)


def _report(work: Work, inbound: Inbound, detail: dict[str, Any]) -> None:
    station = inbound.station
    work.announce(
        StationReported(
            operator=station.operator,
            station=station.id,
            identity=station.identity,
            at=inbound.at,
            what=inbound.action,
            detail=detail,
        )
    )


def _asked(
    held: DerControl, is_default: bool | None, type: str | None, control_id: str | None
) -> bool:
    if control_id is not None:
        return held.control_id == control_id
    return (is_default is None or held.is_default is is_default) and (
        type is None or held.type == type
    )


def _over(control: DerControl, now: datetime) -> bool:
    """R04.FR.10: the station deletes a control when its time is over."""
    start = getattr(control.settings, "start_time", None)
    duration = getattr(control.settings, "duration", None)
    if start is None or duration is None:
        return False
    return bool(start + timedelta(seconds=float(duration)) <= now)
