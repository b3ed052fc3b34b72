"""The API over a real SQLite store. Only the stations' side is made up: what they answer, and who is connected."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import httpx
from argon2 import PasswordHasher
from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException

from releve import api, storage
from releve.app.house_services import build_services
from releve.app.http import furnished
from releve.bus.local import LocalBus
from releve.domain.commands import Command, Outcome, Result
from releve.domain.ids import StationId
from releve.domain.station import Connectivity, Station
from releve.services import access
from releve.services.credentials import Credentials
from releve.services.desk import Desk
from releve.services.live import LiveStation
from releve.settings import Settings
from releve.storage.ids import SystemIds
from tests.support.stores import ONE, TWO, TurnedClock

ORIGIN = "http://releve.test"
ACCEPTED = Outcome(
    result=Result.ANSWERED, status="Accepted", accepted=True, payload={"status": "Accepted"}
)


class Line:
    """The lines to stations: answers everything with `outcome`, and remembers what was asked."""

    def __init__(self) -> None:
        self.outcome = ACCEPTED
        self.asked: list[tuple[StationId, Any, dict[str, Any]]] = []
        self.cut: list[tuple[StationId, str]] = []
        self.here: dict[StationId, LiveStation] = {}

    async def perform(
        self, station: StationId, command: Command, *, timeout: float | None = None
    ) -> Outcome:
        self.asked.append((station, command, {"timeout": timeout}))
        return self.outcome

    async def call(
        self,
        station: StationId,
        action: str,
        payload: dict[str, Any],
        *,
        timeout: float | None = None,
        checked: bool = True,
    ) -> Outcome:
        self.asked.append((station, (action, payload), {"timeout": timeout, "checked": checked}))
        return self.outcome

    async def disconnect(self, station: StationId, reason: str) -> bool:
        self.cut.append((station, reason))
        return self.here.pop(station, None) is not None

    def connect(self, station: Station) -> LiveStation:
        """Let a station be connected."""
        return self.here.setdefault(station.id, LiveStation(station))

    def connectivity(self, station: StationId) -> Connectivity | None:
        return Connectivity.ONLINE if station in self.here else None

    def changed(self, station: StationId, changes: dict[str, Any]) -> None:
        """Nothing is just being loaded here."""

    def heard_at(self, station: StationId) -> datetime | None:
        return None

    def connected(self) -> int:
        return len(self.here)

    def live(self, station: StationId) -> LiveStation | None:
        return self.here.get(station)


@dataclass
class House:
    """Everything behind the API, and a client that carries the administrator's key."""

    desk: Desk
    store: storage.SqlStore
    bus: LocalBus
    line: Line
    clock: TurnedClock
    app: Any
    client: httpx.AsyncClient
    trouble: list[str] = field(default_factory=list)
    """What `/readyz` should complain about."""

    async def key(self, *scopes: str, operator: Any = ONE, **about: Any) -> dict[str, str]:
        """The header of a new API key."""
        _, secret = await self.desk.services.access.add_key(
            operator, "+".join(scopes), scopes, **about
        )
        return {"authorization": f"Bearer {secret}"}

    async def browser(self, role: str = "admin") -> dict[str, str]:
        """The header of a new session's cookie."""
        access = self.desk.services.access
        _, password = await access.add_user(ONE, role, role=role)
        signed_in = await access.sign_in(ONE, role, password)
        assert signed_in is not None
        return {"cookie": f"releve={signed_in[0]}", "authorization": ""}

    async def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of a 200."""
        answer = await self.client.get(f"/api/v1{path}", params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        """The JSON of an answer with this status."""
        answer = await self.client.post(f"/api/v1{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def add_station(self, identity: str = "CP-1", **about: Any) -> Station:
        """Register a station."""
        return await self.desk.services.stations.add(about.pop("operator", ONE), identity, **about)

    async def write(self, write: Any, operator: Any = ONE) -> None:
        """Write by a function that gets a unit of work."""
        async with self.store.work(operator) as work:
            write(work)


def _page(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Stands for the console's own page of errors."""
    return Response("a page", media_type="text/html", status_code=error.status_code)


_template: list[bytes] = []


async def _migrated() -> bytes:
    """A migrated, empty database; made once."""
    if not _template:
        with TemporaryDirectory() as directory:
            await storage.migrate(f"sqlite:///{directory}/releve.db")
            _template.append((Path(directory) / "releve.db").read_bytes())
    return _template[0]


@cache
def _application() -> Litestar:
    return Litestar(
        [api.router(), api.probes()],
        openapi_config=api.openapi_config(),
        exception_handlers={HTTPException: api.application_handler(_page)},
    )


@asynccontextmanager
async def opened(directory: Path, **settings: Any) -> AsyncIterator[House]:
    """The house on an empty database in `directory`, with a second operator."""
    url = f"sqlite:///{directory}/releve.db"
    (directory / "releve.db").write_bytes(await _migrated())
    clock, ids, line = TurnedClock(), SystemIds(), Line()
    bus = LocalBus()
    store = await storage.open_store(url, clock=clock, bus=bus)
    bus.replay = store.catalogue.announced
    await store.add_operator(TWO, "two")
    chosen = Settings(database_url=url, public_url=ORIGIN, **settings)
    credentials = Credentials(b"pepper", ids)
    # Argon2 in earnest, but not at 100 ms a password.
    with patch.object(access, "PasswordHasher", lambda: PasswordHasher(1, 8, 1)):
        services = build_services(chosen, store, clock, ids, credentials, line, line, b"pepper")
    desk = Desk(services, store.catalogue, bus, line, clock, chosen)
    trouble: list[str] = []

    async def health() -> str | None:
        return trouble[0] if trouble else await store.healthy()

    inside = api.Inside(desk, health, lambda: b"releve_stations 1\n")
    app = furnished(_application(), **{api.KEY: inside})
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            house = House(desk, store, bus, line, clock, app, client, trouble)
            client.headers.update(await house.key("admin"))
            yield house
    finally:
        bus.close()
        await store.close()
