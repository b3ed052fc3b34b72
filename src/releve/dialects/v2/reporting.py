"""Reports of the device model (B07, B08), as both versions of 2.x write them."""

from __future__ import annotations

from typing import Any

from releve.dialects.v2.outcome import heard
from releve.dialects.v2.wire import WireStatus
from releve.domain.commands import Outcome, VariableName
from releve.domain.provisioning import GetBaseReport, GetReport

EMPTY = "EmptyResultSet"


def base_report(command: GetBaseReport) -> dict[str, Any]:
    """GetBaseReportRequest."""
    return {"requestId": command.request_id, "reportBase": str(command.base)}


def custom_report(command: GetReport) -> dict[str, Any]:
    """GetReportRequest."""
    request: dict[str, Any] = {"requestId": command.request_id}
    if command.criteria:
        request["componentCriteria"] = [str(each) for each in command.criteria]
    if command.names:
        request["componentVariable"] = [_component_variable(name) for name in command.names]
    return request


def report_heard(response: WireStatus) -> Outcome:
    """An empty result is a result: nothing meets the criteria, and no report follows (B08.FR.15)."""
    if str(response.status) == EMPTY:
        return Outcome(result=heard(response).result, status=EMPTY, accepted=True, complete=True)
    return heard(response)


def _component_variable(name: VariableName) -> dict[str, Any]:
    component: dict[str, Any] = {"name": name.component}
    if name.component_instance:
        component["instance"] = name.component_instance
    if name.evse is not None:
        component["evse"] = {"id": name.evse}
        if name.connector is not None:
            component["evse"]["connectorId"] = name.connector
    if not name.variable:
        return {"component": component}
    variable = {"name": name.variable}
    if name.instance:
        variable["instance"] = name.instance
    return {"component": component, "variable": variable}
