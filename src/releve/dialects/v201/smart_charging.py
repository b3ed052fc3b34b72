"""K: charging profiles, composite schedules, limits from outside, what cars need."""

from __future__ import annotations

import msgspec

from releve.dialects.v2 import smart_charging as v2
from releve.dialects.v2.charging_needs import external_limit, needs_of
from releve.dialects.v2.outcome import explanation, heard
from releve.dialects.v201.version import v201
from releve.domain.charging_needs import NeedsAnswer
from releve.domain.charging_profile import ChargingProfile, ChargingSchedule
from releve.domain.commands import Outcome, Result
from releve.domain.smart_charging import (
    ClearChargingProfile,
    GetChargingProfiles,
    GetCompositeSchedule,
    ScheduleOutcome,
    SetChargingProfile,
)
from releve.ocpp.messages import v201 as wire
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services

LABEL = v201.version.label
_ANSWERS = {
    # 2.0.1 has no word for "no profile will come": Rejected says so (K15.FR.04).
    NeedsAnswer.NO_PROFILE: wire.NotifyEVChargingNeedsStatusEnum.REJECTED,
}


@v201.asks
def set_charging_profile(
    command: SetChargingProfile, station: LiveStation
) -> wire.SetChargingProfileRequest:
    payload = v2.set_payload(command.evse, command.profile)
    return v2.built(payload, wire.SetChargingProfileRequest, LABEL)


@v201.hears
def charging_profile_set(
    command: SetChargingProfile, response: wire.SetChargingProfileResponse
) -> Outcome:
    return heard(response)


@v201.asks
def clear_charging_profile(
    command: ClearChargingProfile, station: LiveStation
) -> wire.ClearChargingProfileRequest:
    return v2.built(v2.clear_payload(command), wire.ClearChargingProfileRequest, LABEL)


@v201.hears
def charging_profile_cleared(
    command: ClearChargingProfile, response: wire.ClearChargingProfileResponse
) -> Outcome:
    return heard(response)


@v201.asks
def get_charging_profiles(
    command: GetChargingProfiles, station: LiveStation
) -> wire.GetChargingProfilesRequest:
    return v2.built(v2.get_payload(command), wire.GetChargingProfilesRequest, LABEL)


@v201.hears
def charging_profiles_asked(
    command: GetChargingProfiles, response: wire.GetChargingProfilesResponse
) -> Outcome:
    """NoProfiles is an answer, too: there is nothing to report."""
    return msgspec.structs.replace(heard(response), accepted=True)


@v201.asks
def get_composite_schedule(
    command: GetCompositeSchedule, station: LiveStation
) -> wire.GetCompositeScheduleRequest:
    return v2.built(v2.composite_payload(command), wire.GetCompositeScheduleRequest, LABEL)


@v201.hears
def composite_schedule_told(
    command: GetCompositeSchedule, response: wire.GetCompositeScheduleResponse
) -> Outcome:
    accepted = response.status == wire.GenericStatusEnum.ACCEPTED
    return ScheduleOutcome(
        result=Result.ANSWERED,
        status=str(response.status),
        accepted=accepted,
        description=explanation(response.status_info),
        schedule=v2.reported_schedule(response.schedule) if accepted else None,
    )


@v201.answers
async def report_charging_profiles(
    request: wire.ReportChargingProfilesRequest, inbound: Inbound, services: Services
) -> wire.ReportChargingProfilesResponse:
    await services.smart_charging.reported(
        inbound,
        request_id=request.request_id,
        evse=request.evse_id,
        source=str(request.charging_limit_source),
        tbc=request.tbc,
        profiles=tuple(v2.read(ChargingProfile, each) for each in request.charging_profile),
        content=msgspec.to_builtins(request),
    )
    return wire.ReportChargingProfilesResponse()


@v201.answers
async def notify_charging_limit(
    request: wire.NotifyChargingLimitRequest, inbound: Inbound, services: Services
) -> wire.NotifyChargingLimitResponse:
    limit = external_limit(request, inbound.at)
    await services.charging_limits.notified(inbound, limit, msgspec.to_builtins(request))
    return wire.NotifyChargingLimitResponse()


@v201.answers
async def cleared_charging_limit(
    request: wire.ClearedChargingLimitRequest, inbound: Inbound, services: Services
) -> wire.ClearedChargingLimitResponse:
    source = str(request.charging_limit_source)
    detail = msgspec.to_builtins(request)
    await services.charging_limits.cleared(inbound, source, request.evse_id, detail)
    return wire.ClearedChargingLimitResponse()


@v201.answers
async def notify_ev_charging_needs(
    request: wire.NotifyEVChargingNeedsRequest, inbound: Inbound, services: Services
) -> wire.NotifyEVChargingNeedsResponse:
    answer = await services.charging_needs.told(inbound, needs_of(request))
    statuses = wire.NotifyEVChargingNeedsStatusEnum
    status = _ANSWERS.get(answer) or statuses(answer.value)
    return wire.NotifyEVChargingNeedsResponse(status=status)  # K15.FR.02, K17.FR.02


@v201.answers
async def notify_ev_charging_schedule(
    request: wire.NotifyEVChargingScheduleRequest, inbound: Inbound, services: Services
) -> wire.NotifyEVChargingScheduleResponse:
    within = await services.charging_needs.planned(
        inbound,
        evse=request.evse_id,
        time_base=request.time_base,
        plan=v2.read(ChargingSchedule, request.charging_schedule),
        selected=None,
        detail=msgspec.to_builtins(request),
    )
    statuses = wire.GenericStatusEnum
    return wire.NotifyEVChargingScheduleResponse(
        status=statuses.ACCEPTED if within else statuses.REJECTED
    )
