"""The client's half of RFC 6455, as far as a load generator needs it."""

from __future__ import annotations

import base64
import struct

_head16 = struct.Struct("!BBHI").pack
_head7 = struct.Struct("!BBI").pack
TEXT, PING, PONG, CLOSE = 0x81, 0x89, 0x8A, 0x88
HEAD_END = b"\r\n\r\n"


class Refused(Exception):
    """The server did not switch protocols, or said something that no server may."""


def upgrade(host: str, identity: str, password: str, protocol: str) -> bytes:
    """An opening handshake with Basic authentication."""
    credentials = base64.b64encode(f"{identity}:{password}".encode()).decode()
    key = base64.b64encode(identity.encode().rjust(16, b"0")[-16:]).decode()
    return (
        f"GET /ocpp/{identity} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: {protocol}\r\nAuthorization: Basic {credentials}\r\n\r\n"
    ).encode()


def masked(payload: bytes, opcode: int = TEXT) -> bytes:
    """A whole frame with the mask 0: legal, unmasked by the server like any other, and free of cost for us."""
    size = len(payload)
    if size < 126:
        return _head7(opcode, 0x80 | size, 0) + payload
    return _head16(opcode, 0xFE, size, 0) + payload


def split(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Whole frames as (first byte, payload), and what is left. Refused for 64-bit lengths: nobody answers so much."""
    frames: list[tuple[int, bytes]] = []
    at, end = 0, len(data)
    while end - at >= 2:
        size, start = data[at + 1], at + 2
        if size == 126:
            if end - at < 4:
                break
            size, start = data[at + 2] << 8 | data[at + 3], at + 4
        elif size > 126:
            raise Refused("a frame that is masked or longer than 64 KiB")
        if start + size > end:
            break
        frames.append((data[at], data[start : start + size]))
        at = start + size
    return frames, data[at:]
