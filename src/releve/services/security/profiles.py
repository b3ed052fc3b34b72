"""A05: a station moves to a higher security profile, and cannot go back.

2.x: a network profile with the new security profile, first place in NetworkConfigurationPriority, reset. 1.6: the key
SecurityProfile, reset. From before the first message both profiles are accepted; the first connection with the new one
settles it, and from then on the old one is refused.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec

from releve.domain.commands import (
    Outcome,
    Reset,
    ResetKind,
    Result,
    SetVariables,
    VariableName,
)
from releve.domain.ids import OperatorId, StationId
from releve.domain.operation import Operation, OperationState
from releve.domain.provisioning import NetworkProfile, OcppInterface, SetNetworkProfile
from releve.domain.security import (
    BASIC_PROFILES,
    CERTIFICATE_PROFILE,
    HIGHEST_PROFILE,
    TLS_FROM,
    CertificateState,
)
from releve.domain.station import Station
from releve.services.commands import Commands
from releve.services.errors import Invalid, NotFound, NotNow
from releve.services.operations import Operations, refusal
from releve.services.ports import Presence, Store
from releve.services.security.ports import Errands

KIND = "security-profile"
PATIENCE = timedelta(days=2)
"""How long a station may take to come back with the new profile: it resets when it is idle."""
OLD = "ocpp1.6"
PRIORITY = VariableName(component="OCPPCommCtrlr", variable="NetworkConfigurationPriority")
DOWNGRADE = VariableName(component="SecurityCtrlr", variable="AllowSecurityProfileDowngrade")
KEY = VariableName(variable="SecurityProfile")


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator asks for. slot: of the station's network profiles (2.x); url: where it finds us then."""

    to: int
    url: str
    slot: int = 2
    interface: OcppInterface = OcppInterface.WIRED0
    timeout_s: int = 30
    reset: bool = True


