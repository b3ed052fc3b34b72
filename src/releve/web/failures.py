"""Pages for what goes wrong: not signed in, not found, not allowed, broken. None of them shows what the inside said."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from releve.services.errors import Denied, Invalid, NotFound, NotNow, RequestError, Taken
from releve.services.ports import StoreFailed
from releve.web.i18n import N_
from releve.web.security import SAFE, CrossSite, SignInWanted
from releve.web.visit import Visit

log = logging.getLogger(__name__)
Handler = Callable[[Request[Any, Any, Any], Any], Response[Any]]

TITLES = {
    400: N_("This request cannot be understood"),
    403: N_("You may not do this"),
    404: N_("There is nothing here"),
    405: N_("This cannot be done here"),
    413: N_("This is too large"),
    422: N_("Something is not right"),
    429: N_("Too many attempts"),
    500: N_("Something broke on our side"),
    503: N_("The store does not answer"),
}
TEXTS = {
    400: N_("Go back and try again."),
    403: N_("Your role does not include it. Ask an administrator."),
    404: N_("The address is wrong, or what it named has been removed."),
    500: N_("It has been written to the log. Your stations are not concerned: they keep charging."),
    503: N_("Nothing was changed. Stations keep their messages and send them again."),
}
CROSS_SITE = N_(
    "The request did not come from this page, or you signed in again meanwhile. Reload it and try again."
)
STATUS: dict[type[RequestError], int] = {
    NotFound: 404,
    Denied: 403,
    Invalid: 422,
    Taken: 409,
    NotNow: 409,
}


class Failures:
    """Exception handlers of the console's routes. visit_of: makes the visit of a request."""

    def __init__(self, visit_of: Callable[[Request[Any, Any, Any]], Visit]) -> None:
        self._visit_of = visit_of

    def handlers(self) -> dict[int | type[Exception], Handler]:
        """As a Litestar layer takes them."""
        return {
            SignInWanted: self.sign_in_wanted,
            CrossSite: self.cross_site,
            RequestError: self.refused,
            StoreFailed: self.store_failed,
            HTTPException: self.http,
            Exception: self.broken,
        }

    def sign_in_wanted(self, request: Request[Any, Any, Any], error: SignInWanted) -> Response[Any]:
        """To the sign-in page and back here afterwards."""
        back = request.url.path if request.method in SAFE and not _partial(request) else "/"
        query = f"?{request.url.query}" if request.url.query and back != "/" else ""
        target = "/sign-in" if back == "/" else f"/sign-in?next={quote(back + query, safe='')}"
        if _partial(request):
            return Response("", status_code=401, headers={"hx-redirect": "/sign-in"})
        if request.url.path == "/live" or request.url.path.endswith(".json"):
            return Response("", status_code=401)
        return Redirect(target, status_code=303)

    def cross_site(self, request: Request[Any, Any, Any], error: CrossSite) -> Response[Any]:
        """Refused for its origin or token."""
        return self._show(request, 403, text=CROSS_SITE)

    def refused(self, request: Request[Any, Any, Any], error: RequestError) -> Response[Any]:
        """A service refused what no form of the page asked for."""
        status = STATUS.get(type(error), 422)
        visit = self._visit_of(request)
        text = TEXTS[403] if status == 403 else visit.refusal(error)
        return self._show(request, status, text=text)

    def store_failed(self, request: Request[Any, Any, Any], error: StoreFailed) -> Response[Any]:
        """The store could not keep or read something."""
        log.error("the store failed for %s %s: %s", request.method, request.url.path, error)
        return self._show(request, 503)

    def http(self, request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
        """What the framework found wrong with the request."""
        if error.status_code >= 500:
            return self.broken(request, error)
        return self._show(request, error.status_code, headers=dict(error.headers or {}))

    def broken(self, request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        """A mistake of ours."""
        log.error("%s %s broke", request.method, request.url.path, exc_info=error)
        return self._show(request, 500)

    def _show(
        self,
        request: Request[Any, Any, Any],
        status: int,
        *,
        text: str = "",
        headers: dict[str, str] | None = None,
    ) -> Response[Any]:
        request.scope["state"].setdefault("releve.principal", None)
        visit = self._visit_of(request)
        title = TITLES.get(status) or HTTPStatus(status).phrase
        template = "errors/part.html" if _partial(request) else "errors/page.html"
        return visit.part(
            template,
            status=status,
            headers=headers,
            code=status,
            heading=visit.text(title),
            explanation=visit.text(text or TEXTS.get(status, ""))
            if text or status in TEXTS
            else "",
        )


def _partial(request: Request[Any, Any, Any]) -> bool:
    return request.headers.get("hx-request") == "true"
