"""Who is at the browser and whether this request may be: session, origin, CSRF token, role; and every answer's headers.

Three walls stand against requests from other sites (abuse case 29): the cookie is SameSite=Lax and bound to this host,
the Origin or Sec-Fetch-Site header has to be ours, and a token derived from the session has to come with the request.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any, cast
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.handlers.base import BaseRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from releve.domain.ids import DEFAULT_OPERATOR
from releve.services.access import SESSION_LIFE, Principal
from releve.services.desk import Desk
from releve.web.throttle import Throttle

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_HEADER = "x-csrf-token"  # noqa: S105 - the name of a header
TOKEN_FIELD = "csrf"  # noqa: S105 - the name of a field
SCOPE_KEY = "releve.principal"
AFTER_KEY = "releve.after"
"""In a request's state: who asks, and the last event before its page was made."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class SignInWanted(Exception):
    """The page needs somebody to sign in first."""


class CrossSite(Exception):
    """The request did not come from a page of ours, or its page is older than the session."""


def with_headers(app: ASGIApp) -> ASGIApp:
    """Middleware: put the security headers on every answer, errors included; pages are never cached."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                present = {name.lower() for name, _ in headers}
                headers += [pair for pair in HEADERS.items() if pair[0] not in present]
                if b"cache-control" not in present:
                    headers.append((b"cache-control", b"no-store"))
                message["headers"] = headers
            await send(message)

        await app(scope, receive, send_with_headers if scope["type"] == ScopeType.HTTP else send)

    return middleware


class Doorkeeper:
    """Guard of all console routes. A route's `opt["scope"]` says what it needs.

    public: nothing, not even a look at the cookie; none: open, but it matters who it is; read, control, admin: that
    scope.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.cookie = "__Host-releve" if desk.settings.http_secure else "releve"
        self.throttle = Throttle(desk.clock)

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        """Refuse by raising SignInWanted, CrossSite or Denied."""
        request = cast("Request[Any, Any, Any]", connection)
        wanted = handler.opt.get("scope", "read")
        if wanted == "public":
            return
        secret = self.secret(request)
        principal = await self.identify(secret)
        request.scope["state"][SCOPE_KEY] = principal
        if request.method not in SAFE:
            self._check_origin(request)
        if wanted == "none":
            return
        if principal is None:
            raise SignInWanted
        principal.require(wanted)
        if request.method not in SAFE:
            await self._check_token(request, secret)
        if "hx-request" not in request.headers:
            # Before the page reads anything: what happens from now on, its stream of changes will tell.
            last = await self._desk.catalogue.last_announced(principal.operator)
            request.scope["state"][AFTER_KEY] = last

    async def identify(self, secret: str) -> Principal | None:
        """Who holds this cookie; None when nobody does (any more)."""
        if not secret:
            return None
        return await self._desk.services.access.browser(DEFAULT_OPERATOR, secret)

    def secret(self, request: Request[Any, Any, Any]) -> str:
        """The session's secret as the browser presented it."""
        return request.cookies.get(self.cookie, "")

    def session_cookie(self, secret: str) -> Cookie:
        """The cookie of a new session. Lax: a link to a page from a chat or e-mail finds its reader signed in."""
        return Cookie(
            key=self.cookie,
            value=secret,
            path="/",
            max_age=int(SESSION_LIFE.total_seconds()),
            httponly=True,
            secure=self._desk.settings.http_secure,
            samesite="lax",
        )

    def _check_origin(self, request: Request[Any, Any, Any]) -> None:
        site = request.headers.get("sec-fetch-site")
        if site is not None and site != "same-origin":
            raise CrossSite
        origin = request.headers.get("origin")
        if origin is None:
            if site is None:  # every browser sends one of the two with an unsafe method
                raise CrossSite
            return
        allowed = {
            urlsplit(self._desk.settings.console_url).netloc,
            request.headers.get("host", ""),
        }
        if urlsplit(origin).netloc not in allowed - {""}:
            raise CrossSite

    async def _check_token(self, request: Request[Any, Any, Any], secret: str) -> None:
        presented = request.headers.get(TOKEN_HEADER) or (await request.form()).get(TOKEN_FIELD, "")
        if not hmac.compare_digest(str(presented).encode(), csrf_token(secret).encode()):
            raise CrossSite


def csrf_token(secret: str) -> str:
    """The session's token for forms: tells nothing of the secret, and ends with the session."""
    return hmac.new(secret.encode(), b"csrf", sha256).hexdigest() if secret else ""


def local_path(path: str) -> str:
    """A path of this site to go back to; `/` for anything that could lead elsewhere."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if fine and not urlsplit(path).netloc else "/"
