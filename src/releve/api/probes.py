"""For the machine room: is the process alive, is it ready, and its numbers. Open to whoever reaches the port."""

from __future__ import annotations

import msgspec
from litestar import Response, Router, get
from litestar.types import Scope
from prometheus_client import CONTENT_TYPE_LATEST

from releve.api import problems
from releve.api.inside import inside

TAGS = ["Machine room"]
TEXT = CONTENT_TYPE_LATEST.removesuffix("; charset=utf-8")  # which the framework appends
NO_STORE = {"cache-control": "no-store"}


class Alive(msgspec.Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: str = "alive"


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """status: ready, or not-ready with the reason. stations: connected here now."""

    status: str
    reason: str = ""
    stations: int = 0


@get("/healthz", operation_id="getHealth", summary="Is the process alive?", tags=TAGS)
async def healthz() -> Response[Alive]:
    """200 while the process answers. Restart it when this fails, not when `/readyz` does."""
    return Response(Alive(), headers=NO_STORE)


@get("/readyz", operation_id="getReadiness", summary="Can it do its work?", tags=TAGS)
async def readyz(scope: Scope) -> Response[Ready]:
    """200 when what is received can be stored, else 503 with the reason in words."""
    node = inside(scope)
    reason = await node.health()
    if reason is not None:
        content = Ready(status="not-ready", reason=reason)
        return Response(content, status_code=503, headers=NO_STORE)
    stations = node.desk.presence.connected()
    return Response(Ready(status="ready", stations=stations), headers=NO_STORE)


@get(
    "/metrics",
    operation_id="getMetrics",
    summary="Numbers for Prometheus",
    tags=TAGS,
    media_type=TEXT,
    sync_to_thread=False,
)
def numbers(scope: Scope) -> Response[bytes]:
    """Prometheus text format. It names no person, token or station."""
    return Response(inside(scope).metrics(), media_type=TEXT, headers=NO_STORE)


def probes() -> Router:
    """`/healthz`, `/readyz` and `/metrics`."""
    return Router(
        path="/",
        route_handlers=[healthz, readyz, numbers],
        exception_handlers=problems.handlers(),
        security=[{}],
    )
