"""R: DER controls, what they do, and their alarms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from releve.dialects.registry import meaning
from releve.dialects.v2.outcome import heard
from releve.dialects.v21.version import v21
from releve.domain.commands import Outcome
from releve.domain.der import (
    CURVE,
    ClearDerControl,
    ControlType,
    DerControl,
    GetDerControls,
    SetDerControl,
)
from releve.ocpp.messages.v21 import (
    ClearDERControlRequest,
    ClearDERControlResponse,
    GetDERControlRequest,
    GetDERControlResponse,
    NotifyDERAlarmRequest,
    NotifyDERAlarmResponse,
    NotifyDERStartStopRequest,
    NotifyDERStartStopResponse,
    ReportDERControlRequest,
    ReportDERControlResponse,
    SetDERControlRequest,
    SetDERControlResponse,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services

WIRE = {
    "curve": "curve",
    "enter_service": "enterService",
    "fixed_pf_absorb": "fixedPFAbsorb",
    "fixed_pf_inject": "fixedPFInject",
    "fixed_var": "fixedVar",
    "freq_droop": "freqDroop",
    "gradient": "gradient",
    "limit_max_discharge": "limitMaxDischarge",
}
REPORTED = {**WIRE, "fixed_pf_absorb": "fixedPF", "fixed_pf_inject": "fixedPF"}
TYPES = {
    "enter_service": ControlType.ENTER_SERVICE,
    "fixed_pf_absorb": ControlType.FIXED_PF_ABSORB,
    "fixed_pf_inject": ControlType.FIXED_PF_INJECT,
    "fixed_var": ControlType.FIXED_VAR,
    "freq_droop": ControlType.FREQ_DROOP,
    "gradient": ControlType.GRADIENTS,
    "limit_max_discharge": ControlType.LIMIT_MAX_DISCHARGE,
}


@v21.asks
def set_control(command: SetDerControl, station: LiveStation) -> SetDERControlRequest:
    control = command.control
    payload = {
        "isDefault": control.is_default,
        "controlId": control.control_id,
        "controlType": control.type.value,
        WIRE[control.field]: _wire(control.settings),
    }
    return msgspec.convert(payload, SetDERControlRequest)


def _wire(value: Any) -> Any:
    """Settings in wire names, money and measures as numbers, what is not there left out."""
    if isinstance(value, msgspec.Struct):
        return {
            _camel(name): _wire(given)
            for name in value.__struct_fields__
            if (given := getattr(value, name)) is not None
        }
    if isinstance(value, tuple):
        return [_wire(one) for one in value]
    return float(value) if isinstance(value, Decimal) else value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def _told(value: Any) -> Any:
    """The reverse of `_wire`."""
    if isinstance(value, Mapping):
        return {_snake(name): _told(one) for name, one in value.items() if name != "customData"}
    return [_told(one) for one in value] if isinstance(value, list) else value


@v21.hears
def control_set(command: SetDerControl, response: SetDERControlResponse) -> Outcome:
    return msgspec.structs.replace(heard(response), told=tuple(response.superseded_ids))


@v21.asks
def get_controls(command: GetDerControls, station: LiveStation) -> GetDERControlRequest:
    payload: dict[str, Any] = {"requestId": command.request_id}
    if command.is_default is not None:
        payload["isDefault"] = command.is_default
    if command.type is not None:
        payload["controlType"] = command.type.value
    if command.control_id is not None:
        payload["controlId"] = command.control_id
    return msgspec.convert(payload, GetDERControlRequest)


@v21.hears
def controls_got(command: GetDerControls, response: GetDERControlResponse) -> Outcome:
    return heard(response)


@v21.asks
def clear_control(command: ClearDerControl, station: LiveStation) -> ClearDERControlRequest:
    payload: dict[str, Any] = {"isDefault": command.is_default}
    if command.type is not None:
        payload["controlType"] = command.type.value
    if command.control_id is not None:
        payload["controlId"] = command.control_id
    return msgspec.convert(payload, ClearDERControlRequest)


@v21.hears
def control_cleared(command: ClearDerControl, response: ClearDERControlResponse) -> Outcome:
    return heard(response)


@v21.answers
async def report_controls(
    request: ReportDERControlRequest, inbound: Inbound, services: Services
) -> ReportDERControlResponse:
    controls = list(_reported(request))
    await services.der.told(inbound, request.request_id, bool(request.tbc), controls)
    return ReportDERControlResponse()


def _reported(request: ReportDERControlRequest) -> Iterator[DerControl]:
    payload = msgspec.to_builtins(request)
    for field, name in WIRE.items():
        for told in payload.get(name) or ():
            kind = told["curveType"] if field == CURVE else TYPES[field].value
            yield msgspec.convert(
                {
                    "control_id": told["id"],
                    "type": kind,
                    # Entering service and gradients are defaults by nature: their reports do not say so.
                    "is_default": told.get("isDefault", True),
                    "superseded": told.get("isSuperseded", False),
                    field: _told(told[REPORTED[field]]),
                },
                DerControl,
                strict=False,
            )


@v21.answers
async def start_stop(
    request: NotifyDERStartStopRequest, inbound: Inbound, services: Services
) -> NotifyDERStartStopResponse:
    await services.der.started(
        inbound,
        request.control_id,
        started=request.started,
        superseded=request.superseded_ids,
        detail=msgspec.to_builtins(request),
    )
    return NotifyDERStartStopResponse()


@v21.answers
async def alarm(
    request: NotifyDERAlarmRequest, inbound: Inbound, services: Services
) -> NotifyDERAlarmResponse:
    at: datetime = request.timestamp
    with meaning("an alarm"):
        control = ControlType(request.control_type.value)
    await services.der.alarm(
        inbound,
        control,
        fault=request.grid_event_fault.value if request.grid_event_fault else None,
        ended=bool(request.alarm_ended),
        at=at,
        info=request.extra_info or "",
        detail=msgspec.to_builtins(request),
    )
    return NotifyDERAlarmResponse()
