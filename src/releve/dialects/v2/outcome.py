"""Outcomes of commands, with the explanation that 2.x can give."""

from __future__ import annotations

from releve.dialects.outcome import outcome
from releve.dialects.v2.wire import WireStatus, WireStatusInfo
from releve.domain.commands import Outcome


def explanation(info: WireStatusInfo | None) -> str:
    """A statusInfo in one line: `reasonCode: additionalInfo`."""
    if info is None:
        return ""
    return (
        f"{info.reason_code}: {info.additional_info}" if info.additional_info else info.reason_code
    )


def heard(response: WireStatus) -> Outcome:
    return outcome(response.status, explanation(response.status_info))
