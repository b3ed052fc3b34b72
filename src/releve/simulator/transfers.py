"""What a station remembers of files that come and go, and of what is due."""

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class Transfers:
    """How far each transfer is: the status told last; requests are the CSMS's numbers."""

    firmware_state: str = "Idle"
    update_request: int | None = None
    update: "asyncio.Task[object] | None" = None
    """The update that is under way."""
    closed: list[int] = field(default_factory=list)
    """EVSEs that are out of service until the update is over (L01.FR.07)."""
    log_state: str = "Idle"
    log_request: int | None = None
    publish_state: str = "Idle"
    publish_request: int | None = None


@dataclass(slots=True)
class Timers:
    """When the next of each is due, in simulated seconds; None: not running."""

    heartbeat: float | None = None
    aligned: float | None = None
    ping: float | None = None
