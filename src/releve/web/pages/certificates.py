"""The certificate authority, whom the operator trusts, what is revoked, and the rules."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from releve.services.certificates.pem import load_chain
from releve.services.errors import RequestError
from releve.web.forms import Form
from releve.web.pages.stations import ADMIN
from releve.web.visit import Asked, Visit


@get("/certificates")
async def certificates(visit: Asked) -> Response[Any]:
    """Everything about certificates that is not one station's."""
    return await _page(visit, Form())


@post("/certificates/authority", opt=ADMIN)
async def create(visit: Asked) -> Response[Any]:
    """Make the built-in authority."""
    form = await visit.form()
    try:
        await visit.desk.services.security.authorities.create(
            visit.principal.operator,
            form.required("organisation"),
            name=form.text("name"),
            by=visit.principal.name,
        )
    except RequestError as refused:
        return await _page(visit, form, refused, "authority")
    return Redirect("/certificates?saved=yes", status_code=303)


@post("/certificates/anchors", opt=ADMIN)
async def add_anchor(visit: Asked) -> Response[Any]:
    """Trust an authority."""
    form = await visit.form()
    try:
        await visit.desk.services.security.trust_desk.add_anchor(
            visit.principal.operator,
            form.required("certificate"),
            name=form.text("anchor_name"),
            by=visit.principal.name,
        )
    except RequestError as refused:
        return await _page(visit, form, refused, "anchor")
    return Redirect("/certificates?saved=yes", status_code=303)


@post("/certificates/anchors/{fingerprint:str}/remove", opt=ADMIN)
async def remove_anchor(visit: Asked, fingerprint: FromPath[str]) -> Response[Any]:
    """Trust it no more."""
    await visit.form()
    await visit.desk.services.security.trust_desk.remove_anchor(
        visit.principal.operator, fingerprint
    )
    return Redirect("/certificates?saved=yes", status_code=303)


@post("/certificates/lists", opt=ADMIN)
async def add_list(visit: Asked) -> Response[Any]:
    """Take over a revocation list."""
    form = await visit.form()
    try:
        await visit.desk.services.security.trust_desk.add_list(
            visit.principal.operator, form.required("list"), by=visit.principal.name
        )
    except RequestError as refused:
        return await _page(visit, form, refused, "list")
    return Redirect("/certificates?saved=yes", status_code=303)


@post("/certificates/policy", opt=ADMIN)
async def policy(visit: Asked) -> Response[Any]:
    """Change the rules."""
    form = await visit.form()
    try:
        await visit.desk.services.security.trust_desk.set_policy(
            visit.principal.operator,
            organisations=form.text("organisations", strip=False).splitlines(),
            certificate_days=form.integer("certificate_days"),
            renew_before_days=form.integer("renew_before_days"),
        )
    except RequestError as refused:
        return await _page(visit, form, refused, "policy")
    return Redirect("/certificates?saved=yes", status_code=303)


async def _page(
    visit: Visit, form: Form, refused: RequestError | None = None, where: str = ""
) -> Response[Any]:
    operator, services = visit.principal.operator, visit.desk.services.security
    authorities = await services.authorities.all(operator)
    rules = await services.trust_desk.policy(operator)
    if where != "policy":
        rules_form = Form(
            {
                "organisations": "\n".join(rules.organisations),
                "certificate_days": str(rules.certificate_days),
                "renew_before_days": str(rules.renew_before_days),
            }
        )
    else:
        rules_form = form
    return await visit.page(
        "certificates/page.html",
        status=422 if refused else 200,
        form=form,
        rules=rules_form,
        where=where,
        refused=(refused.field, visit.refusal(refused)) if refused else None,
        authorities=[(a, load_chain(a.issuing)[0].not_valid_after_utc) for a in authorities],
        anchors=await services.trust_desk.anchors(operator),
        lists=await services.trust_desk.lists(operator),
        external=bool(visit.desk.settings.signing_url),
        tls=bool(visit.desk.settings.station_tls_port),
    )


ROUTES = (certificates, create, add_anchor, remove_anchor, add_list, policy)
