"""What is asked about charging limits, and what is shown of them: bodies and results of `api.charging_*`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

from releve.api.charging_values import (
    Form,
    Limit,
    Number,
    ProfileForm,
    ScheduleForm,
    Short,
    Whole,
    form_of,
    schedules_of,
)
from releve.api.command_forms import AnyEvse, CommandResult, EvseNumber
from releve.api.here import Line
from releve.domain.charging_holdings import ExternalLimit, InstalledProfile
from releve.domain.charging_needs import NotedNeeds
from releve.domain.charging_profile import Purpose, RateUnit


class NewProfile(Form, frozen=True, kw_only=True):
    """evse 0: the station as a whole."""

    evse: AnyEvse
    profile: ProfileForm


class SimpleLimit(Form, frozen=True, kw_only=True):
    """A limit without a schedule, until it is replaced or cleared.

    evse 0: of the whole station (a ChargingStationMaxProfile), else of what charges there (a TxDefaultProfile; with
    `transaction`, a TxProfile of the one that runs). seconds: how long it holds; absent: until it is cleared.
    """

    evse: AnyEvse = 0
    limit: Limit
    unit: RateUnit = RateUnit.AMPERE
    phases: Annotated[int, msgspec.Meta(ge=1, le=3)] | None = None
    transaction: bool = False
    seconds: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    stack_level: Whole = 0


class ProfilesClearing(Form, frozen=True, kw_only=True):
    """An id, or criteria that are joined by "and"."""

    id: Number | None = None
    evse: AnyEvse | None = None
    purpose: Purpose | None = None
    stack_level: Whole | None = None


class ProfilesFetching(Form, frozen=True, kw_only=True):
    """Which profiles the station shall report: by ids, or by criteria; nothing: all. evse absent: of all EVSEs."""

    evse: AnyEvse | None = None
    ids: Annotated[list[Number], msgspec.Meta(max_length=1000)] = []
    purpose: Purpose | None = None
    stack_level: Whole | None = None
    sources: Annotated[list[Short], msgspec.Meta(max_length=4)] = []


class PriorityCharging(Form, frozen=True, kw_only=True):
    """transaction: the station's name of it."""

    transaction: Short
    activate: bool


class Renegotiation(Form, frozen=True, kw_only=True):
    evse: EvseNumber


class SupplyForm(Form, frozen=True, kw_only=True):
    """What stands behind an EVSE. max_current_a: per phase. direct: DC."""

    phases: Annotated[int, msgspec.Meta(ge=1, le=3)] = 3
    voltage_v: Annotated[float, msgspec.Meta(gt=0, le=1000)] = 230.0
    max_current_a: Annotated[float, msgspec.Meta(gt=0, le=10_000)] | None = None
    direct: bool = False


class SupplyView(SupplyForm, frozen=True, kw_only=True, omit_defaults=False):
    """evse 0: of all EVSEs that have none of their own."""

    evse: int


class FaultView(msgspec.Struct, frozen=True, kw_only=True):
    """rule: the requirement of the standard, or empty."""

    rule: str
    text: str


class ProfileAnswer(CommandResult, frozen=True, kw_only=True):
    """How it ended; `profile` as it was sent, `changes` that were made for the station, `faults` that forbade it."""

    evse: int
    profile: ProfileForm
    changes: list[str] = []
    faults: list[FaultView] = []


class ProfileView(msgspec.Struct, frozen=True, kw_only=True):
    """A profile that the station has. source: CSO for ours. reported_at: when the station last confirmed it."""

    evse: int
    profile: ProfileForm
    source: Line
    by: str
    installed_at: datetime
    reported_at: datetime | None


class ExternalLimitView(msgspec.Struct, frozen=True, kw_only=True):
    """A limit from outside. evse null: the station as a whole."""

    source: str
    evse: int | None
    grid_critical: bool | None
    local_generation: bool | None
    schedules: list[ScheduleForm]
    received_at: datetime


class NeedsView(msgspec.Struct, frozen=True, kw_only=True):
    """What a car told that it needs (`told`: as it came), and what came of it."""

    evse: int
    transaction_id: str | None
    energy_transfer: str
    departure_at: datetime | None
    energy_wh: float | None
    max_power_w: float | None
    max_current_a: float | None
    control_mode: str
    answer: str
    received_at: datetime
    profile: int | None
    sent_at: datetime | None
    sent_status: str
    plan: dict[str, Any]
    plan_status: str
    problem: str
    told: dict[str, Any]


def profile_view(held: InstalledProfile) -> ProfileView:
    """As the API shows it."""
    return ProfileView(
        evse=held.evse,
        profile=form_of(held.profile),
        source=held.source,
        by=held.by,
        installed_at=held.installed_at,
        reported_at=held.reported_at,
    )


def limit_view(limit: ExternalLimit) -> ExternalLimitView:
    """As the API shows it."""
    return ExternalLimitView(
        source=limit.source,
        evse=limit.evse,
        grid_critical=limit.grid_critical,
        local_generation=limit.local_generation,
        schedules=schedules_of(limit.schedules),
        received_at=limit.received_at,
    )


def needs_view(noted: NotedNeeds) -> NeedsView:
    """As the API shows it."""
    needs = noted.needs

    def number(value: object) -> float | None:
        return None if value is None else float(str(value))

    return NeedsView(
        evse=needs.evse,
        transaction_id=noted.transaction_id,
        energy_transfer=needs.energy_transfer,
        departure_at=needs.departure_at,
        energy_wh=number(needs.energy_wh),
        max_power_w=number(needs.max_power_w),
        max_current_a=number(needs.max_current_a),
        control_mode="ScheduledControl" if needs.scheduled else "DynamicControl",
        answer=noted.answer.value,
        received_at=noted.received_at,
        profile=noted.profile,
        sent_at=noted.sent_at,
        sent_status=noted.sent_status,
        plan=noted.plan,
        plan_status=noted.plan_status,
        problem=noted.problem,
        told=needs.told,
    )
