"""What follows a message beside its answer: telling that it broke the standard, and what services left for later."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import structlog

from releve.dialects.registry import Unreadable
from releve.domain.anomaly import AnomalyKind
from releve.domain.station import Station
from releve.gateway.drive import drive
from releve.ocpp.errors import ErrorCode
from releve.services.live import Afterwards, Inbound
from releve.services.ports import StoreFailed, Unstorable

if TYPE_CHECKING:
    from releve.gateway.link import Link

log = structlog.get_logger(__name__)
MOST_NOTES = 5


def tell_bent(link: Link, action: str, message_id: str, notes: tuple[str, ...]) -> None:
    """Raise the anomaly, unless it stands already, or all of it is what this station's family is known for."""
    live = link.live
    key = (str(AnomalyKind.BENT_RULES), None)
    if live is None or (live.flagged is not None and key in live.flagged):
        return
    notes = tuple(note for note in notes if not is_known(note, live.quirks.bends))
    if not notes:
        return
    inbound = Inbound(live, link.heard_at, action, message_id, b"{}")

    async def flag() -> None:
        async with link.house.store.work(live.station.operator) as work:
            await link.house.flags.raise_(
                work, inbound, AnomalyKind.BENT_RULES, notes=list(notes[:MOST_NOTES])
            )

    drive(flag(), ignore)


def is_known(note: str, bends: Iterable[str]) -> bool:
    """Whether a note ("path: what is wrong") is about one of these members, at any depth of the path."""
    path = re.split(r"[.\[\]]", note.partition(":")[0])
    return any(name in path for name in bends)


def refusal_of(error: BaseException) -> tuple[ErrorCode, str] | None:
    """Code and words for a message that would fail again, for ever; None for a failure of our own."""
    if isinstance(error, Unreadable):
        return ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, str(error)
    if isinstance(error, Unstorable):
        return ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "a value is beyond what can be stored"
    return None


def tell_failure(error: BaseException, station: str, action: str) -> None:
    """Log that a message was not handled, each kind of failure in the words and at the level that it deserves."""
    if isinstance(error, StoreFailed):
        log.error("store failed", station=station, action=action, reason=str(error))
    elif isinstance(error, Unreadable):
        log.info("unreadable", station=station, action=action, reason=str(error))
    else:
        log.error("handler failed", station=station, action=action, exc_info=error)


async def quietly(work: Afterwards, action: str, station: Station) -> None:
    """Do what follows a message; that it failed is for the log, the message itself has been answered."""
    try:
        await work()
    except StoreFailed as error:
        log.warning("not done", after=action, station=station.identity, reason=str(error))
    except Exception as error:
        log.error("failed", after=action, station=station.identity, exc_info=error)


def ignore(_: Any, error: BaseException | None) -> None:
    """The end of something that nobody waits for."""
    if error is not None:
        log.warning("not kept", reason=str(error))
