"""The documentation page at `/api/docs`: Swagger UI from this server's own files, under a strict policy."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, Router, get
from litestar.enums import OpenAPIMediaType
from litestar.openapi.plugins import OpenAPIRenderPlugin

from releve.api.problems import DETAILS, problem

BASE = "/api"
FILES = Path(__file__).with_name("static")
TYPES = {".js": "text/javascript", ".css": "text/css", ".txt": "text/plain"}
# Swagger UI sets styles through the DOM, which needs no 'unsafe-inline'; its icons are data: images.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/api/docs/files/vendor/swagger-ui.css">
<link rel="stylesheet" href="/api/docs/files/docs.css">
</head>
<body>
<div id="documentation" data-document="/api/openapi.json"><p>{title}: <a href="/api/openapi.json">the OpenAPI
document</a>. The page needs JavaScript.</p></div>
<script src="/api/docs/files/vendor/swagger-ui-bundle.js"></script>
<script src="/api/docs/files/docs.js"></script>
</body>
</html>
"""
Finish = Callable[[dict[str, Any]], dict[str, Any]]


class DocumentPlugin(OpenAPIRenderPlugin):
    """The document itself."""

    def __init__(self, finish: Finish) -> None:
        super().__init__(path="/openapi.json", media_type=OpenAPIMediaType.OPENAPI_JSON)
        self._finish = finish
        self._rendered = b""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """As JSON, made once."""
        if not self._rendered:
            self._rendered = msgspec.json.encode(self._finish(openapi_schema))
        return self._rendered


class PagePlugin(OpenAPIRenderPlugin):
    """The page for people."""

    def __init__(self) -> None:
        super().__init__(path="/docs", media_type=MediaType.HTML)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The page; its scripts fetch the document."""
        title = escape(f"{openapi_schema['info']['title']} API")
        return PAGE.format(title=title).encode()


def documentation_pages(finish: Finish) -> Sequence[OpenAPIRenderPlugin]:
    """The page and the document. finish: turns the framework's document into ours."""
    return (PagePlugin(), DocumentPlugin(finish))


def documentation_router() -> Router:
    """Their router, with the page's files."""
    return Router(
        path=BASE,
        route_handlers=[serve_file],
        after_request=_finish_response,
        include_in_schema=False,
    )


@cache
def files() -> dict[str, tuple[bytes, str]]:
    """The page's files, compressed, by their path below `static/`."""
    found = {}
    for path in sorted(FILES.rglob("*")):
        if path.suffix in TYPES and path.is_file():
            name = path.relative_to(FILES).as_posix()
            found[name] = (gzip.compress(path.read_bytes(), 6, mtime=0), TYPES[path.suffix])
    return found


@get("/docs/files/{name:path}")
async def serve_file(request: Request[Any, Any, Any]) -> Response[bytes]:
    """A style sheet or script of the page."""
    content, media_type = files().get(str(request.path_params["name"]).lstrip("/"), (b"", ""))
    if not media_type:
        return problem(404, DETAILS[404])
    headers = {"cache-control": "no-cache", "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
    else:
        content = gzip.decompress(content)
    return Response(content, media_type=media_type, headers=headers)


def _finish_response(response: Response[Any]) -> Response[Any]:
    if response.status_code == 404 and response.media_type == "text/html":
        return problem(
            404, DETAILS[404]
        )  # instead of the framework's page, which asks other servers
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
