"""What a charging profile may say: the standard's rules, each with a message that an operator can act on.

`faults` looks at one profile by itself and at what its station can do; `clash` at those that are installed already.
A fault is a value: nothing is sent that the standard forbids, and the reason is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise

import msgspec

from releve.domain.charging_abilities import Abilities
from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Kind,
    OperationMode,
    Purpose,
)
from releve.domain.charging_v2x_rules import mode_faults

MOST_PERIODS = 1024
MOST_SCHEDULES = 3


class Fault(msgspec.Struct, frozen=True):
    """rule: the requirement, such as K01.FR.31, or empty. text: what is wrong, for an operator."""

    rule: str
    text: str


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A profile and where it is, or shall be, installed: evse 0 is the station as a whole."""

    evse: int
    profile: ChargingProfile


def faults(
    profile: ChargingProfile,
    evse: int,
    abilities: Abilities,
    *,
    choices: bool = False,
    phases_told: bool = False,
) -> tuple[Fault, ...]:
    """Everything that forbids to send this profile, the general first; empty when it may go.

    choices: the car asked for schedules to choose from, so there may be three. phases_told: it told its needs for
    each phase (maxChargePower_L2, _L3).
    """
    found = [Fault(rule, text) for wrong, rule, text in _purpose(profile, evse) if wrong]
    found += [Fault(rule, text) for wrong, rule, text in _kind(profile) if wrong]
    found += [Fault(rule, text) for wrong, rule, text in _changing(profile) if wrong]
    found += [Fault(rule, text) for wrong, rule, text in _count(profile, choices) if wrong]
    for schedule in profile.schedules:
        found += [Fault(rule, text) for wrong, rule, text in _schedule(profile, schedule) if wrong]
        for period in schedule.periods:
            checks = (
                *_period(period, abilities),
                *_by_phase(profile, period, phases_told),
                *mode_faults(profile, schedule, period),
            )
            found += [Fault(rule, text) for wrong, rule, text in checks if wrong]
    found += [Fault(rule, text) for wrong, rule, text in _able(profile, abilities) if wrong]
    return tuple(dict.fromkeys(found))


Check = tuple[bool, str, str]


def _purpose(profile: ChargingProfile, evse: int) -> Iterator[Check]:
    purpose = profile.purpose
    yield (
        purpose is Purpose.EXTERNAL_CONSTRAINTS,
        "K01.FR.22",  # K02.FR.07
        "ChargingStationExternalConstraints is set by systems beside the station, never from here.",
    )
    yield (
        purpose is Purpose.TX and evse == 0,
        "K01.FR.16",
        "A TxProfile belongs to one EVSE: name it.",
    )
    yield (
        purpose is Purpose.STATION_MAX and evse != 0,
        "K04.FR.03",
        "A ChargingStationMaxProfile is for the whole station: EVSE 0.",
    )
    yield (
        purpose is Purpose.STATION_MAX and profile.kind is Kind.RELATIVE,
        "K01.FR.38",
        "A ChargingStationMaxProfile cannot be Relative: no transaction would start it.",
    )
    yield (
        purpose is not Purpose.TX and profile.transaction_id is not None,
        "K01.FR.03",
        "Only a TxProfile belongs to a transaction.",
    )
    timed = any(s.duration is not None for s in profile.schedules)
    yield (
        purpose is Purpose.PRIORITY and timed,
        "K01.FR.73",
        "A PriorityCharging profile lasts until its transaction ends: it has no duration.",
    )
    delayed = any(s.randomized_delay for s in profile.schedules)
    yield (
        delayed and purpose not in (Purpose.TX, Purpose.TX_DEFAULT),
        "K01.FR.95",
        "Only TxProfile and TxDefaultProfile may have a randomized delay.",
    )


def _kind(profile: ChargingProfile) -> Iterator[Check]:
    started = all(s.start_schedule is not None for s in profile.schedules)
    unstarted = all(s.start_schedule is None for s in profile.schedules)
    yield (
        profile.kind in (Kind.ABSOLUTE, Kind.RECURRING) and not started,
        "K01.FR.40",
        f"A profile of kind {profile.kind} needs the moment at which its schedule starts.",
    )
    yield (
        profile.kind is Kind.RELATIVE and not unstarted,
        "K01.FR.41",
        "A Relative profile starts with charging: it has no start of its own.",
    )
    yield (
        (profile.kind is Kind.RECURRING) != (profile.recurrency is not None),
        "",
        "A Recurring profile, and no other, says whether it recurs daily or weekly.",
    )
    yield (
        _not_before(profile.valid_from, profile.valid_to),
        "",
        "The profile would end before it begins to be valid.",
    )


