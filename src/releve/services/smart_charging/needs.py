"""K15 to K20: what cars need (ISO 15118) is answered, planned for and sent; the car's own plan is checked.

The answer goes first and the profile after it, well within the 60 seconds that the car waits (K15.FR.08, K17.FR.08,
K18.FR.08, K19.FR.08).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from releve.domain.charging_holdings import OURS, InstalledProfile
from releve.domain.charging_needs import ChargingNeeds, NeedsAnswer, NotedNeeds
from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedule,
    Kind,
    Purpose,
    RateUnit,
)
from releve.domain.ids import OperatorId, StationId
from releve.domain.transaction import Transaction
from releve.energy.composite import composite
from releve.energy.course import Installed
from releve.energy.within import excess
from releve.services.errors import NotFound, NotNow
from releve.services.live import Inbound, LiveStation
from releve.services.ports import Clock, Presence, Store, Work
from releve.services.smart_charging.ports import Planner, PlanRequest
from releve.services.smart_charging.preparing import numbered
from releve.services.smart_charging.profiles import ProfileResult, SmartCharging
from releve.services.smart_charging.situation import Situation

HORIZON_S = 86_400
"""How far ahead a car is given limits."""
LONGEST_PLAN_S = 7 * HORIZON_S
"""What a car plans beyond it is not looked at: years of it would take minutes to reckon."""
MOST_PUSHES = 3
"""How often a new profile answers a plan that exceeds the last: a car that never obeys is left to the station."""
BY = "charging needs"


class NeedsJudge:
    """Who says whether a car may have the energy transfer that it asks for; by itself all may."""

    async def refused(self, inbound: Inbound, needs: ChargingNeeds, who: Transaction) -> str:
        """Why this transaction may not have the energy transfer that the car requests; empty: it may (Q01)."""
        return ""


class ChargingNeedsDesk:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        profiles: SmartCharging,
        planner: Planner,
        presence: Presence,
        judge: NeedsJudge | None = None,
    ) -> None:
        self._store = store
        self._presence = presence
        self._clock = clock
        self._profiles = profiles
        self._planner = planner
        self.judge = judge or NeedsJudge()
        self._under_way: dict[tuple[StationId, int], ChargingProfile] = {}
        """Profiles that were sent and not yet answered: a car's plan may come right after."""
        self._latest: WeakKeyDictionary[LiveStation, dict[int, NotedNeeds]] = WeakKeyDictionary()
        """What was noted last in this connection, by EVSE: an answer and a plan may cross, and neither may undo what
        the other wrote."""

    async def all(self, operator: OperatorId, station: StationId) -> list[NotedNeeds]:
        """The latest needs of each EVSE."""
        async with self._store.work(operator) as work:
            return await work.holdings.all(station, NotedNeeds)

    async def told(self, inbound: Inbound, needs: ChargingNeeds) -> NeedsAnswer:
        """Answer what a car needs; the profile follows (K15.FR.03 to .05, K17.FR.03 to .05, K18.FR.03 to .05)."""
        station = inbound.station
        live = inbound.live.active_on(needs.evse)
        noted = NotedNeeds(
            needs=needs,
            transaction_id=live.row.reference if live else None,
            answer=NeedsAnswer.NO_PROFILE,
            received_at=inbound.at,
            problem="" if live else "No transaction runs there.",
        )
        schedules: tuple[ChargingSchedule, ...] = ()
        if live is not None:
            problem = await self.judge.refused(inbound, needs, live.row)
            if problem:  # K18.FR.22, K19.FR.15: the station will stop the transaction
                noted = msgspec.structs.replace(noted, answer=NeedsAnswer.REJECTED, problem=problem)
            elif self._planner.slow:
                noted = msgspec.structs.replace(noted, answer=NeedsAnswer.PROCESSING)
                inbound.later(partial(self._push, station.operator, station.id, noted))
            else:
                schedules = await self._plan(station.operator, station.id, needs, live.row)
                noted = _judged(noted, schedules)
        async with self._store.work(station.operator) as work:
            self._note(work, station.id, noted)
        if schedules:
            inbound.later(partial(self._send, station.operator, station.id, noted, schedules))
        return noted.answer

    async def renegotiate(
        self, operator: OperatorId, station: StationId, evse: int
    ) -> ProfileResult:
        """Plan anew for the car of an EVSE and send it (K16): the station renegotiates with the car."""
        async with self._store.work(operator) as work:
            noted = await self._noted(work, station, evse)
        if noted is None:
            raise NotFound("No car has told its needs at this EVSE.")
        situation = await self._profiles.situation(operator, station)
        running = situation.running(evse)
        if running is None or running.reference != noted.transaction_id:
            raise NotNow("The transaction that these needs belong to has ended.")
        schedules = await self._plan(operator, station, noted.needs, running)
        if not schedules:
            raise NotNow("Nothing may be charged at this EVSE: there is nothing to offer.")
        result = await self._set(operator, station, noted, schedules)
        await self._note_sent(operator, station, evse, result)
        return result

    async def planned(
        self,
        inbound: Inbound,
        *,
        evse: int,
        time_base: datetime,
        plan: ChargingSchedule,
        selected: int | None,
        detail: dict[str, Any],
    ) -> bool:
        """Whether the car's own plan stays within what it was offered (K15.FR.11, K15.FR.12, K16.FR.06, K16.FR.07).

        If not, a new profile goes out (K15.FR.13, K16.FR.08, K17.FR.13, K18.FR.13).
        """
        station = inbound.station
        situation = await self._profiles.situation(station.operator, station.id)
        over = self._excess(situation, evse, time_base, plan, selected)
        async with self._store.work(station.operator) as work:
            noted = await self._noted(work, station.id, evse)
            if noted is not None:
                noted = msgspec.structs.replace(
                    noted,
                    plan=detail,
                    plan_status="Rejected" if over else "Accepted",
                    problem=over,
                    pushes=noted.pushes + 1 if over else noted.pushes,
                )
                self._note(work, station.id, noted)
        if over and noted is not None and noted.pushes <= MOST_PUSHES:
            inbound.later(partial(self._push, station.operator, station.id, noted))
        return not over

    def _excess(
        self,
        situation: Situation,
        evse: int,
        time_base: datetime,
        plan: ChargingSchedule,
        selected: int | None,
    ) -> str:
        """Where the plan lies above the offer, in words; empty when it does not."""
        profiles = situation.profiles()
        sent = self._under_way.get((situation.station.id, evse))
        if sent is not None:
            profiles = [p for p in profiles if p.profile.id != sent.id]
            profiles.append(Installed(evse, sent, situation.now))
        choice = _choice([p.profile for p in profiles], selected)
        case = situation.case(evse, choice=choice)
        length = _seconds(plan)
        offer = composite(case, profiles, plan.unit, time_base, length)
        over = excess(plan, time_base, offer)
        if over is None:
            return ""
        unit = plan.unit.value
        return (
            f"At {over.moment:%Y-%m-%d %H:%M:%S} UTC the car plans {float(over.planned):g} {unit} "
            f"where {float(over.allowed):g} {unit} is allowed."
        )

    async def _plan(
        self,
        operator: OperatorId,
        station: StationId,
        needs: ChargingNeeds,
        transaction: Transaction,
    ) -> tuple[ChargingSchedule, ...]:
        """Schedules within all limits, those from outside too (K02.FR.01)."""
        situation = await self._profiles.situation(operator, station)
        mine = [one.profile.id for one in _own(situation, needs.evse, transaction.reference)]
        case = situation.case(needs.evse)
        if needs.direct and not case.supply.direct:
            case = replace(case, supply=replace(case.supply, direct=True))
        profiles = situation.profiles(but=mine)
        offer = composite(case, profiles, RateUnit.AMPERE, situation.now, HORIZON_S)
        able = situation.abilities(needs.evse)
        most = [n for n in (needs.max_schedule_tuples, able.max_periods) if n]
        return await self._planner.plan(
            PlanRequest(
                operator=operator,
                station=station,
                needs=needs,
                transaction=transaction,
                offer=offer,
                supply=case.supply,
                most_periods=min(most, default=None),
                now=situation.now.replace(microsecond=0),
            )
        )

    async def _send(
        self,
        operator: OperatorId,
        station: StationId,
        noted: NotedNeeds,
        schedules: tuple[ChargingSchedule, ...],
    ) -> None:
        result = await self._set(operator, station, noted, schedules)
        await self._note_sent(operator, station, noted.needs.evse, result)

    async def _push(self, operator: OperatorId, station: StationId, noted: NotedNeeds) -> None:
        situation = await self._profiles.situation(operator, station)
        running = situation.running(noted.needs.evse)
        if running is None:
            return
        schedules = await self._plan(operator, station, noted.needs, running)
        if schedules:
            await self._send(operator, station, noted, schedules)

    async def _set(
        self,
        operator: OperatorId,
        station: StationId,
        noted: NotedNeeds,
        schedules: tuple[ChargingSchedule, ...],
    ) -> ProfileResult:
        """Send the plan as the transaction's TxProfile (K15.FR.07, K17.FR.07, K18.FR.07, K19.FR.07)."""
        evse = noted.needs.evse
        situation = await self._profiles.situation(operator, station)
        before = _own(situation, evse, noted.transaction_id)
        profile = ChargingProfile(
            id=before[0].profile.id if before else 0,
            stack_level=before[0].profile.stack_level if before else _level(situation, evse),
            purpose=Purpose.TX,
            kind=Kind.ABSOLUTE,
            transaction_id=noted.transaction_id,
            schedules=schedules if noted.needs.scheduled else schedules[:1],  # K19.FR.07
        )
        profile = numbered(situation, evse, profile)
        self._under_way[(station, evse)] = profile
        try:
            return await self._profiles.set(
                operator,
                station,
                evse,
                profile,
                by=BY,
                choices=True,
                phases_told=noted.needs.by_phase,
            )
        finally:
            self._under_way.pop((station, evse), None)

    def _note(self, work: Work, station: StationId, noted: NotedNeeds) -> None:
        live = self._presence.live(station)
        if live is not None:
            self._latest.setdefault(live, {})[noted.needs.evse] = noted
        work.holdings.save(station, noted)

    async def _noted(self, work: Work, station: StationId, evse: int) -> NotedNeeds | None:
        kept = await work.holdings.get(station, NotedNeeds, str(evse))
        live = self._presence.live(station)
        return self._latest.get(live, {}).get(evse, kept) if live is not None else kept

    async def _note_sent(
        self, operator: OperatorId, station: StationId, evse: int, result: ProfileResult
    ) -> None:
        outcome = result.outcome
        async with self._store.work(operator) as work:
            noted = await self._noted(work, station, evse)
            if noted is None:
                return
            problem = "" if outcome.accepted else outcome.description or f"{outcome.result}"
            self._note(
                work,
                station,
                msgspec.structs.replace(
                    noted,
                    profile=result.profile.id,
                    sent_at=self._clock.now(),
                    sent_status=outcome.status or str(outcome.result),
                    problem=problem or noted.problem,
                ),
            )


