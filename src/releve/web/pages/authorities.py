"""The register of authorities on the page of certificates: who is trusted for what, and who signs V2G certificates."""

from __future__ import annotations

from typing import Any

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect

from releve.domain.trusted_authority import AuthorityUse
from releve.services.errors import Invalid, RequestError
from releve.services.v2g_authorities import MOST_DAYS
from releve.web.pages.certificates import certificates_page
from releve.web.pages.stations import ADMIN
from releve.web.visit import Asked

DAYS = 90
DONE = "/certificates?saved=yes"


@post("/certificates/authorities", opt=ADMIN)
async def add(visit: Asked) -> Response[Any]:
    """Trust an authority."""
    form, who = await visit.form(), visit.principal
    uses = [use for use in AuthorityUse if form.flag(f"use-{use}")]
    try:
        if not uses:
            raise Invalid("Say what this authority is believed for.", field="uses")
        await visit.desk.services.authorities.add(
            who.operator,
            form.required("certificate"),
            uses,
            label=form.text("label"),
            by=who.name,
        )
    except RequestError as refused:
        return await certificates_page(visit, form, refused, "register")
    return Redirect(DONE, status_code=303)


@post("/certificates/authorities/{authority:str}/remove", opt=ADMIN)
async def remove(visit: Asked, authority: FromPath[str]) -> Response[Any]:
    """Trust it no more."""
    await visit.desk.services.authorities.remove(visit.principal.operator, authority)
    return Redirect(DONE, status_code=303)


@post("/certificates/v2g", opt=ADMIN)
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
        return await certificates_page(visit, form, refused, "v2g")
    return Redirect(DONE, status_code=303)


@post("/certificates/v2g/{authority:str}/remove", opt=ADMIN)
async def remove_v2g(visit: Asked, authority: FromPath[str]) -> Response[Any]:
    """Forget a sub-CA and its private key."""
    await visit.desk.services.v2g_authorities.remove(visit.principal.operator, authority)
    return Redirect(DONE, status_code=303)


ROUTES = (add, remove, add_v2g, remove_v2g)
