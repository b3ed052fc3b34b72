"""A slow, plain model of what charging profiles allow: one moment at a time, everything looked at, nothing clever.

The composite schedule of `releve.energy` is held against it, second by second.
"""

from datetime import timedelta
from fractions import Fraction

from releve.domain.charging_profile import Kind, Purpose, RateUnit, Recurrency


def allowed_a(
    evse, supply, installed, moment, frame, *, transaction=None, priority=False, soc=None
):
    """(amperes per phase or None, phases, ids of the leading profiles) of one EVSE at `moment`."""

    def leader(purpose, soc):
        best = None
        for each in installed:
            profile = each.profile
            if profile.purpose is not purpose or each.evse not in (0, evse):
                continue
            if purpose is Purpose.TX and profile.transaction_id != transaction:
                continue
            found = limit_at(each, moment, frame, soc)
            if found is None:
                continue
            key = (profile.stack_level, each.evse != 0)
            if best is None or key > best[0]:
                best = (key, found, profile.id)
        return best

    def amperes_of(found):
        value, unit, given = found
        if unit is RateUnit.AMPERE:
            return Fraction(value)
        return Fraction(value) / (supply.voltage_v * (3 if supply.direct else given or 3))

    tx = leader(Purpose.PRIORITY, soc) if priority else None
    tx = tx or leader(Purpose.TX, soc) or leader(Purpose.TX_DEFAULT, soc)
    leaders = [leader(Purpose.STATION_MAX, None), leader(Purpose.EXTERNAL_CONSTRAINTS, soc), tx]
    leaders = [each for each in leaders if each is not None]
    amperes = min((amperes_of(found) for _, found, _ in leaders), default=None)
    phases = min([supply.phases, *(found[2] or 3 for _, found, _ in leaders)])
    ids = [number for _, _, number in leaders]
    local = leader(Purpose.LOCAL_GENERATION, None)
    if local is not None:
        ids.append(local[2])
        amperes = None if amperes is None else amperes + generated(local[1], supply, phases)
    if supply.max_current_a is not None:
        most = supply.max_current_a
        amperes = most if amperes is None else min(amperes, most)
    return amperes, phases, sorted(ids)


def generated(found, supply, phases):
    """What local generation adds on each phase in use: its whole power or current, and no more, shared evenly."""
    value, unit, given = found
    given, used = given or 3, 3 if supply.direct else phases
    if unit is RateUnit.WATT:
        whole = Fraction(value) / supply.voltage_v
        return whole / (used if supply.direct else max(given, used))
    return Fraction(value) * min(given, used) / used


def limit_at(each, moment, frame, soc):
    """(limit, unit, number of phases) that a profile sets at `moment`, or None when it is silent."""
    profile, schedule = each.profile, each.profile.schedules[0]
    if profile.valid_from and moment < profile.valid_from:
        return None
    if profile.valid_to and moment >= profile.valid_to:
        return None
    gone = frame.offline_since
    if (
        gone
        and profile.max_offline_duration is not None
        and (moment - gone).total_seconds() >= profile.max_offline_duration
    ):
        return None
    seconds = _seconds_in(each, moment, frame)
    if seconds < 0:
        return None
    if profile.kind is Kind.RECURRING:
        seconds %= 86_400 if profile.recurrency is Recurrency.DAILY else 7 * 86_400
    if schedule.duration is not None and seconds >= schedule.duration:
        return None
    # K01.FR.97: what would start at or after a later one is skipped
    delays = [0, *each.delays] + [0] * len(schedule.periods)
    starts = [period.start_period + delays[n] for n, period in enumerate(schedule.periods)]
    active = None
    for n, period in enumerate(schedule.periods):
        if starts[n] <= seconds and all(starts[n] < later for later in starts[n + 1 :]):
            active = period
    if active is None:
        return None
    value = active.limit
    cap = schedule.limit_at_soc
    if cap is not None and soc is not None and soc >= cap.soc:
        value = cap.limit if value is None else min(value, cap.limit)
    return value, schedule.unit, active.number_phases


def _seconds_in(each, moment, frame):
    profile, schedule = each.profile, each.profile.schedules[0]
    if profile.kind is Kind.RELATIVE:
        return (moment - frame.origin) / timedelta(seconds=1)
    if profile.kind is Kind.DYNAMIC:
        return (moment - (profile.dyn_update_time or each.installed_at)) / timedelta(seconds=1)
    if schedule.use_local_time:
        wall = moment.astimezone(frame.zone).replace(tzinfo=None)
        return (wall - schedule.start_schedule.replace(tzinfo=None)) / timedelta(seconds=1)
    return (moment - schedule.start_schedule) / timedelta(seconds=1)
