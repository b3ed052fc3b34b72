"""What the API's routes share within one node. The routes are made once a process; this comes with each request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, cast

from releve.api.events import Streams
from releve.api.security import Doorkeeper
from releve.services.desk import Desk

Health = Callable[[], Awaitable[str | None]]
"""None, or why nothing can be stored."""
Metrics = Callable[[], bytes]
"""Numbers in Prometheus text format."""
KEY = "releve.api"
"""Where it lies in a request's scope."""


@dataclass(frozen=True, slots=True)
class Inside:
    """The desk, the probes' sources, and what the API keeps itself: limits and open streams."""

    desk: Desk
    health: Health
    metrics: Metrics
    door: Doorkeeper = field(init=False)
    streams: Streams = field(init=False, default_factory=Streams)

    def __post_init__(self) -> None:
        object.__setattr__(self, "door", Doorkeeper(self.desk))


def inside(scope: Any) -> Inside:
    """That of the node which a request has reached."""
    return cast(Inside, cast(MutableMapping[str, Any], scope)[KEY])
