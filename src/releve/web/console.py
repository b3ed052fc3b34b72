"""The console's routes, tied together."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, Router
from litestar.di import Provide
from litestar.exceptions import HTTPException

from releve.services.desk import Desk
from releve.web import assets
from releve.web.failures import Failures, Handler
from releve.web.live import Streams, live
from releve.web.pages import ROUTES
from releve.web.render import Renderer
from releve.web.security import HEADERS, Doorkeeper, with_headers
from releve.web.visit import Visit

LARGEST_FORM = 1024 * 1024


class Console:
    """What the routes share: the renderer, the doorkeeper, the open streams."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.renderer = Renderer()
        self.door = Doorkeeper(desk)
        self.streams = Streams()
        self.failures = Failures(self.visit)

    def visit(self, request: Request[Any, Any, Any]) -> Visit:
        """The visit of a request."""
        return Visit(request, self.desk, self.renderer, self.door)


def router(desk: Desk) -> Router:
    """All pages at `/`, their files at `/static`, sign-in at `/sign-in`, changes at `/live`."""
    console = Console(desk)
    return Router(
        path="/",
        route_handlers=[assets.serve, assets.favicon, live, *ROUTES],
        dependencies={
            "visit": Provide(console.visit, sync_to_thread=False),
            "streams": Provide(lambda: console.streams, sync_to_thread=False),
        },
        guards=[console.door],
        middleware=[with_headers],
        exception_handlers=console.failures.handlers(),
        request_max_body_size=LARGEST_FORM,
        include_in_schema=False,
    )


def not_found_handler(desk: Desk) -> Handler:
    """For the application: the console's page for an address that no route knows, to put beside the API's own."""
    failures = Failures(Console(desk).visit)

    def handler(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
        response = failures.http(request, error)
        response.headers.update({name.decode(): value.decode() for name, value in HEADERS.items()})
        return response

    return handler
