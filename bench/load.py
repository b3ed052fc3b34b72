"""The load: many stations in one process, each with one call outstanding (a closed loop).

Raw sockets and epoll, no asyncio: one core of it keeps any server's core busy. It is driven by JSON lines:

    {"do": "connect", "count": 500, "first": 1, "parallel": 64}    -> {"connected": 500, "seconds": 1.2}
    {"do": "run", "seconds": 2}          -> {"messages": 40000, "seconds": 2.01, "p50_ms": ..., "p99_ms": ...}
    {"do": "close"}                                                -> {"closed": 500}

An answer that is not the one expected, an error, or a lost connection ends it with {"failed": "..."}.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import socket
import sys
import time
from array import array
from collections.abc import Callable, Iterator
from typing import Any

from bench import messages, websocket
from bench.messages import Times
from bench.websocket import CLOSE, PING, PONG, TEXT, Refused

PATIENCE_S = 60.0


class Station:
    """One connection."""

    __slots__ = (
        "expected",
        "make",
        "number",
        "rest",
        "sent",
        "sent_at",
        "setup",
        "shaken",
        "socket",
    )

    def __init__(self, number: int, connected: socket.socket) -> None:
        self.number = number
        self.socket = connected
        self.shaken = False
        self.rest = b""  # what came of an unfinished handshake or frame
        self.expected = b""  # the id of the call that waits for its answer
        self.setup: Iterator[tuple[bytes, bytes]] | None = None
        self.make: messages.Maker | None = None
        self.sent = 0
        self.sent_at = 0.0


class Load:
    """Stations of one version at one server. bare: the server knows no OCPP and answers anything."""

    def __init__(self, port: int, version: str, *, bare: bool) -> None:
        self._port = port
        self._version = version
        self._bare = bare
        self._times = Times()
        self._poll = select.epoll()
        self._stations: dict[int, Station] = {}
        self._ready = 0
        self._charging = True
        self._deadline = 0.0
        self._outstanding = 0
        self._taken_s = array("d")
        self._commands = os.dup(0)
        self._poll.register(self._commands, select.EPOLLIN)

    # --- what is asked of it ------------------------------------------------------------------------------------

    def connect(
        self, count: int, first: int, parallel: int, charging: bool = True
    ) -> dict[str, Any]:
        """Open connections, at most `parallel` unfinished at once, each with its boot and (charging) a transaction."""
        self._charging = charging
        begun, opened, before = time.perf_counter(), 0, self._ready
        while self._ready - before < count:
            while opened < count and opened - (self._ready - before) < parallel:
                self._open(first + opened)
                opened += 1
            self._step()
        return {"connected": count, "seconds": time.perf_counter() - begun}

    def run(self, seconds: float) -> dict[str, Any]:
        """Let all stations talk; returns when every call is answered."""
        self._taken_s = array("d")
        begun = time.perf_counter()
        self._deadline = begun + seconds
        for station in self._stations.values():
            self._send(station)
        self._until(lambda: self._outstanding == 0)
        taken = sorted(self._taken_s) or [0.0]
        return {
            "messages": len(self._taken_s),
            "seconds": time.perf_counter() - begun,
            "p50_ms": taken[len(taken) // 2] * 1000,
            "p99_ms": taken[len(taken) * 99 // 100] * 1000,
        }

    def close(self) -> dict[str, Any]:
        """Hang up everywhere."""
        count = len(self._stations)
        for station in self._stations.values():
            station.socket.close()
        self._stations.clear()
        self._ready = 0
        return {"closed": count}

    def wait_for_command(self) -> None:
        """Answer pings until something stands in standard input."""
        while not any(fd == self._commands for fd, _ in self._step()):
            pass

    # --- one connection -----------------------------------------------------------------------------------------

    def _open(self, number: int) -> None:
        connected = socket.create_connection(("127.0.0.1", self._port))
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setblocking(False)
        identity = messages.identity_of(self._version, number)
        password = messages.password_of(identity)
        protocol = messages.PROTOCOLS[self._version]
        connected.send(websocket.upgrade(f"127.0.0.1:{self._port}", identity, password, protocol))
        station = Station(number, connected)
        self._stations[connected.fileno()] = station
        self._poll.register(connected.fileno(), select.EPOLLIN)

    def _shake(self, station: Station, data: bytes) -> bytes:
        """Read the answer to the handshake; what came behind it."""
        head, end, behind = data.partition(websocket.HEAD_END)
        if not end:
            station.rest = head
            return b""
        if not head.startswith(b"HTTP/1.1 101 "):
            raise Refused(f"station {station.number}: {head[:200]!r}")
        station.shaken = True
        station.setup = messages.setup(self._version, station.number, self._times)
        self._next_setup(station, b"")
        return behind

    def _next_setup(self, station: Station, answer: bytes) -> None:
        assert station.setup is not None
        following = next(station.setup, None)
        if following is not None and (self._charging or not answer):
            station.expected, text = following
            station.socket.send(websocket.masked(text))
            return
        station.setup = None
        transaction = _transaction(answer)
        station.make = messages.maker(self._version, station.number, transaction, self._times)
        self._ready += 1

    def _send(self, station: Station) -> None:
        assert station.make is not None
        station.sent += 1
        station.expected, text = station.make(station.sent)
        self._outstanding += 1
        station.sent_at = time.perf_counter()
        station.socket.send(websocket.masked(text))

    # --- the loop -----------------------------------------------------------------------------------------------

    def _until(self, done: Callable[[], bool]) -> None:
        while not done():
            self._step()

    def _step(self) -> list[tuple[int, int]]:
        events = self._poll.poll(PATIENCE_S)
        if not events and self._outstanding:
            raise Refused(f"{self._outstanding} calls without an answer for {PATIENCE_S:.0f} s")
        for fd, _ in events:
            if fd != self._commands:
                self._read(self._stations[fd])
        return events

    def _read(self, station: Station) -> None:
        data = station.socket.recv(65536)
        if not data:
            raise Refused(f"station {station.number}: the server hung up")
        if station.rest:
            data, station.rest = station.rest + data, b""
        if not station.shaken:
            data = self._shake(station, data)
        frames, rest = websocket.split(data)
        if rest:
            station.rest = rest
        for first, payload in frames:
            self._take(station, first, payload)

    def _take(self, station: Station, first: int, payload: bytes) -> None:
        if first == PING:
            station.socket.send(websocket.masked(payload, PONG))
            return
        if first == CLOSE or first != TEXT:
            raise Refused(f"station {station.number}: {first:#x} {payload[:200]!r}")
        if not self._bare and not _answers(payload, station.expected):
            if payload.startswith(b"[2,"):
                return  # a call of the server's: not what is measured
            raise Refused(f"station {station.number}: {payload[:300]!r}")
        if station.setup is not None:
            self._next_setup(station, payload)
            return
        now = time.perf_counter()
        self._taken_s.append(now - station.sent_at)
        self._outstanding -= 1
        if now < self._deadline:
            self._send(station)


def _answers(payload: bytes, call: bytes) -> bool:
    """Whether this is the CALLRESULT of that call, with or without spaces after the commas."""
    start = payload[: len(call) + 6]
    return start.startswith(b"[3,") and call in start


def _transaction(answer: bytes) -> bytes:
    """The transaction id of a StartTransaction's answer; "1" where the answer has none, as an echo's."""
    return str(json.loads(answer)[2].get("transactionId", 1)).encode()


def main() -> None:
    """Follow commands until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("version", choices=messages.VERSIONS)
    parser.add_argument("--bare", action="store_true")
    options = parser.parse_args()
    load = Load(options.port, options.version, bare=options.bare)
    try:
        while True:
            load.wait_for_command()
            line = sys.stdin.readline()
            if not line:
                return
            command = json.loads(line)
            print(json.dumps(getattr(load, command.pop("do"))(**command)), flush=True)
    except (Refused, OSError) as error:
        print(json.dumps({"failed": str(error)}), flush=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
