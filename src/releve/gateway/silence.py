"""When to ping a silent station, and when to give it up."""

from __future__ import annotations

import enum

__all__ = ["NEVER_S", "Next", "watch_silence"]

NEVER_S = float("inf")


class Next(enum.Enum):
    """What a silence calls for."""

    WAIT = enum.auto()
    PING = enum.auto()
    DROP = enum.auto()


def watch_silence(
    now: float,
    last_seen: float,
    pinged_at: float,
    interval_s: float | None,
    timeout_s: float | None,
) -> tuple[Next, float]:
    """What to do now, and in how many seconds to look again. All times in seconds, monotonic.

    Any byte proves that the station lives, not only a pong, so a station that talks is not pinged.
    Without `interval_s` nothing ever happens; without `timeout_s` silence is never held against it.
    """
    if interval_s is None:
        return Next.WAIT, NEVER_S
    if pinged_at > last_seen and timeout_s is not None:
        wait_s = pinged_at + timeout_s - now
        return (Next.WAIT, wait_s) if wait_s > 0 else (Next.DROP, NEVER_S)
    wait_s = max(last_seen, pinged_at) + interval_s - now
    if wait_s > 0:
        return Next.WAIT, wait_s
    return Next.PING, interval_s if timeout_s is None else timeout_s
