"""A node in a process of its own, to be killed; and where it lives."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx

PORTS = (20_000, 30_000)
"""Below the range from which the system gives ports to outgoing connections: a port must be free again after a kill."""


class Died(AssertionError):
    """A node ended by itself."""


class Site:
    """Starts nodes one after the other on the same database and the same ports."""

    def __init__(
        self, zygote: asyncio.subprocess.Process, directory: Path, database_url: str
    ) -> None:
        self._zygote = zygote
        self._pid: int | None = None
        self._log_start = 0
        self.directory = directory
        self.database_url = database_url
        self.node_database_url = database_url
        """Where the nodes find the database: behind a proxy, say."""
        self.station_port, self.http_port = _free_ports(2)
        self.starts = 0
        self.log = directory.parent / "node.log"
        self.broken: Sequence[str] = ()
        """Switches of `tests.torture.broken` for the nodes that start from now on."""

    @property
    def stations_url(self) -> str:
        """Where stations connect."""
        return f"ws://127.0.0.1:{self.station_port}/ocpp"

    @property
    def pid(self) -> int:
        """Of the node that runs."""
        assert self._pid is not None
        return self._pid

    async def start(self) -> None:
        """Start a node; stations find out for themselves when it is there."""
        assert self._pid is None, "one runs already"
        environment = {
            "RELEVE_DATABASE_URL": self.node_database_url,
            "RELEVE_SECRET_FILE": str(self.directory / "releve.secret"),
            "RELEVE_HTTP_PORT": str(self.http_port),
            "RELEVE_STATION_HOST": "127.0.0.1",
            "RELEVE_STATION_PORT": str(self.station_port),
            "RELEVE_UNKNOWN_STATIONS": "accept",
            "RELEVE_UNKNOWN_TOKENS": "accept",
        }
        self.log.touch()
        self._log_start = self.log.stat().st_size
        self._pid = await self._order(
            start=["serve"],
            environment=environment,
            log=str(self.log),
            broken=list(self.broken),
        )
        self.starts += 1

    async def ready(self, within_s: float = 60.0) -> None:
        """Wait until the node has said where it can be reached: it is open, and has nothing of its own to do."""
        async with asyncio.timeout(within_s):
            # Its output is a file: nothing tells of a line more.
            while b"/ocpp/<identity>" not in self.log.read_bytes()[self._log_start :]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone. Died when it was gone already."""
        os.kill(self.pid, signal.SIGKILL)
        code = await self._gone()
        if code != -signal.SIGKILL:
            raise Died(f"the node ended by itself with {code}:\n{self.said()}")

    async def stop(self) -> None:
        """SIGTERM, and wait for its orderly end."""
        os.kill(self.pid, signal.SIGTERM)
        code = await self._gone()
        if code != 0:
            raise Died(f"the node stopped with {code}:\n{self.said()}")

    async def probe(self, path: str) -> tuple[int, Any]:
        """GET a probe; its status and its JSON. httpx.TransportError while nobody listens."""
        async with httpx.AsyncClient(timeout=30) as client:
            answer = await client.get(f"http://127.0.0.1:{self.http_port}{path}")
            return answer.status_code, answer.json()

    def said(self) -> str:
        """The end of the node's log."""
        return self.log.read_text("utf-8", "replace")[-4000:] if self.log.exists() else ""

    async def _gone(self) -> int:
        code = await self._order(wait=self.pid)
        self._pid = None
        return code

    async def _order(self, **order: Any) -> int:
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        self._zygote.stdin.write(json.dumps(order).encode() + b"\n")
        line = await self._zygote.stdout.readline()
        if not line:
            raise Died("the process that starts nodes has ended")
        return int(line)


@asynccontextmanager
async def site(directory: Path, database_url: str = "", **environment: str) -> AsyncIterator[Site]:
    """A site in `directory`, on an SQLite file there unless told; its processes end with it."""
    data = directory / "data"
    data.mkdir(exist_ok=True)
    zygote = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.torture.zygote",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**_clean(), **environment},
    )
    try:
        yield Site(zygote, data, database_url or f"sqlite:///{data / 'releve.db'}")
    finally:
        assert zygote.stdin is not None
        zygote.stdin.close()
        await zygote.wait()


def _clean() -> dict[str, str]:
    """This process's environment without settings of a developer's own, and with its module path."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("RELEVE_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _free_ports(count: int) -> list[int]:
    random = Random()
    found: list[int] = []
    held: list[socket.socket] = []
    while len(found) < count:
        port = random.randrange(*PORTS)
        trial = socket.socket()
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            trial.close()
            continue
        found.append(port)
        held.append(trial)
    for trial in held:
        trial.close()
    return found
