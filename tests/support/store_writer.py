"""A process that writes tokens, many at a time, and prints the number of each once it is acknowledged."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys

from tests.support.stores import ONE, Heard, opened, token


async def main(url: str) -> None:
    """Write until killed."""
    numbers = itertools.count()

    async def write(store: object) -> None:
        for number in numbers:
            async with store.work(ONE) as work:  # type: ignore[attr-defined]
                work.tokens.add(token(f"T{number}"))
            os.write(1, b"%d\n" % number)

    async with opened(url, bus=Heard()) as store:
        await asyncio.gather(*(write(store) for _ in range(20)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
