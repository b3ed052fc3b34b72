"""The device model: names, reports and results of variables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from releve.dialects.v2.outcome import explanation
from releve.dialects.v2.wire import (
    WireCharacteristics,
    WireComponent,
    WireReportData,
    WireVariable,
    WireVariableResult,
)
from releve.domain.commands import VariableName, VariableResult
from releve.services.ports import Variable


def variable_name(component: WireComponent, variable: WireVariable, attribute: str) -> VariableName:
    evse = component.evse
    return VariableName(
        component=component.name,
        component_instance=component.instance or "",
        evse=evse.id if evse is not None else None,
        connector=evse.connector_id if evse is not None else None,
        variable=variable.name,
        instance=variable.instance or "",
        attribute=str(attribute),
    )


def reported_variables(data: Sequence[WireReportData], at: datetime) -> list[Variable]:
    """One variable per attribute of a NotifyReport. at: when it was received."""
    found = []
    for part in data:
        traits = part.variable_characteristics
        known = {} if traits is None else _characteristics(traits)
        for attribute in part.variable_attribute:
            found.append(
                Variable(
                    name=variable_name(part.component, part.variable, attribute.type),
                    value=attribute.value,
                    mutability=str(attribute.mutability),
                    persistent=attribute.persistent,
                    constant=attribute.constant,
                    reported_at=at,
                    **known,
                )
            )
    return found


def _characteristics(traits: WireCharacteristics) -> dict[str, Any]:
    return {
        "data_type": str(traits.data_type),
        "unit": traits.unit or "",
        "values_list": traits.values_list or "",
        "min_limit": traits.min_limit,
        "max_limit": traits.max_limit,
        "supports_monitoring": traits.supports_monitoring,
    }


def variable_result(result: WireVariableResult, value: str | None = None) -> VariableResult:
    return VariableResult(
        name=variable_name(result.component, result.variable, result.attribute_type),
        status=str(result.attribute_status),
        value=value,
        reason=explanation(result.attribute_status_info),
    )