def _changing(profile: ChargingProfile) -> Iterator[Check]:
    dynamic = profile.kind is Kind.DYNAMIC
    single = len(profile.schedules) == 1 and len(profile.schedule.periods) == 1
    yield (
        dynamic and not single,
        "K28.FR.01",
        "A Dynamic profile has one schedule with one period.",
    )
    yield (
        not dynamic
        and (profile.dyn_update_interval is not None or profile.dyn_update_time is not None),
        "K28.FR.04",  # K01.FR.122
        "Only a Dynamic profile is updated at intervals.",
    )
    yield (
        profile.invalid_after_offline_duration is not None and profile.max_offline_duration is None,
        "K01.FR.101",
        "Whether it stays invalid after an offline time needs that time: max_offline_duration.",
    )


def _count(profile: ChargingProfile, choices: bool) -> Iterator[Check]:
    yield (not profile.schedules, "", "The profile has no schedule.")
    yield (
        len(profile.schedules) > MOST_SCHEDULES,
        "K15.FR.07",
        "A profile has at most three schedules.",
    )
    yield (
        1 < len(profile.schedules) <= MOST_SCHEDULES and not choices,
        "K01.FR.34",
        "Only a car that told its charging needs (ISO 15118) may choose from several schedules.",
    )
    yield (profile.stack_level < 0, "", "A stack level is not below zero.")
    ids = [s.id for s in profile.schedules]
    yield (len(set(ids)) != len(ids), "", "Two schedules of the profile have the same id.")


def _schedule(profile: ChargingProfile, schedule: ChargingSchedule) -> Iterator[Check]:
    starts = [period.start_period for period in schedule.periods]
    first = starts[0] if starts else 0
    yield (not starts, "", "A schedule has no period.")
    yield (
        first != 0,
        "K28.FR.02" if profile.kind is Kind.DYNAMIC else "K01.FR.31",
        "The first period of a schedule starts at second 0.",
    )
    yield (
        any(a >= b for a, b in pairwise(starts)),
        "K01.FR.35",
        "The periods of a schedule must follow each other in time.",
    )
    yield (
        len(starts) > MOST_PERIODS,
        "",
        f"A schedule has at most {MOST_PERIODS} periods.",
    )
    duration = schedule.duration
    yield (
        duration is not None and duration <= 0,
        "",
        "A schedule that lasts 0 seconds limits nothing.",
    )
    rate = schedule.min_charging_rate
    yield (rate is not None and rate < 0, "", "The least useful charging rate is below zero.")
    cap = schedule.limit_at_soc
    yield (cap is not None and cap.limit < 0, "", "The limit from a state of charge on is below 0.")


def _period(period: ChargingSchedulePeriod, abilities: Abilities) -> Iterator[Check]:
    chosen = period.phase_to_use is not None
    yield (
        chosen and period.number_phases != 1,
        "K01.FR.19",
        "A phase can be chosen only together with number_phases 1.",
    )
    yield (
        chosen and abilities.phase_switching is not True,
        "K01.FR.20",
        "This EVSE does not say that it can choose a phase (ACPhaseSwitchingSupported).",
    )
    limits = (period.limit, period.limit_l2, period.limit_l3)
    yield (
        any(limit is not None and limit < 0 for limit in limits),
        "",
        "A limit is not below zero; for discharging there is discharge_limit.",
    )
    most = 3 if period.number_phases is None else period.number_phases
    yield (not 0 <= most <= 3, "", "There are up to three phases.")
    yield (
        period.evse_sleep is True and period.mode is not OperationMode.IDLE,
        "K01.FR.126",
        "An EVSE may be sent to sleep only in operation mode Idle.",
    )


