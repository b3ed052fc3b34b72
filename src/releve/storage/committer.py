"""The group commit: everything that waits goes to disk together.

One committer per process. While a batch is being written, new units gather; the next batch takes them all. No unit
waits on purpose: a lonely one goes at once. See docs/decisions/0003-group-commit.md.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from releve.services.ports import Announced, Exchange, StoreFailed
from releve.storage.backend import Backend
from releve.storage.log import Lines
from releve.storage.unit import Unit

_logger = structlog.get_logger(__name__)

LOG_WAIT_S = 0.2
"""How long a line of the message log waits for a batch to ride with before it makes one."""


@dataclass(slots=True)
class Stats:
    """Counters since the start. seconds: spent in batches, by the wall clock."""

    batches: int = 0
    units: int = 0
    rows: int = 0
    seconds: float = 0.0
    failed_batches: int = 0
    refused_units: int = 0
    logged: int = 0
    log_dropped: int = 0
    pending: int = 0
    pending_bytes: int = 0


class Committer:
    """Takes units, writes them in batches, tells each when it is on disk.

    limits: most units, and most bytes by weight, that may wait; beyond, a unit fails at once. The log has as many
    bytes of its own. publish: called on the event loop with what each commit announced, in the order of commits.
    """

    def __init__(
        self,
        backend: Backend,
        publish: Callable[[Sequence[Announced]], None],
        *,
        max_units: int = 20_000,
        max_bytes: int = 64 << 20,
    ) -> None:
        self._backend = backend
        self._publish = publish
        self._max_units = max_units
        self._max_bytes = max_bytes
        self._loop = asyncio.get_running_loop()
        self._units: list[Unit] = []
        self._lines = Lines()
        self._wake: asyncio.Future[None] | None = None
        self._log_due = False
        self._log_timer: asyncio.TimerHandle | None = None
        self._closing = False
        self.stats = Stats()
        self.trouble: str | None = None
        """Why the last batch failed; None when it did not."""
        self.proven_at = float("-inf")
        """When a batch last came to disk, `loop.time()`."""
        self._task = self._loop.create_task(self._run(), name="releve-committer")

    def submit(self, unit: Unit) -> asyncio.Future[None]:
        """Queue a unit. The future is done when its fate is known; then `unit.failure` tells. StoreFailed when full."""
        stats = self.stats
        if self._closing:
            raise StoreFailed("the store is closing")
        if stats.pending >= self._max_units or stats.pending_bytes > self._max_bytes:
            raise StoreFailed(f"{stats.pending} units of work wait for the disk already")
        done = unit.done = self._loop.create_future()
        self._units.append(unit)
        stats.pending += 1
        stats.pending_bytes += unit.weight
        if self._wake is not None:
            self._rouse()
        return done

    def log(self, exchange: Exchange, row_id: int) -> None:
        """Queue a line of the message log for one of the next batches; dropped, and counted, when there is no room."""
        if self._closing or self._lines.weight > self._max_bytes:
            self.stats.log_dropped += 1
            return
        self._lines.add(exchange, row_id)
        if self._wake is not None:
            self._expect_log()

    async def close(self) -> None:
        """Write what waits; what comes later fails."""
        self._closing = True
        self._rouse()
        await self._task

    def _expect_log(self) -> None:
        """Have the log written soon, even when no unit comes along."""
        if self._log_timer is None:
            self._log_timer = self._loop.call_later(LOG_WAIT_S, self._log_waited)

    def _log_waited(self) -> None:
        self._log_due = True
        self._rouse()

    def _rouse(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _run(self) -> None:
        try:
            while True:
                if self._units or self._log_due:
                    await self._batch()
                elif not self._closing:
                    await self._sleep()
                elif self._lines.rows:
                    self._log_due = True
                else:
                    return
        finally:  # only the end of the loop itself cancels this task
            self._lost(self._units, self._lines, "the store was stopped")
            self._resume(self._units)

    async def _sleep(self) -> None:
        if self._lines.rows:
            self._expect_log()
        self._wake = self._loop.create_future()
        try:
            await self._wake
        finally:
            self._wake = None

    async def _batch(self) -> None:
        units, self._units = self._units, []
        lines, self._lines = self._lines, Lines()
        if self._log_timer is not None:
            self._log_timer.cancel()
        self._log_timer, self._log_due = None, False
        announced: list[Announced] = []
        begun = time.monotonic()
        try:
            await self._backend.apply(units, lines, announced)
        except Exception as error:
            if not isinstance(error, StoreFailed):  # a mistake of ours: keep the committer alive
                _logger.exception("commit_failed_unexpectedly")
            announced.clear()
            self.stats.failed_batches += 1
            self._lost(units, lines, str(error) or repr(error))
        except asyncio.CancelledError:
            self._lost(units, lines, "the store was stopped")
            self._resume(units)
            raise
        else:
            self._kept(units, lines)
            self.stats.seconds += time.monotonic() - begun
        self._resume(units)
        self.tell(announced)

    def tell(self, announced: Sequence[Announced]) -> None:
        """Publish what nothing has to be written for."""
        if not announced:
            return
        try:
            self._publish(announced)
        except Exception:  # what is on disk stays true, whatever a listener does
            _logger.exception("publishing_failed")

    def _kept(self, units: Sequence[Unit], lines: Lines) -> None:
        stats = self.stats
        stats.batches += 1
        stats.units += len(units)
        stats.rows += sum(len(unit.items) for unit in units) + len(lines.rows)
        stats.refused_units += sum(unit.failure is not None for unit in units)
        stats.logged += len(lines.rows) - lines.lost
        stats.log_dropped += lines.lost
        self.trouble = None
        self.proven_at = self._loop.time()

    def _lost(self, units: Sequence[Unit], lines: Lines, reason: str) -> None:
        self.trouble = reason
        self.stats.log_dropped += len(lines.rows)
        for unit in units:
            unit.failure = StoreFailed(reason)  # one each: an exception carries its own traceback

    def _resume(self, units: Sequence[Unit]) -> None:
        stats = self.stats
        for unit in units:
            stats.pending -= 1
            stats.pending_bytes -= unit.weight
            for call in unit.after:
                call(unit.failure is None)
            if unit.done is not None and not unit.done.done():  # a waiter may have been cancelled
                unit.done.set_result(None)
