"""What is known of a station when its charging limits are decided on: profiles, limits, transactions, abilities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from fractions import Fraction
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from releve.domain.charging_abilities import Abilities, abilities, with_quirks
from releve.domain.charging_holdings import (
    ExternalLimit,
    InstalledProfile,
    PriorityState,
    SupplyNote,
)
from releve.domain.charging_profile import ChargingProfile, Kind, Purpose, RateUnit
from releve.domain.charging_rules import Placed
from releve.domain.quirks import Quirks
from releve.domain.station import Station
from releve.domain.transaction import Transaction, TransactionState
from releve.energy.course import Frame, Installed
from releve.energy.leading import Case
from releve.energy.supply import Supply
from releve.services.live import LiveStation
from releve.services.ports import Clock, Presence, Variable, Work
from releve.services.quirks import QuirkTable

START_PATIENCE = timedelta(minutes=10)
"""How long the profile of a remote start waits for its transaction."""
CONTROLLERS = ("SmartChargingCtrlr", "")
"""Components whose variables tell abilities; "" are the configuration keys of 1.6."""


@dataclass(frozen=True, slots=True)
class Situation:
    """One station, at one moment."""

    station: Station
    quirks: Quirks
    now: datetime
    variables: tuple[Variable, ...]
    installed: tuple[InstalledProfile, ...]
    limits: tuple[ExternalLimit, ...]
    notes: tuple[SupplyNote, ...]
    priority: frozenset[str]
    transactions: tuple[Transaction, ...]
    """Those that run."""
    numbers: tuple[int, ...]
    """EVSEs that are known."""

    def abilities(self, evse: int = 0) -> Abilities:
        """What the station said that its smart charging can do."""
        values: dict[str, str] = {}
        for variable in self.variables:
            name = variable.name
            if name.component not in CONTROLLERS or name.evse not in (None, evse):
                continue
            if variable.value is not None and name.attribute == "Actual":
                key = f"{name.variable}.{name.instance}" if name.instance else name.variable
                values[key] = variable.value
        return with_quirks(abilities(values, self.station.version), self.quirks)

    @property
    def start_units(self) -> tuple[RateUnit, ...]:
        """In which units a remote start may bring a limit; none: the station has no smart charging (K05, 1.6 5.11)."""
        able = self.abilities()
        told = {v.name.variable: v.value or "" for v in self.variables if _own(v)}
        off = any(told.get(n, "").casefold() == "false" for n in ("Enabled", "Available"))
        features = told.get("SupportedFeatureProfiles")
        lacks = features is not None and "smartcharging" not in features.casefold()
        if off or lacks or able.tx_default_only or able.ignored:
            return ()
        return tuple(unit for unit in RateUnit if not able.units or unit in able.units)

    def running(self, evse: int) -> Transaction | None:
        """The transaction of an EVSE, the latest if a station made several."""
        found = [t for t in self.transactions if t.evse == evse]
        return found[-1] if found else None

    def supply(self, evse: int) -> Supply:
        """What the operator noted, else what the station told, else three phases of 230 V."""
        notes = {note.evse: note for note in self.notes}
        note = notes.get(evse) or notes.get(0)
        if note is not None:
            most = note.max_current_a
            return Supply(
                phases=note.phases,
                voltage_v=Fraction(note.voltage_v),
                max_current_a=None if most is None else Fraction(most),
                direct=note.direct,
            )
        phases = self._told_phases(evse)
        if phases == 0:
            return Supply(direct=True)
        return Supply(phases=phases if phases in (1, 2, 3) else 3)

    def _told_phases(self, evse: int) -> int | None:
        for component, number in (("Connector", evse), ("EVSE", evse), ("ChargingStation", None)):
            for variable in self.variables:
                name = variable.name
                if (name.component, name.variable, name.evse) == (
                    component,
                    "SupplyPhases",
                    number,
                ) and (variable.value or "").isdecimal():
                    return int(variable.value or "0")
        return None

    @property
    def zone(self) -> tzinfo:
        """The station's local time (K01.FR.90)."""
        told = {
            v.name.variable: v.value or ""
            for v in self.variables
            if v.name.component == "ClockCtrlr"
        }
        return _zone(told.get("TimeZone", "")) or _offset(told.get("TimeOffset", "")) or UTC

    def case(self, evse: int, *, choice: int = 0, soc: int | None = None) -> Case:
        """An EVSE and what goes on there, for the composite schedule; as if a transaction began now (K08.FR.06)."""
        running = self.running(evse)
        origin = (running.started_at or running.received_at) if running else self.now
        return Case(
            evse=evse,
            supply=self.supply(evse),
            frame=Frame(origin, self.zone, None, choice),
            transaction=running.reference if running else None,
            priority=running is not None and running.reference in self.priority,
            soc=soc,
            setpoint_by_csms=self.abilities(evse).setpoint_by_csms,
        )

    def profiles(self, *, but: Iterable[int] = ()) -> list[Installed]:
        """All that limits: profiles of ours and of others, and limits that came without a profile."""
        left_out = set(but)
        known = [
            Installed(one.evse, one.profile, one.installed_at)
            for one in self.installed
            if one.profile.id not in left_out
        ]
        told = {(p.evse, p.profile.purpose) for p in known}
        for number, limit in enumerate(self.limits):
            known += [
                Installed(limit.evse or 0, profile, limit.received_at)
                for profile in external_profiles(limit, number)
                if (limit.evse or 0, profile.purpose) not in told
            ]
        return known

    @property
    def placed(self) -> list[Placed]:
        return [Placed(evse=one.evse, profile=one.profile) for one in self.installed]