def _judged(noted: NotedNeeds, schedules: tuple[ChargingSchedule, ...]) -> NotedNeeds:
    if schedules:
        return msgspec.structs.replace(noted, answer=NeedsAnswer.ACCEPTED)
    return msgspec.structs.replace(
        noted, problem="Nothing may be charged there: the station's default rules apply."
    )


def _seconds(plan: ChargingSchedule) -> int:
    """How far a car's plan is looked at."""
    told = plan.duration or 0
    return min(told, LONGEST_PLAN_S) if told > 0 else HORIZON_S


def _own(situation: Situation, evse: int, reference: str | None) -> list[InstalledProfile]:
    """Profiles that earlier needs of this transaction brought; a person's TxProfile stays a limit."""
    return [
        one
        for one in situation.installed
        if one.by == BY
        and one.source == OURS
        and one.evse == evse
        and one.profile.purpose is Purpose.TX
        and one.profile.transaction_id == reference
    ]


def _level(situation: Situation, evse: int) -> int:
    """Above the TxProfiles that people have set, as far as the station has levels."""
    levels = [
        one.profile.stack_level
        for one in situation.installed
        if one.evse == evse and one.profile.purpose is Purpose.TX
    ]
    most = situation.abilities(evse).max_stack_level
    level = max(levels) + 1 if levels else 0
    return level if most is None else min(level, most)


def _choice(profiles: list[ChargingProfile], selected: int | None) -> int:
    """Which of the offered schedules the car chose (K15.FR.21)."""
    for profile in profiles:
        if profile.purpose is not Purpose.TX:
            continue
        for number, schedule in enumerate(profile.schedules):
            if selected is not None and schedule.id == selected:
                return number
    return 0
