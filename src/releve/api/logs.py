"""Logs and diagnostics of a station."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import post
from litestar.params import JSONBody

from releve.api.commands import Patience
from releve.api.firmware_forms import Retries, Seconds, Url
from releve.api.here import Asker, StationKey, TheDesk, aware, station_id
from releve.api.operations import operation_view
from releve.domain.diagnostics import LogKind
from releve.services.logs import WantedLog
from releve.services.views import OperationView


class LogRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """log: DiagnosticsLog (1.6: GetDiagnostics), SecurityLog, or 2.1's DataCollectorLog; since, until: of its entries.

    url: where to hand it in instead of this server (ftp, ftps, sftp, http, https). credentials: how the station shows
    its leave at this server, in the address's path or as user and password (Basic). https: over this server's TLS port.
    """

    log: Literal["DiagnosticsLog", "SecurityLog", "DataCollectorLog"] = "DiagnosticsLog"
    since: datetime | None = None
    until: datetime | None = None
    retries: Retries | None = None
    retry_interval_s: Annotated[Seconds | None, msgspec.Meta(description="Seconds.")] = None
    url: Url = ""
    credentials: Literal["path", "basic"] = "path"
    https: bool = False


@post(
    "/stations/{station:str}/logs",
    operation_id="getLog",
    summary="Ask for a log",
    tags=["Files"],
    opt={"scope": "control", "pace": "gentle"},
)
async def get_log(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[LogRequest | None] = None,
    timeout: Patience = None,
) -> OperationView:
    """When it is done, `result.file` names the file under `/files`."""
    body = data or LogRequest()
    wanted = WantedLog(
        log=LogKind(body.log),
        since=aware(body.since, "since"),
        until=aware(body.until, "until"),
        retries=body.retries,
        retry_interval_s=body.retry_interval_s,
        url=body.url,
        basic=body.credentials == "basic",
        secure=body.https,
    )
    found = await station_id(desk, asker, station)
    operation = await desk.services.logs.get(
        asker.operator, found, wanted, by=asker.name, timeout=timeout
    )
    return await operation_view(desk, asker.operator, operation)


ROUTES = (get_log,)
