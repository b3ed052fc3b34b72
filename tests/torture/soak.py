"""A soak: a node under mixed traffic for hours, whose memory, file descriptors and tasks must stay where they are.

    python -m tests.torture.soak --seconds 3600

The node runs in a process of its own; this one plays the stations: they come and go, charge, break off, and misbehave.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from tests.support.running import running
from tests.support.visitor import BOOTS, Visitor, now

STATIONS = 24
GROWTH_MB = 24.0
"""Caches fill and the allocator keeps what it once had: less than this is no leak in any time."""


@dataclass(frozen=True)
class Sample:
    """What the node held at a moment, after a garbage collection."""

    seconds: float
    rss_mb: float
    descriptors: int
    tasks: int
    sockets: int


# --- the node's process -----------------------------------------------------------------------------------------------


async def serve(directory: Path, leak: bool) -> None:
    """Run a node; for each line on stdin, print what it holds. leak: spoil it, for the twin test."""
    leaked: list[Any] = []
    async with running(directory, unknown_stations="accept", unknown_tokens="accept") as started:
        house = started.node.house
        if leak:
            write = house.journal.write

            def remember(*args: Any, **about: Any) -> None:
                leaked.append(bytearray(64 * 1024))
                write(*args, **about)

            house.journal.write = remember  # type: ignore[method-assign]
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
        say({"port": started.node.station_port})
        while await reader.readline():
            gc.collect()
            say(
                {
                    "rss_mb": rss_mb(),
                    "descriptors": len(os.listdir("/proc/self/fd")),
                    "tasks": len(asyncio.all_tasks()),
                    "sockets": sum(len(door.sockets) for door in started.node.doors),
                }
            )


def say(about: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(about) + "\n")
    sys.stdout.flush()


def rss_mb() -> float:
    """Resident memory."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


class NodeProcess:
    """The node, seen from here."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.port = 0

    async def hear(self) -> dict[str, Any]:
        """The next line that it says; its log is passed over."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            if line.startswith(b"{"):
                return dict(json.loads(line))
        raise AssertionError("the node died")

    async def sample(self, begun: float) -> Sample:
        """What it holds now."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"?\n")
        return Sample(round(time.monotonic() - begun, 1), **await self.hear())


@asynccontextmanager
async def node_process(leak: bool) -> AsyncIterator[NodeProcess]:
    """A node in a process of its own, on a database of its own."""
    with tempfile.TemporaryDirectory(prefix="soak-") as directory:
        arguments = ["-m", "tests.torture.soak", "--serve", directory, *["--leak"] * leak]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "RELEVE_LOG_LEVEL": "error"},
        )
        node = NodeProcess(process)
        try:
            node.port = (await node.hear())["port"]
            yield node
        finally:
            assert process.stdin is not None
            process.stdin.close()
            with suppress(TimeoutError):
                await asyncio.wait_for(process.communicate(), 20)
            if process.returncode is None:
                process.kill()
                await process.wait()


# --- the stations -----------------------------------------------------------------------------------------------------


async def live(port: int, number: int, dice: random.Random) -> None:
    """One station's life: connections one after the other, each with a different end."""
    url = f"ws://127.0.0.1:{port}/ocpp/SOAK-{number}"
    version = dice.choice(tuple(BOOTS))
    while True:
        with suppress(OSError, WebSocketException, TimeoutError, AssertionError):
            async with connect(url, subprotocols=[Subprotocol(version)]) as socket:
                visitor = Visitor(socket, version)
                await visitor.boot()
                for _ in range(dice.randint(1, 10)):
                    await dice.choice((charge, beat, misbehave))(visitor, dice)
                if dice.random() < 0.4:
                    socket.transport.abort()


async def charge(visitor: Visitor, dice: random.Random) -> None:
    """A transaction, in 1.6 with its end, in later versions as three events."""
    if visitor.version == "ocpp1.6":
        begun = await visitor.start(f"TAG{dice.randrange(50)}", dice.randrange(10_000))
        number = begun["transactionId"]
        sample = {"timestamp": now(), "sampledValue": [{"value": "10500"}]}
        values = {"connectorId": 1, "transactionId": number, "meterValue": [sample]}
        for _ in range(5):
            await visitor.ask("MeterValues", values)
        await visitor.stop(number, 11_000)
        return
    name = f"{dice.getrandbits(64):x}"
    for number, kind in enumerate(("Started", "Updated", "Updated", "Ended")):
        event = {
            "eventType": kind,
            "timestamp": now(),
            "triggerReason": "MeterValuePeriodic",
            "seqNo": number,
            "transactionInfo": {"transactionId": name},
            "evse": {"id": 1, "connectorId": 1},
            "meterValue": [{"timestamp": now(), "sampledValue": [{"value": 1000 + number}]}],
        }
        await visitor.ask("TransactionEvent", event)


async def beat(visitor: Visitor, dice: random.Random) -> None:
    await visitor.call("Heartbeat", {})


async def misbehave(visitor: Visitor, dice: random.Random) -> None:
    """Frames that are answered by an error or not at all, then a good call."""
    await visitor.say(dice.choice(("[", '[3,"x",{}]', '{"a":1}', f'[2,"{dice.random()}"')))
    await visitor.say(f'[2,"u","Made{dice.random()}",{{}}]')
    while (await visitor.hear())[1] != "u":
        pass


# --- watching ---------------------------------------------------------------------------------------------------------


async def soaked(seconds: float, seed: str = "1", *, leak: bool = False) -> list[Sample]:
    """Let it run; samples at 40 moments, the first after the warm-up, the last when the stations have gone."""
    samples: list[Sample] = []
    async with node_process(leak) as node:
        stations = [
            asyncio.create_task(live(node.port, number, random.Random(f"{seed}/{number}")))
            for number in range(STATIONS)
        ]
        begun = time.monotonic()
        for _ in range(40):
            await asyncio.sleep(seconds / 40)
            samples.append(await node.sample(begun))
        for station in stations:
            station.cancel()
        await asyncio.gather(*stations, return_exceptions=True)
        for _ in range(100):  # closes are under way
            last = await node.sample(begun)
            if not last.sockets:
                break
            await asyncio.sleep(0.1)
        samples.append(last)
    return samples


def judge(samples: list[Sample], growth_mb: float = GROWTH_MB) -> list[str]:
    """What is not flat, in words. Compared: the median of the second quarter with that of the last."""
    running_, last = samples[:-1], samples[-1]
    quarter = len(running_) // 4
    early, late = running_[quarter : 2 * quarter], running_[-quarter:]
    found = []
    grown = median(s.rss_mb for s in late) - median(s.rss_mb for s in early)
    if grown > growth_mb:
        found.append(f"memory grew by {grown:.1f} MB")
    for name in ("descriptors", "tasks"):
        before, after = (max(getattr(s, name) for s in part) for part in (early, late))
        if after > before + STATIONS:
            found.append(f"{name} grew from {before} to {after}")
    if last.sockets:
        found.append(f"{last.sockets} sockets are left although all stations have gone")
    return found


async def soak(seconds: float, seed: str) -> int:
    """Let it run and say what came of it; 1 when something was not flat."""
    samples = await soaked(seconds, seed)
    for sample in samples:
        sys.stdout.write(f"{sample}\n")
    found = judge(samples)
    sys.stdout.write("\n".join(found or ["flat"]) + "\n")
    return 1 if found else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--leak", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve is not None:
        asyncio.run(serve(chosen.serve, chosen.leak))
        return 0
    return asyncio.run(soak(chosen.seconds, chosen.seed))


if __name__ == "__main__":
    sys.exit(main())
