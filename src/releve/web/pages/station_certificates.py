"""The certificates in a station: what it has, asking it, installing and deleting."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.certificates import INSTALLABLE, CertificateUse, InstalledOutcome
from releve.domain.commands import Outcome
from releve.domain.security_commands import SigningUse
from releve.services.errors import NotFound, RequestError
from releve.services.views import StationView
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.station_commands import CONTROL, words
from releve.web.visit import Asked, Visit

USES: dict[str, str] = {
    CertificateUse.CSMS_ROOT: N_("CSMS root"),
    CertificateUse.MANUFACTURER_ROOT: N_("Manufacturer root"),
    CertificateUse.V2G_ROOT: N_("V2G root"),
    CertificateUse.MO_ROOT: N_("Mobility operator root"),
    CertificateUse.OEM_ROOT: N_("Car maker root"),
    CertificateUse.V2G_CHAIN: N_("V2G certificate of the station"),
}
"""What certificates are for, in the console's words."""
Told = tuple[Outcome, tuple[str, str, str]]


@get("/stations/{station_id:str}/certificates")
async def certificates(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The table; only its part when htmx asks."""
    station, row = await visit.station(station_id)
    held = await visit.desk.services.station_certificates.held(visit.principal.operator, row)
    signers = await visit.desk.services.v2g_authorities.all(visit.principal.operator)
    about: dict[str, Any] = {
        "station": station,
        "held": held,
        "uses": USES,
        "v2g_uses": sorted({use for one in signers for use in one.uses}),
    }
    if visit.partial:
        return visit.part("station/certificates_card.html", **about)
    return await visit.page("station/certificates.html", tab="certificates", **about)


@post("/stations/{station_id:str}/certificates/fetch", opt=CONTROL, status_code=200)
async def fetch(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Ask the station for its list."""
    station, row = await visit.station(station_id)
    who = visit.principal
    outcome = await visit.desk.services.station_certificates.fetch(who.operator, row, by=who.name)
    said = words(outcome)
    if isinstance(outcome, InstalledOutcome) and not outcome.certificates:
        said = ("calm", N_("The station has no certificates"), "")
    return visit.part(
        "station/certificates_told.html", station=station, outcome=outcome, words=said
    )


@get("/stations/{station_id:str}/certificates/install", opt=CONTROL)
async def ask_install(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog."""
    station, _ = await visit.station(station_id)
    return await _dialog(visit, station, Form(visit.query))


@post("/stations/{station_id:str}/certificates/install", opt=CONTROL, status_code=200)
async def install(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Give the station an authority's certificate, one of the register or one that is pasted."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    services = visit.desk.services
    try:
        use = CertificateUse(form.choice("use", tuple(INSTALLABLE)))
        chosen = form.text("authority")
        pem = (
            (await services.authorities.get(who.operator, chosen)).pem
            if chosen
            else form.required("certificate")
        )
        outcome = await services.station_certificates.install(
            who.operator, row, use, pem, by=who.name
        )
    except RequestError as refused:
        return await _dialog(visit, station, form, (refused.field, visit.refusal(refused)))
    return visit.part(
        "station/certificate_installed.html", station=station, outcome=outcome, words=words(outcome)
    )


@post("/stations/{station_id:str}/certificates/delete", opt=CONTROL, status_code=200)
async def delete(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Delete one; the last CSMS root only when it was said twice."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        outcome = await visit.desk.services.station_certificates.delete(
            who.operator,
            row,
            form.required("certificate"),
            even_last=form.flag("even_last"),
            by=who.name,
        )
    except NotFound:
        raise
    except RequestError as refused:
        return visit.part(
            "station/certificate_refused.html",
            station=station,
            certificate=form.text("certificate"),
            text=visit.refusal(refused),
        )
    return visit.part(
        "station/certificates_told.html", station=station, outcome=outcome, words=words(outcome)
    )


@post("/stations/{station_id:str}/certificates/v2g", opt=CONTROL, status_code=200)
async def renew(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Have the station ask for a V2G certificate; the operation shows how far it is."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    use = SigningUse(form.choice("use", (SigningUse.V2G, SigningUse.V2G20)))
    operation = await visit.desk.services.v2g_certificates.renew(
        who.operator, row, use, by=who.name
    )
    return visit.part("station/certificate_renewal.html", station=station, operation=operation)


async def _dialog(
    visit: Visit, station: StationView, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    authorities = await visit.desk.services.authorities.all(visit.principal.operator)
    return visit.part(
        "station/certificate_install.html",
        status=422 if refused else 200,
        station=station,
        form=form,
        uses=[(use, USES[use]) for use in INSTALLABLE],
        authorities=authorities,
        refused=refused,
    )


ROUTES = (certificates, fetch, ask_install, install, delete, renew)
