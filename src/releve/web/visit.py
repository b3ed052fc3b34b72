"""One request to the console: who asks, in which language and zone, and how to answer."""

from __future__ import annotations

from typing import Any, TypeAlias
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.enums import MediaType

from releve.domain.ids import StationId
from releve.services.access import Principal
from releve.services.desk import Desk
from releve.services.errors import NotFound, RequestError
from releve.services.views import StationView, TransactionView
from releve.web.forms import Form
from releve.web.i18n import N_, choose, translations
from releve.web.present import Present
from releve.web.refusals import translated
from releve.web.render import Renderer
from releve.web.security import AFTER_KEY, SCOPE_KEY, Doorkeeper, SignInWanted, csrf_token

LANGUAGE_COOKIE = "releve-language"
ZONE_COOKIE = "releve-zone"


class Visit:
    """Given to every handler. Texts are in the person's language, times in their zone."""

    def __init__(
        self,
        request: Request[Any, Any, Any],
        desk: Desk,
        renderer: Renderer,
        door: Doorkeeper,
    ) -> None:
        self.request = request
        self.desk = desk
        self.door = door
        self._renderer = renderer
        self._principal: Principal | None = request.scope["state"].get(SCOPE_KEY)
        self.language = choose(
            self._principal.language if self._principal else None,
            request.cookies.get(LANGUAGE_COOKIE),
            accept_language=request.headers.get("accept-language", ""),
        )
        zone = request.cookies.get(ZONE_COOKIE, "UTC").replace("%2F", "/")
        self.fmt = Present(self.language, zone, desk.clock.now())

    @property
    def principal(self) -> Principal:
        """Who asks; SignInWanted on the open pages where it may be nobody."""
        if self._principal is None:
            raise SignInWanted
        return self._principal

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters; of repeated ones the last."""
        return {name: values[-1] for name, values in self.request.query_params.dict().items()}

    @property
    def partial(self) -> bool:
        """htmx asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    def link(self, **changes: str) -> str:
        """This page's address with some of its query changed; an empty value takes a parameter away."""
        query = {name: value for name, value in (self.query | changes).items() if value}
        return self.request.url.path + (f"?{urlencode(query)}" if query else "")

    def may(self, scope: str) -> bool:
        """Whether the person holds a scope."""
        return self._principal is not None and scope in self._principal.scopes

    def text(self, message: str) -> str:
        """Translate."""
        return translations(self.language).gettext(message)

    def refusal(self, error: RequestError) -> str:
        """A service's refusal in the person's language."""
        return self.said(error.message)

    def said(self, message: str) -> str:
        """What a service said of a refusal, in the person's language."""
        return translated(message, translations(self.language))

    async def form(self) -> Form:
        """The submitted form; files are not taken."""
        values = await self.request.form()
        return Form({name: value for name, value in values.items() if isinstance(value, str)})

    async def station(self, station: str) -> tuple[StationView, StationId]:
        """A station by row id; NotFound when the operator has none such."""
        found = await self.desk.catalogue.station(self.principal.operator, station)
        if found is None:
            raise NotFound(N_("There is no such station."))
        return found, StationId(int(found.id))

    async def transaction(self, transaction: str) -> TransactionView:
        """A transaction by row id; NotFound when the operator has none such."""
        found = await self.desk.catalogue.transaction(self.principal.operator, transaction)
        if found is None:
            raise NotFound(N_("There is no such transaction."))
        return found

    # --- answers ------------------------------------------------------------------------------------------------

    async def page(self, template: str, /, *, status: int = 200, **context: Any) -> Response[str]:
        """A whole page with the navigation and its counts."""
        if self._principal is not None:
            context["counts"] = await self.desk.catalogue.summary(self._principal.operator)
        return self.part(template, status=status, **context)

    def part(
        self,
        template: str,
        /,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        **context: Any,
    ) -> Response[str]:
        """A part of a page, or a page that nobody has to be signed in for."""
        everywhere = {
            "me": self._principal,
            "may": self.may,
            "fmt": self.fmt,
            "csrf": csrf_token(self.door.secret(self.request)) if self._principal else "",
            "link": self.link,
            "back": self.link() if self.request.method == "GET" and not self.partial else "/",
            "here": self.request.url.path,
            "query": self.query,
            "settings": self.desk.settings,
            "counts": None,
            "after": self.request.scope["state"].get(AFTER_KEY, ""),
        }
        html = self._renderer.render(self.language, template, everywhere | context)
        return Response(html, status_code=status, media_type=MediaType.HTML, headers=headers or {})


Asked: TypeAlias = NamedDependency[Visit]
"""A handler's parameter `visit`."""
