"""Configuration keys: the variables of 1.6. A key is a variable without component."""

from __future__ import annotations

import msgspec

from releve.dialects.outcome import outcome, variables_outcome
from releve.dialects.registry import Unsupported
from releve.dialects.v16.keys import kind_of
from releve.dialects.v16.version import v16
from releve.domain.commands import (
    GetVariables,
    Outcome,
    Result,
    SetVariables,
    VariableName,
    VariableResult,
)
from releve.domain.provisioning import GetBaseReport, ReportBase, SetHeartbeat
from releve.ocpp.messages.v16 import (
    ChangeConfigurationRequest,
    ChangeConfigurationResponse,
    GetConfigurationRequest,
    GetConfigurationResponse,
)
from releve.services.live import LiveStation

_NOT_SUPPORTED = "NotSupported"
_UNKNOWN = "UnknownVariable"
"""2.1's word for what 1.6 says by NotSupported and unknownKey."""


@v16.asks
def get_configuration(command: GetVariables, station: LiveStation) -> GetConfigurationRequest:
    return GetConfigurationRequest(key=[_key(name) for name in command.names])


@v16.asks
def get_all(command: GetBaseReport, station: LiveStation) -> GetConfigurationRequest:
    if command.base is ReportBase.SUMMARY:
        raise Unsupported("OCPP 1.6 has no summary of what is wrong: read all, or the messages")
    return GetConfigurationRequest()


@v16.hears
def all_got(command: GetBaseReport, response: GetConfigurationResponse) -> Outcome:
    heard = variables_outcome(_told(response), 0)
    return msgspec.structs.replace(heard, complete=True)


@v16.hears
def configuration_got(command: GetVariables, response: GetConfigurationResponse) -> Outcome:
    return configuration_outcome(response, len(command.names))


def configuration_outcome(response: GetConfigurationResponse, wanted: int) -> Outcome:
    """Keys come in the station's own spelling: they are compared without regard to case."""
    found = _told(response)
    unknown = [
        VariableResult(name=VariableName(variable=key), status=_UNKNOWN)
        for key in response.unknown_key
    ]
    return variables_outcome([*found, *unknown], wanted)


def _told(response: GetConfigurationResponse) -> list[VariableResult]:
    """The keys that the station has, with the kind that the standard gives them."""
    return [
        VariableResult(
            name=VariableName(variable=known.key),
            status="Accepted",
            value=known.value,
            read_only=known.readonly,
            **kind_of(known.key),
        )
        for known in response.configuration_key
    ]


@v16.asks
def change_configuration(command: SetVariables, station: LiveStation) -> ChangeConfigurationRequest:
    if len(command.values) != 1:
        raise Unsupported("OCPP 1.6 changes one configuration key at a time")
    name, value = command.values[0]
    return ChangeConfigurationRequest(key=_key(name), value=value)


@v16.asks
def set_heartbeat(command: SetHeartbeat, station: LiveStation) -> ChangeConfigurationRequest:
    return ChangeConfigurationRequest(key="HeartbeatInterval", value=str(command.interval_s))


@v16.hears
def heartbeat_set(command: SetHeartbeat, response: ChangeConfigurationResponse) -> Outcome:
    return outcome(response.status)


@v16.hears
def configuration_changed(command: SetVariables, response: ChangeConfigurationResponse) -> Outcome:
    status = str(response.status)
    heard = variables_outcome(
        [
            VariableResult(name=name, status=_UNKNOWN if status == _NOT_SUPPORTED else status)
            for name, _ in command.values
        ],
        len(command.values),
    )
    return Outcome(
        result=Result.ANSWERED, status=status, accepted=heard.accepted, variables=heard.variables
    )


def _key(name: VariableName) -> str:
    if name.component or name.instance or name.evse is not None or name.attribute != "Actual":
        raise Unsupported("OCPP 1.6 has configuration keys, without component, instance or EVSE")
    return name.variable
