"""Every error as `application/problem+json` (RFC 9457), whoever raised it: a service, the framework, or a bug."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.routes import HTTPRoute

from releve.services.errors import Denied, Invalid, NotFound, NotNow, RequestError, Taken
from releve.services.ports import Conflict, StoreFailed

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
Handler = Callable[[Request[Any, Any, Any], Any], Response[Any]]

REFUSALS: dict[type[RequestError], tuple[int, str]] = {
    NotFound: (404, "not-found"),
    Denied: (403, "denied"),
    Invalid: (422, "invalid"),
    Taken: (409, "taken"),
    NotNow: (409, "not-now"),
}
WORDS = {
    400: "malformed",
    401: "not-authenticated",
    403: "denied",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    409: "taken",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid",
    429: "too-many-requests",
    503: "store-failed",
}
DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not take this method.",
    413: "The body is larger than this server takes.",
    500: "Something broke on our side. It has been written to the log.",
    503: "The store does not take anything now. Nothing was changed; try again.",
}
RETRY_AFTER_STORE_S = 5
NO_BODY = "'data'"
ALIASES = {"in_state": "state", "last_event_id": "Last-Event-ID"}
SURPLUS = re.compile(r"contains unknown field `([^`]+)`")
MISSING = re.compile(r"missing required field `([^`]+)`")
WHERE = re.compile(r" - at `\$?\.?([^`]*)`$")


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field or parameter. `field` is empty when it concerns the whole request."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """An error. `type` tells errors apart for programs, `detail` says to a person what to do."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []


class Refused(HTTPException):
    """A refusal of the API itself. word: last part of the problem's type."""

    def __init__(
        self, status: int, word: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail, status_code=status, headers=dict(headers or {}))
        self.word = word


def problem(
    status: int,
    detail: str,
    *,
    word: str = "",
    errors: list[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[Any]:
    """The response of an error."""
    content = Problem(
        type=f"urn:releve:problem:{word or WORDS.get(status, 'error')}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        errors=errors or [],
    )
    return Response(
        msgspec.json.encode(content),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={"cache-control": "no-store", **(headers or {})},
    )


def handlers() -> dict[int | type[Exception], Handler]:
    """Exception handlers as a Litestar layer takes them."""
    return {
        RequestError: _refused,
        Conflict: _conflict,
        StoreFailed: _store_failed,
        ValidationException: _invalid,
        HTTPException: _http,
        RecursionError: _too_deep,
        Exception: _broken,
    }


def application_handler(otherwise: Handler) -> Handler:
    """For the application's own layer, which answers what no route does: problems below /api, else `otherwise`."""

    def handle(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
        if not (request.url.path + "/").startswith("/api/"):
            return otherwise(request, error)
        if error.status_code == 405:
            return problem(405, DETAILS[405], headers={"allow": ", ".join(_allowed(request))})
        return _http(request, error)

    return handle


def _allowed(request: Request[Any, Any, Any]) -> list[str]:
    """The methods that this address does take."""
    parts = request.url.path.strip("/").split("/")
    methods: set[str] = set()
    for route in request.app.routes:
        known = route.path.strip("/").split("/")
        same_length = isinstance(route, HTTPRoute) and len(known) == len(parts)
        if same_length and all(k == p or k[:1] == "{" for k, p in zip(known, parts, strict=True)):
            methods |= set(route.methods)
    return sorted(methods)


def _refused(request: Request[Any, Any, Any], error: RequestError) -> Response[Any]:
    status, word = REFUSALS.get(type(error), (422, "invalid"))
    errors = [FieldError(error.field, error.message)] if error.field else []
    return problem(status, error.message, word=word, errors=errors)


def _conflict(request: Request[Any, Any, Any], error: Conflict) -> Response[Any]:
    return problem(409, f"This is taken already: {error.what}.", word="taken")


def _store_failed(request: Request[Any, Any, Any], error: StoreFailed) -> Response[Any]:
    log.warning("the store failed during %s %s: %s", request.method, request.url.path, error)
    return problem(503, DETAILS[503], headers={"retry-after": str(RETRY_AFTER_STORE_S)})


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What the framework refuses. Its own words are kept only where they can tell nothing of the inside."""
    status = error.status_code
    headers = {k: v for k, v in (error.headers or {}).items() if k.lower() != "content-length"}
    if status >= 500:
        return _broken(request, error)
    if isinstance(error, Refused):
        return problem(status, error.detail, word=error.word, headers=headers)
    return problem(status, DETAILS.get(status) or error.detail, headers=headers)


def _too_deep(request: Request[Any, Any, Any], error: RecursionError) -> Response[Any]:
    log.warning("%s %s: nested too deeply", request.method, request.url.path)
    return problem(400, "The body is nested too deeply.")


def _broken(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(500, DETAILS[500], word="broken")


def _invalid(request: Request[Any, Any, Any], error: ValidationException) -> Response[Any]:
    entries = [entry for entry in error.extra or [] if isinstance(entry, dict)]
    # An absent body is listed whenever anything else is wrong, even where it may be absent.
    told = [entry for entry in entries if entry.get("message") != NO_BODY]
    errors = [_field_error(entry) for entry in told]
    if entries and not told:
        errors = [FieldError("", "This needs a body: a JSON object.")]
    first = errors[0] if errors else FieldError("", "The request does not fit its description.")
    where = f"{first.field}: " if first.field else ""
    return problem(422, f"{where}{first.message}", errors=errors)


def _field_error(entry: Mapping[str, Any]) -> FieldError:
    """Litestar's message about one value, with its path where people look for it."""
    message = str(entry.get("message", ""))
    place = WHERE.search(message)
    field = str(entry.get("key", "")) or (place.group(1) if place else "")
    message = WHERE.sub("", message)
    if surplus := SURPLUS.search(message):
        field = ".".join(filter(None, (field, surplus.group(1))))
        message = "There is no such field."
    elif "matching regex" in message:
        message = "This text has characters that cannot be here."
    elif missing := MISSING.search(message):
        field = ".".join(filter(None, (field, missing.group(1))))
        message = "This field is required."
    return FieldError(ALIASES.get(field, field.removeprefix("data.")), message)
