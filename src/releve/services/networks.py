"""B09, B10: how stations reach their CSMS, and how they leave for another one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from releve.domain.commands import (
    ChangeAvailability,
    Outcome,
    Reset,
    ResetKind,
    Result,
    SetVariables,
)
from releve.domain.ids import OperationId, OperatorId, StationId
from releve.domain.operation import Operation, OperationState
from releve.domain.provisioning import (
    NetworkProfile,
    SetNetworkProfile,
    StoredProfile,
    network_variables,
)
from releve.domain.station import Station
from releve.domain.variables import PRIORITY
from releve.services.commands import Commands
from releve.services.errors import Invalid
from releve.services.live import LiveStation
from releve.services.operations import Operations, refusal
from releve.services.ports import Clock, Presence, Store, Work

MIGRATION = "migration"
PATIENCE = timedelta(hours=24)
"""A reset on idle waits for the last car to leave."""
AWAY = timedelta(minutes=30)
"""A station that the other CSMS does not take falls back to us: one that is away for so long has arrived there."""
RESET, LEFT, BACK, RETURNED, HERE = "Reset", "Left", "Back", "Returned", "Here"
"""How far a migration is: told to restart; gone; here again without having restarted; restarted, and here again by
its old profile, or by the new one, which led to another door of this system."""


class Networks:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        presence: Presence,
        commands: Commands,
        operations: Operations,
    ) -> None:
        self._store = store
        self._clock = clock
        self._presence = presence
        self._commands = commands
        self._operations = operations
        self._since = clock.now()
        self._away: dict[StationId, OperationId] = {}
        """Stations that have hung up on their way to another CSMS."""

    async def profiles(self, operator: OperatorId, station: StationId) -> list[StoredProfile]:
        """The profiles that the station took from us, by slot, without their secrets."""
        await self._commands.station(operator, station)
        async with self._store.work(operator) as work:
            return await work.holdings.all(station, StoredProfile)

    async def store_profile(
        self,
        operator: OperatorId,
        station: StationId,
        slot: int,
        profile: NetworkProfile,
        *,
        by_variables: bool = False,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Store a profile in a slot (B09), by its own message or, in 2.1, by variables of NetworkConfiguration."""
        command: SetNetworkProfile | SetVariables
        if by_variables:
            # Its password is that of a slot that is not in use (B09.FR.10): nobody is locked out by it.
            values = tuple(network_variables(slot, profile))
            command = SetVariables(values=values, password=bool(profile.password))
        else:
            command = SetNetworkProfile(slot=slot, profile=profile)
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        if outcome.accepted:
            await self._keep(operator, station, slot, profile)
        return outcome

    async def _keep(
        self, operator: OperatorId, station: StationId, slot: int, profile: NetworkProfile
    ) -> None:
        vpn, apn = profile.vpn, profile.apn
        public = msgspec.structs.replace(
            profile,
            password="",
            vpn=vpn and msgspec.structs.replace(vpn, password="", key=""),
            apn=apn and msgspec.structs.replace(apn, password="", sim_pin=None),
        )
        stored = StoredProfile(slot=slot, profile=public, at=self._clock.now())
        async with self._store.work(operator) as work:
            work.holdings.save(station, stored)

    async def prioritise(
        self,
        operator: OperatorId,
        station: StationId,
        slots: Sequence[int],
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Set the order in which the station tries its profiles, from its next start on."""
        if len(set(slots)) < len(slots):
            raise Invalid("A slot can stand in the order only once.", field="slots")
        return await self._commands.perform(
            operator, station, _order(slots), by=by, timeout=timeout
        )

    async def migrate(
        self,
        operator: OperatorId,
        station: StationId,
        slot: int,
        profile: NetworkProfile,
        *,
        keep: Sequence[int] = (),
        confirm: str,
        inoperative: bool = False,
        reset: ResetKind = ResetKind.ON_IDLE,
        by: str = "",
    ) -> Operation:
        """Send a station to another CSMS (B10): store its profile, put it first, restart.

        keep: slots that it falls back to, in this order. confirm: the station's identity, for it may not come back.
        inoperative: take it out of service first, so that no new transaction begins (B10.FR.05); it stays so.
        DONE when it has hung up and stays away: whether it arrived is for the other CSMS to tell; or when the profile
        led to another door of this system. FAILED when it restarts and comes back here by its old one.
        """
        found = await self._commands.station(operator, station)
        if confirm != found.identity:
            raise Invalid("Repeat the station's identity to confirm.", field="confirm")
        if slot in keep:
            raise Invalid("The new profile's slot is not one to fall back to.", field="keep")
        operation = await self._operations.begin(
            operator,
            station,
            MIGRATION,
            lambda _: SetNetworkProfile(slot=slot, profile=profile),
            by=by,
            patience=PATIENCE,
            arguments=_arguments(found, slot, profile, keep, reset),
        )
        if operation.state is not OperationState.RUNNING:
            return operation
        await self._keep(operator, station, slot, profile)
        steps: list[tuple[str, SetVariables | ChangeAvailability]] = []
        if inoperative:
            steps.append(("Inoperative", ChangeAvailability(operative=False)))
        steps.append(("NetworkConfigurationPriority", _order((slot, *keep))))
        return await self._walk(found, operation, steps, Reset(kind=reset), by)

    async def _walk(
        self,
        station: Station,
        operation: Operation,
        steps: Sequence[tuple[str, SetVariables | ChangeAvailability]],
        reset: Reset,
        by: str,
    ) -> Operation:
        for name, command in steps:
            outcome = await self._commands.perform(operation.operator, station.id, command, by=by)
            if not outcome.accepted:
                return await self._stopped(operation, name, outcome)
            operation = await self._operations.finish(
                operation.operator,
                operation.id,
                OperationState.RUNNING,
                status=name,
                result={name: outcome.status or "Accepted"},
            )
        return await self._restart(station, operation, reset, by)

    async def _restart(
        self, station: Station, operation: Operation, reset: Reset, by: str
    ) -> Operation:
        """The last step. All is written before it is sent: the station may be gone before its answer is read, and
        then nothing may be written over its having left."""
        operation = await self._operations.finish(
            operation.operator, operation.id, OperationState.RUNNING, status=RESET
        )
        self._leaving(station.id, operation.id)
        outcome = await self._commands.perform(operation.operator, station.id, reset, by=by)
        if outcome.accepted or outcome.result is Result.OFFLINE:
            return await self._operations.get(operation.operator, operation.id)
        self._leaving(station.id, None)
        return await self._stopped(operation, RESET, outcome)

    async def _stopped(self, operation: Operation, name: str, outcome: Outcome) -> Operation:
        return await self._operations.finish(
            operation.operator,
            operation.id,
            OperationState.FAILED,
            status=name,
            problem=f"{name}: {refusal(outcome)}",
        )

    def _leaving(self, station: StationId, operation: OperationId | None) -> None:
        live = self._presence.live(station)
        if live is not None:
            live.leaving = operation

    async def left(self, station: Station, operation: OperationId) -> None:
        """The station has hung up after the restart that we asked for: perhaps it is on its way."""
        if self._presence.live(station.id) is not None:  # it has a new connection already
            self._leaving(station.id, operation)
            return
        self._away[station.id] = operation
        await self._operations.finish(
            station.operator,
            operation,
            OperationState.RUNNING,
            status=LEFT,
            deadline_at=self._clock.now() + AWAY,
        )

    def arrived(self, live: LiveStation) -> None:
        """A station is connected. One that was on its way and has not restarted yet may still go."""
        operation = self._away.pop(live.station.id, None)
        if operation is not None:
            live.leaving = operation

    async def booted(self, work: Work, before: Station, after: Station) -> None:
        """A station that restarts and boots here has not left, or has come back."""
        live = self._presence.live(after.id)
        if live is not None and live.quirks.boots_on_reconnect:
            return  # it says so without having restarted
        for one in await work.operations.unfinished(after.id, (MIGRATION,)):
            if one.status not in (RESET, LEFT, BACK):
                continue
            ended = msgspec.structs.replace(
                one,
                state=OperationState.FAILED,
                status=RETURNED,
                problem="It restarted and came back here: the other system did not take it, or was not found.",
                updated_at=self._clock.now(),
            )
            if _by_new_profile(one, after):
                ended = msgspec.structs.replace(
                    ended, state=OperationState.DONE, status=HERE, problem=""
                )
            work.operations.save(ended)
            self._operations.announce(work, ended, after)
            self._leaving(after.id, None)

    async def overdue(self, operation: Operation) -> bool:
        """Judge a migration whose time is over; False where it has just come to nothing."""
        if operation.status not in (RESET, LEFT, BACK):
            return False
        now, state, deadline = self._clock.now(), OperationState.RUNNING, None
        status = LEFT
        if self._presence.live(operation.station) is not None:
            deadline, status = operation.created_at + PATIENCE, BACK
            if now >= deadline:
                return False
            self._leaving(operation.station, operation.id)
        elif now < self._since + AWAY:  # this system itself was away: it may be about to come
            deadline = self._since + AWAY
        else:
            state = OperationState.DONE
        self._away.pop(operation.station, None)
        await self._operations.finish(
            operation.operator, operation.id, state, status=status, deadline_at=deadline
        )
        return True


def _arguments(
    station: Station, slot: int, profile: NetworkProfile, keep: Sequence[int], reset: ResetKind
) -> dict[str, Any]:
    """What a migration's operation shows of what was asked; from, to: security profiles."""
    return {
        "slot": slot,
        "url": profile.url,
        "keep": list(keep),
        "reset": str(reset),
        "from": station.security_profile,
        "to": profile.security_profile,
    }


def _order(slots: Sequence[int]) -> SetVariables:
    """The slots that a station tries, the first one first."""
    return SetVariables(values=((PRIORITY, ",".join(str(slot) for slot in slots)),))


def _by_new_profile(migration: Operation, station: Station) -> bool:
    """Whether a station that has come back has come by the profile it was given: that led to another door of ours."""
    before, after = migration.arguments.get("from"), migration.arguments.get("to")
    return after is not None and before != after and station.security_profile == after
