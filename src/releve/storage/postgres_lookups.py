"""Handlers' reads on PostgreSQL, many at a time.

What is asked for while a batch is under way goes together in the next: for each kind of query one statement for all keys
(`grouped.py`). Alone a read waits for nobody; when thousands of stations return at once, the way to the server and back,
most of a read's cost, is shared.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from releve.services.ports import StoreFailed
from releve.storage.grouped import grouped, separated
from releve.storage.queries import POSTGRES, Query

Rows = list[tuple[Any, ...]]
Read = Callable[[str, Sequence[Any]], Awaitable[Rows]]
Asked = tuple[Sequence[Any], "asyncio.Future[Rows]"]
MOST = 500
"""Reads in a batch."""


class PostgresLookups:
    """read: runs one statement; raises StoreFailed."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._asked: list[tuple[Query, Asked]] = []
        self._task: asyncio.Task[None] | None = None
        self._texts: dict[Query, str] = {}

    def ask(self, query: Query, values: dict[str, Any]) -> asyncio.Future[Rows]:
        """A future of the rows; StoreFailed in it when they could not be read."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Rows] = loop.create_future()
        _, parameters = query.text(POSTGRES, values)
        self._asked.append((query, (parameters, answer)))
        if self._task is None:
            self._task = loop.create_task(self._run())
        return answer

    async def _run(self) -> None:
        try:
            while self._asked:
                batch, self._asked = self._asked[:MOST], self._asked[MOST:]
                kinds: dict[Query, list[Asked]] = defaultdict(list)
                for query, asked in batch:
                    kinds[query].append(asked)
                await asyncio.gather(*(self._answer(q, asked) for q, asked in kinds.items()))
        finally:
            self._task = None

    async def _answer(self, query: Query, asked: Sequence[Asked]) -> None:
        """All that ask the same with other keys. Where one cannot be asked so, each is asked by itself."""
        if len(asked) > 1:
            try:
                found = await self._together(query, [parameters for parameters, _ in asked])
            except Exception:
                found = None
            if found is not None:
                for (_, answer), rows in zip(asked, found, strict=True):
                    if not answer.done():
                        answer.set_result(rows)
                return
        sql, _ = query.text(POSTGRES, dict.fromkeys(_names(query)))
        for parameters, answer in asked:
            try:
                rows = await self._read(sql, parameters)
            except Exception as error:
                if not answer.done():
                    answer.set_exception(error)
            else:
                if not answer.done():
                    answer.set_result(rows)
