"""What the commands share: settings, the event loop, and errors in words."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
import msgspec
import structlog
import uvloop

from releve import settings as settings_module
from releve import storage
from releve.app.clock import SystemClock
from releve.app.house_services import build_services
from releve.app.secret import load_secret
from releve.bus.local import LocalBus
from releve.gateway.calls import StationCalls
from releve.gateway.roster import Roster
from releve.services.credentials import Credentials
from releve.services.errors import RequestError
from releve.services.ports import StoreFailed
from releve.services.services import Services
from releve.services.views import Catalogue
from releve.settings import Settings, SettingsError
from releve.storage.ids import SystemIds

T = TypeVar("T")


def fail(message: str) -> NoReturn:
    """End with a message for a person and exit code 1."""
    click.secho(f"releve: {message}", fg="red", err=True)
    sys.exit(1)


def load_settings(**overrides: Any) -> Settings:
    """The settings, or the end of the command with the reason.

    Where stations may connect from anywhere and nobody has said by which address, it is this machine's in its network:
    "localhost" is of no use to a real station.
    """
    try:
        settings = settings_module.load(**overrides)
    except SettingsError as error:
        fail(str(error))
    host = network_address() if settings.stations_anywhere and not settings.station_url else None
    if host is None:
        return settings
    told = msgspec.structs.replace(settings, station_host=host).stations_at
    return msgspec.structs.replace(settings, station_url=told)


def network_address() -> str | None:
    """This machine's address towards other networks, None where it has no way there. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1 (RFC 5737): only the route is looked up
        except OSError:
            return None
        return str(probe.getsockname()[0])


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine on uvloop; what an operator can mend is told without a traceback."""
    try:
        return uvloop.run(main)
    except (
        SettingsError,
        RequestError,
        StoreFailed,
        storage.StoreUnavailable,
        ValueError,
    ) as error:
        fail(str(error))


async def until_stopped() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


def configure_logging(settings: Settings) -> None:
    """Log lines to standard error, for people or for machines."""
    level = getattr(logging, settings.log_level.upper())
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr)


async def with_services(settings: Settings, work: Callable[[Services], Awaitable[T]]) -> T:
    """Do something with the services on the database, without opening any door."""
    async with _store(settings) as (store, clock):
        ids, roster = SystemIds(), Roster()
        pepper = load_secret(Path(settings.secret_file))
        credentials = Credentials(pepper, ids)
        caller = StationCalls(roster, settings.call_timeout)
        services = build_services(settings, store, clock, ids, credentials, roster, caller, pepper)
        return await work(services)


async def with_catalogue(settings: Settings, look: Callable[[Catalogue], Awaitable[T]]) -> T:
    """Read from the database."""
    async with _store(settings) as (store, _):
        return await look(store.catalogue)


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[tuple[storage.SqlStore, SystemClock]]:
    await storage.migrate(settings.database_url)
    clock = SystemClock()
    store = await storage.open_store(settings.database_url, clock=clock, bus=LocalBus())
    try:
        yield store, clock
    finally:
        await store.close()


database_option = click.option(
    "--database", "database_url", metavar="URL", help="sqlite:///PATH or postgresql://…"
)
