"""D: the local authorization list (1.6 5.10, 5.11)."""

from __future__ import annotations

from releve.dialects.outcome import outcome
from releve.dialects.v16.authorization import ID_TAG_LIMIT, id_tag_info
from releve.dialects.v16.configuration import configuration_outcome
from releve.dialects.v16.version import v16
from releve.domain.commands import Outcome, Result
from releve.domain.local_list import (
    GetListLimits,
    GetLocalListVersion,
    ListEntry,
    SendLocalList,
)
from releve.ocpp.messages.v16 import (
    AuthorizationData,
    GetConfigurationRequest,
    GetConfigurationResponse,
    GetLocalListVersionRequest,
    GetLocalListVersionResponse,
    SendLocalListRequest,
    SendLocalListResponse,
    UpdateType,
)
from releve.services.live import LiveStation

_LIMITS = ["SendLocalListMaxLength", "LocalAuthListMaxLength"]


@v16.asks
def send_local_list(command: SendLocalList, station: LiveStation) -> SendLocalListRequest:
    return SendLocalListRequest(
        list_version=command.version,
        update_type=UpdateType(command.kind.value),
        local_authorization_list=[
            _entry(entry) for entry in command.entries if len(entry.token.value) <= ID_TAG_LIMIT
        ],
    )


@v16.hears
def local_list_sent(command: SendLocalList, response: SendLocalListResponse) -> Outcome:
    return outcome(response.status)


@v16.asks
def get_local_list_version(
    command: GetLocalListVersion, station: LiveStation
) -> GetLocalListVersionRequest:
    return GetLocalListVersionRequest()


@v16.hears
def local_list_version(
    command: GetLocalListVersion, response: GetLocalListVersionResponse
) -> Outcome:
    return Outcome(
        result=Result.ANSWERED, accepted=True, details={"version": response.list_version}
    )


@v16.asks
def get_list_limits(command: GetListLimits, station: LiveStation) -> GetConfigurationRequest:
    return GetConfigurationRequest(key=_LIMITS)


@v16.hears
def list_limits(command: GetListLimits, response: GetConfigurationResponse) -> Outcome:
    return configuration_outcome(response, len(_LIMITS))


def _entry(entry: ListEntry) -> AuthorizationData:
    judgement = entry.judgement
    return AuthorizationData(
        id_tag=entry.token.value, id_tag_info=None if judgement is None else id_tag_info(judgement)
    )