class Profiles:
    def __init__(
        self,
        store: Store,
        presence: Presence,
        commands: Commands,
        operations: Operations,
        errands: Errands,
        *,
        tls: bool,
    ) -> None:
        self._store = store
        self._presence = presence
        self._commands = commands
        self._operations = operations
        self._errands = errands
        self._tls = tls
        """Whether stations can come in over TLS at all."""

    async def move(
        self,
        operator: OperatorId,
        station: StationId,
        move: Move,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Operation:
        """Begin the change of a connected station's security profile. DONE when it has come back with the new one."""
        row = await self._row(operator, station)
        live = self._presence.live(station)
        if live is None:
            raise NotNow("The station is not connected.")
        if await self._operations.latest(operator, station, (KIND,)) is not None:
            raise NotNow(
                "Its security profile is being changed already: wait for it, or cancel that."
            )
        old = live.station.version == OLD
        await self._check(row, move.to, old=old)
        # A05.FR.07: the old one is accepted until the new one has been seen, lest the station be locked out.
        await self._save(row, profile_next=move.to)
        arguments = {"from": row.security_profile, "to": move.to, "slot": move.slot}
        operation = await self._operations.begin(
            operator,
            station,
            KIND,
            lambda _: _first(move, old=old),
            by=by,
            patience=PATIENCE,
            arguments=arguments,
            timeout=timeout,
        )
        if operation.state is OperationState.FAILED:
            await self._gave_up(operation, msgspec.convert(operation.result, Outcome))
            return operation
        self._errands.start(self._go_on(operation, move, old=old))
        return operation

    async def _check(self, row: Station, to: int, *, old: bool) -> None:
        """What has to be so before a station is sent there: else it could not come in, or would be less safe."""
        now = row.security_profile
        if not 1 <= to <= HIGHEST_PROFILE:
            raise Invalid(f"A security profile is 1 to {HIGHEST_PROFILE}.", field="profile")
        if to == now:
            raise NotNow(f"The station uses security profile {now} already.")
        if to < now and not (
            now == CERTIFICATE_PROFILE and to == 2 and await self._may_lower(row, old)
        ):
            raise NotNow(
                "A security profile is not lowered over OCPP, but from 3 to 2 where the station's variable "
                "AllowSecurityProfileDowngrade is true."
            )
        if to >= TLS_FROM and not self._tls:
            raise NotNow("Stations cannot come in over TLS here yet: set RELEVE_STATION_TLS_PORT.")
        if to in BASIC_PROFILES and row.credential is None:
            raise NotNow("The station has no password yet: set one first.")
        if to == CERTIFICATE_PROFILE and not await self._has_certificate(row):
            raise NotNow(
                "The station has no certificate yet: renew its certificate first, or set the name in the one it has."
            )

    async def _may_lower(self, row: Station, old: bool) -> bool:
        """A05.FR.08: only 3 to 2, only where the station allows it itself; 1.6 never."""
        if old:
            return False
        async with self._store.work(row.operator) as work:
            known = await work.variables.get(row.id, [DOWNGRADE])
        return bool(known) and (known[0].value or "").casefold() == "true"

    async def _has_certificate(self, row: Station) -> bool:
        if row.certificate_name:
            return True
        async with self._store.work(row.operator) as work:
            signed = await work.station_certificates.of(row.id)
        return any(c.state is CertificateState.ACTIVE for c in signed)

    async def _go_on(self, operation: Operation, move: Move, *, old: bool) -> None:
        """The steps after the first. Each is tried once: what fails ends the operation."""
        if not old:
            order = await self._priority(operation, move.slot)
            outcome = await self._commands.perform(
                operation.operator,
                operation.station,
                SetVariables(values=((PRIORITY, order),)),
                by=operation.by,
            )
            if not outcome.accepted:
                await self._failed(operation, outcome)
                return
        if move.reset:
            kind = ResetKind.IMMEDIATE if old else ResetKind.ON_IDLE
            outcome = await self._commands.perform(
                operation.operator, operation.station, Reset(kind=kind), by=operation.by
            )
            if not outcome.accepted and outcome.result is not Result.OFFLINE:
                await self._failed(operation, outcome)
                return
        await self._operations.finish(
            operation.operator, operation.id, OperationState.RUNNING, status="WaitingForStation"
        )

    async def _priority(self, operation: Operation, slot: int) -> str:
        """The new slot first, then those that the station has as far as it told (A05: the existing one second)."""
        async with self._store.work(operation.operator) as work:
            known = await work.variables.get(operation.station, [PRIORITY])
        told = (known[0].value or "") if known else ""
        others = [part.strip() for part in told.split(",") if part.strip().isdigit()]
        if not others:
            others = ["1" if slot != 1 else "2"]
        return ",".join([str(slot), *(other for other in others if other != str(slot))])

    async def _failed(self, operation: Operation, outcome: Outcome) -> None:
        await self._operations.finish(
            operation.operator, operation.id, OperationState.FAILED, problem=refusal(outcome)
        )
        await self._gave_up(operation, outcome)

    async def _gave_up(self, operation: Operation, outcome: Outcome) -> None:
        """Expect the new profile no more, where it is certain that the station does not take it."""
        if outcome.result in (Result.TIMEOUT, Result.OFFLINE, Result.MALFORMED):
            return
        row = await self._row(operation.operator, operation.station)
        if row.profile_next == operation.arguments.get("to"):
            await self._save(row, profile_next=None)

    async def set_here(
        self, operator: OperatorId, station: StationId, profile: int, *, lower: bool = False
    ) -> Station:
        """Set what the station has to come with, without telling it. lower: it is meant, though it is less safe."""
        row = await self._row(operator, station)
        if not 0 <= profile <= HIGHEST_PROFILE:
            raise Invalid(
                f"A security profile is 0 to {HIGHEST_PROFILE}.", field="security_profile"
            )
        if profile < row.security_profile and not lower:
            raise NotNow(
                f"This would lower the security profile from {row.security_profile} to {profile}: confirm it."
            )
        if profile in BASIC_PROFILES and row.credential is None:
            raise NotNow("The station has no password yet: set one first.")
        if profile >= TLS_FROM and not self._tls:
            raise NotNow("Stations cannot come in over TLS here yet: set RELEVE_STATION_TLS_PORT.")
        return await self._save(row, security_profile=profile, profile_next=None)

    async def set_certificate(
        self,
        operator: OperatorId,
        station: StationId,
        *,
        name: str | None = None,
        accept_expired: bool | None = None,
    ) -> Station:
        """The common name that its certificate has to have ("": to be learnt), and whether it may be expired."""
        row = await self._row(operator, station)
        changes: dict[str, object] = {}
        if name is not None:
            if len(name) > 64 or any(ord(c) < 32 for c in name):
                raise Invalid(
                    "The name in a certificate has at most 64 characters on one line.",
                    field="certificate_name",
                )
            changes["certificate_name"] = name.strip()
        if accept_expired is not None:
            changes["accept_expired"] = accept_expired
        return await self._save(row, **changes)

    async def expect(self, operator: OperatorId, station: StationId, profile: int) -> None:
        """The station was given a network profile with this security profile by hand: it may come with it (A05)."""
        row = await self._row(operator, station)
        if row.security_profile < profile <= HIGHEST_PROFILE:
            await self._save(row, profile_next=profile)

    async def _row(self, operator: OperatorId, station: StationId) -> Station:
        async with self._store.work(operator) as work:
            found = await work.stations.get(station)
        if found is None:
            raise NotFound("There is no such station.")
        return found

    async def _save(self, row: Station, **changes: object) -> Station:
        changed = msgspec.structs.replace(row, **changes)
        async with self._store.work(row.operator) as work:
            work.stations.save_security(changed)
        return changed


def _first(move: Move, *, old: bool) -> SetVariables | SetNetworkProfile:
    if old:
        return SetVariables(values=((KEY, str(move.to)),))
    profile = NetworkProfile(
        url=move.url,
        security_profile=move.to,
        interface=move.interface,
        timeout_s=move.timeout_s,
    )
    return SetNetworkProfile(slot=move.slot, profile=profile)
