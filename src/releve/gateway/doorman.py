"""Who may come in: the socket layer's question, put to `services.admission` in its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog

from releve.dialects.registry import Dialect
from releve.gateway.door import Admission, Knock, Refusal
from releve.gateway.house import House
from releve.gateway.link import Link
from releve.gateway.throttle import Throttle
from releve.ocpp.version import Version
from releve.services import admission
from releve.services.admission import Admitted, Claim, Refused
from releve.services.ports import StoreFailed

log = structlog.get_logger(__name__)

WORDS = {
    Refused.UNKNOWN: (
        404,
        "This station is not registered here. Register it, or switch the inbox on.",
    ),
    Refused.MALFORMED: (400, "This cannot be the identity of a station."),
    Refused.CREDENTIALS: (401, "User name and password do not fit this station."),
    Refused.CERTIFICATE: (
        403,
        "This station has to present its own certificate, valid and from an authority trusted here.",
    ),
    Refused.INSECURE: (403, "This station has to connect over TLS (wss)."),
    Refused.PROFILE: (
        403,
        "This station is known with a lower security profile. Raise it in its settings first.",
    ),
    Refused.DISABLED: (403, "This station has been disabled by the operator."),
}


class StationDoorman:
    """Implements `gateway.door.Doorman`."""

    def __init__(
        self,
        house: House,
        admission: admission.Admission,
        dialects: Mapping[Version, Dialect],
        throttle: Throttle,
        monotonic: Callable[[], float],
    ) -> None:
        self._house = house
        self._admission = admission
        self._dialects = dialects
        self._throttle = throttle
        self._monotonic = monotonic

    async def admit(self, knock: Knock) -> Admission | Refusal:
        """Judge a knock. No common subprotocol: complete the handshake without one, then close (OCPP-J 1.6 3.2)."""
        wait = self._throttle.may_try(_key(knock), knock.peer, self._monotonic())
        if wait > 0:
            return Refusal(429, "Too many failed attempts.", (("Retry-After", str(int(wait) + 1)),))
        version = self._version(knock)
        try:
            decided = await self._admission.decide(
                Claim(
                    operator=knock.operator,
                    identity=knock.identity,
                    version=version or "",
                    strict_identity=version is not None and version is not Version.V16,
                    user=knock.user,
                    password=knock.password,
                    secure=knock.secure,
                    certificates=knock.certificates,
                    peer=knock.peer,
                )
            )
        except StoreFailed as error:
            log.error("nobody can be let in: the store failed", reason=str(error))
            return Refusal(503, "The system cannot look up stations now.")
        if isinstance(decided, Refused):
            return self._refuse(knock, decided)
        self._throttle.succeeded(_key(knock), knock.peer, self._monotonic())
        if version is None:
            log.warning("no common version", station=knock.identity, offered=knock.subprotocols)
            return Admission(None)
        return Admission(version, self._link(decided, version, knock))

    def _version(self, knock: Knock) -> Version | None:
        """The first offered version that we speak. Stations that offer none speak 1.6 (seen in the field)."""
        if not knock.subprotocols:
            return Version.V16
        for offered in knock.subprotocols:
            if offered in self._dialects:
                return Version(offered)
        return None

    def _refuse(self, knock: Knock, why: Refused) -> Refusal:
        self._throttle.failed(_key(knock), knock.peer, self._monotonic())
        log.info("refused", station=knock.identity, peer=knock.peer, why=str(why))
        status, reason = WORDS[why]
        return Refusal(status, reason)

    def _link(self, admitted: Admitted, version: Version, knock: Knock) -> Link:
        dialect = self._dialects[version]
        return Link(self._house, admitted, dialect, knock.peer)


def _key(knock: Knock) -> str:
    """What guesses are counted by. Stations are found whatever their case: so are guesses at them."""
    return knock.identity.casefold()
