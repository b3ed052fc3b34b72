"""The page of certificates: the built-in authority, what is revoked, and the rules.

Its register of authorities is in `releve.web.pages.authorities`.
"""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from releve.domain.trusted_authority import AuthorityUse
from releve.services.certificates.pem import load_chain
from releve.services.errors import RequestError
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.station_certificates import USES
from releve.web.pages.stations import ADMIN
from releve.web.visit import Asked, Visit

AUTHORITY_USES: dict[str, str] = {
    AuthorityUse.STATION: N_("Client certificates of stations"),
    **{use: USES[use] for use in AuthorityUse if use in USES},
    AuthorityUse.SUB_CA: N_("Sub-CA: completes chains"),
}


@get("/certificates")
async def certificates(visit: Asked) -> Response[Any]:
    """Everything about certificates that is not one station's."""
    return await certificates_page(visit, Form())


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
        return await certificates_page(visit, form, refused, "authority")
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
        return await certificates_page(visit, form, refused, "list")
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
        return await certificates_page(visit, form, refused, "policy")
    return Redirect("/certificates?saved=yes", status_code=303)


async def certificates_page(
    visit: Visit, form: Form, refused: RequestError | None = None, where: str = ""
) -> Response[Any]:
    """The page. where: the form that was refused; form: what was sent with it."""
    operator, services = visit.principal.operator, visit.desk.services
    built_in = await services.security.authorities.all(operator)
    rules = await services.security.trust_desk.policy(operator)
    forms = {
        "policy": Form(
            {
                "organisations": "\n".join(rules.organisations),
                "certificate_days": str(rules.certificate_days),
                "renew_before_days": str(rules.renew_before_days),
            }
        )
    }
    return await visit.page(
        "certificates/page.html",
        status=422 if refused else 200,
        forms={**forms, where: form},
        empty=Form(),
        wrong={where: (refused.field, visit.refusal(refused))} if refused else {},
        authorities=[(a, load_chain(a.issuing)[0].not_valid_after_utc) for a in built_in],
        register=await services.authorities.all(operator),
        uses=AUTHORITY_USES,
        v2g=await services.v2g_authorities.all(operator),
        lists=await services.security.trust_desk.lists(operator),
        external=bool(visit.desk.settings.signing_url),
        tls=bool(visit.desk.settings.station_tls_port),
    )


ROUTES = (certificates, create, add_list, policy)
