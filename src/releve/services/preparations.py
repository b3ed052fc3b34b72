"""B02: what the operator prepared for a station is done while its boot is Pending; then it is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from releve.domain.commands import Result, SetVariables, VariableName
from releve.domain.ids import OperatorId, StationId
from releve.domain.operation import Operation, OperationPart
from releve.domain.provisioning import Preparation, PreparationState, ReportBase, SetHeartbeat
from releve.domain.station import BootDecision, Station
from releve.services.commands import Commands
from releve.services.device_model import BASE, DeviceModel
from releve.services.errors import Invalid, NotFound
from releve.services.learning import SECRET_VARIABLES
from releve.services.live import Inbound
from releve.services.operations import Operations, refusal
from releve.services.ports import Background, Clock, Store, Work
from releve.services.provisioning import Boot
from releve.services.stations import StationDesk

KEY = "boot"
FOR_BOOT = "for-boot"
"""Argument of the report that a preparation began."""


class Preparations:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        commands: Commands,
        operations: Operations,
        device_model: DeviceModel,
        stations: StationDesk,
        background: Background,
    ) -> None:
        self._store = store
        self._clock = clock
        self._commands = commands
        self._device_model = device_model
        self._stations = stations
        self._background = background
        operations.when_done(BASE, self._reported)

    async def prepare(
        self,
        operator: OperatorId,
        station: StationId,
        values: Sequence[tuple[VariableName, str]],
        report: ReportBase | None,
        *,
        accept: bool = True,
        by: str = "",
    ) -> Preparation:
        """Have this done at the station's next boot, which is answered Pending then."""
        if any(name.variable in SECRET_VARIABLES for name, _ in values):
            raise Invalid("Passwords and keys are not prepared: set them once it is accepted.")
        made = Preparation(
            values=tuple(values), report=report, accept=accept, by=by, at=self._clock.now()
        )
        await self._stations.change(operator, station, boot=BootDecision.PENDING)
        await self._save(operator, station, made)
        return made

    async def get(self, operator: OperatorId, station: StationId) -> Preparation:
        """How it stands; NotFound when nothing is prepared."""
        await self._commands.station(operator, station)
        async with self._store.work(operator) as work:
            found = await work.holdings.get(station, Preparation, KEY)
        if found is None:
            raise NotFound("Nothing is prepared for this station.")
        return found

    async def drop(self, operator: OperatorId, station: StationId) -> None:
        """Forget it. The boot stays as it is decided."""
        await self.get(operator, station)
        async with self._store.work(operator) as work:
            work.holdings.remove(station, Preparation, KEY)

    async def run(self, station: Station) -> None:
        """The station's boot was answered Pending: do what is prepared (B02.FR.01)."""
        async with self._store.work(station.operator) as work:
            found = await work.holdings.get(station.id, Preparation, KEY)
        if found is None or found.state is PreparationState.DONE:
            return
        running = await self._now(station, found, PreparationState.RUNNING)
        if running.values:
            outcome = await self._commands.perform(
                station.operator, station.id, SetVariables(values=running.values), by=running.by
            )
            running = await self._now(station, running, running.state, results=outcome.variables)
            if outcome.result is not Result.ANSWERED or not outcome.accepted:
                await self._now(station, running, PreparationState.FAILED, problem=refusal(outcome))
                return
        if running.report is None:
            await self.finish(station, running)
            return
        begun = await self._device_model.base_report(
            station.operator, station.id, running.report, by=running.by, arguments={FOR_BOOT: True}
        )
        if begun.ended and begun.problem:
            await self._now(station, running, PreparationState.FAILED, problem=begun.problem)

    async def finish(self, station: Station, running: Preparation) -> None:
        """All is done: accept the station; it is asked to boot now rather than in a while."""
        await self._now(station, running, PreparationState.DONE)
        row = await self._commands.station(station.operator, station.id)
        if not running.accept or row.quarantined:
            return
        await self._stations.change(station.operator, station.id, boot=BootDecision.ACCEPTED)

    async def _reported(
        self, work: Work, operation: Operation, parts: Sequence[OperationPart]
    ) -> None:
        """A report has come to its end: if it was for a boot, go on, once this unit of work is written."""
        if not operation.arguments.get(FOR_BOOT):
            return
        found = await work.holdings.get(operation.station, Preparation, KEY)
        station = await work.stations.get(operation.station)
        if found is not None and station is not None and found.state is PreparationState.RUNNING:
            row, running = station, found
            self._background.start(lambda: self.finish(row, running))

    async def _now(
        self, station: Station, one: Preparation, state: PreparationState, **more: Any
    ) -> Preparation:
        changed = msgspec.structs.replace(one, state=state, **{"problem": "", **more})
        await self._save(station.operator, station.id, changed)
        return changed

    async def _save(self, operator: OperatorId, station: StationId, one: Preparation) -> None:
        async with self._store.work(operator) as work:
            work.holdings.save(station, one)


class AfterBoot:
    """What follows a boot by itself."""

    def __init__(
        self,
        commands: Commands,
        stations: StationDesk,
        preparations: Preparations,
        device_model: DeviceModel,
        background: Background,
        report_after_s: float,
    ) -> None:
        self._stations = stations
        self._commands = commands
        self._preparations = preparations
        self._device_model = device_model
        self._background = background
        self._report_after_s = report_after_s

    def __call__(self, inbound: Inbound, boot: Boot) -> None:
        """Leave for later what the boot calls for."""
        station = inbound.station
        if boot.foreign:
            inbound.later(lambda: self._turn_away(station))
        if boot.decision is BootDecision.PENDING:
            inbound.later(lambda: self._preparations.run(station))
        if boot.decision is not BootDecision.ACCEPTED:
            return
        if inbound.live.quirks.heartbeat_ignored and not boot.again:
            inbound.later(lambda: self._set_heartbeat(station, boot.interval_s))
        if (boot.first or boot.changed) and self._report_after_s >= 0:
            # B07.FR.14: its model is not known, or not known any more. Spread: after an outage all boot at once.
            wait = self._report_after_s * (1 + station.id % 97 / 97)
            self._background.start(lambda: self._refresh(station), after_s=wait)

    async def _turn_away(self, station: Station) -> None:
        reason = "the serial number is not that of the certificate"
        await self._stations.disconnect(station.operator, station.id, reason)  # B01.FR.12

    async def _set_heartbeat(self, station: Station, interval_s: int) -> None:
        command = SetHeartbeat(interval_s=interval_s)
        await self._commands.perform(station.operator, station.id, command)

    async def _refresh(self, station: Station) -> None:
        if self._commands.online(station.id):
            await self._device_model.base_report(station.operator, station.id)
