"""Tests talk to this machine only: everything else raises before a packet leaves.

Python's own sockets are watched by an audit hook. uvloop opens connections in libuv, where no
audit event is raised, so its loop is guarded at the method that all clients go through.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any

import uvloop

_also: set[str] = set()


class NetworkForbidden(RuntimeError):
    """A test tried to reach another machine."""


def allow_also(host: str | None) -> None:
    """Let one more host through: the test database, where it is not on this machine."""
    if host:
        _also.add(host)


def check(host: str | bytes | None) -> None:
    """Raise NetworkForbidden unless `host` is this machine."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name in (None, "", "localhost") or name in _also:
        return
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        raise NetworkForbidden(f"a test looked up {name!r}") from None
    if not (address.is_loopback or address.is_unspecified):
        raise NetworkForbidden(f"a test connected to {name}")


def guard(event: str, arguments: tuple[Any, ...]) -> None:
    """The audit hook: see sys.addaudithook."""
    if event == "socket.connect":
        sock, address = arguments
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            check(address[0])
    elif event == "socket.getaddrinfo":
        check(arguments[0])


class GuardedLoop(uvloop.Loop):
    """uvloop, confined to this machine."""

    async def create_connection(  # type: ignore[override]
        self, protocol_factory: Any, host: Any = None, port: Any = None, **options: Any
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        check(host)
        return await super().create_connection(protocol_factory, host, port, **options)
