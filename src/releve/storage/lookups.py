"""Handlers' reads, many at a time in one thread.

A read by key takes SQLite some ten microseconds; going to a thread and back takes five times as long. When thousands of
stations return at once, each reads four times. So reads that are asked for while one batch is under way go together in
the next: alone a read waits for nobody, in a crowd the way is shared. Pages' queries, which may be slow, have threads
of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from releve.services.ports import StoreFailed

Rows = list[tuple[Any, ...]]
Read = Callable[[str, Sequence[Any]], Rows]
Lookup = tuple[str, Sequence[Any]]
MOST = 256
"""Reads in a batch: some milliseconds."""


class Lookups:
    """One thread that reads. read: runs in it; raises StoreFailed."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="releve-sqlite-lookup")
        self._asked: list[tuple[asyncio.Future[Rows], Lookup]] = []
        self._busy = False

    def ask(self, sql: str, parameters: Sequence[Any]) -> asyncio.Future[Rows]:
        """A future of the rows; StoreFailed in it when they could not be read."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Rows] = loop.create_future()
        self._asked.append((answer, (sql, parameters)))
        if not self._busy:
            self._busy = True
            loop.call_soon(self._send)
        return answer

    def stop(self) -> None:
        """Wait for the thread to end. What is asked later fails."""
        self._thread.shutdown()

    def _send(self) -> None:
        batch, self._asked = self._asked[:MOST], self._asked[MOST:]
        loop = asyncio.get_running_loop()
        try:
            reading = loop.run_in_executor(self._thread, self._all, [lookup for _, lookup in batch])
        except RuntimeError:  # the thread has ended
            self._busy = False
            failed = StoreFailed("the store is closed")
            _tell(batch, [failed] * len(batch))
            return
        reading.add_done_callback(lambda done: self._done(batch, done))

    def _done(
        self,
        batch: Sequence[tuple[asyncio.Future[Rows], Lookup]],
        reading: asyncio.Future[list[Rows | Exception]],
    ) -> None:
        _tell(batch, reading.result())
        if self._asked:
            self._send()
        else:
            self._busy = False

    def _all(self, lookups: Sequence[Lookup]) -> list[Rows | Exception]:
        """In the thread: each by itself, so that one that fails fails alone."""
        found: list[Rows | Exception] = []
        for sql, parameters in lookups:
            try:
                found.append(self._read(sql, parameters))
            except Exception as error:
                found.append(error)
        return found


def _tell(
    batch: Sequence[tuple[asyncio.Future[Rows], Lookup]], found: Sequence[Rows | Exception]
) -> None:
    for (answer, _), rows in zip(batch, found, strict=True):
        if answer.done():  # whoever asked was cancelled
            continue
        if isinstance(rows, Exception):
            answer.set_exception(rows)
        else:
            answer.set_result(rows)
