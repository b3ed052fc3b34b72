"""Charging profiles (block K)."""

from itertools import groupby

from releve.ocpp.messages import v21
from releve.simulator import smart_charging
from releve.simulator.dialect import Answer
from releve.simulator.electrical import Unit
from releve.simulator.profiles.model import Profile, Purpose
from releve.simulator.profiles.store import Refusal
from releve.simulator.station import Station
from releve.simulator.v2 import charging_needs, dynamic, wire
from releve.simulator.v2.registry import answers


@answers
def set_charging_profile(
    request: v21.SetChargingProfileRequest, station: Station
) -> v21.SetChargingProfileResponse:
    """K01."""
    wanted = request.charging_profile
    profile = wire.profile(wanted, request.evse_id, wanted.transaction_id, station.now())
    refusal = (
        profile
        if isinstance(profile, Refusal)
        else station.profiles.install(profile, station.running())
    )
    station.catch_up()
    station.settle()
    statuses = v21.ChargingProfileStatusEnum
    if refusal is not None:
        text = f"refuses charging profile {wanted.id}: {refusal}"
        station.note("profile-refused", text, request.evse_id, reason=refusal)
        return v21.SetChargingProfileResponse(
            status=statuses.REJECTED, status_info=wire.info(refusal)
        )
    purpose = wanted.charging_profile_purpose
    text = f"takes charging profile {wanted.id}: {purpose} for EVSE {request.evse_id}"
    station.note("profile-set", text, request.evse_id, profile=wanted.id)
    charging_needs.follow(station, request.evse_id, wanted)
    if isinstance(profile, Profile) and profile.pull_every_s:
        dynamic.pull(station, profile)
    return v21.SetChargingProfileResponse(status=statuses.ACCEPTED)


@answers
def clear_charging_profile(
    request: v21.ClearChargingProfileRequest, station: Station
) -> v21.ClearChargingProfileResponse:
    """K10."""
    criteria = request.charging_profile_criteria or v21.ClearChargingProfile()
    purpose = criteria.charging_profile_purpose
    gone = 0
    if purpose is None or purpose.value in set(Purpose):
        gone = station.profiles.clear(
            request.charging_profile_id,
            criteria.evse_id,
            None if purpose is None else Purpose(purpose.value),
            criteria.stack_level,
        )
    station.catch_up()
    station.settle()
    station.note("profile-cleared", f"{gone} charging profiles are gone", count=gone)
    statuses = v21.ClearChargingProfileStatusEnum
    return v21.ClearChargingProfileResponse(status=statuses.ACCEPTED if gone else statuses.UNKNOWN)


@answers
def get_charging_profiles(request: v21.GetChargingProfilesRequest, station: Station) -> Answer:
    """K09: the profiles follow in ReportChargingProfiles, one message for each EVSE and source."""
    found = [profile for profile in station.profiles if _asked_for(request, profile)]
    statuses = v21.GetChargingProfileStatusEnum
    if not found:
        return Answer(v21.GetChargingProfilesResponse(status=statuses.NO_PROFILES))
    response = v21.GetChargingProfilesResponse(status=statuses.ACCEPTED)
    return Answer(response, lambda: _report(station, request.request_id, found))


@answers
def get_composite_schedule(
    request: v21.GetCompositeScheduleRequest, station: Station
) -> v21.GetCompositeScheduleResponse:
    """K08."""
    asked = request.charging_rate_unit
    unit = smart_charging.usual_unit(station) if asked is None else Unit(asked.value)
    statuses = v21.GenericStatusEnum
    periods = smart_charging.composite_schedule(station, request.evse_id, request.duration, unit)
    refusal = Refusal.UNKNOWN_EVSE if periods is None else None
    if unit not in station.profiles.rules.units:
        refusal = Refusal.RATE_UNIT  # K08.FR.07
    if periods is None or refusal is not None or request.duration <= 0:
        status_info = wire.info(refusal or "InvalidValue")
        return v21.GetCompositeScheduleResponse(status=statuses.REJECTED, status_info=status_info)
    schedule = wire.composite_schedule(
        periods, request.evse_id, unit, request.duration, station.now()
    )
    return v21.GetCompositeScheduleResponse(status=statuses.ACCEPTED, schedule=schedule)


def _asked_for(request: v21.GetChargingProfilesRequest, profile: Profile) -> bool:
    wanted = request.charging_profile
    purpose = wanted.charging_profile_purpose
    return (
        request.evse_id in (None, profile.evse)
        and (not wanted.charging_profile_id or profile.id in wanted.charging_profile_id)
        and (purpose is None or purpose.value == profile.purpose.value)
        and wanted.stack_level in (None, profile.stack_level)
        and (not wanted.charging_limit_source or _source(profile) in wanted.charging_limit_source)
    )


def _source(profile: Profile) -> str:
    return "SO" if profile.purpose is Purpose.EXTERNAL else "CSO"


async def _report(station: Station, request_id: int, profiles: list[Profile]) -> None:
    def place(profile: Profile) -> tuple[int, str]:
        return profile.evse, _source(profile)

    ordered = sorted(profiles, key=place)
    groups = [(key, list(group)) for key, group in groupby(ordered, key=place)]
    for index, ((evse, source), members) in enumerate(groups):
        await station.ask(
            v21.ReportChargingProfilesRequest(
                request_id=request_id,
                charging_limit_source=source,
                evse_id=evse,
                charging_profile=[wire.charging_profile(each) for each in members],
                tbc=index < len(groups) - 1,  # K09.FR.02
            )
        )
