"""K01, K05, K09, K10: charging profiles set, cleared and reported."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace

from releve.domain.charging_holdings import OURS, InstalledProfile, SupplyNote
from releve.domain.charging_profile import ChargingProfile, Kind, Purpose
from releve.domain.charging_rules import Fault
from releve.domain.commands import Outcome, Result
from releve.domain.ids import OperatorId, StationId
from releve.domain.limits import Limit
from releve.domain.operation import Operation, OperationPart, OperationState
from releve.domain.smart_charging import (
    ClearChargingProfile,
    GetChargingProfiles,
    SetChargingProfile,
)
from releve.domain.station import BootDecision
from releve.domain.token import IdToken
from releve.services.commands import Commands
from releve.services.live import Inbound
from releve.services.operations import Operations
from releve.services.ports import Clock, Store, Work
from releve.services.provisioning import Boot
from releve.services.reports import Reports
from releve.services.smart_charging.preparing import Prepared, prepared
from releve.services.smart_charging.situation import Situation, Situations

REPORT = "charging-profiles-report"
"""Kind of the operation that fetches profiles from a station."""


NO_PROFILES = "NoProfiles"


class ProfileResult(msgspec.Struct, frozen=True, kw_only=True):
    """How setting a profile ended. profile: as it was sent, or would have been; changes: what was adapted, in words."""

    outcome: Outcome
    evse: int
    profile: ChargingProfile
    changes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


class SmartCharging:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        commands: Commands,
        operations: Operations,
        reports: Reports,
        situations: Situations,
    ) -> None:
        self._store = store
        self._clock = clock
        self._commands = commands
        self._operations = operations
        self._reports = reports
        self._situations = situations
        operations.when_done(REPORT, self._reconcile)

    async def situation(self, operator: OperatorId, station: StationId) -> Situation:
        """What is known of a station. NotFound."""
        found = await self._commands.station(operator, station)
        async with self._store.work(operator) as work:
            return await self._situations.read(work, found)

    async def note_supply(self, operator: OperatorId, station: StationId, note: SupplyNote) -> None:
        """Keep what the operator knows of the supply behind an EVSE."""
        async with self._store.work(operator) as work:
            work.holdings.save(station, note)

    # --- set -----------------------------------------------------------------------------------------------------

    async def set(
        self,
        operator: OperatorId,
        station: StationId,
        evse: int,
        profile: ChargingProfile,
        *,
        by: str = "",
        timeout: float | None = None,
        choices: bool = False,
        phases_told: bool = False,
    ) -> ProfileResult:
        """Install a profile, or replace one (K01.FR.01, K01.FR.02, K01.FR.08). evse 0: the station as a whole.

        id 0: it replaces what stands in its place, else gets a free number. A TxProfile without transaction goes to the
        one that runs on its EVSE. What the standard forbids is not sent: result INVALID, with the faults. choices,
        phases_told: as of `charging_rules.faults`.
        """
        situation = await self.situation(operator, station)
        ready = prepared(
            situation, evse, profile, choices=choices, phases_told=phases_told, running=True
        )
        if ready.faults:
            return _refused(ready)
        command = SetChargingProfile(evse=evse, profile=ready.profile)
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        if outcome.accepted:
            async with self._store.work(operator) as work:
                self._install(work, situation, ready, by)
        return ProfileResult(
            outcome=outcome, evse=evse, profile=ready.profile, changes=ready.changes
        )

    def _install(self, work: Work, situation: Situation, ready: Prepared, by: str) -> None:
        profile = ready.profile
        if profile.kind is Kind.DYNAMIC and profile.dyn_update_time is None:
            profile = msgspec.structs.replace(profile, dyn_update_time=situation.now)  # K28.FR.05
        for gone in ready.replaces:
            work.holdings.remove(situation.station.id, InstalledProfile, str(gone))
        work.holdings.save(
            situation.station.id,
            replace(self._held(ready, by), profile=profile),
        )

    def _held(self, ready: Prepared, by: str) -> InstalledProfile:
        now = self._clock.now()
        return InstalledProfile(evse=ready.evse, profile=ready.profile, installed_at=now, by=by)

    async def start(
        self,
        operator: OperatorId,
        station: StationId,
        profile: ChargingProfile | None,
        *,
        token: IdToken | None = None,
        evse: int | None = None,
        group: str | None = None,
        limit: Limit | None = None,
        by: str = "",
        timeout: float | None = None,
    ) -> tuple[Outcome, int]:
        """A remote start with a TxProfile, or without (K05.FR.01); as `Commands.start`.

        The profile has no transaction yet (K05.FR.02); it is bound to the one that begins with this start.
        """
        ready = None
        if profile is not None:
            situation = await self.situation(operator, station)
            bare = msgspec.structs.replace(profile, purpose=Purpose.TX, transaction_id=None)
            ready = prepared(situation, evse or 1, bare, running=False)
            if ready.faults:
                return _refused(ready).outcome, 0
        outcome, number = await self._commands.start(
            operator,
            station,
            token=token,
            evse=evse,
            group=group,
            limit=limit,
            profile=None if ready is None else ready.profile,
            by=by,
            timeout=timeout,
        )
        if outcome.accepted and ready is not None:
            held = replace(self._held(ready, by), remote_start_id=number)
            async with self._store.work(operator) as work:
                work.holdings.save(station, held)
        return outcome, number

    async def resend(
        self,
        operator: OperatorId,
        station: StationId,
        *,
        reference: str | None = None,
        by: str = "resent after a restart",
    ) -> list[ProfileResult]:
        """Send TxProfiles of running transactions again, unless the station keeps them (ChargingProfilePersistence).

        reference: only those of this transaction. After a reboot (B12, TC_B_116) and when a transaction is resumed.
        """
        situation = await self.situation(operator, station)
        results = []
        for held in situation.installed:
            profile = held.profile
            if profile.purpose is not Purpose.TX or held.source != OURS:
                continue
            if profile.transaction_id is None or reference not in (None, profile.transaction_id):
                continue
            if Purpose.TX in situation.abilities(held.evse).persistent:
                continue
            several = len(profile.schedules) > 1
            results.append(
                await self.set(
                    operator,
                    station,
                    held.evse,
                    profile,
                    by=by,
                    choices=several,
                    phases_told=True,
                )
            )
        return results

    def booted(self, inbound: Inbound, boot: Boot) -> None:
        """After an accepted boot, TxProfiles that the restart wiped out go out again."""
        station = inbound.station
        running = any(live.active for live in inbound.live.transactions.values())
        if boot.decision is BootDecision.ACCEPTED and running:
            inbound.later(partial(self._again, station.operator, station.id))

    async def _again(self, operator: OperatorId, station: StationId) -> None:
        await self.resend(operator, station)

    # --- clear ---------------------------------------------------------------------------------------------------

    async def clear(
        self,
        operator: OperatorId,
        station: StationId,
        command: ClearChargingProfile,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Clear a profile by its id, or all that meet the criteria (K10). Unknown: the station has no such profile."""
        problem = _clearing_fault(command)
        if problem is not None:
            return Outcome(result=Result.INVALID, description=problem.text)
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        if outcome.accepted or outcome.status == "Unknown":
            async with self._store.work(operator) as work:
                for held in await work.holdings.all(station, InstalledProfile):
                    if _meets(held, command):
                        work.holdings.remove(station, InstalledProfile, held.key)
        return outcome

    # --- fetch ---------------------------------------------------------------------------------------------------

    async def fetch(
        self,
        operator: OperatorId,
        station: StationId,
        *,
        evse: int | None = None,
        ids: Sequence[int] = (),
        purpose: Purpose | None = None,
        stack_level: int | None = None,
        sources: Sequence[str] = (),
        by: str = "",
        timeout: float | None = None,
    ) -> Operation:
        """Have the station report its profiles (K09); an operation whose parts are the reports.

        ids alone, or criteria; with neither, one report of every purpose is asked for (K09.FR.03 wants a criterion).
        """
        if not ids and purpose is None and stack_level is None and not sources:
            sources = (OURS, "EMS", "SO", "Other")
        wanted = {
            "evse": evse,
            "ids": tuple(ids),
            "purpose": purpose,
            "stack_level": None if ids else stack_level,
            "sources": () if ids else tuple(sources),
        }
        operation = await self._operations.begin(
            operator,
            station,
            REPORT,
            lambda number: GetChargingProfiles(request_id=number, **wanted),  # type: ignore[arg-type]
            by=by,
            arguments={k: v for k, v in wanted.items() if v not in (None, ())},
            timeout=timeout,
        )
        if operation.status != NO_PROFILES or operation.ended:
            return operation
        return await self._operations.finish(operator, operation.id, OperationState.DONE)

    async def _reconcile(
        self, work: Work, operation: Operation, parts: Sequence[OperationPart]
    ) -> None:
        """Of what was asked about, the station has what it reported and nothing else."""
        told = {one["id"] for part in parts for one in part.content.get("chargingProfile", ())}
        for held in await work.holdings.all(operation.station, InstalledProfile):
            if held.profile.id not in told and _asked(held, operation.arguments):
                work.holdings.remove(operation.station, InstalledProfile, held.key)

    async def reported(
        self,
        inbound: Inbound,
        *,
        request_id: int,
        evse: int,
        source: str,
        tbc: bool,
        profiles: Sequence[ChargingProfile],
        content: dict[str, Any],
    ) -> None:
        """Take in a report of profiles (K09). They are what the station has: ours are confirmed, others are learnt.

        The messages have no number of their own: a station sends them in order.
        """
        station = inbound.station
        async with self._store.work(station.operator) as work:
            known = {p.profile.id: p for p in await work.holdings.all(station.id, InstalledProfile)}
            for profile in profiles:
                before = known.get(profile.id)
                held = InstalledProfile(
                    evse=evse,
                    profile=profile,
                    installed_at=before.installed_at if before else inbound.at,
                    by=before.by if before else "",
                    source=source,
                    reported_at=inbound.at,
                )
                work.holdings.save(station.id, held)
            asked = await work.operations.requested(station.id, request_id)
        number = next((one.parts for one in asked if one.kind == REPORT), None)
        if number is None:
            await self._reports.told(inbound, "ReportChargingProfiles", content)
            return
        await self._operations.part(inbound, REPORT, request_id, number, tbc, content)


