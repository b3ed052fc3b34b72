"""What went wrong on a station's connections, counted."""

from __future__ import annotations

import msgspec


class Counters(msgspec.Struct, gc=False):
    """Counts since it was made. One may serve a connection, a station or a whole node."""

    malformed: int = 0
    """Frames that could not be used."""
    turned_away: int = 0
    """CALLs of an action that is not known, or not in this direction."""
    repeated: int = 0
    """CALLs sent again while in progress."""
    replayed: int = 0
    """CALLs sent again and answered from the store."""
    overrun: int = 0
    """CALLs beyond what the queue holds."""
    timed_out: int = 0
    """Calls of ours without an answer in time."""
    late: int = 0
    """Answers after that."""
    results_unusable: int = 0
    """CALLRESULTs that we could not process."""
    results_rejected: int = 0
    """CALLRESULTs of ours that the peer could not process (2.1)."""
    peer_complaints: int = 0
    """CALLERRORs with the id "-1"."""
    dropped: int = 0
    """Frames without effect: unsolicited results, wrong SENDs, frames after the close."""
