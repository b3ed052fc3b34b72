"""The API's routes, tied together at `/api/v1`."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, Router
from litestar.di import Provide
from litestar.handlers.base import BaseRouteHandler
from litestar.types import Scope

from releve.api import (
    access,
    anomalies,
    authorities,
    availability,
    batteries,
    certificates,
    charging_profiles,
    charging_schedules,
    commands,
    customers,
    der,
    displays,
    events,
    files,
    firmware,
    firmware_rollouts,
    local_list,
    logs,
    messages,
    monitoring,
    operations,
    overview,
    payments,
    problems,
    provisioning,
    quirks,
    reservations,
    security_events,
    station_security,
    stations,
    tariffs,
    tokens,
    transaction_control,
    transactions,
    trusted_authorities,
    v2g_authorities,
    v2x,
    variables,
)
from releve.api.events import Streams
from releve.api.inside import inside
from releve.api.security import Connection, Doorkeeper, asking
from releve.services.access import Principal
from releve.services.desk import Desk

PATH = "/api/v1"
LARGEST_BODY = 1024 * 1024
ROUTES = (
    *overview.ROUTES,
    *stations.ROUTES,
    *commands.ROUTES,
    *availability.ROUTES,
    *charging_profiles.ROUTES,
    *charging_schedules.ROUTES,
    *operations.ROUTES,
    *provisioning.ROUTES,
    *quirks.ROUTES,
    *variables.ROUTES,
    *certificates.ROUTES,
    *trusted_authorities.ROUTES,
    *v2g_authorities.ROUTES,
    *messages.ROUTES,
    *transactions.ROUTES,
    *transaction_control.ROUTES,
    *reservations.ROUTES,
    *tokens.ROUTES,
    *tariffs.ROUTES,
    *v2x.ROUTES,
    *local_list.ROUTES,
    *payments.ROUTES,
    *displays.ROUTES,
    *der.ROUTES,
    *batteries.ROUTES,
    *anomalies.ROUTES,
    *files.ROUTES,
    *firmware.ROUTES,
    *firmware_rollouts.ROUTES,
    *logs.ROUTES,
    *customers.ROUTES,
    *monitoring.ROUTES,
    *security_events.ROUTES,
    *station_security.ROUTES,
    *authorities.ROUTES,
    *access.ROUTES,
    *events.ROUTES,
)
HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


def router() -> Router:
    """All of the API; what it serves from is `Inside` each request's scope."""
    return Router(
        path=PATH,
        route_handlers=list(ROUTES),
        dependencies={
            "desk": Provide(_desk, sync_to_thread=False),
            "asker": Provide(_asker, sync_to_thread=False),
            "streams": Provide(_streams, sync_to_thread=False),
            "door": Provide(_door, sync_to_thread=False),
        },
        guards=[_guard],
        exception_handlers=problems.handlers(),
        after_request=_with_headers,
        request_max_body_size=LARGEST_BODY,
    )


async def _guard(connection: Connection, handler: BaseRouteHandler) -> None:
    await inside(connection.scope).door(connection, handler)


def _desk(scope: Scope) -> Desk:
    return inside(scope).desk


def _streams(scope: Scope) -> Streams:
    return inside(scope).streams


def _door(scope: Scope) -> Doorkeeper:
    return inside(scope).door


def _asker(request: Request[Any, Any, Any]) -> Principal:
    return asking(request)


def _with_headers(response: Response[Any]) -> Response[Any]:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
