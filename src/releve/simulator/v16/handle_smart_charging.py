"""Charging profiles (1.6, smart charging profile)."""

from releve.ocpp.messages import v16
from releve.simulator import smart_charging
from releve.simulator.electrical import Unit
from releve.simulator.station import Station
from releve.simulator.v16 import wire
from releve.simulator.v16.registry import answers


@answers
def set_charging_profile(
    request: v16.SetChargingProfileRequest, station: Station
) -> v16.SetChargingProfileResponse:
    wanted = request.cs_charging_profiles
    key = _transaction_key(station, request.connector_id, wanted)
    profile = wire.profile(wanted, request.connector_id, key, station.now())
    refusal = station.profiles.install(profile, station.running())
    station.catch_up()
    station.settle()
    statuses = v16.ChargingProfileStatus
    if refusal is not None:
        text = f"refuses charging profile {profile.id}: {refusal}"
        station.note("profile-refused", text, profile.evse, reason=refusal)
        return v16.SetChargingProfileResponse(status=statuses.REJECTED)
    text = f"takes charging profile {profile.id}: {profile.purpose} for EVSE {profile.evse}"
    station.note("profile-set", text, profile.evse, profile=profile.id)
    return v16.SetChargingProfileResponse(status=statuses.ACCEPTED)


@answers
def clear_charging_profile(
    request: v16.ClearChargingProfileRequest, station: Station
) -> v16.ClearChargingProfileResponse:
    purpose = request.charging_profile_purpose
    gone = station.profiles.clear(
        request.id,
        request.connector_id,
        None if purpose is None else wire.PURPOSES[purpose],
        request.stack_level,
    )
    station.catch_up()
    station.settle()
    station.note("profile-cleared", f"{gone} charging profiles are gone", count=gone)
    statuses = v16.ClearChargingProfileStatus
    return v16.ClearChargingProfileResponse(status=statuses.ACCEPTED if gone else statuses.UNKNOWN)


@answers
def get_composite_schedule(
    request: v16.GetCompositeScheduleRequest, station: Station
) -> v16.GetCompositeScheduleResponse:
    asked = request.charging_rate_unit
    unit = smart_charging.usual_unit(station) if asked is None else Unit(asked.value)
    periods = smart_charging.composite_schedule(
        station, request.connector_id, request.duration, unit
    )
    statuses = v16.GetCompositeScheduleStatus
    if periods is None or request.duration <= 0:
        return v16.GetCompositeScheduleResponse(status=statuses.REJECTED)
    return v16.GetCompositeScheduleResponse(
        status=statuses.ACCEPTED,
        connector_id=request.connector_id,
        schedule_start=station.now(),
        charging_schedule=wire.composite_schedule(periods, unit, request.duration),
    )


def _transaction_key(station: Station, connector: int, wanted: v16.ChargingProfile) -> str | None:
    """The transaction that a TxProfile is for: the one named, or the one running there (1.6, 5.16.3)."""
    if wanted.charging_profile_purpose is not v16.ChargingProfilePurposeType.TX_PROFILE:
        return None
    evse = station.evses.get(connector)
    if evse is None or evse.transaction is None:
        return None
    if wanted.transaction_id not in (None, evse.transaction.number):
        return None
    return evse.transaction.key
