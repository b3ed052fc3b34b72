"""A deterministic simulation of who owns a station's line: connect, half-open, replace, close, late frames, slow store.

    python -m tests.torture.ownership --runs 1000000
    python -m tests.torture.ownership --seed 4711        one run again, step by step

Each run is made by its seed alone. What must hold: an answer or a command's result never crosses to another line or
station; a station is offline exactly when its newest connection has closed; every call ends exactly once; a station's
handlers never work at the same time, so that none opens a transaction that another one is opening.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from releve.gateway.roster import Roster
from tests.torture.ownership_world import STAMP, Crossed, Line, SimStation, World

MakeRoster = Callable[[], Roster]


class Run:
    """One seed's story."""

    def __init__(self, seed: int, roster: Roster | None = None) -> None:
        self.seed = seed
        self.world = World(seed, roster)
        self.random = self.world.random
        self.trail: list[str] = []
        self.moves: list[Callable[[], str | None]] = [
            *[self.connect] * 3,
            *[self.come_back] * 2,
            *[self.say] * 5,
            *[self.repeat] * 2,
            *[self.arrive] * 14,
            *[self.hear] * 8,
            *[self.answer] * 6,
            *[self.ask] * 4,
            *[self.store] * 8,
            *[self.line_ends] * 2,
            self.cut,
            self.junk,
            self.time_passes,
        ]

    async def play(self) -> None:
        """Make random moves, let everything come to rest, and check."""
        store = self.world.store
        store.failing = self.random.choice((0.0, 0.0, 0.0, 0.1))
        store.slow = self.random.choice((0.1, 0.5, 0.9))
        for _ in range(self.random.randint(10, 100)):
            did = self.random.choice(self.moves)()
            if did is not None:
                self.trail.append(did)
            for _ in range(self.random.randrange(3)):
                await asyncio.sleep(0)
        store.failing = 0.0
        await self.rest()
        self.world.check_lines()
        for line in self.world.lines:
            if self.random.random() < 0.7 or not line.is_open:
                line.end()
        await self.rest()
        self.world.check_lines()
        for line in self.world.lines:
            line.end()
        await self.rest()
        self.world.check_lines()
        self.world.check_commands()

    async def rest(self) -> None:
        """Until nobody waits for anything but time; closes under way complete, timers run out."""
        world = self.world
        still = 0
        for _ in range(3000):
            for line in world.lines:
                if not line.is_open:
                    line.end()
                elif line.up and not line.held:
                    line.arrive()
                while line.down:
                    world.hear(line)
            world.store.advance()
            await asyncio.sleep(0)
            tasks = world.house.tasks or any(not task.done() for *_, task in world.commands)
            if world.store.busy or world.house.tasks:
                still = 0
                continue
            still += 1
            world.clock.turn(2.0)
            world.wheel.turn()
            if still > 8 and not tasks and not any(line.up for line in world.lines):
                return
        raise Crossed("the system never came to rest")

    # --- moves: what was done, or None when it was not possible ----------------------------------------------------

    def station(self) -> SimStation:
        return self.random.choice(self.world.stations)

    def some(self, fits: Callable[[Line], bool]) -> Line | None:
        lines = [line for line in self.world.lines if fits(line)]
        return self.random.choice(lines) if lines else None

    def connect(self) -> str | None:
        """Also while the old line is open: it may be half-open, or a second station uses the name."""
        station = self.station()
        if len(station.lines) > 6:
            return None
        line = self.world.connect(station)
        if self.random.random() < 0.3:  # ids restart at 1 in the field
            station.ids = iter(range(1, 1000))
            station.unanswered.clear()
        return f"{station.row.identity} opens line {line.number}"

    def come_back(self) -> str | None:
        """The line breaks under a call; the station opens another and repeats the call at once."""
        station = self.station()
        line = station.line
        if line is None or not line.is_open or not station.unanswered or len(station.lines) > 6:
            return None
        call_id, marker = station.unanswered[-1]
        if self.random.random() < 0.5:
            line.end()
        line = self.world.connect(station)
        return f"{station.row.identity} comes back: {self._send(line, call_id, marker)}"

    def say(self) -> str | None:
        station = self.station()
        line = station.line
        if line is None or line.cut:
            return None
        call = (str(next(station.ids)), next(self.world.markers))
        station.unanswered.append(call)
        return self._send(line, *call)

    def repeat(self) -> str | None:
        """The same call again, with its old id or a new one, perhaps over a new line."""
        station = self.station()
        line = station.line
        if line is None or line.cut or not station.unanswered:
            return None
        call_id, marker = self.random.choice(station.unanswered)
        if self.random.random() < 0.5:
            call_id = str(next(station.ids))
        return self._send(line, call_id, marker)

    def _send(self, line: Line, call_id: str, marker: int) -> str:
        payload = {"connectorId": 1, "idTag": "A", "meterStart": marker, "timestamp": STAMP}
        line.up.append(json.dumps([2, call_id, "StartTransaction", payload]).encode())
        return f"line {line.number} says {call_id}: {marker}"

    def arrive(self) -> str | None:
        line = self.some(lambda line: bool(line.up) and not line.gone and not line.held)
        if line is None:
            return None
        line.arrive()
        return f"a frame of line {line.number} arrives"

    def hear(self) -> str | None:
        line = self.some(lambda line: bool(line.down))
        if line is None:
            return None
        self.world.hear(line)
        return f"a frame to line {line.number} arrives"

    def answer(self) -> str | None:
        """Answer a call of ours: over the newest line whatever line it came by, and perhaps once more later."""
        station = self.station()
        line = station.line
        if line is None or line.cut or not station.answers:
            return None
        call = self.random.choice(station.answers)
        if self.random.random() < 0.8:
            station.answers.remove(call)
        call_id, marker, came_by = call
        data = f"{marker}/{station.row.identity}/{came_by}/{line.number}"
        line.up.append(json.dumps([3, call_id, {"status": "Accepted", "data": data}]).encode())
        return f"line {line.number} answers {call_id}"

    def ask(self) -> str | None:
        station = self.station()
        if len(self.world.commands) > 12:
            return None
        self.world.command(station)
        return f"the operator asks {station.row.identity}"

    def store(self) -> str | None:
        self.world.store.advance()
        return None

    def line_ends(self) -> str | None:
        line = self.some(lambda line: not line.gone)
        if line is None:
            return None
        line.end()
        return f"line {line.number} ends"

    def cut(self) -> str | None:
        line = self.some(lambda line: line.is_open and not line.cut)
        if line is None:
            return None
        line.cut = True
        line.up.clear()
        return f"line {line.number} is half-open from now on"

    def junk(self) -> str | None:
        """An answer to a call of somebody else, whose id was guessed."""
        line = self.some(lambda line: line.is_open and not line.cut)
        if line is None:
            return None
        call_id = f"sim-{self.random.randint(1, 12):x}"
        data = f"forged/{line.station.row.identity}/{line.number}/{line.number}"
        line.up.append(json.dumps([3, call_id, {"status": "Accepted", "data": data}]).encode())
        return f"line {line.number} forges an answer to {call_id}"

    def time_passes(self) -> str | None:
        self.world.clock.turn(self.random.choice((0.5, 3.0, 6.0)))
        self.world.wheel.turn()
        return "time passes"


