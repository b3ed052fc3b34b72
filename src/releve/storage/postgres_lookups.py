"""Handlers' reads on PostgreSQL, many at a time.

What is asked for while a batch is under way goes together in the next: for each kind of query one statement for all
keys (`grouped.py`). Alone a read waits for nobody; when thousands of stations return at once, the way to the server and
back, most of a read's cost, is shared.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from releve.services.ports import StoreFailed
from releve.storage.grouped import grouped, separated

Rows = list[tuple[Any, ...]]
Read = Callable[[str, Sequence[Any]], Awaitable[Rows]]
Asked = tuple[Sequence[Any], "asyncio.Future[Rows]"]
MOST = 500
"""Reads in a batch."""


class PostgresLookups:
    """read: runs one statement; raises StoreFailed. read_many: also DataError, for a value that no column can hold."""

    def __init__(self, read: Read, read_many: Read) -> None:
        self._read = read
        self._read_many = read_many
        self._asked: list[tuple[str, Asked]] = []
        self._task: asyncio.Task[None] | None = None
        self._grouped: dict[str, str | None] = {}

    def ask(self, sql: str, parameters: Sequence[Any]) -> asyncio.Future[Rows]:
        """A future of the rows; StoreFailed in it when they could not be read."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Rows] = loop.create_future()
        self._asked.append((sql, (parameters, answer)))
        if self._task is None:
            self._task = loop.create_task(self._run())
        return answer

    async def _run(self) -> None:
        try:
            while self._asked:
                batch, self._asked = self._asked[:MOST], self._asked[MOST:]
                kinds: dict[str, list[Asked]] = defaultdict(list)
                for sql, asked in batch:
                    kinds[sql].append(asked)
                await asyncio.gather(*(self._answer(sql, asked) for sql, asked in kinds.items()))
        finally:
            self._task = None

    async def _answer(self, sql: str, asked: Sequence[Asked]) -> None:
        """All that ask the same with other keys."""
        found = None
        try:
            if len(asked) > 1:
                found = await self._together(sql, [parameters for parameters, _ in asked])
        except StoreFailed as failed:
            for _, answer in asked:
                _fail(answer, failed)
            return
        if found is None:
            for parameters, answer in asked:
                await self._alone(sql, parameters, answer)
            return
        for (_, answer), rows in zip(asked, found, strict=True):
            if not answer.done():  # else whoever asked was cancelled
                answer.set_result(rows)

    async def _alone(
        self, sql: str, parameters: Sequence[Any], answer: asyncio.Future[Rows]
    ) -> None:
        try:
            rows = await self._read(sql, parameters)
        except Exception as failed:
            _fail(answer, failed)
        else:
            if not answer.done():
                answer.set_result(rows)

    async def _together(self, sql: str, keys: Sequence[Sequence[Any]]) -> list[Rows] | None:
        """The rows for each key; None when one of the keys, or this query, has to be asked alone."""
        if sql not in self._grouped:
            self._grouped[sql] = grouped(sql)
        text = self._grouped[sql]
        if text is None:
            return None
        try:
            rows = await self._read_many(text, [list(column) for column in zip(*keys, strict=True)])
        except asyncpg.DataError:
            return None  # one key that no column can hold must not hide what the others find
        return separated(rows, len(keys))


def _fail(answer: asyncio.Future[Rows], failed: Exception) -> None:
    """One error each: an exception carries its own traceback."""
    if not answer.done():
        answer.set_exception(StoreFailed(str(failed) or type(failed).__name__))
