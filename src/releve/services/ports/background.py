"""Work beside the messages and the requests."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol


class Background(Protocol):
    """Tasks of this process. What is under way when it stops is finished; what waits for its time is dropped."""

    def start(self, work: Callable[[], Coroutine[Any, Any, None]], *, after_s: float = 0) -> None:
        """Do something soon, or in so many seconds. That it failed is written to the log."""
