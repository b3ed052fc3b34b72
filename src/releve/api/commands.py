"""Commands: what a person asks of a station. The answer tells apart all ways in which that can end."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import post
from litestar.params import JSONBody, PathParameter, QueryParameter

from releve.api.charging_values import profile_of
from releve.api.command_forms import (
    Availability,
    CommandResult,
    Reading,
    ResetBody,
    Start,
    StartResult,
    Transfer,
    Trigger,
    Unlock,
    Writing,
    fields_of,
    name_of,
    result_of,
)
from releve.api.here import Asker, Key, StationKey, TheDesk, station_id, transaction_id
from releve.domain.commands import (
    ChangeAvailability,
    ClearCache,
    Command,
    DataTransfer,
    GetVariables,
    Outcome,
    Reset,
    SetVariables,
    TriggerMessage,
    UnlockConnector,
)
from releve.domain.ids import StationId
from releve.domain.token import IdToken
from releve.services.access import Principal
from releve.services.desk import Desk

TAGS = ["Commands"]
CONTROL = {"scope": "control", "pace": "disruptive"}
ASKING = {"scope": "control", "pace": "gentle"}

Patience = Annotated[
    float | None,
    QueryParameter(
        description="How long the station may take, seconds; absent: the server's default.",
        ge=1,
        le=120,
    ),
]
ACTION = r"^[A-Za-z0-9]{1,64}$"


@post(
    "/stations/{station:str}/start",
    operation_id="startTransaction",
    summary="Start a transaction from afar",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def start(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[Start | None] = None,
    timeout: Patience = None,
) -> StartResult:
    """Accepted means that the station will try. The transaction that follows carries `remote_start_id`."""
    body = data or Start()
    found = await station_id(desk, asker, station)
    outcome, number = await desk.services.smart_charging.start(
        asker.operator,
        found,
        None if body.profile is None else profile_of(body.profile),
        token=IdToken(body.token, body.token_type) if body.token else None,
        evse=body.evse,
        group=body.group,
        limit=body.limit.limit() if body.limit is not None else None,
        by=asker.name,
        timeout=timeout,
    )
    running = await _running(desk, asker, found, outcome)
    return StartResult(**fields_of(outcome), remote_start_id=number, transaction=running)


async def _running(
    desk: Desk, asker: Principal, station: StationId, outcome: Outcome
) -> str | None:
    """The transaction that the station names in its answer to a start, where it is known here."""
    named = outcome.details.get("transaction") if isinstance(outcome.details, dict) else None
    if named is None or not outcome.accepted:
        return None
    async with desk.services.store.work(asker.operator) as work:
        row = await work.transactions.find(station, named)
    return None if row is None else str(row.id)


@post(
    "/transactions/{transaction:str}/stop",
    operation_id="stopTransaction",
    summary="Stop a transaction from afar",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def stop(
    desk: TheDesk, asker: Asker, transaction: Key, timeout: Patience = None
) -> CommandResult:
    """Accepted means that the station will stop it. It has ended when the station reports so."""
    number = await transaction_id(desk, asker, transaction)
    outcome = await desk.services.commands.stop(
        asker.operator, number, by=asker.name, timeout=timeout
    )
    return result_of(outcome)


@post(
    "/stations/{station:str}/reset",
    operation_id="resetStation",
    summary="Restart a station",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def reset(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[ResetBody | None] = None,
    timeout: Patience = None,
) -> CommandResult:
    """Restart the station or, in 2.x, one EVSE."""
    body = data or ResetBody()
    command = Reset(kind=body.kind, evse=body.evse)
    return await _perform(desk, asker, station, command, timeout)


@post(
    "/stations/{station:str}/unlock",
    operation_id="unlockConnector",
    summary="Unlock a connector",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def unlock(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[Unlock],
    timeout: Patience = None,
) -> CommandResult:
    """Release a cable that is stuck."""
    command = UnlockConnector(evse=data.evse, connector=data.connector)
    return await _perform(desk, asker, station, command, timeout)


@post(
    "/stations/{station:str}/trigger",
    operation_id="triggerMessage",
    summary="Ask for a message",
    tags=TAGS,
    opt=ASKING,
    status_code=200,
)
async def trigger(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[Trigger],
    timeout: Patience = None,
) -> CommandResult:
    """Ask the station to send a message now."""
    command = TriggerMessage(
        message=data.message,
        evse=data.evse,
        connector=data.connector,
        custom=data.custom,
        extended=data.extended,
    )
    return await _perform(desk, asker, station, command, timeout)


@post(
    "/stations/{station:str}/availability",
    operation_id="changeAvailability",
    summary="Put into or out of service",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def availability(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[Availability],
    timeout: Patience = None,
) -> CommandResult:
    """Scheduled means: once the running transaction has ended."""
    command = ChangeAvailability(operative=data.operative, evse=data.evse, connector=data.connector)
    return await _perform(desk, asker, station, command, timeout)


@post(
    "/stations/{station:str}/clear-cache",
    operation_id="clearCache",
    summary="Clear the authorisation cache",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def clear_cache(
    desk: TheDesk, asker: Asker, station: StationKey, timeout: Patience = None
) -> CommandResult:
    """Make the station forget which tokens it has seen accepted."""
    return await _perform(desk, asker, station, ClearCache(), timeout)


@post(
    "/stations/{station:str}/data-transfer",
    operation_id="transferData",
    summary="Send a vendor's own message",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def data_transfer(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[Transfer],
    timeout: Patience = None,
) -> CommandResult:
    """DataTransfer: what it does is the vendor's matter."""
    command = DataTransfer(vendor=data.vendor, message=data.message, data=data.data)
    return await _perform(desk, asker, station, command, timeout)


