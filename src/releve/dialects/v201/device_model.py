"""B: reading and writing variables."""

from __future__ import annotations

from releve.dialects.outcome import variables_outcome
from releve.dialects.registry import Unsupported
from releve.dialects.v2.outcome import heard
from releve.dialects.v2.variables import variable_result
from releve.dialects.v201.version import v201
from releve.domain.commands import GetVariables, Outcome, SetVariables, VariableName
from releve.domain.provisioning import SetHeartbeat
from releve.ocpp.messages.v201 import (
    EVSE,
    AttributeEnum,
    Component,
    GetBaseReportRequest,
    GetBaseReportResponse,
    GetVariableData,
    GetVariablesRequest,
    GetVariablesResponse,
    ReportBaseEnum,
    SetVariableData,
    SetVariablesRequest,
    SetVariablesResponse,
    Variable,
)
from releve.services.live import LiveStation

_ATTRIBUTES = {kind.value.casefold(): kind for kind in AttributeEnum}


@v201.asks
def get_variables(
    command: GetVariables, station: LiveStation
) -> GetVariablesRequest | GetBaseReportRequest:
    if not command.names:  # B07: everything that the station has comes by NotifyReport
        return GetBaseReportRequest(
            request_id=command.request_id, report_base=ReportBaseEnum.FULL_INVENTORY
        )
    return GetVariablesRequest(
        get_variable_data=[
            GetVariableData(
                component=_component(name),
                variable=_variable(name),
                attribute_type=_attribute(name),
            )
            for name in command.names
        ]
    )


@v201.hears
def variables_got(command: GetVariables, response: GetVariablesResponse) -> Outcome:
    return variables_outcome(
        [variable_result(one, one.attribute_value) for one in response.get_variable_result],
        len(command.names),
    )


@v201.hears
def report_promised(command: GetVariables, response: GetBaseReportResponse) -> Outcome:
    return heard(response)


@v201.asks
def set_variables(command: SetVariables, station: LiveStation) -> SetVariablesRequest:
    return SetVariablesRequest(
        set_variable_data=[
            SetVariableData(
                component=_component(name),
                variable=_variable(name),
                attribute_type=_attribute(name),
                attribute_value=value,
            )
            for name, value in command.values
        ]
    )


@v201.asks
def set_heartbeat(command: SetHeartbeat, station: LiveStation) -> SetVariablesRequest:
    interval = SetVariableData(
        component=Component(name="OCPPCommCtrlr"),
        variable=Variable(name="HeartbeatInterval"),
        attribute_value=str(command.interval_s),
    )
    return SetVariablesRequest(set_variable_data=[interval])


@v201.hears
def heartbeat_set(command: SetHeartbeat, response: SetVariablesResponse) -> Outcome:
    return variables_outcome([variable_result(one) for one in response.set_variable_result], 1)


@v201.hears
def variables_set(command: SetVariables, response: SetVariablesResponse) -> Outcome:
    return variables_outcome(
        [variable_result(one) for one in response.set_variable_result], len(command.values)
    )


def _component(name: VariableName) -> Component:
    if not name.component:
        raise Unsupported(f"the variable {name.variable} needs its component in OCPP 2.0.1")
    evse = name.evse
    return Component(
        name=name.component,
        instance=name.component_instance or None,
        evse=EVSE(id=evse, connector_id=name.connector) if evse is not None else None,
    )


def _variable(name: VariableName) -> Variable:
    return Variable(name=name.variable, instance=name.instance or None)


def _attribute(name: VariableName) -> AttributeEnum:
    kind = _ATTRIBUTES.get(name.attribute.casefold())
    if kind is None:
        raise Unsupported(f"a variable of OCPP 2.0.1 has no attribute {name.attribute}")
    return kind
