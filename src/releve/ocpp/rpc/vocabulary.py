"""Which actions each side may receive, so that a CALL gets NotImplemented or NotSupported at once.

OCPP-J 1.6 table 7, 2.0.1 and 2.1 part 4, section 4.3: NotImplemented is for an action that is not
known, NotSupported for one that is known and not supported, here because it travels the other way.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

import msgspec

from releve.ocpp.messages import v16, v21, v201
from releve.ocpp.version import Version


class Role(StrEnum):
    """The side of the connection that a session serves."""

    CSMS = "csms"
    STATION = "station"


class Vocabulary(msgspec.Struct, frozen=True):
    """The actions of one version, seen from one side."""

    calls: frozenset[str]
    """What may be received as a CALL."""
    sends: frozenset[str]
    """What may be received as a SEND."""
    known: frozenset[str]
    """All actions of the version."""


@cache
def vocabulary_of(version: Version, role: Role) -> Vocabulary:
    """The vocabulary of a side, one object for all its sessions."""
    match version:
        case Version.V16:
            return _vocabulary(role, v16.FROM_STATION, v16.FROM_CSMS, v16.UNANSWERED)
        case Version.V201:
            return _vocabulary(role, v201.FROM_STATION, v201.FROM_CSMS, v201.UNANSWERED)
        case Version.V21:
            return _vocabulary(role, v21.FROM_STATION, v21.FROM_CSMS, v21.UNANSWERED)


def _vocabulary(
    role: Role,
    from_station: frozenset[str],
    from_csms: frozenset[str],
    unanswered: frozenset[str],
) -> Vocabulary:
    received = from_station if role is Role.CSMS else from_csms
    return Vocabulary(
        calls=received - unanswered,
        sends=received & unanswered,
        known=from_station | from_csms,
    )
