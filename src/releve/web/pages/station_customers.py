"""What a station knows of a customer: asking it to tell, to forget, or both (N09, N10). For administrators."""

from __future__ import annotations

import re
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.diagnostics import CUSTOMER, CertificateHash
from releve.domain.token import IdToken
from releve.services.customers import LONGEST_IDENTIFIER, LONGEST_TOKEN, WantedCustomer
from releve.services.errors import Invalid, RequestError
from releve.services.tokens import TYPES
from releve.services.views import OperationFilter
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.network_form import limited
from releve.web.pages.station_commands import tokens_for
from releve.web.pages.stations import ADMIN
from releve.web.visit import Asked, Visit

SHOWN = 5
NAMED: dict[str, str] = {
    "token": N_("By a token"),
    "identifier": N_("By an identifier"),
    "certificate": N_("By a certificate"),
}
WHAT = ("report", "clear", "both")
ALGORITHMS = ("SHA256", "SHA384", "SHA512")
FIELDS = (
    "named",
    "token",
    "token_type",
    "identifier",
    "algorithm",
    "issuer_name_hash",
    "issuer_key_hash",
    "serial_number",
)
"""Fields that say themselves what is wrong with them."""
_HEX = re.compile(r"[0-9A-Fa-f]+")


@get("/stations/{station_id:str}/customers", opt=ADMIN)
async def customers(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The card: the latest requests."""
    station, _ = await visit.station(station_id)
    wanted = OperationFilter(station=station.id, kind=CUSTOMER)
    found = await visit.desk.catalogue.operations(visit.principal.operator, wanted, limit=SHOWN)
    return visit.part("customers/card.html", station=station, asked=found.items)


@get("/stations/{station_id:str}/customers/ask", opt=ADMIN)
async def dialog(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog."""
    return await _dialog(visit, station_id, Form({"named": "token", "token_type": "ISO14443"}))


@post("/stations/{station_id:str}/customers/ask", opt=ADMIN, status_code=200)
async def ask(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Ask the station."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        operation = await visit.desk.services.customers.ask(
            who.operator, row, _wanted(form), by=who.name
        )
    except RequestError as refused:
        return await _dialog(visit, station_id, form, (refused.field, visit.refusal(refused)))
    return visit.part("upkeep/begun.html", station=station, operation=operation)


def _wanted(form: Form) -> WantedCustomer:
    what = form.choice("what", WHAT)
    report, clear = what != "clear", what != "report"
    match form.choice("named", tuple(NAMED)):
        case "token":
            form.required("token")
            token = IdToken(limited(form, "token", LONGEST_TOKEN), form.choice("token_type", TYPES))
            return WantedCustomer(report=report, clear=clear, token=token)
        case "identifier":
            form.required("identifier")
            identifier = limited(form, "identifier", LONGEST_IDENTIFIER)
            return WantedCustomer(report=report, clear=clear, identifier=identifier)
        case _:
            return WantedCustomer(report=report, clear=clear, certificate=_certificate(form))


def _certificate(form: Form) -> CertificateHash:
    return CertificateHash(
        algorithm=form.choice("algorithm", ALGORITHMS),
        issuer_name_hash=_hex(form, "issuer_name_hash", 128),
        issuer_key_hash=_hex(form, "issuer_key_hash", 128),
        serial_number=_hex(form, "serial_number", 40),
    )


def _hex(form: Form, name: str, most: int) -> str:
    form.required(name)
    text = limited(form, name, most)
    if not _HEX.fullmatch(text):
        raise Invalid(N_("Hexadecimal digits only."), field=name)
    return text


async def _dialog(
    visit: Visit, station_id: str, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    station, _ = await visit.station(station_id)
    return visit.part(
        "customers/ask.html",
        status=422 if refused else 200,
        station=station,
        named=NAMED,
        types=TYPES,
        algorithms=ALGORITHMS,
        tokens=await tokens_for(visit),
        fields=FIELDS,
        form=form,
        refused=refused,
    )


ROUTES = (customers, dialog, ask)
