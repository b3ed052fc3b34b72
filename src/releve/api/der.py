"""DER controls: how a station's inverters behave towards the grid."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from releve.api.command_forms import CommandResult, result_of
from releve.api.commands import ASKING, CONTROL, Patience
from releve.api.here import Asker, StationKey, TheDesk, station_id
from releve.api.operations import operation_view
from releve.api.paging import Items
from releve.domain.der import (
    ControlType,
    Curve,
    DerAlarm,
    DerControl,
    EnterService,
    FixedPf,
    FixedVar,
    FreqDroop,
    Gradient,
    LimitMaxDischarge,
)
from releve.services.views import OperationView

TAGS = ["DER controls"]
ControlId = Annotated[str, msgspec.Meta(min_length=1, max_length=36)]


class ControlBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exactly one of the settings, that of its type. A control with is_default false has start_time and duration."""

    control_id: ControlId
    type: ControlType
    is_default: bool = True
    curve: Curve | None = None
    enter_service: EnterService | None = None
    fixed_pf_absorb: FixedPf | None = None
    fixed_pf_inject: FixedPf | None = None
    fixed_var: FixedVar | None = None
    freq_droop: FreqDroop | None = None
    gradient: Gradient | None = None
    limit_max_discharge: LimitMaxDischarge | None = None


class WantedControls(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing given: all controls."""

    is_default: bool | None = None
    type: ControlType | None = None
    control_id: ControlId | None = None


class ControlClearing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By id, or all default or all scheduled ones, of one type or of every type."""

    is_default: bool
    type: ControlType | None = None
    control_id: ControlId | None = None


@get(
    "/stations/{station:str}/der-controls",
    operation_id="listDerControls",
    summary="DER controls of a station",
    tags=TAGS,
)
async def list_controls(desk: TheDesk, asker: Asker, station: StationKey) -> Items[DerControl]:
    """As last confirmed: which hold now, and which are superseded."""
    found = await station_id(desk, asker, station)
    return Items(items=await desk.services.der.all(asker.operator, found))


@get(
    "/stations/{station:str}/der-alarms",
    operation_id="listDerAlarms",
    summary="Alarms of the grid at a station",
    tags=TAGS,
)
async def list_alarms(desk: TheDesk, asker: Asker, station: StationKey) -> Items[DerAlarm]:
    """The latest of each type of control; open ones have no `ended_at`."""
    found = await station_id(desk, asker, station)
    return Items(items=await desk.services.der.alarms(asker.operator, found))


@post(
    "/stations/{station:str}/der-controls",
    operation_id="setDerControl",
    summary="Install a DER control",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def set_control(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[ControlBody],
    timeout: Patience = None,
) -> CommandResult:
    """A default, or a scheduled one (2.1). `payload` says which others it supersedes."""
    found = await station_id(desk, asker, station)
    control = DerControl(**msgspec.structs.asdict(data))
    return result_of(
        await desk.services.der.set(asker.operator, found, control, by=asker.name, timeout=timeout)
    )


@post(
    "/stations/{station:str}/der-controls/read",
    operation_id="readDerControls",
    summary="Ask a station for its DER controls",
    tags=TAGS,
    opt=ASKING,
    status_code=200,
)
async def read_controls(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[WantedControls | None] = None,
    timeout: Patience = None,
) -> OperationView:
    """All, or some. When the operation is done, the list is what the station has told."""
    found = await station_id(desk, asker, station)
    wanted = data or WantedControls()
    operation = await desk.services.der.read(
        asker.operator,
        found,
        is_default=wanted.is_default,
        type=wanted.type,
        control_id=wanted.control_id,
        by=asker.name,
        timeout=timeout,
    )
    return await operation_view(desk, asker.operator, operation)


@post(
    "/stations/{station:str}/der-controls/clear",
    operation_id="clearDerControls",
    summary="Remove DER controls",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def clear_controls(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[ControlClearing],
    timeout: Patience = None,
) -> CommandResult:
    """Grid codes may demand that a control is there: without a scheduled one, the default holds; without that, none."""
    found = await station_id(desk, asker, station)
    return result_of(
        await desk.services.der.clear(
            asker.operator,
            found,
            is_default=data.is_default,
            type=data.type,
            control_id=data.control_id,
            by=asker.name,
            timeout=timeout,
        )
    )


ROUTES = (list_controls, list_alarms, set_control, read_controls, clear_controls)
