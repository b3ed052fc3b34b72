"""A profile made ready to be sent: numbered, bound to its transaction, fitted to the station, and checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil

import msgspec

from releve.domain.charging_holdings import OURS
from releve.domain.charging_profile import ChargingProfile, Purpose
from releve.domain.charging_rules import Fault, Placed, clash, faults, phase_conflict
from releve.energy.adapt import adapt
from releve.services.smart_charging.situation import Situation


@dataclass(frozen=True, slots=True)
class Prepared:
    """faults: why it must not go. changes: what was adapted. replaces: ids that the station drops for it."""

    evse: int
    profile: ChargingProfile
    faults: tuple[Fault, ...] = ()
    changes: tuple[str, ...] = ()
    replaces: tuple[int, ...] = ()


def prepared(
    situation: Situation,
    evse: int,
    profile: ChargingProfile,
    *,
    running: bool,
    choices: bool = False,
    phases_told: bool = False,
) -> Prepared:
    """running: a TxProfile must find its transaction; False for that of a remote start."""
    able = situation.abilities(evse)
    if profile.purpose is Purpose.TX and running:
        profile, problem = _bound(situation, evse, profile)
        if problem is not None:
            return Prepared(evse, profile, (problem,))
    pause = _pause(situation, able.pause_s)
    if pause:
        return Prepared(evse, profile, (Fault("K01.FR.59", pause),))
    case = situation.case(evse)
    fitted = adapt(profile, able, case.supply, situation.now, case.frame.origin)
    if fitted.refusal:
        return Prepared(evse, fitted.profile, (Fault("", fitted.refusal),), fitted.changes)
    ready = numbered(situation, evse, fitted.profile)
    found = faults(ready, evse, able, choices=choices, phases_told=phases_told)
    changes = fitted.changes
    if able.ignored:
        changes = (*changes, "Stations of this family take profiles and do not obey them.")
    done = Prepared(evse, ready, found, changes)
    return done if found else _placed(situation, done)


def _pause(situation: Situation, pause_s: int) -> str:
    """Why it is too soon for another profile; empty when it is not."""
    last = max(
        (one.installed_at for one in situation.installed if one.source == OURS), default=None
    )
    if not pause_s or last is None:
        return ""
    left = pause_s - (situation.now - last) / timedelta(seconds=1)
    if left <= 0:
        return ""
    return f"Profiles wear this station's memory out: the next one may go in {ceil(left)} s."


def _bound(
    situation: Situation, evse: int, profile: ChargingProfile
) -> tuple[ChargingProfile, Fault | None]:
    """A TxProfile with the name of its transaction in it (K01.FR.03), which must run on its EVSE."""
    transaction = situation.running(evse)
    if evse == 0:
        return profile, Fault("K01.FR.16", "A TxProfile belongs to one EVSE: name it.")
    if transaction is None:
        return profile, Fault(
            "K01.FR.03", f"No transaction runs on EVSE {evse}: a TxProfile needs one."
        )
    if profile.transaction_id not in (None, transaction.reference):
        return profile, Fault(
            "K01.FR.03", f"Transaction {profile.transaction_id} does not run on EVSE {evse}."
        )
    return msgspec.structs.replace(profile, transaction_id=transaction.reference), None


def numbered(situation: Situation, evse: int, profile: ChargingProfile) -> ChargingProfile:
    """With an id, if it has none: that of the profile in its place, so that there is no gap, else a free one.

    Free ids lie above those that the station keeps for itself (K01.FR.80).
    """
    if profile.id == 0:
        floor = max(0, situation.abilities(evse).max_external_id or 0)
        taken = {one.profile.id for one in situation.installed}
        here = [p for p in situation.placed if _in_place(p, evse, profile) and p.profile.id > floor]
        free = next(n for n in range(floor + 1, floor + 2 + len(taken)) if n not in taken)
        profile = msgspec.structs.replace(profile, id=here[0].profile.id if here else free)
    ids = [schedule.id for schedule in profile.schedules]
    if 0 in ids:
        spare = iter(n for n in range(1, 2 * len(ids) + 1) if n not in ids)
        schedules = tuple(
            msgspec.structs.replace(s, id=s.id or next(spare)) for s in profile.schedules
        )
        profile = msgspec.structs.replace(profile, schedules=schedules)
    return profile


def _in_place(one: Placed, evse: int, profile: ChargingProfile) -> bool:
    old = one.profile
    return (
        one.evse == evse
        and (old.purpose, old.stack_level) == (profile.purpose, profile.stack_level)
        and (profile.purpose is not Purpose.TX or old.transaction_id == profile.transaction_id)
        and old.overlaps(profile)
    )


def _placed(situation: Situation, done: Prepared) -> Prepared:
    """Held against what is installed: K01.FR.06, K01.FR.39, K01.FR.141."""
    new = Placed(evse=done.evse, profile=done.profile)
    able = situation.abilities(done.evse)
    others = [p for p in situation.placed if p.profile.id != done.profile.id]
    old = clash(new, others, default_replaces=able.default_replaces)
    if old is not None:
        return replace(done, faults=(_clash_fault(new, old),))
    conflict = phase_conflict(new, others)
    if conflict is not None:
        text = f"Profile {conflict.profile.id} uses another phase: both cannot be obeyed."
        return replace(done, faults=(Fault("K01.FR.141", text),))
    most = able.max_profiles
    if most is not None and len(others) >= most:
        text = f"The station has {len(others)} profiles, all that it takes: clear one first."
        return replace(done, faults=(Fault("", text),))
    same = (done.evse, done.profile.purpose, done.profile.stack_level)
    dropped = [
        p.profile.id
        for p in others
        if able.default_replaces and (p.evse, p.profile.purpose, p.profile.stack_level) == same
    ]
    return replace(done, replaces=tuple(dropped))


def _clash_fault(new: Placed, old: Placed) -> Fault:
    rule = "K01.FR.39" if new.profile.purpose is Purpose.TX else "K01.FR.06"
    where = f"EVSE {old.evse}" if old.evse else "the whole station"
    return Fault(
        rule,
        f"Profile {old.profile.id} of {where} has the same purpose and stack level and is valid at the same time: "
        "replace it by its id, clear it, or take another stack level.",
    )
