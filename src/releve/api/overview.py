"""The numbers on top, and who asks."""

from __future__ import annotations

from litestar import get

from releve.api.here import Asker, TheDesk
from releve.services.views import Summary, View

TAGS = ["Overview"]


class Whoami(View, frozen=True, kw_only=True):
    """The key or person behind a request."""

    name: str
    kind: str
    """key or person."""
    scopes: list[str]


@get("/summary", operation_id="getSummary", summary="The numbers of now", tags=TAGS)
async def summary(desk: TheDesk, asker: Asker) -> Summary:
    """Stations by connectivity, active transactions with their power, today's energy, open anomalies."""
    return await desk.catalogue.summary(asker.operator)


@get("/whoami", operation_id="whoAmI", summary="Who asks", tags=TAGS)
async def whoami(asker: Asker) -> Whoami:
    """The name and scopes of the API key or person that this request carries."""
    kind = "key" if asker.user is None else "person"
    return Whoami(name=asker.name, kind=kind, scopes=list(asker.scopes))


ROUTES = (summary, whoami)