def external_profiles(limit: ExternalLimit, number: int) -> list[ChargingProfile]:
    """A limit from outside as the profiles that the station makes of it (K11.FR.06, K27.FR.01)."""
    purpose = Purpose.LOCAL_GENERATION if limit.local_generation else Purpose.EXTERNAL_CONSTRAINTS
    return [
        ChargingProfile(
            id=-(number * 10 + place + 1),
            purpose=purpose,
            kind=Kind.ABSOLUTE if schedule.start_schedule is not None else Kind.DYNAMIC,
            dyn_update_time=None if schedule.start_schedule is not None else limit.received_at,
            schedules=(schedule,),
        )
        for place, schedule in enumerate(limit.schedules[:9])
    ]


class Situations:
    """Reads situations."""

    def __init__(self, clock: Clock, presence: Presence, quirks: QuirkTable) -> None:
        self._clock = clock
        self._presence = presence
        self._quirks = quirks

    async def read(self, work: Work, station: Station) -> Situation:
        """All of a station that matters here. Profiles of transactions that ended are forgotten (K02.FR.05)."""
        live = self._presence.live(station.id)
        running = await self._running(work, station, live)
        now = self._clock.now()
        evses = (
            list(live.evses.values()) if live is not None else await work.stations.evses(station.id)
        )
        notes = await work.holdings.all(station.id, SupplyNote)
        installed: list[InstalledProfile] = []
        for one in await work.holdings.all(station.id, InstalledProfile):
            found = _still(one, running, now)
            if found is None:
                work.holdings.remove(station.id, InstalledProfile, one.key)
            else:
                installed.append(found)
                if found is not one:
                    work.holdings.save(station.id, found)
        priority = await work.holdings.all(station.id, PriorityState)
        references = {t.reference for t in running}
        numbers = {e.evse for e in evses} | {n.evse for n in notes} | {p.evse for p in installed}
        return Situation(
            station=station,
            quirks=live.quirks if live is not None else self._quirks.of(station),
            now=now,
            variables=tuple(await work.variables.all(station.id)),
            installed=tuple(installed),
            limits=tuple(await work.holdings.all(station.id, ExternalLimit)),
            notes=tuple(notes),
            priority=frozenset(p.reference for p in priority if p.reference in references),
            transactions=tuple(running),
            numbers=tuple(sorted(n for n in numbers | {t.evse or 0 for t in running} if n > 0)),
        )

    async def _running(
        self, work: Work, station: Station, live: LiveStation | None
    ) -> list[Transaction]:
        rows = (
            [each.row for each in live.transactions.values()]
            if live is not None
            else await work.transactions.live(station.id)
        )
        return [row for row in rows if row.state is TransactionState.ACTIVE]


def _own(variable: Variable) -> bool:
    """A variable of the station's smart charging itself, or a key of 1.6."""
    name = variable.name
    return name.component in CONTROLLERS and name.evse is None and name.attribute == "Actual"


def _still(
    one: InstalledProfile, running: Iterable[Transaction], now: datetime
) -> InstalledProfile | None:
    """The profile, if it still belongs to something: a TxProfile ends with its transaction."""
    profile = one.profile
    if profile.purpose is not Purpose.TX:
        return one
    if profile.transaction_id is not None:
        return one if any(t.reference == profile.transaction_id for t in running) else None
    for transaction in running:
        if one.remote_start_id is not None and transaction.remote_start_id == one.remote_start_id:
            bound = msgspec.structs.replace(profile, transaction_id=transaction.reference)
            return msgspec.structs.replace(
                one, profile=bound, evse=transaction.evse or one.evse, remote_start_id=None
            )
    return one if now - one.installed_at < START_PATIENCE else None


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _offset(text: str) -> tzinfo | None:
    """`+01:00`, `-05:30`."""
    sign, hours, minutes = text[:1], text[1:3], text[4:6] or "00"
    if sign not in ("+", "-") or not (hours.isdecimal() and minutes.isdecimal()):
        return None
    away = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(away if sign == "+" else -away) if away < timedelta(hours=24) else None