class Failed(AssertionError):
    """A run broke an invariant; the text has its seed and steps."""


def run_one(loop: asyncio.AbstractEventLoop, seed: int, roster: MakeRoster | None = None) -> int:
    """Play one seed; how many answers stations got. Raises Failed."""
    run = Run(seed, roster() if roster else None)
    troubles: list[str] = []
    loop.set_exception_handler(
        lambda _, about: troubles.append(f"{about['message']}: {about.get('exception')!r}")
    )
    try:
        loop.run_until_complete(run.play())
        if troubles:
            raise Crossed(troubles[0])
    except Crossed as error:
        steps = "\n  ".join(run.trail)
        raise Failed(f"seed {seed}: {error}\n  {steps}") from error
    return run.world.answered


@contextmanager
def quiet_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop of its own; failures of the simulated store are not worth a line each."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    loop = asyncio.SelectorEventLoop()
    try:
        yield loop
    finally:
        loop.close()
        logging.disable(logging.NOTSET)
        structlog.configure(**before)


def run_many(seeds: range) -> int:
    """Play many seeds; how many answers stations got."""
    with quiet_loop() as loop:
        return sum(run_one(loop, seed) for seed in seeds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="play only this one, and show its steps")
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count())
    chosen = parser.parse_args()
    if chosen.seed is not None:
        with quiet_loop() as loop:
            run_one(loop, chosen.seed)
        sys.stdout.write(f"seed {chosen.seed} holds\n")
        return 0
    begun, answers, done, block = time.monotonic(), 0, 0, 2_000
    end = chosen.first + chosen.runs
    blocks = [range(s, min(s + block, end)) for s in range(chosen.first, end, block)]
    with multiprocessing.get_context("spawn").Pool(chosen.jobs) as pool:
        for number, got in zip(blocks, pool.imap(run_many, blocks), strict=True):
            answers += got
            done += len(number)
            sys.stdout.write(f"\r{done} interleavings, {answers} answers checked")
            sys.stdout.flush()
    took = time.monotonic() - begun
    sys.stdout.write(f"\n{done} interleavings held, {answers} answers, {took:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
