"""N01: logs that stations hand in, and 1.6's diagnostics."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from releve.domain.diagnostics import CANCELED, LOG, NOT_UPLOADED, UPLOADED, GetLog, LogKind
from releve.domain.ids import OperatorId, StationId
from releve.domain.operation import Operation, OperationState
from releve.services.errors import Invalid
from releve.services.files import FileDesk
from releve.services.firmware import IDLE, check_retries
from releve.services.images import check_url
from releve.services.live import Inbound
from releve.services.operations import Operations
from releve.services.reports import Reports

PATIENCE = timedelta(hours=4)
REPLACED = "A newer request for a log took its place."


class WantedLog(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. url: elsewhere than at this server. basic, secure: see `FileDesk.invite`."""

    log: LogKind = LogKind.DIAGNOSTICS
    since: datetime | None = None
    until: datetime | None = None
    retries: int | None = None
    retry_interval_s: int | None = None
    url: str = ""
    basic: bool = False
    secure: bool = False


class Logs:
    def __init__(self, operations: Operations, files: FileDesk, reports: Reports) -> None:
        self._operations = operations
        self._files = files
        self._reports = reports

    async def get(
        self,
        operator: OperatorId,
        station: StationId,
        wanted: WantedLog,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Operation:
        """Ask for a log. The file that arrives is in the operation's result.

        A station that gives up an upload for this one answers AcceptedCanceled (N01.FR.12).
        """
        _check(wanted)
        ticket = None
        if not wanted.url:
            ticket = self._files.invite(
                operator, station, PATIENCE, basic=wanted.basic, secure=wanted.secure
            )
        running = await self._operations.latest(operator, station, (LOG,))

        command = _command(wanted, ticket.url if ticket else wanted.url)
        operation = await self._operations.begin(
            operator,
            station,
            LOG,
            lambda number: msgspec.structs.replace(command, request_id=number),
            by=by,
            patience=PATIENCE,
            arguments=_arguments(wanted),
            timeout=timeout,
            also=ticket.add if ticket else None,
        )
        if operation.state is OperationState.FAILED:
            await self._files.close(operation)
        if running is not None and operation.status == CANCELED:
            await self._operations.finish(
                operator, running.id, OperationState.CANCELLED, problem=REPLACED
            )
        return operation

    async def progress(
        self, inbound: Inbound, request_id: int | None, status: str, detail: dict[str, Any]
    ) -> None:
        """Take in a status. AcceptedCanceled ends the one that another took the place of (N01.FR.20)."""
        operation = None
        if status == CANCELED and request_id is not None:
            if await self._canceled(inbound, request_id):
                return
        elif status != IDLE:
            operation = await self._operations.progress(
                inbound,
                (LOG,),
                request_id,
                status,
                done=UPLOADED,
                failed=NOT_UPLOADED,
                detail=detail,
            )
        if operation is None:
            told = {"status": status, **({"requestId": request_id} if request_id else {}), **detail}
            await self._reports.told(inbound, inbound.action, told)

    async def _canceled(self, inbound: Inbound, request_id: int) -> bool:
        operator = inbound.station.operator
        found = await self._operations.requested(operator, inbound.station.id, (LOG,), request_id)
        if found is None:
            return False
        await self._operations.finish(
            operator, found.id, OperationState.CANCELLED, status=CANCELED, problem=REPLACED
        )
        return True


def _command(wanted: WantedLog, location: str) -> GetLog:
    return GetLog(
        log=wanted.log,
        request_id=0,
        location=location,
        since=wanted.since,
        until=wanted.until,
        retries=wanted.retries,
        retry_interval_s=wanted.retry_interval_s,
    )


def _check(wanted: WantedLog) -> None:
    if wanted.since and wanted.until and wanted.until <= wanted.since:
        raise Invalid("The end lies before the beginning.", field="until")
    check_retries(wanted.retries, wanted.retry_interval_s)
    if wanted.url:
        check_url(wanted.url)


def _arguments(wanted: WantedLog) -> dict[str, Any]:
    found = {
        "log": wanted.log,
        "since": wanted.since,
        "until": wanted.until,
        "retries": wanted.retries,
        "retry_interval_s": wanted.retry_interval_s,
        "elsewhere": True if wanted.url else None,
    }
    builtins: dict[str, Any] = msgspec.to_builtins(
        {name: value for name, value in found.items() if value is not None}
    )
    return builtins
