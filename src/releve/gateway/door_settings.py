"""The limits and habits of the stations' door, with their defaults."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

__all__ = ["CertificatePair", "DoorSettings"]

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class CertificatePair:
    """A server certificate (PEM, leaf first, then the chain) and its unencrypted private key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """Everything about the door that an operator may want otherwise. Times in seconds, sizes in
    bytes."""

    host: str | None = None
    port: int = 8180
    prefixes: tuple[str, ...] = ("/ocpp", "/")
    """Paths under which stations connect; the longest that matches decides."""
    certificates: tuple[CertificatePair, ...] = ()
    """TLS when not empty. OCPP asks for an RSA and an ECDSA one."""
    ask_certificates: bool = True
    """Clients are asked for a certificate, once there is anybody to trust (security profile 3 beside 2)."""
    demand_certificates: bool = False
    """Clients without a certificate that is trusted are cut off by TLS (a door for security profile 3)."""
    trusted_proxies: tuple[Network, ...] = ()
    """Peers whose `Forwarded` and `X-Forwarded-*` headers are believed."""
    realm: str = "releve"
    backlog: int = 4096

    max_message_bytes: int = 256 * 1024
    max_head_bytes: int = 16 * 1024
    max_fragments: int = 4096
    """Frames in one message; stops endless empty fragments."""
    max_unfolded_bytes: int = 4 * 1024 * 1024
    """What the messages in one read of the socket may amount to, decompressed."""
    max_control_frames: int = 100
    """Pings, pongs and the like within `control_window_s`."""
    control_window_s: float = 10.0
    compression: bool = True
    compress_from_bytes: int = 256
    """Shorter answers go out uncompressed even where compression was agreed."""

    handshake_timeout_s: float = 10.0
    """For each phase: TLS, the request, the doorman's answer."""
    close_timeout_s: float = 10.0
    """How long a station may take to answer our close frame."""
    linger_s: float = 2.0
    """How long we wait for the peer to hang up after our last word, so that it can read it."""
    max_handshakes: int = 4096
    max_handshakes_per_address: int = 512
    retry_after_s: int = 10
    """Told to those turned away for load, times 1 to 3 at random so that they do not return
    together."""

    ping_interval_s: float | None = 60.0
    pong_timeout_s: float | None = 20.0
    """None: a station that never answers pings is not closed for it."""
    send_high_water_bytes: int = 64 * 1024
    """With more than this unsent, nothing more is read from the station."""
    max_unsent_bytes: int = 1024 * 1024
    stall_timeout_s: float = 30.0
    """How long a station may leave us above the high-water mark."""
