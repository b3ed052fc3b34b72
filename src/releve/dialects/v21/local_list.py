"""D: the local authorization list."""

from __future__ import annotations

from releve.dialects.outcome import variables_outcome
from releve.dialects.registry import Unsupported
from releve.dialects.v2.outcome import heard
from releve.dialects.v2.variables import variable_result
from releve.dialects.v21.authorization import id_token_info, wire_token
from releve.dialects.v21.version import v21
from releve.domain.commands import Outcome, Result
from releve.domain.local_list import (
    GetListLimits,
    GetLocalListVersion,
    ListEntry,
    SendLocalList,
)
from releve.ocpp.messages.v21 import (
    AttributeEnum,
    AuthorizationData,
    Component,
    GetLocalListVersionRequest,
    GetLocalListVersionResponse,
    GetVariableData,
    GetVariablesRequest,
    GetVariablesResponse,
    SendLocalListRequest,
    SendLocalListResponse,
    UpdateEnum,
    Variable,
)
from releve.services.live import LiveStation

_CONTROLLER = "LocalAuthListCtrlr"
_LIMITS = (
    ("ItemsPerMessage", AttributeEnum.ACTUAL),
    ("BytesPerMessage", AttributeEnum.ACTUAL),
    ("Entries", AttributeEnum.MAX_SET),
)


@v21.asks
def send_local_list(command: SendLocalList, station: LiveStation) -> SendLocalListRequest:
    entries = (_entry(entry) for entry in command.entries)
    return SendLocalListRequest(
        version_number=command.version,
        update_type=UpdateEnum(command.kind.value),
        local_authorization_list=[entry for entry in entries if entry is not None],
    )


@v21.hears
def local_list_sent(command: SendLocalList, response: SendLocalListResponse) -> Outcome:
    return heard(response)


@v21.asks
def get_local_list_version(
    command: GetLocalListVersion, station: LiveStation
) -> GetLocalListVersionRequest:
    return GetLocalListVersionRequest()


@v21.hears
def local_list_version(
    command: GetLocalListVersion, response: GetLocalListVersionResponse
) -> Outcome:
    return Outcome(
        result=Result.ANSWERED, accepted=True, details={"version": response.version_number}
    )


@v21.asks
def get_list_limits(command: GetListLimits, station: LiveStation) -> GetVariablesRequest:
    return GetVariablesRequest(
        get_variable_data=[
            GetVariableData(
                component=Component(name=_CONTROLLER),
                variable=Variable(name=name),
                attribute_type=attribute,
            )
            for name, attribute in _LIMITS
        ]
    )


@v21.hears
def list_limits(command: GetListLimits, response: GetVariablesResponse) -> Outcome:
    return variables_outcome(
        [variable_result(one, one.attribute_value) for one in response.get_variable_result],
        len(_LIMITS),
    )


def _entry(entry: ListEntry) -> AuthorizationData | None:
    """None for a token that this version cannot write: nobody can present it there either."""
    try:
        token = wire_token(entry.token)
    except Unsupported:
        return None
    judgement = entry.judgement
    return AuthorizationData(
        id_token=token, id_token_info=None if judgement is None else id_token_info(judgement)
    )
