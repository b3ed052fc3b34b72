"""The profiles installed on a station, and what it takes to be let in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from releve.simulator.electrical import Supply, Unit
from releve.simulator.profiles.model import Kind, Mode, Profile, Purpose, Update


class Refusal(StrEnum):
    """Why a profile is rejected; the values are reason codes of 2.x (appendix 5)."""

    DUPLICATE = "DuplicateProfile"
    INVALID_SCHEDULE = "InvalidSchedule"
    INVALID_STACK_LEVEL = "InvalidStackLevel"
    INVALID_PROFILE_ID = "InvalidProfileId"
    INVALID_PROFILE = "InvalidProfile"
    RATE_UNIT = "UnsupportedRateUnit"
    KIND = "UnsupportedKind"
    MODE = "UnsupportedParam"
    PURPOSE = "UnsupportedPurpose"
    TOO_MANY = "TooManyElements"
    TX_NOT_FOUND = "TxNotFound"
    UNKNOWN_EVSE = "UnknownEvse"


@dataclass(frozen=True, slots=True)
class ProfileRules:
    """What this station's smart charging can do, as its maker decided."""

    units: frozenset[Unit] = frozenset((Unit.AMPERE, Unit.WATT))
    max_stack_level: int = 8
    max_periods: int = 24
    max_profiles: int = 20
    kinds: frozenset[Kind] = frozenset(Kind)
    modes: frozenset[Mode] = frozenset((Mode.CHARGING_ONLY,))
    strict_duplicates: bool = False
    """2.x: profiles that clash are refused (K01.FR.06, .39, .52, .53). 1.6: the newcomer replaces."""


