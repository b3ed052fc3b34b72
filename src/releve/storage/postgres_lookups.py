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

from releve.services.ports import StoreFailed
from releve.storage.grouped import grouped, separated

Rows = list[tuple[Any, ...]]
Read = Callable[[str, Sequence[Any]], Awaitable[Rows]]
Asked = tuple[Sequence[Any], "asyncio.Future[Rows]"]
MOST = 500
"""Reads in a batch."""


class PostgresLookups:
    """read: runs one statement; raises StoreFailed."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._asked: list[tuple[str, Asked]] = []
        self._task: asyncio.Task[None] | None = None
        self._grouped: dict[str, str] = {}

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
        try:
            if len(asked) == 1:
                found = [await self._read(sql, asked[0][0])]
            else:
                found = await self._together(sql, [parameters for parameters, _ in asked])
        except Exception as error:
            for _, answer in asked:
                if not answer.done():  # else whoever asked was cancelled
                    # One each: an exception carries its own traceback.
                    answer.set_exception(StoreFailed(str(error) or type(error).__name__))
            return
        for (_, answer), rows in zip(asked, found, strict=True):
            if not answer.done():
                answer.set_result(rows)

    async def _together(self, sql: str, keys: Sequence[Sequence[Any]]) -> list[Rows]:
        text = self._grouped.get(sql)
        if text is None:
            text = self._grouped[sql] = grouped(sql)
        rows = await self._read(text, [list(column) for column in zip(*keys, strict=True)])
        return separated(rows, len(keys))
