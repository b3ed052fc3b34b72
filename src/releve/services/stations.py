"""The operator's register of stations, and the inbox of unknown ones."""

from __future__ import annotations

from typing import Any

import msgspec

from releve.domain.commands import TriggerMessage
from releve.domain.events import StationChanged
from releve.domain.ids import OperatorId, StationId
from releve.domain.security import BASIC_PROFILES, HIGHEST_PROFILE
from releve.domain.station import BootDecision, Station, identity_problem
from releve.services.credentials import Credentials
from releve.services.errors import Invalid, NotFound, NotNow, Taken
from releve.services.ports import Caller, Clock, Conflict, Ids, Presence, Store, Work

EDITABLE = frozenset({"name", "site", "boot", "disabled", "heartbeat_s"})
LONGEST_TEXT = 200


class StationDesk:
    """Changes reach a connected station's live state at once."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        credentials: Credentials,
        presence: Presence,
        caller: Caller,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._credentials = credentials
        self._presence = presence
        self._caller = caller

    async def add(
        self,
        operator: OperatorId,
        identity: str,
        *,
        name: str = "",
        site: str = "",
        password: str | None = None,
        security_profile: int | None = None,
    ) -> Station:
        """Register a station. password None: none is asked of it (security profile 0, or 3: a certificate).

        security_profile None: 1 with a password, else 0; its first connection may settle a higher one.
        """
        problem = identity_problem(identity, strict=False)
        if problem is not None:
            raise Invalid(f"This cannot be a station's identity: {problem}.", field="identity")
        station = Station(
            id=StationId(self._ids.next()),
            operator=operator,
            identity=identity,
            name=_text(name, "name"),
            site=_text(site, "site"),
            credential=self._credentials.verifier(password) if password else None,
            security_profile=_profile(security_profile, password),
            created_at=self._clock.now(),
        )
        try:
            async with self._store.work(operator) as work:
                work.stations.add(station)
                self._announce(work, station, ("identity",))
        except Conflict as conflict:
            raise Taken(
                f"There is a station with the identity {identity} already.", field="identity"
            ) from conflict
        return station

    def new_password(self) -> str:
        """One to register a station with: letters and digits."""
        return self._credentials.generate()

    async def change(self, operator: OperatorId, station: StationId, **changes: Any) -> Station:
        """Change some of EDITABLE. boot: a BootDecision; heartbeat_s: seconds (10 to 86400) or None."""
        unknown = set(changes) - EDITABLE
        if unknown:
            raise Invalid(f"This cannot be changed: {', '.join(sorted(unknown))}.")
        for field in ("name", "site"):
            if field in changes:
                changes[field] = _text(changes[field], field)
        beat = changes.get("heartbeat_s")
        if beat is not None and not 10 <= beat <= 86_400:
            raise Invalid("The heartbeat interval is 10 to 86400 seconds.", field="heartbeat_s")
        before = await self._get(operator, station)
        changed = await self._save(operator, station, changes)
        if changed.boot is BootDecision.ACCEPTED and before.boot is not BootDecision.ACCEPTED:
            await self._boot_now(changed)
        if changed.disabled:
            await self._caller.disconnect(station, "disabled by the operator")
        return changed

    async def accept(self, operator: OperatorId, station: StationId, *, name: str = "") -> Station:
        """Take a station out of the inbox. If it is connected, it is asked to boot again now, not in a minute."""
        if not (await self._get(operator, station)).quarantined:
            raise NotNow("This station is not in the inbox.")
        changes: dict[str, Any] = {"quarantined": False, "boot": BootDecision.ACCEPTED}
        if name:
            changes["name"] = _text(name, "name")
        accepted = await self._save(operator, station, changes)
        if self._presence.live(station) is not None:
            await self._caller.perform(station, TriggerMessage(message="BootNotification"))
        return accepted

    async def _boot_now(self, station: Station) -> None:
        """A station that waits for its boot to be accepted need not wait any longer (F06, B02)."""
        if not station.registered and self._presence.live(station.id) is not None:
            await self._caller.perform(station.id, TriggerMessage(message="BootNotification"))

    async def remove(self, operator: OperatorId, station: StationId) -> None:
        """Forget a station. Its transactions stay; it may come back only as an unknown one."""
        found = await self._get(operator, station)
        async with self._store.work(operator) as work:
            work.stations.remove(station)
            self._announce(work, found, ("removed",))
        await self._caller.disconnect(station, "removed by the operator")

    async def disconnect(self, operator: OperatorId, station: StationId, reason: str) -> bool:
        """Close its connection; False when there was none. A station that works comes back by itself."""
        await self._get(operator, station)
        return await self._caller.disconnect(station, reason)

    async def set_password(
        self, operator: OperatorId, station: StationId, password: str | None
    ) -> str | None:
        """Set the Basic password that the station has to present; "" makes one, None asks none. Returns it, once.

        This tells only the central system: `Passwords.change` tells the station as well.
        """
        changes: dict[str, Any] = {"credential_next": None}
        if password is None:
            changes |= {"credential": None, "security_profile": 0, "profile_next": None}
        else:
            password = password or self._credentials.generate()
            verifier = self._credentials.verifier(password)
            row = await self._row(operator, station)
            # A certificate counts for more than a password: setting one does not take profile 3 away.
            changes |= {
                "credential": verifier,
                "security_profile": max(row.security_profile, 1),
            }
        await self._secure(operator, station, changes)
        return password

    async def _secure(
        self, operator: OperatorId, station: StationId, changes: dict[str, Any]
    ) -> Station:
        """Change how a station proves who it is; always on what stands in the store now."""
        changed = msgspec.structs.replace(await self._row(operator, station), **changes)
        async with self._store.work(operator) as work:
            work.stations.save_security(changed)
            self._announce(work, changed, tuple(sorted(changes)))
        return changed

    async def _row(self, operator: OperatorId, station: StationId) -> Station:
        async with self._store.work(operator) as work:
            found = await work.stations.get(station)
        if found is None:
            raise NotFound("There is no such station.")
        return found

    async def _get(self, operator: OperatorId, station: StationId) -> Station:
        live = self._presence.live(station)
        if live is not None and live.station.operator == operator:
            return live.station
        return await self._row(operator, station)

    async def _save(
        self, operator: OperatorId, station: StationId, changes: dict[str, Any]
    ) -> Station:
        found = await self._get(operator, station)
        changed = msgspec.structs.replace(found, **changes)
        live = self._presence.live(station)
        async with self._store.work(operator) as work:
            if live is not None:
                live.station = changed
            work.stations.save(changed)
            self._announce(work, changed, tuple(sorted(changes)))
        self._presence.changed(station, changes)
        return changed

    def _announce(self, work: Work, station: Station, what: tuple[str, ...]) -> None:
        work.announce(
            StationChanged(
                operator=station.operator,
                station=station.id,
                identity=station.identity,
                at=self._clock.now(),
                what=what,
            )
        )


def _text(value: str, field: str) -> str:
    value = value.strip()
    if len(value) > LONGEST_TEXT or any(ord(c) < 32 for c in value):
        raise Invalid(
            f"The {field} has at most {LONGEST_TEXT} characters on one line.", field=field
        )
    return value


def _profile(wanted: int | None, password: str | None) -> int:
    """The security profile to register a station with; Invalid when the password does not fit it."""
    if wanted is None:
        return 1 if password else 0
    if not 0 <= wanted <= HIGHEST_PROFILE:
        raise Invalid(f"A security profile is 0 to {HIGHEST_PROFILE}.", field="security_profile")
    if wanted in BASIC_PROFILES and not password:
        raise Invalid(f"Security profile {wanted} needs a password.", field="password")
    if wanted == 0 and password:
        raise Invalid("With security profile 0 no password is asked.", field="security_profile")
    return wanted
