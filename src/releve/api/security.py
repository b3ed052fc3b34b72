"""Who asks, and whether this request may be: API key or the console's session, scope, origin, known parameters, pace.

A route says what it needs in its `opt`: `scope` (read, control, admin), and `pace` for calls to stations.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from releve.api.limits import Limit
from releve.api.problems import Refused
from releve.domain.ids import DEFAULT_OPERATOR
from releve.services.access import Principal
from releve.services.desk import Desk
from releve.services.errors import Denied, Invalid, NotFound

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PRINCIPAL = "releve.api.principal"
CHALLENGE = {"www-authenticate": 'Bearer realm="releve"'}
REMEMBERED_KEYS = 1000

FAILURES_AT_ONCE = 20
FAILURES_PER_SECOND = 0.5
# Blast radius of a stolen key (abuse case 26): what changes a station's doing is paced more tightly than what asks.
DISRUPTIVE = "disruptive"
GENTLE = "gentle"
PACES = {DISRUPTIVE: (60.0, 1.0), GENTLE: (600.0, 10.0)}

Connection = ASGIConnection[Any, Any, Any, Any]


class Doorkeeper:
    """Guard of all routes of the API."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._cookie = "__Host-releve" if desk.settings.http_secure else "releve"
        self._failures = Limit(desk.clock, burst=FAILURES_AT_ONCE, per_second=FAILURES_PER_SECOND)
        self._paces = {
            name: Limit(desk.clock, burst=burst, per_second=rate)
            for name, (burst, rate) in PACES.items()
        }
        self._seen_good: OrderedDict[int, None] = OrderedDict()
        self._parameters: dict[str, frozenset[str]] = {}

    async def __call__(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Refuse with a problem, or note the principal for the handler."""
        principal = await self.identify(connection)
        connection.scope["state"][PRINCIPAL] = principal
        self._check_scope(principal, handler.opt.get("scope", "read"))
        self._check_parameters(connection, handler)
        self._check_pace(principal, handler.opt.get("pace"))

    async def identify(self, connection: Connection) -> Principal:
        """Who asks; 401 when nobody can be told. Also asked again by long streams: a revoked key ends them."""
        header = connection.headers.get("authorization")
        if header is not None:
            return await self._key_holder(connection, header)
        secret = connection.cookies.get(self._cookie)
        if not secret:
            raise Refused(
                401,
                "not-authenticated",
                "This needs an API key (Authorization: Bearer rlv_…) or a signed-in browser.",
                CHALLENGE,
            )
        principal = await self._desk.services.access.browser(DEFAULT_OPERATOR, secret)
        if principal is None:
            raise Refused(
                401, "not-authenticated", "The session has ended. Sign in again.", CHALLENGE
            )
        self._check_origin(connection)
        return principal

    async def _key_holder(self, connection: Connection, header: str) -> Principal:
        scheme, _, secret = header.partition(" ")
        secret = secret.strip()
        address = connection.client.host if connection.client else ""
        if hash(secret) not in self._seen_good and (wait := self._failures.wait(address)):
            raise _later("Too many wrong keys came from this address.", wait)
        principal = None
        if scheme.lower() == "bearer":
            principal = await self._desk.services.access.key_holder(DEFAULT_OPERATOR, secret)
        if principal is None:
            self._seen_good.pop(hash(secret), None)
            self._failures.take(address)
            raise Refused(
                401,
                "not-authenticated",
                "This API key is unknown, expired or revoked.",
                {"www-authenticate": 'Bearer realm="releve", error="invalid_token"'},
            )
        self._seen_good[hash(secret)] = None
        if len(self._seen_good) > REMEMBERED_KEYS:
            self._seen_good.popitem(last=False)
        return principal

    def _check_origin(self, connection: Connection) -> None:
        """A browser's cookie counts for unsafe methods only from a page of this host (abuse case 29)."""
        if connection.scope.get("method") in SAFE:
            return
        site = connection.headers.get("sec-fetch-site")
        origin = connection.headers.get("origin")
        ours = {
            urlsplit(self._desk.settings.console_url).netloc,
            connection.headers.get("host", ""),
        } - {""}
        same_site = site in (None, "same-origin")
        same_origin = origin is None or urlsplit(origin).netloc in ours
        if not (same_site and same_origin) or (site is None and origin is None):
            raise Refused(403, "cross-site", "The request did not come from a page of this server.")

    def _check_scope(self, principal: Principal, scope: str) -> None:
        if scope not in principal.scopes:
            raise Refused(
                403,
                "missing-scope",
                f"This needs the scope “{scope}”; this key or person has {', '.join(principal.scopes) or 'none'}.",
            )

    def _check_parameters(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """A parameter that nothing reads is a mistake of its sender: a filter misspelt would show everything."""
        if any("\x00" in str(value) for value in connection.path_params.values()):
            raise NotFound("There is nothing under such a name.")
        given = connection.query_params.keys()
        if not given:
            return
        known = self._parameters.get(handler.handler_id)
        if known is None:
            places: dict[str, Any] = dict.fromkeys(connection.path_params)
            model = handler.create_kwargs_model(path_parameters=places)
            known = frozenset(p.field_alias for p in model.expected_query_params)
            self._parameters[handler.handler_id] = known
        for name in given:
            if name not in known:
                takes = f" It takes {', '.join(sorted(known))}." if known else ""
                raise Invalid(f"There is no parameter “{name}” here.{takes}", field=name)
        for name, value in connection.query_params.multi_items():
            if "\x00" in value:  # ends a text for SQLite, and PostgreSQL takes none
                raise Invalid("A text cannot have the character NUL.", field=name)

    def _check_pace(self, principal: Principal, pace: str | None) -> None:
        if pace is None:
            return
        wait = self._paces[pace].take(principal.account)
        if wait:
            raise _later("Too many commands in a short time.", wait)


def _later(detail: str, wait: int) -> Refused:
    return Refused(
        429,
        "too-many-requests",
        f"{detail} Try again in {wait} s.",
        {"retry-after": str(wait)},
    )


def asking(connection: Connection) -> Principal:
    """The principal whom the guard let in."""
    principal = connection.scope["state"].get(PRINCIPAL)
    if not isinstance(principal, Principal):
        raise Denied("Nobody was identified.")
    return principal
