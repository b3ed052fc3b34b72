"""The HTTP side: API, console and probes on one port, served in the node's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from functools import cache
from typing import Any

import uvicorn
from litestar import Litestar
from litestar.exceptions import HTTPException

from releve import api, web
from releve.api.transfers import App
from releve.gateway.door_settings import CertificatePair
from releve.services.desk import Desk
from releve.services.errors import NotNow
from releve.services.files import FileDesk
from releve.settings import EVERYWHERE

SHUTDOWN_S = 5


@cache
def application() -> Litestar:
    """The routes, made once a process (it takes a second): what they serve from comes with each request."""
    return Litestar(
        route_handlers=[api.router(), api.probes(), web.router()],
        openapi_config=api.openapi_config(),
        exception_handlers={HTTPException: api.application_handler(web.not_found)},
        request_max_body_size=1024 * 1024,
        logging_config=None,
        pdb_on_exception=False,
    )


def furnished(app: App, **parts: object) -> App:
    """An application whose requests carry these parts in their scope."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        scope.update(parts)
        await app(scope, receive, send)

    return serve


def build_http(desk: Desk, health: api.Health, metrics: api.Metrics) -> App:
    """API, console and probes of one node, without a server."""
    parts = {api.KEY: api.Inside(desk, health, metrics), web.KEY: web.Console(desk)}
    return furnished(application(), **parts)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the command decides when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def with_files(app: App, files: FileDesk) -> App:
    """The application, with the files' endpoint before it."""
    return api.with_transfers(app, api.Transfers(files))


class HttpServer:
    """Serves an application until `stop`. proxies: addresses or networks whose X-Forwarded-* are believed.

    pair: certificate and key, to serve over TLS.
    """

    def __init__(
        self,
        app: App,
        host: str,
        port: int,
        proxies: tuple[str, ...] = (),
        pair: CertificatePair | None = None,
    ) -> None:
        self._socket = _listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_S,
            lifespan="off",  # nothing in the routes starts or ends with a server
            ssl_certfile=pair.certificate if pair else None,
            ssl_keyfile=pair.key if pair else None,
            # uvicorn would believe any local sender; only configured proxies are (abuse case 28).
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when requests are answered."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started:
            if self._task.done():
                await self._task
                raise NotNow("The HTTP server did not start.")
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Answer what is under way, then end."""
        if self._task is not None:
            self._server.should_exit = True
            await self._task
        self._socket.close()


def address(host: str, port: int, *, secure: bool = False) -> str:
    """Where others reach a port that is open here: by this machine's name when it listens on every address."""
    shown = socket.gethostname() if host in EVERYWHERE else host
    shown = f"[{shown}]" if ":" in shown else shown
    return f"{'https' if secure else 'http'}://{shown}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener
