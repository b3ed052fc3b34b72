"""A crowd of OCPP 1.6 stations in one process, each on its own connection, plain or TLS. Driven by JSON lines:

    {"do": "arrive", "count": 5000, "first": 1, "parallel": 500}   all knock; those told 503 wait as they were told
    {"do": "mix", "seconds": 30, "factor": 10, "charging": 0.1}    heartbeats, meter values, status changes
    {"do": "watch", "seconds": 5, "talkers": 4, "action": ..., "payload": ..., "pause": 0.05}  beside big messages
    {"do": "leave"}                                                all hang up at once

Each is answered with one line. A lost connection or an error of the server ends it with {"failed": "..."}.
"""

from __future__ import annotations

import asyncio
import json
import random
import ssl
import struct
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import uvloop

from bench import messages, websocket
from bench.websocket import CLOSE, HEAD_END, PING, PONG

PATIENCE_S = 120.0
SOURCES = 40
"""Addresses of the loopback network that stations come from: one alone has too few ports."""
HEARTBEAT_S, METER_S, STATUS_S = 300.0, 60.0, 1800.0
_BOOTS = {
    messages.V16: b'{"chargePointVendor":"Bench","chargePointModel":"One"}',
    messages.V201: b'{"reason":"PowerUp","chargingStation":{"vendorName":"Bench","model":"Two"}}',
}


class Failed(Exception):
    """Something that makes the figures worthless."""


