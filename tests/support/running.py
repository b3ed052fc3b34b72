"""A whole node on free ports, for tests that come in through its doors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from releve import storage
from releve.app import Node, start_node
from releve.domain.ids import DEFAULT_OPERATOR
from releve.services.ports import Conflict
from releve.settings import load


class Running:
    """A node, an API key with all scopes, and an HTTP client that carries it."""

    def __init__(self, node: Node, client: httpx.AsyncClient) -> None:
        self.node = node
        self.client = client

    @property
    def stations_url(self) -> str:
        """Where stations connect, without identity."""
        return f"ws://127.0.0.1:{self.node.station_port}/ocpp"

    async def add_station(self, identity: str, **about: Any) -> str:
        """Register a station; its row id as the API shows it."""
        return str((await self.node.services.stations.add(DEFAULT_OPERATOR, identity, **about)).id)

    async def add_token(self, value: str, **about: Any) -> None:
        """Register a token, unless it is there."""
        try:
            await self.node.services.tokens.add(DEFAULT_OPERATOR, value, **about)
        except Conflict:
            return

    async def get(self, path: str, **parameters: Any) -> Any:
        """GET below /api/v1; the JSON of a 200."""
        answer = await self.client.get(f"/api/v1{path}", params=parameters)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    async def post(
        self, path: str, body: Any = None, *, status: tuple[int, ...] = (200, 201, 204)
    ) -> Any:
        """POST below /api/v1; the JSON of the answer."""
        answer = await self.client.post(f"/api/v1{path}", json=body if body is not None else {})
        assert answer.status_code in status, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None


_migrated: list[bytes] = []


async def begin_migrated(path: Path) -> None:
    """Put an empty, migrated database where there is none: the ten steps are taken once a process."""
    if path.exists():  # noqa: ASYNC240 - a test's own directory
        return
    if not _migrated:
        with TemporaryDirectory() as directory:
            await storage.migrate(f"sqlite:///{directory}/releve.db")
            _migrated.append((Path(directory) / "releve.db").read_bytes())
    path.write_bytes(_migrated[0])  # noqa: ASYNC240


@asynccontextmanager
async def running(directory: Path, **settings: Any) -> AsyncIterator[Running]:
    """A node on an SQLite file in `directory`, or where `settings` say."""
    chosen = {
        "database_url": f"sqlite:///{directory / 'releve.db'}",
        "secret_file": str(directory / "releve.secret"),
        "files_dir": str(directory / "files"),
        "http_port": 0,
        "station_host": "127.0.0.1",
        "station_port": 0,
        "call_timeout": 5.0,
        "report_delay": -1.0,  # scripted stations are asked only what a test asks of them
        **settings,
    }
    if "database_url" not in settings:
        await begin_migrated(directory / "releve.db")
    node = await start_node(load({}, **chosen))
    try:
        _, secret = await node.services.access.add_key(
            DEFAULT_OPERATOR, "test", ("read", "control", "admin")
        )
        assert node.http is not None
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{node.http.port}",
            headers={"Authorization": f"Bearer {secret}"},
            timeout=20,
        ) as client:
            yield Running(node, client)
    finally:
        await node.stop()