class ProfileStore:
    """Installed profiles. They survive reboots (K01.FR.27); a TxProfile dies with its transaction."""

    def __init__(self, rules: ProfileRules, supplies: Mapping[int, Supply]) -> None:
        self.rules = rules
        self._supplies = supplies
        self._profiles: dict[int, Profile] = {}

    def __len__(self) -> int:
        return len(self._profiles)

    def __iter__(self) -> Iterator[Profile]:
        return iter(tuple(self._profiles.values()))

    def install(self, profile: Profile, running: Mapping[int, str]) -> Refusal | None:
        """Add or replace `profile`; `running` names the transaction of each EVSE that has one."""
        refusal = self._judge(profile) or self._judge_purpose(profile, running)
        if refusal is not None:
            return refusal
        clashes = [other.id for other in self if self._clashes(profile, other)]
        if clashes and self.rules.strict_duplicates:
            return Refusal.DUPLICATE
        gone = {profile.id, *clashes}
        if len(self._profiles.keys() - gone) >= self.rules.max_profiles:
            return Refusal.TOO_MANY
        for key in gone:
            self._profiles.pop(key, None)
        self._profiles[profile.id] = profile
        return None

    def get(self, profile_id: int) -> Profile | None:
        """The installed profile of that id."""
        return self._profiles.get(profile_id)

    def update(self, profile_id: int, update: Update, at: datetime) -> bool:
        """Give a dynamic profile new values; False when there is none such (K28.FR.11)."""
        profile = self._profiles.get(profile_id)
        if profile is None or profile.kind is not Kind.DYNAMIC:
            return False
        self._profiles[profile_id] = profile.updated(update, at)
        return True

    def impose(self, profile: Profile) -> None:
        """Install what comes from outside OCPP (the grid operator's limit); no CSMS may replace it (K01.FR.05)."""
        self._profiles[profile.id] = profile

    def lift(self, profile_id: int) -> bool:
        """Remove a limit from outside; tells whether there was one."""
        return self._profiles.pop(profile_id, None) is not None

    def clear(
        self,
        profile_id: int | None = None,
        evse: int | None = None,
        purpose: Purpose | None = None,
        stack_level: int | None = None,
    ) -> int:
        """Remove what matches every criterion given; an id stands alone. Returns how many went (K10)."""
        gone = [p.id for p in self if _matches(p, profile_id, evse, purpose, stack_level)]
        for key in gone:
            del self._profiles[key]
        return len(gone)

    def end(self, transaction: str) -> None:
        """The transaction is over, and its profiles with it (1.6, 3.13.1)."""
        for profile in self:
            if profile.transaction == transaction:
                del self._profiles[profile.id]

    def touching(self, evse: int, transaction: str | None) -> list[Profile]:
        """What may limit `evse`, where `transaction` (or none) is running."""
        return [
            profile
            for profile in self
            if profile.evse in (0, evse)
            and (profile.purpose is not Purpose.TX or profile.transaction == transaction)
        ]

    def _judge(self, profile: Profile) -> Refusal | None:
        rules, schedule = self.rules, profile.schedule
        known = profile.evse == 0 or profile.evse in self._supplies
        starts = [period.start_s for period in schedule.periods]
        existing = self._profiles.get(profile.id)
        checks = (
            (known, Refusal.UNKNOWN_EVSE),  # K01.FR.28
            (schedule.unit in rules.units, Refusal.RATE_UNIT),  # K01.FR.26
            (0 <= profile.stack_level <= rules.max_stack_level, Refusal.INVALID_STACK_LEVEL),
            (profile.kind in rules.kinds, Refusal.KIND),
            (all(p.mode in rules.modes for p in schedule.periods), Refusal.MODE),
            (len(starts) <= rules.max_periods, Refusal.TOO_MANY),
            (bool(starts) and starts[0] == 0, Refusal.INVALID_SCHEDULE),  # K01.FR.31
            (starts == sorted(set(starts)), Refusal.INVALID_SCHEDULE),  # K01.FR.35
            (
                existing is None or existing.purpose is not Purpose.EXTERNAL,
                Refusal.INVALID_PROFILE_ID,  # K01.FR.05
            ),
            (
                profile.kind is not Kind.RECURRING
                or (profile.recurrency is not None and schedule.start is not None),
                Refusal.INVALID_SCHEDULE,
            ),
        )
        return next((refusal for passed, refusal in checks if not passed), None)

    def _judge_purpose(self, profile: Profile, running: Mapping[int, str]) -> Refusal | None:
        if profile.purpose is Purpose.EXTERNAL:
            return Refusal.PURPOSE  # K01.FR.22
        if profile.purpose is Purpose.STATION_MAX:
            if profile.evse != 0:
                return Refusal.INVALID_PROFILE
            return Refusal.INVALID_PROFILE if profile.kind is Kind.RELATIVE else None  # K01.FR.38
        if profile.purpose is Purpose.PRIORITY and profile.schedule.duration_s is not None:
            return Refusal.INVALID_SCHEDULE  # K01.FR.70
        if profile.kind is Kind.DYNAMIC and len(profile.schedule.periods) != 1:
            return Refusal.INVALID_SCHEDULE  # K28.FR.03
        if profile.purpose is Purpose.TX:
            if profile.evse == 0:
                return Refusal.INVALID_PROFILE  # K01.FR.16
            if profile.transaction is None or running.get(profile.evse) != profile.transaction:
                return Refusal.TX_NOT_FOUND  # K01.FR.09, K01.FR.33
        if self.rules.strict_duplicates and profile.kind is Kind.ABSOLUTE:
            return Refusal.INVALID_SCHEDULE if profile.schedule.start is None else None  # K01.FR.40
        return None

    def _clashes(self, new: Profile, old: Profile) -> bool:
        if old.id == new.id or (old.purpose, old.stack_level) != (new.purpose, new.stack_level):
            return False
        if new.purpose is Purpose.TX:
            return old.transaction == new.transaction  # K01.FR.39
        if not self.rules.strict_duplicates:
            return old.evse == new.evse  # 1.6, 3.13.2: even when validity lies in the future
        if not new.overlaps(old):
            return False
        # K01.FR.06 for one EVSE; K01.FR.52 and .53: a default on EVSE 0 and one on EVSE n exclude each other.
        return old.evse == new.evse or 0 in (old.evse, new.evse)


def _matches(
    profile: Profile,
    profile_id: int | None,
    evse: int | None,
    purpose: Purpose | None,
    stack_level: int | None,
) -> bool:
    if profile.purpose in (Purpose.EXTERNAL, Purpose.LOCAL_GENERATION):
        return False  # K10.FR.04: not the CSMS's to clear
    if profile_id is not None:
        return profile.id == profile_id
    return (
        evse in (None, profile.evse)
        and purpose in (None, profile.purpose)
        and stack_level in (None, profile.stack_level)
    )