class Station(asyncio.Protocol):
    """One station: knocks, boots, calls, hears."""

    def __init__(self, number: int, port: int, version: str) -> None:
        self.number = number
        self._version = version
        self.identity = messages.identity_of(messages.V16, number)
        self._port = port
        self._rest = b""
        self._shaken = False
        self._loop = asyncio.get_running_loop()
        self.knocked_at = self.shaken_at = 0.0
        self.arrived: asyncio.Future[float] = self._loop.create_future()
        """Seconds to wait before the next knock when it was sent away; 0 when it is booted."""
        self._waiting: dict[bytes, Callable[[bytes], None]] = {}
        self._sent = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        password = messages.password_of(self.identity)
        host = f"127.0.0.1:{self._port}"
        protocol = messages.PROTOCOLS[self._version]
        transport.write(websocket.upgrade(host, self.identity, password, protocol))

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        if not self._shaken:
            head, end, data = data.partition(HEAD_END)
            if not end:
                self._rest = head
                return
            if not self._let_in(head):
                return
        frames, self._rest = websocket.split(data)
        for first, payload in frames:
            self._take(first, payload)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self.arrived.done():
            self.arrived.set_result(1.0)  # cut off before it was in: again, soon
        self._waiting.clear()

    def _let_in(self, head: bytes) -> bool:
        status = head.split(b" ", 2)[1]
        if status == b"101":
            self._shaken, self.shaken_at = True, time.perf_counter()
            self.call("BootNotification", _BOOTS[self._version], self._booted)
            return True
        if status != b"503":
            raise Failed(head.decode("latin-1")[:200])
        wait = next(
            line.partition(b":")[2]
            for line in head.split(b"\r\n")
            if line[:12].lower() == b"retry-after:"
        )
        self.arrived.set_result(float(wait))
        self.leave()
        return False

    def _booted(self, answer: bytes) -> None:
        if b'"Accepted"' not in answer:
            raise Failed(answer.decode()[:200])
        self.arrived.set_result(0.0)

    def call(self, action: str, payload: bytes, done: Callable[[bytes], None]) -> None:
        """Send a CALL; `done` gets its answer."""
        self._sent += 1
        number = messages.message_id(self.number, self._sent)
        self._waiting[number] = done
        self._write(b'[2,"%b","%b",%b]' % (number, action.encode(), payload))

    def _write(self, payload: bytes, opcode: int = websocket.TEXT) -> None:
        if self._transport is None:
            return
        if len(payload) < 65536:
            self._transport.write(websocket.masked(payload, opcode))
        else:
            self._transport.write(struct.pack("!BBQI", opcode, 0xFF, len(payload), 0) + payload)

    def _take(self, first: int, payload: bytes) -> None:
        if first == PING:
            self._write(payload, PONG)
        elif first == CLOSE:
            raise Failed(f"station {self.number} was closed: {payload!r}")
        elif payload.startswith(b"[3,"):
            number = payload[4 : 4 + messages.ID_LENGTH]
            self._waiting.pop(number)(payload)
        elif not payload.startswith(b"[2,"):
            raise Failed(payload.decode("utf-8", "replace")[:300])

    def leave(self) -> None:
        """Hang up without a word."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None


class Crowd:
    """All of them."""

    def __init__(self, port: int, *, tls: bool) -> None:
        self._port = port
        self._tls: ssl.SSLContext | None = None
        if tls:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._tls.check_hostname = False
            self._tls.verify_mode = ssl.CERT_NONE
        self._stations: dict[int, Station] = {}
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    # --- what is asked of it ------------------------------------------------------------------------------------

    async def arrive(
        self, count: int, first: int, parallel: int, loud: int = 0, version: str = messages.V16
    ) -> dict[str, Any]:
        """All knock, `parallel` at once; whoever is sent away comes back when it was told to.

        loud: so many of the first speak `version`, the others 1.6.
        """
        boots: list[float] = []
        whole: list[float] = []
        sent_away = [0]
        room = asyncio.Semaphore(parallel)
        begun = time.perf_counter()

        async def one(number: int) -> None:
            while True:
                async with room:
                    own = version if number < first + loud else messages.V16
                    station, wait = await self._knock(number, own)
                if wait == 0:
                    now = time.perf_counter()
                    boots.append(now - station.shaken_at)
                    whole.append(now - station.knocked_at)
                    self._stations[number] = station
                    return
                sent_away[0] += 1
                await asyncio.sleep(wait)

        await asyncio.gather(*(one(n) for n in range(first, first + count)))
        seconds = time.perf_counter() - begun
        return {
            "seconds": seconds,
            "sent_away": sent_away[0],
            "boot_s": shares(boots),
            "knock_to_boot_s": shares(whole),
        }

    async def _knock(self, number: int, version: str) -> tuple[Station, float]:
        loop = asyncio.get_running_loop()
        station = Station(number, self._port, version)
        station.knocked_at = time.perf_counter()
        source = f"127.0.0.{2 + number % SOURCES}"
        try:
            await loop.create_connection(
                lambda: station, "127.0.0.1", self._port, ssl=self._tls, local_addr=(source, 0)
            )
        except (OSError, ConnectionError):
            station.arrived.cancel()
            return station, 1.0
        async with asyncio.timeout(PATIENCE_S):
            return station, await station.arrived

    async def mix(self, seconds: float, factor: float, charging: float) -> dict[str, Any]:
        """What stations say in the course of a day, `factor` times as fast."""
        taken: list[float] = []
        counts: dict[str, int] = {}
        draw = random.Random(1)
        end = time.perf_counter() + seconds
        loop = asyncio.get_running_loop()
        open_calls = [0]

        def say(station: Station, action: str, every: float) -> None:
            now = time.perf_counter()
            if now >= end:
                return
            open_calls[0] += 1
            counts[action] = counts.get(action, 0) + 1

            def answered(_: bytes) -> None:
                taken.append(time.perf_counter() - now)
                open_calls[0] -= 1

            station.call(action, _PAYLOADS[action](station.number, counts[action]), answered)
            loop.call_later(every, say, station, action, every)

        for place, station in enumerate(self._stations.values()):
            kinds = [("Heartbeat", HEARTBEAT_S), ("StatusNotification", STATUS_S)]
            if place < charging * len(self._stations):
                kinds.append(("MeterValues", METER_S))
            for action, every in kinds:
                # As after days of running: evenly spread over the interval.
                at = draw.random() * every / factor
                loop.call_later(at, say, station, action, every / factor)
        await asyncio.sleep(seconds)
        await self._until(lambda: open_calls[0] == 0)
        return {"messages": counts, "answer_s": shares(taken)}

    async def watch(
        self, seconds: float, talkers: int, action: str, payload: str, pause: float
    ) -> dict[str, Any]:
        """Heartbeats of some stations, one after the other, while `talkers` others call again and again."""
        stations = [self._stations[number] for number in sorted(self._stations)]
        loud, quiet = stations[:talkers], stations[talkers : talkers + 20]
        taken: list[float] = []
        said = [0]
        running = [True]
        loop = asyncio.get_running_loop()

        def speak(station: Station) -> None:
            def again(_: bytes) -> None:
                said[0] += 1
                if running[0]:
                    loop.call_later(pause, speak, station)

            station.call(action, payload.encode(), again)

        for station in loud:
            speak(station)
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            for station in quiet:
                answered: asyncio.Future[bytes] = loop.create_future()
                begun = time.perf_counter()
                station.call("Heartbeat", b"{}", answered.set_result)
                await answered
                taken.append(time.perf_counter() - begun)
                await asyncio.sleep(0.002)
        running[0] = False
        await asyncio.sleep(0.2)
        return {"said": said[0], "answer_s": shares(taken), "heartbeats": len(taken)}

    async def leave(self) -> dict[str, Any]:
        """All hang up at once."""
        for station in self._stations.values():
            station.leave()
        count = len(self._stations)
        self._stations.clear()
        return {"left": count}

    async def _until(self, done: Callable[[], bool]) -> None:
        end = time.perf_counter() + PATIENCE_S
        while not done():
            if time.perf_counter() > end:
                raise Failed("answers did not come")
            await asyncio.sleep(0.01)


def shares(seconds: list[float]) -> dict[str, float]:
    """Median, 99 of 100, the worst."""
    ordered = sorted(seconds) or [0.0]
    return {
        "p50": ordered[len(ordered) // 2],
        "p99": ordered[len(ordered) * 99 // 100],
        "max": ordered[-1],
    }


def _now() -> bytes:
    return datetime.now(UTC).isoformat(timespec="milliseconds").encode()


def _meter_values(number: int, count: int) -> bytes:
    return (
        b'{"connectorId":1,"meterValue":[{"timestamp":"%b","sampledValue":[{"value":"%d","measurand":'
        b'"Energy.Active.Import.Register","unit":"Wh"},{"value":"7360","measurand":"Power.Active.Import",'
        b'"unit":"W"}]}]}' % (_now(), 1_000_000 + count)
    )


def _status(number: int, count: int) -> bytes:
    status = (b"Available", b"Preparing", b"Charging", b"Finishing")[count % 4]
    return b'{"connectorId":1,"errorCode":"NoError","status":"%b","timestamp":"%b"}' % (
        status,
        _now(),
    )


_PAYLOADS: dict[str, Callable[[int, int], bytes]] = {
    "Heartbeat": lambda number, count: b"{}",
    "MeterValues": _meter_values,
    "StatusNotification": _status,
}


async def main(port: int, *, tls: bool) -> None:
    """Be the crowd that the command line describes."""
    crowd = Crowd(port, tls=tls)
    loop = asyncio.get_running_loop()
    failed: asyncio.Future[None] = loop.create_future()

    def trouble(_: Any, context: dict[str, Any]) -> None:
        if not failed.done():
            failed.set_exception(context.get("exception") or Failed(context["message"]))

    loop.set_exception_handler(trouble)
    reader = asyncio.StreamReader(limit=1 << 22)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        doing = loop.create_task(getattr(crowd, command.pop("do"))(**command))
        await asyncio.wait((doing, failed), return_when=asyncio.FIRST_COMPLETED)
        if failed.done():
            raise Failed(repr(failed.exception()))
        print(json.dumps(doing.result()), flush=True)


if __name__ == "__main__":
    try:
        uvloop.run(main(int(sys.argv[1]), tls=sys.argv[2] == "tls"))
    except Exception as error:
        print(json.dumps({"failed": repr(error)}), flush=True)
        sys.exit(1)
