"""A node, an operator who acts through the REST API, and scripted stations: what a certification case needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, TypeVar

import httpx
import pytest

from releve.domain.ids import DEFAULT_OPERATOR
from tests.support.running import Running
from tests.support.scripted import CallError, CallFailed, ScriptedStation, now

__all__ = ["VERSIONS", "CallError", "CallFailed", "Rig", "ScriptedStation", "case", "now", "rigged"]

PATIENCE_S = 20.0
PASSWORD = "a-password-of-16-"
VERSIONS = ("2.0.1", "2.1")
_numbers = count(1)
T = TypeVar("T")


def case(*ids: str) -> pytest.MarkDecorator:
    """Marks a test as the one that shows these certification cases (docs/conformance.md)."""
    return pytest.mark.case(*ids)


class Rig:
    """Tests of one worker share a node; each has its own API key, and its stations and tokens have fresh names."""

    def __init__(self, running: Running, client: httpx.AsyncClient) -> None:
        self.running = running
        self.stations: list[ScriptedStation] = []
        self._client = client

    # --- the operator -------------------------------------------------------------------------------------------

    async def get(self, path: str, *, status: int | None = None, **query: Any) -> Any:
        """GET below /api/v1. status: what must come; otherwise any 2xx."""
        return await self._ask("GET", path, None, status, query)

    async def post(self, path: str, body: Any = None, *, status: int | None = None) -> Any:
        """POST below /api/v1; the JSON of the answer."""
        return await self._ask("POST", path, {} if body is None else body, status)

    async def put(self, path: str, body: Any = None, *, status: int | None = None) -> Any:
        """PUT below /api/v1."""
        return await self._ask("PUT", path, body, status)

    async def patch(self, path: str, body: Any, *, status: int | None = None) -> Any:
        """PATCH below /api/v1."""
        return await self._ask("PATCH", path, body, status)

    async def delete(self, path: str, body: Any = None, *, status: int | None = None) -> Any:
        """DELETE below /api/v1."""
        return await self._ask("DELETE", path, body, status)

    async def ended(self, operation: Any) -> Any:
        """Wait for the end of an operation (its view or id)."""
        number = operation["id"] if isinstance(operation, dict) else operation
        return await self.get(f"/operations/{number}", wait=PATIENCE_S)

    async def eventually(self, look: Callable[[], Awaitable[T]], true: Callable[[T], Any]) -> T:
        """Look again until it is as wanted; what was seen then."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not true(seen := await look()):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"it did not come to this; last seen: {seen}") from None
        return seen

    async def _ask(
        self, method: str, path: str, body: Any, status: int | None, query: Any = None
    ) -> Any:
        more = {} if body is None else {"json": body}
        answer = await self._client.request(method, f"/api/v1{path}", params=query, **more)
        told = (method, path, answer.status_code, answer.text)
        assert answer.status_code == status if status else answer.is_success, told
        if "json" in answer.headers.get("content-type", ""):
            return answer.json()
        return answer.content or None

    # --- stations and tokens ------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where stations connect, without identity."""
        return self.running.stations_url

    async def station(
        self,
        version: str = "2.0.1",
        *,
        identity: str = "",
        password: str | None = PASSWORD,
        connect: bool = True,
        boot: bool = True,
        url: str = "",
        **about: Any,
    ) -> ScriptedStation:
        """A registered station; connected and booted unless told otherwise. about: further fields of POST /stations."""
        identity = identity or f"CS-{next(_numbers):05}"
        body = {"identity": identity, **about} | ({"password": password} if password else {})
        registered = await self.post("/stations", body)
        row = registered.get("station", registered)["id"]
        station = ScriptedStation(version, identity, url or self.url, password=password, row=row)
        self.stations.append(station)
        if connect:
            await station.connect()
            if boot:
                assert (await station.boot())["status"] == "Accepted"
        return station

    async def token(self, value: str = "", **about: Any) -> str:
        """Register a token; its value. about: fields of POST /tokens."""
        value = value or f"CARD{next(_numbers):05}"
        await self.post("/tokens", {"value": value, **about})
        return value

    async def close(self) -> None:
        """Hang up all stations; fails when the CSMS sent something that its schema forbids."""
        faults: list[str] = []
        for station in self.stations:
            await station.close()
            faults += station.faults
        assert not faults, faults


@asynccontextmanager
async def rigged(running: Running) -> AsyncIterator[Rig]:
    """A rig on a node, with an API key of its own (the API paces each key)."""
    access = running.node.services.access
    scopes = ("read", "control", "admin")
    _, secret = await access.add_key(DEFAULT_OPERATOR, f"rig-{next(_numbers)}", scopes)
    headers = {"Authorization": f"Bearer {secret}"}
    base = str(running.client.base_url)
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60) as client:
        rig = Rig(running, client)
        try:
            yield rig
        finally:
            await rig.close()
