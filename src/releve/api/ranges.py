"""What a download's answer says: which part of the file it is, and that no browser may open it."""

from __future__ import annotations

import re
from urllib.parse import quote

SAFE_HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cache-control": "private, no-store",
}
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def part_of(header: str, size: int) -> tuple[int, int, int, dict[str, str]]:
    """Status, first byte, byte after the last, and headers for a Range header (RFC 9110, 14): one range, or all."""
    accepts = {"accept-ranges": "bytes"}
    found = _RANGE.fullmatch(header.strip())
    if found is None or found[0] == "bytes=-":
        return 200, 0, size, accepts
    if found[1]:
        start = int(found[1])
        end = min(int(found[2]) + 1, size) if found[2] else size
    else:
        start, end = max(0, size - int(found[2])), size
    if start >= end:
        return 416, 0, 0, {**accepts, "content-range": f"bytes */{size}"}
    return 206, start, end, {**accepts, "content-range": f"bytes {start}-{end - 1}/{size}"}


def disposition(name: str) -> dict[str, str]:
    """Saved under this name, never shown in the browser."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in name)
    text = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {"content-disposition": text}
