"""Moments on the command line."""

from __future__ import annotations

from datetime import datetime

import click


def moment(text: str) -> datetime:
    """2026-03-01T12:00, with or without seconds and zone; without a zone it is this machine's."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time: write 2026-03-01T12:00") from None
    return found if found.tzinfo else found.astimezone()


def told(at: datetime | None) -> str | None:
    """A moment as the API takes it."""
    return None if at is None else at.isoformat()
