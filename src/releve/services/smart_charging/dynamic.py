"""K21, K22, K28: dynamic profiles, whose limits change without a new profile, and priority charging."""

from __future__ import annotations

import msgspec

from releve.domain.charging_holdings import OURS, InstalledProfile, PriorityState
from releve.domain.charging_profile import Kind, ScheduleUpdate
from releve.domain.commands import Outcome, Result
from releve.domain.events import StationReported
from releve.domain.ids import OperatorId, StationId
from releve.domain.smart_charging import UpdateDynamicSchedule, UsePriorityCharging
from releve.services.commands import Commands
from releve.services.live import Inbound
from releve.services.ports import Clock, Store


class DynamicProfiles:
    def __init__(self, store: Store, clock: Clock, commands: Commands) -> None:
        self._store = store
        self._clock = clock
        self._commands = commands

    async def update(
        self,
        operator: OperatorId,
        station: StationId,
        profile: int,
        update: ScheduleUpdate,
        *,
        push: bool = True,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """New limits for a dynamic profile (K28): pushed now, or handed out when the station next asks."""
        await self._commands.station(operator, station)
        async with self._store.work(operator) as work:
            held = await work.holdings.get(station, InstalledProfile, str(profile))
        problem = _updating_fault(held, update)
        if held is None or problem:
            return Outcome(result=Result.INVALID, description=problem)
        outcome = Outcome(result=Result.ANSWERED, status="Noted", accepted=True)
        if push:
            command = UpdateDynamicSchedule(profile=profile, update=update)
            outcome = await self._commands.perform(
                operator, station, command, by=by, timeout=timeout
            )
        if outcome.accepted:
            changed = held.profile.updated(update, self._clock.now())
            if not push:  # the station's own time of update is that of its next question
                changed = msgspec.structs.replace(
                    changed, dyn_update_time=held.profile.dyn_update_time
                )
            async with self._store.work(operator) as work:
                work.holdings.save(
                    station,
                    msgspec.structs.replace(held, profile=changed, next_update=not push),
                )
        return outcome

    async def pulled(self, inbound: Inbound, profile: int) -> ScheduleUpdate | None:
        """The present limits of a dynamic profile (K28.FR.07); None when it is none (K28.FR.12)."""
        station = inbound.station
        async with self._store.work(station.operator) as work:
            held = await work.holdings.get(station.id, InstalledProfile, str(profile))
            if held is None or held.profile.kind is not Kind.DYNAMIC or held.source != OURS:
                return None
            period = held.profile.schedule.periods[0]
            fresh = msgspec.structs.replace(held.profile, dyn_update_time=inbound.at)
            work.holdings.save(
                station.id, msgspec.structs.replace(held, profile=fresh, next_update=False)
            )
        return msgspec.convert(period, ScheduleUpdate, from_attributes=True)

    # --- priority charging ---------------------------------------------------------------------------------------

    async def use_priority(
        self,
        operator: OperatorId,
        station: StationId,
        reference: str,
        activate: bool,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Put a transaction under the station's PriorityCharging profile, or back (K21). In effect when it says so."""
        command = UsePriorityCharging(reference=reference, activate=activate)
        return await self._commands.perform(operator, station, command, by=by, timeout=timeout)

    async def priority(self, inbound: Inbound, reference: str, activated: bool) -> None:
        """Priority charging began or ended, by our order or the driver's (K21.FR.09, K22.FR.06)."""
        station = inbound.station
        async with self._store.work(station.operator) as work:
            if activated:
                work.holdings.save(station.id, PriorityState(reference=reference, since=inbound.at))
            else:
                work.holdings.remove(station.id, PriorityState, reference)
            work.announce(
                StationReported(
                    operator=station.operator,
                    station=station.id,
                    identity=station.identity,
                    at=inbound.at,
                    what="NotifyPriorityCharging",
                    detail={"transactionId": reference, "activated": activated},
                )
            )


def _updating_fault(held: InstalledProfile | None, update: ScheduleUpdate) -> str:
    if held is None:
        return "The station has no charging profile of this id."
    if held.profile.kind is not Kind.DYNAMIC:
        return "Only a Dynamic profile can be updated; replace this one."
    if update == ScheduleUpdate():
        return "The update changes nothing: give a limit, a discharge limit or a setpoint."
    return ""
