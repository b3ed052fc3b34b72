"""The console's routes, tied together."""

from __future__ import annotations

from collections.abc import MutableMapping
from functools import cache
from typing import Any, TypeAlias, cast

from litestar import Request, Response, Router
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers.base import BaseRouteHandler
from litestar.types import Scope

from releve.services.desk import Desk
from releve.web import assets
from releve.web.failures import Failures
from releve.web.live import Streams, live
from releve.web.pages import ROUTES
from releve.web.render import Renderer
from releve.web.security import HEADERS, Doorkeeper, with_headers
from releve.web.visit import Visit

LARGEST_FORM = 1024 * 1024
KEY = "releve.console"
"""Where the console of a node lies in a request's scope."""
Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]


class Console:
    """What the routes share within one node: the desk, the doorkeeper, the open streams."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.renderer = _renderer()
        self.door = Doorkeeper(desk)
        self.streams = Streams()


@cache
def _renderer() -> Renderer:
    """One for the process: it knows templates and texts, nothing of a node."""
    return Renderer()


def console_of(scope: Any) -> Console:
    """That of the node which a request has reached."""
    return cast(Console, cast(MutableMapping[str, Any], scope)[KEY])


def visit_of(request: Request[Any, Any, Any]) -> Visit:
    """The visit of a request."""
    console = console_of(request.scope)
    return Visit(request, console.desk, console.renderer, console.door)


def router() -> Router:
    """All pages at `/`, their files at `/static`, sign-in at `/sign-in`, changes at `/live`.

    What they show is of the `Console` in each request's scope.
    """
    return Router(
        path="/",
        route_handlers=[assets.serve, assets.favicon, live, *ROUTES],
        dependencies={
            "visit": Provide(visit_of, sync_to_thread=False),
            "streams": Provide(_streams, sync_to_thread=False),
        },
        guards=[_guard],
        middleware=[with_headers],
        exception_handlers=_FAILURES.handlers(),
        request_max_body_size=LARGEST_FORM,
        include_in_schema=False,
    )


def not_found(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """For the application: the console's page for an address that no route knows, to put beside the API's own."""
    response = _FAILURES.http(request, error)
    response.headers.update({name.decode(): value.decode() for name, value in HEADERS.items()})
    return response


async def _guard(connection: Connection, handler: BaseRouteHandler) -> None:
    await console_of(connection.scope).door(connection, handler)


def _streams(scope: Scope) -> Streams:
    return console_of(scope).streams


_FAILURES = Failures(visit_of)
