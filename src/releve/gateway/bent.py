"""Telling the operator, once, that a station's messages break the standard, and how."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import structlog

from releve.domain.anomaly import AnomalyKind
from releve.gateway.drive import drive
from releve.services.live import Inbound

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

    drive(flag(), _ignore)


def is_known(note: str, bends: Iterable[str]) -> bool:
    """Whether a note ("path: what is wrong") is about one of these members, at any depth of the path."""
    path = re.split(r"[.\[\]]", note.partition(":")[0])
    return any(name in path for name in bends)


def _ignore(_: Any, error: BaseException | None) -> None:
    if error is not None:
        log.warning("not kept", reason=str(error))
