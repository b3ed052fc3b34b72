"""Running a handler without an asyncio Task.

A task costs more than most messages. A handler is a coroutine that mostly runs to its end at once, or waits for one
future: that of the group commit. So it is driven by hand: each future that it waits for calls the next step.

What runs below a handler must therefore wait on futures only; see `services.ports`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

Done = Callable[[Any, BaseException | None], None]
"""Called once with the result, or with the error."""


class Drive:
    """One coroutine on its way; kept alive by the future that it waits for."""

    __slots__ = ("_coroutine", "_done")

    def __init__(self, coroutine: Coroutine[Any, Any, Any], done: Done) -> None:
        self._coroutine = coroutine
        self._done = done
        self.step()

    def step(self, _: object = None) -> None:
        """Run to the next future, or to the end."""
        try:
            waits_for = self._coroutine.send(None)
        except StopIteration as stop:
            self._done(stop.value, None)
        except Exception as error:
            self._done(None, error)
        else:
            if waits_for is None:  # a bare yield: give the loop a turn
                asyncio.get_running_loop().call_soon(self.step)
            else:
                waits_for._asyncio_future_blocking = False
                waits_for.add_done_callback(self.step)


def drive(coroutine: Coroutine[Any, Any, Any], done: Done) -> None:
    """Start a coroutine at once; `done` may be called before this returns."""
    Drive(coroutine, done)