def _refused(ready: Prepared) -> ProfileResult:
    text = " ".join(fault.text for fault in ready.faults)
    return ProfileResult(
        outcome=Outcome(result=Result.INVALID, description=text),
        evse=ready.evse,
        profile=ready.profile,
        changes=ready.changes,
        faults=ready.faults,
    )


def _asked(held: InstalledProfile, arguments: dict[str, Any]) -> bool:
    """Whether a report with these criteria would have named the profile."""
    profile = held.profile
    return (
        arguments.get("evse") in (None, held.evse)
        and profile.id in (arguments.get("ids") or (profile.id,))
        and arguments.get("purpose") in (None, profile.purpose.value)
        and arguments.get("stack_level") in (None, profile.stack_level)
        and held.source in (arguments.get("sources") or (held.source,))
    )


def _clearing_fault(command: ClearChargingProfile) -> Fault | None:
    if command.purpose in (Purpose.EXTERNAL_CONSTRAINTS, Purpose.LOCAL_GENERATION):
        return Fault("K10.FR.06", f"Profiles of purpose {command.purpose} are not ours to clear.")
    criteria = (command.evse, command.purpose, command.stack_level)
    if command.id is None and all(each is None for each in criteria):
        return Fault(
            "K10.FR.02", "Say which profiles: an id, or an EVSE, a purpose or a stack level."
        )
    return None


def _meets(held: InstalledProfile, command: ClearChargingProfile) -> bool:
    """Whether the station cleared it: the criteria are joined by "and", and what is external stays (K10.FR.04)."""
    profile = held.profile
    if profile.purpose in (Purpose.EXTERNAL_CONSTRAINTS, Purpose.LOCAL_GENERATION):
        return False
    if command.id is not None:
        return profile.id == command.id
    return (
        command.evse in (None, held.evse)
        and command.purpose in (None, profile.purpose)
        and command.stack_level in (None, profile.stack_level)
    )
