"""A PostgreSQL database that lives as long as one test worker."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

CONNECT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Why there is no server to test against."""

    reason: str


@contextmanager
def temporary_database(server_url: str) -> Iterator[str | Unreachable]:
    """Create `releve_test_<random>` on the server; drop it, and whoever still holds it, afterwards.

    Args:
        server_url: a database that may be connected to with the right to create others.
    """
    name = f"releve_test_{secrets.token_hex(6)}"
    try:
        _run(_execute(server_url, f"CREATE DATABASE {name}"))
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        yield Unreachable(f"{type(error).__name__}: {error}")
        return
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        _run(_execute(server_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _run(work: Coroutine[Any, Any, None]) -> None:
    # A loop of its own, so that the loop of the tests around it is left as it was.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(work)