def _by_phase(
    profile: ChargingProfile, period: ChargingSchedulePeriod, phases_told: bool
) -> Iterator[Check]:
    by_phase = period.limit_l2 is not None or period.limit_l3 is not None
    yield (
        by_phase and profile.purpose is not Purpose.TX,
        "K01.FR.143",
        "Only a TxProfile may limit each phase by itself.",
    )
    yield (
        by_phase and period.limit is None,
        "K01.FR.145",
        "Limits of phases L2 and L3 need the limit of L1: limit.",
    )
    yield (
        by_phase and profile.purpose is Purpose.TX and not phases_told,
        "K01.FR.142",
        "The car has not told needs for each phase: it cannot be limited phase by phase.",
    )


def _able(profile: ChargingProfile, abilities: Abilities) -> Iterator[Check]:
    """What the station has said that it cannot do. What it has not said is for it to answer."""
    floor = abilities.max_external_id
    yield (
        floor is not None and profile.id != 0 and profile.id <= floor,
        "K01.FR.80",
        f"Profile ids up to {floor} are the station's own (MaxExternalConstraintsId).",
    )
    yield (
        profile.purpose in (Purpose.PRIORITY, Purpose.LOCAL_GENERATION)
        and abilities.purposes is not None
        and profile.purpose not in abilities.purposes,
        "K01.FR.120",
        f"The station does not support the purpose {profile.purpose}.",
    )
    schedules = profile.schedules
    uses = {
        "DynamicProfiles": profile.kind is Kind.DYNAMIC,
        "UseLocalTime": any(s.use_local_time for s in schedules),
        "RandomizedDelay": any(s.randomized_delay for s in schedules),
        "LimitAtSoC": any(s.limit_at_soc is not None for s in schedules),
        "MaxOfflineDuration": profile.max_offline_duration is not None,
    }
    for feature, (rule, what) in _FEATURES.items():
        refused = uses[feature] and feature in abilities.refused
        yield (refused, rule, f"The station does not support {what}.")


_FEATURES = {
    "DynamicProfiles": ("K01.FR.121", "Dynamic profiles"),
    "UseLocalTime": ("K01.FR.123", "schedules in local time"),
    "RandomizedDelay": ("K01.FR.124", "randomized delays"),
    "LimitAtSoC": ("K01.FR.125", "limits from a state of charge on"),
    "MaxOfflineDuration": ("K01.FR.104", "profiles that end while it is offline"),
}


def clash(
    new: Placed, installed: Iterable[Placed], *, default_replaces: bool = False
) -> Placed | None:
    """The installed profile, with another id, that may not be installed together with `new`.

    Two of one purpose and stack level must not be valid at once on the same EVSE (K01.FR.06), nor belong to the same
    transaction (K01.FR.39); a TxDefaultProfile of EVSE 0 holds for every EVSE (K01.FR.52, K01.FR.53), unless one of an
    EVSE goes before it (default_replaces).
    """
    for old in installed:
        if old.profile.id != new.profile.id and _same_place(new, old, default_replaces):
            return old
    return None


def _same_place(new: Placed, old: Placed, default_replaces: bool) -> bool:
    a, b = new.profile, old.profile
    if (a.purpose, a.stack_level) != (b.purpose, b.stack_level):
        return False
    if a.purpose is Purpose.TX:
        return a.transaction_id == b.transaction_id
    if not a.overlaps(b):
        return False
    if new.evse == old.evse:
        return True
    default = a.purpose is Purpose.TX_DEFAULT and not default_replaces
    return default and 0 in (new.evse, old.evse)


def phase_conflict(new: Placed, installed: Iterable[Placed]) -> Placed | None:
    """An installed profile of another purpose that wants another phase than `new` (K01.FR.141)."""
    wanted = _chosen_phases(new.profile)
    if not wanted:
        return None
    for old in installed:
        other = _chosen_phases(old.profile)
        touching = new.evse == old.evse or 0 in (new.evse, old.evse)
        if touching and old.profile.purpose is not new.profile.purpose and other - wanted:
            return old
    return None


def _chosen_phases(profile: ChargingProfile) -> set[int]:
    return {
        period.phase_to_use
        for schedule in profile.schedules
        for period in schedule.periods
        if period.phase_to_use is not None
    }


def _not_before(begin: datetime | None, end: datetime | None) -> bool:
    return begin is not None and end is not None and begin >= end
