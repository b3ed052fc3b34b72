"""The versions of OCPP that travel as JSON."""

from __future__ import annotations

from enum import StrEnum


class Version(StrEnum):
    """A version; the value is its WebSocket subprotocol, as registered at IANA."""

    V16 = "ocpp1.6"
    V201 = "ocpp2.0.1"
    V21 = "ocpp2.1"

    @property
    def label(self) -> str:
        """What people call it: `2.0.1`."""
        return self.value.removeprefix("ocpp")
