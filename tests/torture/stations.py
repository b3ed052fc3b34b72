"""Stations that know what they were told: one call at a time, repeated until it is answered, whatever happens to us.

They connect without booting again once their boot was accepted, and repeat an unanswered message under its old id or a
new one. They do nothing but what real stations do, only without their patience.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidMessage, WebSocketException
from websockets.typing import Subprotocol

from tests.torture.book import Book
from tests.torture.scripts import Meters, charges_16, charges_201

BOOT: dict[str, Any] = {
    "ocpp1.6": {"chargePointModel": "Tortured", "chargePointVendor": "Releve"},
    "ocpp2.0.1": {
        "reason": "PowerUp",
        "chargingStation": {"model": "Tortured", "vendorName": "Releve"},
    },
}
SCRIPTS = {"ocpp1.6": charges_16, "ocpp2.0.1": charges_201}
RETRY_S = (0.01, 0.06)
FAULTS_KEPT = 50


class Refused(Exception):
    """An answer that should not have come."""


_TROUBLE = (Refused, OSError, TimeoutError, InvalidHandshake, InvalidMessage, WebSocketException)


class Station:
    """One of them. answer_s: how long it waits for an answer before it gives the connection up."""

    def __init__(
        self, url: str, identity: str, protocol: str, seed: str, *, answer_s: float = 20.0
    ) -> None:
        self.book = Book(identity)
        self.connections = 0
        self.repeated = 0
        self.paused = False
        """While set it does not begin another transaction; it ends when the last one has ended."""
        self.pace_s = (0.0, 0.0)
        self._url = f"{url}/{identity}"
        self._protocol = protocol
        self._answer_s = answer_s
        self._random = Random(seed)
        self._meters = Meters(self._random, datetime.now(UTC) - timedelta(hours=20))
        self._booted = False
        self._ids = 0
        self._socket: ClientConnection | None = None
        self._heard: list[asyncio.Future[None]] = []

    def heard(self) -> asyncio.Future[None]:
        """Done at the next acknowledgement."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._heard.append(future)
        return future

    async def run(self) -> None:
        """Charge until paused; come back as often as it takes."""
        script = SCRIPTS[self._protocol](
            self.book, self._random, self._meters, lambda: not self.paused
        )
        try:
            message = next(script)
            while True:
                answer = await self._deliver(*message)
                self._told()
                message = script.send(answer)
        except StopIteration:
            return
        finally:
            await self.hang_up()

    async def _deliver(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send until answered. The ids under which it was sent: an answer to any of them counts."""
        ids: list[str] = []
        while True:
            try:
                socket = await self._connected()
                return await self._ask(socket, action, payload, ids)
            except _TROUBLE:
                await self.hang_up()
                await asyncio.sleep(self._random.uniform(*RETRY_S))

    async def _connected(self) -> ClientConnection:
        if self._socket is None:
            self._socket = await connect(
                self._url,
                subprotocols=[Subprotocol(self._protocol)],
                open_timeout=self._answer_s,
                ping_interval=None,
                close_timeout=0.2,
                compression=None,
            )
            self.connections += 1
        if not self._booted:
            answer = await self._ask(self._socket, "BootNotification", BOOT[self._protocol], [])
            if answer["status"] != "Accepted":
                self._refused(f"the boot was answered {answer}")
            self._booted = True
        return self._socket

    async def _ask(
        self, socket: ClientConnection, action: str, payload: dict[str, Any], ids: list[str]
    ) -> dict[str, Any]:
        if self.pace_s[1]:
            await asyncio.sleep(self._random.uniform(*self.pace_s))
        self.repeated += bool(ids)
        if not ids or self._random.random() < 0.5:
            self._ids += 1
            ids.append(f"{self.book.identity}-{self._ids}")
        await socket.send(json.dumps([2, ids[-1], action, payload]))
        async with asyncio.timeout(self._answer_s):
            while True:
                frame = json.loads(await socket.recv())
                if frame[1] in ids and frame[0] == 3:
                    answer: dict[str, Any] = frame[2]
                    return answer
                if frame[0] == 2:  # we may be asked what has become of a transaction
                    await socket.send(json.dumps([4, frame[1], "NotSupported", "", {}]))
                    continue
                self._refused(f"{action} was answered {frame}")

    def _refused(self, what: str) -> None:
        """Note it, and begin again as a station would: with a boot."""
        if len(self.book.faults) < FAULTS_KEPT:
            self.book.faults.append(what)
        self._booted = False
        raise Refused(what)

    def _told(self) -> None:
        self.book.acknowledged += 1
        waiting, self._heard = self._heard, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def hang_up(self) -> None:
        """Close the connection; the next message opens another."""
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()


class Crowd:
    """Several stations of both versions, run together."""

    def __init__(self, url: str, count: int, seed: str, **options: Any) -> None:
        self.stations = [
            Station(url, f"S{n}", ("ocpp1.6", "ocpp2.0.1")[n % 2], f"{seed}/{n}", **options)
            for n in range(count)
        ]
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def books(self) -> Sequence[Book]:
        """What they know."""
        return [station.book for station in self.stations]

    @property
    def acknowledged(self) -> int:
        """Messages answered so far."""
        return sum(book.acknowledged for book in self.books)

    def start(self) -> None:
        """Begin to charge."""
        self._tasks = [asyncio.create_task(station.run()) for station in self.stations]

    async def heard(self, within_s: float = 60.0) -> None:
        """Wait for an acknowledgement that any of them gets from now on. TimeoutError; or what ended a station."""
        futures = [station.heard() for station in self.stations]
        async with asyncio.timeout(within_s):
            done, _ = await asyncio.wait(
                [*futures, *self._tasks], return_when=asyncio.FIRST_COMPLETED
            )
        for task in self._tasks:
            if task in done:
                await task

    async def finish(self, within_s: float = 60.0) -> None:
        """Let each end what it has begun, and deliver all of it."""
        for station in self.stations:
            station.paused = True
        async with asyncio.timeout(within_s):
            await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """End them where they stand."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def pace(self, low_s: float, high_s: float) -> None:
        """Pause so long before each message."""
        for station in self.stations:
            station.pace_s = (low_s, high_s)
