"""Authorities: whose certificates are installed in stations, and believed of cars."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from releve.domain.trusted_authority import AuthorityUse
from releve.services.errors import Invalid, RequestError
from releve.services.v2g_authorities import MOST_DAYS
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.station_certificates import USES
from releve.web.pages.stations import ADMIN
from releve.web.visit import Asked, Visit

DAYS = 90
AUTHORITY_USES: dict[str, str] = {
    **{use: USES[use] for use in AuthorityUse if use in USES},
    AuthorityUse.SUB_CA: N_("Sub-CA: completes chains"),
}


@get("/authorities", opt=ADMIN)
async def authorities(visit: Asked) -> Response[Any]:
    """The list, and the form for another one."""
    return await _page(visit, Form())


@post("/authorities", opt=ADMIN)
async def add(visit: Asked) -> Response[Any]:
    """Trust an authority."""
    form, who = await visit.form(), visit.principal
    uses = [use for use in AuthorityUse if form.flag(f"use-{use}")]
    try:
        if not uses:
            raise Invalid(N_("Say what this authority is believed for."), field="uses")
        await visit.desk.services.authorities.add(
            who.operator,
            form.required("certificate"),
            uses,
            label=form.text("label"),
            by=who.name,
        )
    except RequestError as refused:
        return await _page(visit, form, (refused.field, visit.refusal(refused)))
    return Redirect("/authorities", status_code=303)


@post("/authorities/v2g", opt=ADMIN)
async def add_v2g(visit: Asked) -> Response[Any]:
    """Take a sub-CA that signs stations' V2G certificates. Its private key is not shown again."""
    form, who = await visit.form(), visit.principal
    try:
        days = form.integer("days", least=1, most=MOST_DAYS)
        await visit.desk.services.v2g_authorities.add(
            who.operator,
            form.required("chain"),
            form.required("key"),
            days=days or DAYS,
            responder=form.text("responder"),
            by=who.name,
        )
    except RequestError as refused:
        return await _page(visit, form, (refused.field, visit.refusal(refused)))
    return Redirect("/authorities", status_code=303)


@post("/authorities/v2g/{authority:str}/remove", opt=ADMIN)
async def remove_v2g(visit: Asked, authority: FromPath[str]) -> Response[Any]:
    """Forget a sub-CA and its private key."""
    await visit.desk.services.v2g_authorities.remove(visit.principal.operator, authority)
    return Redirect("/authorities", status_code=303)


@post("/authorities/{authority:str}/remove", opt=ADMIN)
async def remove(visit: Asked, authority: FromPath[str]) -> Response[Any]:
    """Trust it no more."""
    await visit.desk.services.authorities.remove(visit.principal.operator, authority)
    return Redirect("/authorities", status_code=303)


async def _page(visit: Visit, form: Form, refused: tuple[str, str] | None = None) -> Response[Any]:
    operator = visit.principal.operator
    return await visit.page(
        "authorities/page.html",
        status=422 if refused else 200,
        found=await visit.desk.services.authorities.all(operator),
        uses=AUTHORITY_USES,
        v2g=await visit.desk.services.v2g_authorities.all(operator),
        form=form,
        refused=refused,
    )


ROUTES = (authorities, add, remove, add_v2g, remove_v2g)
