"""V2X: who may discharge, what each EVSE does, and the grid operator's signal."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import delete, get, post, put
from litestar.params import JSONBody

from releve.api.command_forms import CommandResult, result_of
from releve.api.commands import ASKING, CONTROL, Patience
from releve.api.here import Asker, Key, StationKey, TheDesk, aware, station_id, transaction_id
from releve.api.paging import Items
from releve.domain.v2x import EnergyTransfer, TransferPermit

TAGS = ["V2X"]
ADMIN = {"scope": "admin"}


class PermitBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """modes null: not decided yet; then stations are told nothing, and discharging waits."""

    modes: list[EnergyTransfer] | None


class TransferBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    modes: list[EnergyTransfer]


class SignalBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """signal: the grid operator's value. at: absent, now."""

    signal: Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
    at: datetime | None = None


class PermitView(msgspec.Struct, frozen=True, kw_only=True):
    """token "": everybody without a permit of their own."""

    token: str
    modes: list[EnergyTransfer] | None
    discharges: bool


class EvseTransfer(msgspec.Struct, frozen=True, kw_only=True):
    """What goes on at an EVSE. mode: 2.1 OperationModeEnumType. imported_wh, exported_wh: of this transaction.

    power_w: below zero when it discharges.
    """

    evse: int | None
    transaction: str
    reference: str
    token: str | None
    mode: str | None
    allowed: list[str] | None
    power_w: float | None
    soc_pct: float | None
    imported_wh: float | None
    exported_wh: float | None


@get("/energy-transfer", operation_id="listTransferPermits", summary="Who may discharge", tags=TAGS)
async def list_permits(desk: TheDesk, asker: Asker) -> Items[PermitView]:
    """All permits; without one, charging only is allowed."""
    found = await desk.services.v2x.permits(asker.operator)
    return Items(items=[_permit(permit) for permit in found])


@put(
    "/energy-transfer",
    operation_id="setDefaultTransferPermit",
    summary="What everybody may do",
    tags=TAGS,
    opt=ADMIN,
)
async def set_default(desk: TheDesk, asker: Asker, data: JSONBody[PermitBody]) -> PermitView:
    """For tokens without a permit of their own."""
    return _permit(await desk.services.v2x.set_permit(asker.operator, _body("", data)))


@get(
    "/energy-transfer/{token:str}",
    operation_id="getTransferPermit",
    summary="What a token may do",
    tags=TAGS,
)
async def get_permit(desk: TheDesk, asker: Asker, token: Key) -> PermitView:
    """What counts for it: its own permit, or that of everybody. token: its value."""
    return _permit(await desk.services.v2x.permit(asker.operator, token))


@put(
    "/energy-transfer/{token:str}",
    operation_id="setTransferPermit",
    summary="Decide what a token may do",
    tags=TAGS,
    opt=ADMIN,
)
async def set_permit(
    desk: TheDesk, asker: Asker, token: Key, data: JSONBody[PermitBody]
) -> PermitView:
    """It counts from the next authorisation on. token: its value; it need not be registered."""
    return _permit(await desk.services.v2x.set_permit(asker.operator, _body(token, data)))


@delete(
    "/energy-transfer/{token:str}",
    operation_id="removeTransferPermit",
    summary="Forget a permit",
    tags=TAGS,
    opt=ADMIN,
)
async def remove_permit(desk: TheDesk, asker: Asker, token: Key) -> None:
    """What is for everybody counts again."""
    await desk.services.v2x.remove_permit(asker.operator, token)


@post(
    "/transactions/{transaction:str}/energy-transfer",
    operation_id="changeTransactionTransfer",
    summary="Change what a running transaction may do",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def change_transfer(
    desk: TheDesk,
    asker: Asker,
    transaction: Key,
    data: JSONBody[TransferBody],
    timeout: Patience = None,
) -> CommandResult:
    """The station renegotiates with the car (2.1): so a session that began with charging only may discharge later."""
    number = await transaction_id(desk, asker, transaction)
    return result_of(
        await desk.services.v2x.change(
            asker.operator, number, tuple(data.modes), by=asker.name, timeout=timeout
        )
    )


@post(
    "/stations/{station:str}/afrr-signal",
    operation_id="sendAfrrSignal",
    summary="Pass on the grid operator's signal",
    tags=TAGS,
    opt=ASKING,
    status_code=200,
)
async def afrr_signal(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[SignalBody],
    timeout: Patience = None,
) -> CommandResult:
    """EVSEs in operation mode LocalFrequency follow it by the curve of their profile (2.1)."""
    found = await station_id(desk, asker, station)
    return result_of(
        await desk.services.v2x.signal(
            asker.operator,
            found,
            data.signal,
            at=aware(data.at, "at"),
            by=asker.name,
            timeout=timeout,
        )
    )


@get(
    "/stations/{station:str}/v2x",
    operation_id="getStationTransfers",
    summary="What each EVSE does",
    tags=TAGS,
)
async def station_transfers(
    desk: TheDesk, asker: Asker, station: StationKey
) -> Items[EvseTransfer]:
    """The operation mode, what is allowed, and energy in both directions, of each running transaction."""
    found = await station_id(desk, asker, station)
    items = []
    for row in await desk.services.v2x.running(asker.operator, found):
        series = await desk.catalogue.series(asker.operator, str(row.id), limit=2000)
        exports = [s.export_wh for s in series if s.export_wh is not None]
        allowed = await desk.services.v2x.allowed(asker.operator, row)
        items.append(
            EvseTransfer(
                evse=row.evse,
                transaction=str(row.id),
                reference=row.reference,
                token=row.token,
                mode=row.operation_mode,
                allowed=None if allowed is None else list(allowed),
                power_w=row.power_w,
                soc_pct=row.soc_pct,
                imported_wh=row.energy_wh,
                exported_wh=exports[-1] - exports[0] if exports else None,
            )
        )
    return Items(items=items)


def _body(token: str, data: PermitBody) -> TransferPermit:
    modes = None if data.modes is None else tuple(dict.fromkeys(data.modes))
    return TransferPermit(token=token, modes=modes)


def _permit(permit: TransferPermit) -> PermitView:
    return PermitView(
        token=permit.token,
        modes=None if permit.modes is None else list(permit.modes),
        discharges=any(mode.discharges for mode in permit.modes or ()),
    )


ROUTES = (
    list_permits,
    set_default,
    get_permit,
    set_permit,
    remove_permit,
    change_transfer,
    afrr_signal,
    station_transfers,
)
