"""From the path of a request to the identity of a station."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from releve.gateway.door import Refusal

__all__ = ["MAX_IDENTITY", "Route", "find_route"]

MAX_IDENTITY = 255
"""Characters. OCPP 2.x allows 48; 1.6 sets no limit."""

# Control, format (invisible, bidirectional), surrogate, private, unassigned; line and paragraph
# ends.
_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Route:
    """Whose door was knocked at: a station's, of one operator if the path names one."""

    identity: str
    operator: str | None


def find_route(target: str, prefixes: Sequence[str]) -> Route | Refusal:
    """Read `{prefix}/{station}` or `{prefix}/{operator}/{station}`.

    The path is split first and percent-decoded afterwards, so that an identity may hold a `%2F`
    (OCPP-J 1.6, 3.1.1). Slashes at the end or doubled are what real stations send, and mean
    nothing.
    """
    raw = [part for part in _path(target).split("/") if part]
    for prefix in sorted(([p for p in x.split("/") if p] for x in prefixes), key=len, reverse=True):
        if raw[: len(prefix)] == prefix:
            raw = raw[len(prefix) :]
            break
    else:
        return Refusal(404, "No station connects under this path.")
    if len(raw) not in (1, 2):
        return Refusal(404, "The path must end in the station's identity, as in /ocpp/STATION-1.")
    names = [_decode(part) for part in raw]
    if None in names:
        return Refusal(400, "The station's identity in the path is not acceptable.")
    return Route(identity=names[-1] or "", operator=names[0] if len(names) == 2 else None)


def _path(target: str) -> str:
    """Without query or fragment, and without the host that a proxy's absolute form carries."""
    path = target.partition("?")[0].partition("#")[0]
    scheme, mark, rest = path.partition("://")
    if mark and scheme.lower() in {"ws", "wss", "http", "https"}:
        path = "/" + rest.partition("/")[2]
    return path


def _decode(segment: str) -> str | None:
    """The decoded name, or None if no station may be called so."""
    try:
        name = unquote_to_bytes(segment).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not name.strip() or name != name.strip() or len(name) > MAX_IDENTITY:
        return None
    if any(unicodedata.category(character) in _FORBIDDEN for character in name):
        return None
    if any(part in {".", ".."} for part in name.replace("\\", "/").split("/")):
        return None
    return name
