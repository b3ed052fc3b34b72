"""Controls of distributed energy resources (block R)."""

from __future__ import annotations

from typing import Any

from releve.ocpp.messages import v21
from releve.simulator.dialect import Answer
from releve.simulator.station import Station
from releve.simulator.v2 import der
from releve.simulator.v2.registry import answers

Control = v21.DERControlStatusEnum


@answers
def set_control(request: v21.SetDERControlRequest, station: Station) -> v21.SetDERControlResponse:
    """R04: the lowest priority number of a type goes first."""
    side = station.side
    priority = der.priority(request)
    rivals = [
        number
        for number in side.same_type(request.control_type, request.is_default)
        if number != request.control_id
    ]
    later = [n for n in rivals if der.priority(side.controls[n]) > priority]
    superseded = [
        n for n in later if n not in side.running
    ]  # R04.FR.06; R04.FR.07: until it begins
    side.superseded.discard(request.control_id)
    if any(der.priority(side.controls[n]) < priority for n in rivals):  # R04.FR.08
        superseded = [request.control_id]
    side.controls[request.control_id] = request
    side.superseded.update(superseded)
    side.set_at[request.control_id] = station.now()
    station.note("der", f"control {request.control_id} ({request.control_type}) is installed")
    der.watch(station)
    return v21.SetDERControlResponse(status=Control.ACCEPTED, superseded_ids=superseded)


def _asked(request: Any, station: Station) -> list[v21.SetDERControlRequest]:
    return [
        control
        for control in station.side.controls.values()
        if (request.control_id is None or control.control_id == request.control_id)
        and (request.control_type is None or control.control_type is request.control_type)
        and (
            request.is_default is None
            or request.control_id is not None
            or control.is_default is request.is_default
        )
    ]


@answers
def get_controls(request: v21.GetDERControlRequest, station: Station) -> Answer:
    """R04."""
    found = _asked(request, station)
    if not found:
        return Answer(v21.GetDERControlResponse(status=Control.NOT_FOUND))

    async def tell() -> None:
        for at, control in enumerate(found):
            told = _report(control, control.control_id in station.side.superseded)
            await station.ask(
                v21.ReportDERControlRequest(
                    request_id=request.request_id, tbc=at < len(found) - 1, **told
                )
            )

    return Answer(v21.GetDERControlResponse(status=Control.ACCEPTED), tell)


def _report(control: v21.SetDERControlRequest, superseded: bool) -> dict[str, Any]:
    state: dict[str, Any] = {"is_default": control.is_default, "is_superseded": superseded}
    number = control.control_id
    if control.curve is not None:
        told = v21.DERCurveGet(
            curve=control.curve, id=number, curve_type=control.control_type, **state
        )
        return {"curve": [told]}
    if control.enter_service is not None:
        service = v21.EnterServiceGet(enter_service=control.enter_service, id=number)
        return {"enter_service": [service]}
    if control.gradient is not None:
        return {"gradient": [v21.GradientGet(gradient=control.gradient, id=number)]}
    if control.fixed_var is not None:
        var = v21.FixedVarGet(fixed_var=control.fixed_var, id=number, **state)
        return {"fixed_var": [var]}
    if control.freq_droop is not None:
        droop = v21.FreqDroopGet(freq_droop=control.freq_droop, id=number, **state)
        return {"freq_droop": [droop]}
    if control.limit_max_discharge is not None:
        limit = v21.LimitMaxDischargeGet(
            limit_max_discharge=control.limit_max_discharge, id=number, **state
        )
        return {"limit_max_discharge": [limit]}
    name = "fixed_pf_absorb" if control.fixed_pf_absorb is not None else "fixed_pf_inject"
    factor = v21.FixedPFGet(fixed_pf=getattr(control, name), id=number, **state)
    return {name: [factor]}


@answers
def clear_controls(
    request: v21.ClearDERControlRequest, station: Station
) -> v21.ClearDERControlResponse:
    """R04."""
    found = _asked(request, station)
    for control in found:
        der.forget(station, control.control_id)
    der.watch(station)
    return v21.ClearDERControlResponse(status=Control.ACCEPTED if found else Control.NOT_FOUND)