@post(
    "/stations/{station:str}/variables/read",
    operation_id="readVariables",
    summary="Read variables from the station",
    tags=TAGS,
    opt=ASKING,
    status_code=200,
)
async def read_variables(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[Reading | None] = None,
    timeout: Patience = None,
) -> CommandResult:
    """Values are kept as last reported, secrets excepted. All variables of a 2.x station come as reports, later."""
    names = tuple(name_of(n) for n in (data.names if data is not None else []))
    return await _perform(desk, asker, station, GetVariables(names=names), timeout)


@post(
    "/stations/{station:str}/variables/write",
    operation_id="writeVariables",
    summary="Write variables of the station",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def write_variables(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[Writing],
    unchecked: Annotated[
        bool, QueryParameter(description="Send also what the station is known not to take.")
    ] = False,
    timeout: Patience = None,
) -> CommandResult:
    """`variables` has the station's answer for each; accepted only when all are. Split as its limits ask for."""
    values = tuple((name_of(v), v.value) for v in data.values)
    command = SetVariables(values=values, checked=not unchecked)
    return await _perform(desk, asker, station, command, timeout)


@post(
    "/stations/{station:str}/calls/{action:str}",
    operation_id="callStation",
    summary="Send any action",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def call(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    action: Annotated[
        str, PathParameter(description="The action, as on the wire.", pattern=ACTION)
    ],
    data: JSONBody[dict[str, Any] | None] = None,
    unchecked: Annotated[
        bool, QueryParameter(description="Send it even if it breaks the version's schema.")
    ] = False,
    timeout: Patience = None,
) -> CommandResult:
    """Send any action of the station's version with any payload, in wire names, and give back what came of it."""
    outcome = await desk.services.commands.call(
        asker.operator,
        await station_id(desk, asker, station),
        action,
        data or {},
        by=asker.name,
        timeout=timeout,
        checked=not unchecked,
    )
    return result_of(outcome)


async def _perform(
    desk: Desk, asker: Principal, station: str, command: Command, timeout: float | None
) -> CommandResult:
    found = await station_id(desk, asker, station)
    outcome = await desk.services.commands.perform(
        asker.operator, found, command, by=asker.name, timeout=timeout
    )
    return result_of(outcome)


ROUTES = (
    start,
    stop,
    reset,
    unlock,
    trigger,
    availability,
    clear_cache,
    data_transfer,
    read_variables,
    write_variables,
    call,
)
