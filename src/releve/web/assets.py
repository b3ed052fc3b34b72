"""Style sheets, scripts, icons: read once, compressed once, served from memory under an address that changes with them.

The address carries a hash of all files, so that browsers may keep them for a year and still never mix versions.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

ROOT = Path(__file__).with_name("static")
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
WORTH_COMPRESSING = 1024


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    compressed: bytes | None
    media_type: str


@cache
def assets() -> dict[str, Asset]:
    """All files by their path below `static/`. What is not listed here cannot be asked for."""
    found = {}
    for path in sorted(ROOT.rglob("*")):
        if path.suffix in TYPES and path.is_file():
            content = path.read_bytes()
            small = len(content) < WORTH_COMPRESSING or path.suffix == ".png"
            compressed = None if small else gzip.compress(content, 6, mtime=0)
            name = path.relative_to(ROOT).as_posix()
            found[name] = Asset(content, compressed, TYPES[path.suffix])
    return found


@cache
def version() -> str:
    """Hash over all files."""
    total = sha256()
    for name, asset in assets().items():
        total.update(name.encode() + b"\0" + asset.content + b"\0")
    return total.hexdigest()[:12]


def address(name: str) -> str:
    """The address of a file; KeyError when there is none, so that a template cannot name a missing file."""
    if name not in assets():
        raise KeyError(f"there is no {name} in static/ (were the browser assets built?)")
    return f"/static/{version()}/{name}"


@get("/static/{asked:str}/{name:path}", opt={"scope": "public"}, include_in_schema=False)
async def serve(
    asked: FromPath[str], name: FromPath[str], request: Request[Any, Any, Any]
) -> Response[bytes]:
    """A static file, compressed where the browser takes it."""
    asset = assets().get(name.lstrip("/"))
    if asset is None:
        raise NotFoundException
    lasting = "public, max-age=31536000, immutable" if asked == version() else "no-cache"
    headers = {"cache-control": lasting, "vary": "accept-encoding"}
    content = asset.content
    if asset.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        content = asset.compressed
        headers["content-encoding"] = "gzip"
    return Response(content, media_type=asset.media_type, headers=headers)


@get("/favicon.ico", opt={"scope": "public"}, include_in_schema=False)
async def favicon() -> Response[bytes]:
    """Browsers ask for it whatever the page says."""
    asset = assets()["logo.svg"]
    headers = {"cache-control": "public, max-age=86400"}
    return Response(asset.content, media_type=asset.media_type, headers=headers)
