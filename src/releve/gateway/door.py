"""What the station's socket and the house behind it say to each other.

The socket layer (`server`, `handshake`, `socket`) knows WebSocket and nothing of OCPP. It asks a
`Doorman` who may come in, and hands what a station says to the `Receiver` that the doorman chose.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from releve.gateway.socket import Socket

__all__ = ["Admission", "Doorman", "Knock", "Receiver", "Refusal"]


@dataclass(frozen=True, slots=True)
class Knock:
    """A well-formed opening handshake, before it is answered.

    `path` is the request target as sent. `identity` is its last segment, percent-decoded and
    checked (1 to 255 characters, no control or invisible ones, no `..`). `operator` is the segment
    before it, if any. `subprotocols` are as offered, in order, perhaps none. `user` and `password`
    are the raw bytes of Basic credentials, which need not be UTF-8 and may be empty; both None
    without such a header. `peer` is the station's address, `certificates` what it proved by TLS to
    be: its own certificate first, then those above it that it sent (DER).
    """

    path: str
    identity: str
    operator: str | None
    subprotocols: tuple[str, ...]
    peer: str
    secure: bool
    authorization: bytes | None = field(default=None, repr=False)
    user: bytes | None = None
    password: bytes | None = field(default=None, repr=False)
    certificates: tuple[bytes, ...] = field(default=(), repr=False)
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class Admission:
    """Let the station in.

    The subprotocol is named in the answer only if the station offered it (a client must fail a
    connection that answers with one it did not ask for); the connection opens either way. With
    `subprotocol=None` there is none in common: the handshake completes without the header and the
    connection is closed at once, as OCPP-J demands, and `receiver` never hears of it.
    """

    subprotocol: str | None
    receiver: Receiver | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Answer with an HTTP error and hang up. `reason` is the text that a technician will read.

    401 gets its `WWW-Authenticate`, and 429 and 503 a `Retry-After`, unless `headers` has one.
    """

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()


class Doorman(Protocol):
    """Decides who comes in."""

    async def admit(self, knock: Knock) -> Admission | Refusal:
        """Judge a knock; may await a database.

        Must not change anything that matters before `Receiver.opened`: the station may hang up in
        between, and then neither `opened` nor `closed` is called. Cancelled when it takes too long.
        An exception is answered with 503.
        """
        ...


class Receiver(Protocol):
    """One open connection, seen from the house. All calls come from the event loop's thread."""

    def opened(self, socket: Socket) -> None:
        """The 101 has gone out; `socket` may be written to."""
        ...

    def text(self, data: bytes) -> None:
        """One whole text message, checked to be UTF-8. Must not block."""
        ...

    def closed(self, code: int, reason: str) -> None:
        """Called exactly once after `opened`; no `text` comes later.

        `code` is ours if we closed, else the station's, 1005 if it gave none, 1006 if it vanished.
        """
        ...
