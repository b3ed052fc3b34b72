"""K: charging profiles of a station: what it has, set, cleared, fetched, changed; priority charging."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import JSONBody, PathParameter, QueryParameter

from releve.api.charging_forms import (
    FaultView,
    NewProfile,
    PriorityCharging,
    ProfileAnswer,
    ProfilesClearing,
    ProfilesFetching,
    ProfileView,
    SimpleLimit,
    profile_view,
)
from releve.api.charging_values import UpdateForm, form_of, profile_of, update_of
from releve.api.command_forms import CommandResult, fields_of, result_of
from releve.api.commands import ASKING, CONTROL, Patience
from releve.api.here import Asker, StationKey, TheDesk, station_id
from releve.api.operations import operation_view
from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Kind,
    Purpose,
)
from releve.domain.smart_charging import ClearChargingProfile
from releve.services.errors import Invalid
from releve.services.smart_charging.profiles import ProfileResult
from releve.services.views import OperationView

TAGS = ["Smart charging"]
ProfileKey = Annotated[int, PathParameter(description="The profile's id.", ge=0, le=2**31 - 1)]
Push = Annotated[
    bool, QueryParameter(description="Send them now; false: when the station next asks.")
]


class Profiles(msgspec.Struct, frozen=True, kw_only=True):
    """What the station has, as far as it is known."""

    items: list[ProfileView]


@get(
    "/stations/{station:str}/charging-profiles",
    operation_id="listChargingProfiles",
    summary="Charging profiles of a station",
    tags=TAGS,
)
async def list_profiles(desk: TheDesk, asker: Asker, station: StationKey) -> Profiles:
    """Those that it took from us, and those that it reported; by EVSE, purpose and level."""
    found = await desk.services.smart_charging.situation(
        asker.operator, await station_id(desk, asker, station)
    )
    ordered = sorted(
        found.installed, key=lambda h: (h.evse, h.profile.purpose, -h.profile.stack_level)
    )
    return Profiles(items=[profile_view(held) for held in ordered])


@post(
    "/stations/{station:str}/charging-profiles",
    operation_id="setChargingProfile",
    summary="Set a charging profile",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def set_profile(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[NewProfile],
    timeout: Patience = None,
) -> ProfileAnswer:
    """Install a profile, or replace the one of the same id or place. It is adapted to what the station can take, and
    `changes` says how; what the standard forbids is not sent (result invalid, `faults`)."""
    try:
        profile = profile_of(data.profile)
    except msgspec.ValidationError as error:
        raise Invalid(f"The profile cannot be read: {error}.", field="profile") from error
    result = await desk.services.smart_charging.set(
        asker.operator,
        await station_id(desk, asker, station),
        data.evse,
        profile,
        by=asker.name,
        timeout=timeout,
    )
    return profile_answer(result)


@post(
    "/stations/{station:str}/charging-limit",
    operation_id="setChargingLimit",
    summary="Limit charging, simply",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def set_limit(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[SimpleLimit],
    timeout: Patience = None,
) -> ProfileAnswer:
    """One limit from now on: of the station, of an EVSE, or of the transaction that runs there."""
    result = await desk.services.smart_charging.set(
        asker.operator,
        await station_id(desk, asker, station),
        data.evse,
        simple_profile(desk, data),
        by=asker.name,
        timeout=timeout,
    )
    return profile_answer(result)


def simple_profile(desk: TheDesk, data: SimpleLimit) -> ChargingProfile:
    """The profile that a simple limit means. It starts a minute ago, for a station's clock may be slow."""
    purpose = Purpose.STATION_MAX if data.evse == 0 else Purpose.TX_DEFAULT
    start = desk.clock.now().replace(microsecond=0) - timedelta(minutes=1)
    end = None if data.seconds is None else start + timedelta(minutes=1, seconds=data.seconds)
    period = ChargingSchedulePeriod(limit=Decimal(str(data.limit)), number_phases=data.phases)
    return ChargingProfile(
        stack_level=data.stack_level,
        purpose=Purpose.TX if data.transaction and data.evse else purpose,
        kind=Kind.ABSOLUTE,
        valid_to=end,
        schedules=(ChargingSchedule(unit=data.unit, periods=(period,), start_schedule=start),),
    )


@post(
    "/stations/{station:str}/charging-profiles/clear",
    operation_id="clearChargingProfiles",
    summary="Clear charging profiles",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def clear_profiles(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[ProfilesClearing],
    timeout: Patience = None,
) -> CommandResult:
    """One by its id, or all that meet every criterion given. Status Unknown: the station has none such."""
    command = ClearChargingProfile(
        id=data.id, evse=data.evse, purpose=data.purpose, stack_level=data.stack_level
    )
    outcome = await desk.services.smart_charging.clear(
        asker.operator,
        await station_id(desk, asker, station),
        command,
        by=asker.name,
        timeout=timeout,
    )
    return result_of(outcome)


@post(
    "/stations/{station:str}/charging-profiles/fetch",
    operation_id="fetchChargingProfiles",
    summary="Have a station report its charging profiles",
    tags=TAGS,
    opt=ASKING,
    status_code=202,
)
async def fetch_profiles(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[ProfilesFetching | None] = None,
    timeout: Patience = None,
) -> OperationView:
    """An operation (2.x); once it is done, the list shows what the station has."""
    body = data or ProfilesFetching()
    operation = await desk.services.smart_charging.fetch(
        asker.operator,
        await station_id(desk, asker, station),
        evse=body.evse,
        ids=body.ids,
        purpose=body.purpose,
        stack_level=body.stack_level,
        sources=body.sources,
        by=asker.name,
        timeout=timeout,
    )
    return await operation_view(desk, asker.operator, str(operation.id))


@post(
    "/stations/{station:str}/charging-profiles/{profile:int}/update",
    operation_id="updateDynamicProfile",
    summary="Change the limits of a dynamic profile",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def update_profile(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    profile: ProfileKey,
    data: JSONBody[UpdateForm],
    push: Push = True,
    timeout: Patience = None,
) -> CommandResult:
    """2.1. push=false: the station gets them when it next asks (dyn_update_interval)."""
    outcome = await desk.services.dynamic_profiles.update(
        asker.operator,
        await station_id(desk, asker, station),
        profile,
        update_of(data),
        push=push,
        by=asker.name,
        timeout=timeout,
    )
    return result_of(outcome)


@post(
    "/stations/{station:str}/priority-charging",
    operation_id="usePriorityCharging",
    summary="Put a transaction under priority charging",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def use_priority(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[PriorityCharging],
    timeout: Patience = None,
) -> CommandResult:
    """2.1. The station's PriorityCharging profile counts instead of those of the transaction, or no longer."""
    outcome = await desk.services.dynamic_profiles.use_priority(
        asker.operator,
        await station_id(desk, asker, station),
        data.transaction,
        data.activate,
        by=asker.name,
        timeout=timeout,
    )
    return result_of(outcome)


def profile_answer(result: ProfileResult) -> ProfileAnswer:
    """As the API shows it."""
    return ProfileAnswer(
        **fields_of(result.outcome),
        evse=result.evse,
        profile=form_of(result.profile),
        changes=list(result.changes),
        faults=[FaultView(rule=fault.rule, text=fault.text) for fault in result.faults],
    )


ROUTES = (
    list_profiles,
    set_profile,
    set_limit,
    clear_profiles,
    fetch_profiles,
    update_profile,
    use_priority,
)
