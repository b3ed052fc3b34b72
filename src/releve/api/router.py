"""The API's routes, tied together at `/api/v1`."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, Router
from litestar.di import Provide
from litestar.handlers.base import BaseRouteHandler

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


def router(desk: Desk) -> Router:
    """All of the API. It keeps nothing but limits and open streams."""
    door = Doorkeeper(desk)
    streams = Streams()

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        # A closure on purpose: the framework deep-copies a router with all objects in it, and functions stay.
        await door(connection, handler)

    return Router(
        path=PATH,
        route_handlers=list(ROUTES),
        dependencies={
            "desk": Provide(lambda: desk, sync_to_thread=False),
            "asker": Provide(_asker, sync_to_thread=False),
            "streams": Provide(lambda: streams, sync_to_thread=False),
            "door": Provide(lambda: door, sync_to_thread=False),
        },
        guards=[guard],
        exception_handlers=problems.handlers(),
        after_request=_with_headers,
        request_max_body_size=LARGEST_BODY,
    )


def _asker(request: Request[Any, Any, Any]) -> Principal:
    return asking(request)


def _with_headers(response: Response[Any]) -> Response[Any]:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
