"""The doors that speak TLS, told whom to trust."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

import structlog

from releve.gateway.tls import DoorContext

log = structlog.get_logger(__name__)


class OpenTlsDoors:
    """Implements `services.security.ports.TlsDoors`."""

    def __init__(self) -> None:
        self._contexts: list[DoorContext] = []
        self._anchors: tuple[str, ...] = ()

    def add(self, context: DoorContext) -> None:
        """A door has been opened: it trusts whom the others trust."""
        self._contexts.append(context)
        self._tell(context)

    def trust(self, anchors: Sequence[str]) -> None:
        """New connections are asked for certificates that lead to these (PEM)."""
        if tuple(anchors) != self._anchors:
            self._anchors = tuple(anchors)
            for context in self._contexts:
                self._tell(context)

    def _tell(self, context: DoorContext) -> None:
        try:
            context.trust(self._anchors)
        except (
            ssl.SSLError
        ) as error:  # TLS cannot read what the library could: the door stays as it was
            log.error("trust anchors cannot be used", reason=str(error))
