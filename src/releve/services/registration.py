"""B: what a station may say before its boot has been accepted."""

from __future__ import annotations

from releve.domain.station import BootDecision
from releve.services.live import LiveStation

BOOT = "BootNotification"
WHILE_RENEWING = frozenset({BOOT, "Heartbeat", "SignCertificate", "SecurityEventNotification"})
"""What a station may say that came in with an expired certificate (A00.FR.429)."""


def may_speak(live: LiveStation, action: str, *, boots_first: bool) -> bool:
    """Whether a call is taken now. boots_first: the version demands an accepted boot before anything else.

    Calls before an accepted boot are refused (B02.FR.09, B03.FR.07), but for what was asked for while Pending. 1.6 4.2
    only recommends it: a 1.6 station whose boot the operator accepts may speak without having booted here, because
    after a change of central systems stations do not boot again.
    """
    station = live.station
    if (
        live.renewing is not None
    ):  # its certificate has expired: it may get a new one, and that is all
        return action in WHILE_RENEWING
    if station.registered or action == BOOT:
        return True
    if station.boot is BootDecision.ACCEPTED and not boots_first:
        return True
    asked_for = live.triggered is not None and action in live.triggered
    return station.boot is BootDecision.PENDING and asked_for
