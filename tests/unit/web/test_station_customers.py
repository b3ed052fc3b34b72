"""Asking a station what it knows of a customer, and reading what it told."""

from __future__ import annotations

import re

import pytest

from releve.domain.diagnostics import CustomerInformation
from releve.domain.token import IdToken
from tests.support.console import Console

from .conftest import read

SECRET = "Ada Lovelace, <b>12 rue des Tilleuls</b>"


@pytest.fixture
async def station(console: Console):
    return await console.connected("CP-1", version="ocpp2.1")


@pytest.fixture
def path(station) -> str:
    return f"/stations/{station.station.id}/customers"


def asked(console: Console) -> list[CustomerInformation]:
    return [c for _, c in console.stations.asked if isinstance(c, CustomerInformation)]


BY_TOKEN = {"named": "token", "token": "ADA", "token_type": "ISO15693"}
BY_CERTIFICATE = {
    "named": "certificate",
    "algorithm": "SHA384",
    "issuer_name_hash": "aa",
    "issuer_key_hash": "BB",
    "serial_number": "01",
}


async def test_a_customer_s_data_is_reported_and_read(ada, console, station, path):
    assert "Nothing was asked yet" in read(await ada.part(path))
    assert "Ask about a customer" in read(await ada.get(f"{path}/ask"))
    begun = await ada.post(f"{path}/ask", **BY_TOKEN, what="report")
    assert "Customer information" in read(begun)
    (command,) = asked(console)
    assert (command.report, command.clear) == (True, False)
    assert command.token == IdToken("ADA", "ISO15693")
    told = console.desk.services.customers.told
    inbound = console.message(station.live, "NotifyCustomerInformation")
    await told(inbound, command.request_id, 0, True, SECRET[:10])
    page = await ada.part(path)
    assert "Under way" in read(page)
    await told(inbound, command.request_id, 1, False, SECRET[10:])
    page = await ada.part(path)
    address = re.search(r'href="(/operations/\d+)">[^R]*<svg[^>]*>.*?</svg>Read', page.text)
    assert address, page.text
    shown = await ada.get(address[1])
    assert SECRET in read(shown)
    assert "<b>12 rue" not in shown.text


async def test_what_was_told_is_not_for_operators(olga, console, station):
    customers = console.desk.services.customers
    from releve.domain.ids import DEFAULT_OPERATOR
    from releve.services.customers import WantedCustomer

    wanted = WantedCustomer(report=True, clear=False, identifier="ada@example.org")
    operation = await customers.ask(DEFAULT_OPERATOR, station.station.id, wanted)
    inbound = console.message(station.live, "NotifyCustomerInformation")
    await customers.told(inbound, operation.request_id, 0, False, SECRET)
    shown = read(await olga.get(f"/operations/{operation.id}"))
    assert "Lovelace" not in shown
    assert "can be read by administrators" in shown
    assert "/customers" not in (await olga.get(f"/stations/{station.station.id}/upkeep")).text
    assert (await olga.get(f"/stations/{station.station.id}/customers")).status_code == 403


async def test_an_empty_answer_is_said_to_be_one(ada, console, station, path):
    await ada.post(f"{path}/ask", named="identifier", identifier="nobody", what="report")
    (command,) = asked(console)
    assert command.identifier == "nobody"
    inbound = console.message(station.live, "NotifyCustomerInformation")
    await console.desk.services.customers.told(inbound, command.request_id, 0, False, "")
    (address,) = re.findall(r'href="(/operations/\d+)">[^<]*<svg', (await ada.part(path)).text)
    assert "it does not know this customer" in read(await ada.get(address))


@pytest.mark.parametrize(("what", "does"), [("clear", (False, True)), ("both", (True, True))])
async def test_a_customer_is_forgotten(ada, console, path, what, does):
    await ada.post(f"{path}/ask", **BY_CERTIFICATE, what=what)
    (command,) = asked(console)
    assert (command.report, command.clear) == does
    assert command.certificate.algorithm == "SHA384"
    assert (command.token, command.identifier) == (None, None)
    assert "to forget" in read(await ada.part(path))


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (BY_TOKEN | {"token": ""}, "token"),
        (BY_TOKEN | {"token": "x" * 256}, "token"),
        (BY_TOKEN | {"token_type": "Feather"}, "token_type"),
        ({"named": "identifier"}, "identifier"),
        ({"named": "identifier", "identifier": "x" * 65}, "identifier"),
        (BY_CERTIFICATE | {"algorithm": "MD5"}, "algorithm"),
        (BY_CERTIFICATE | {"issuer_name_hash": "xyz"}, "issuer_name_hash"),
        (BY_CERTIFICATE | {"serial_number": ""}, "serial_number"),
        ({"named": "guess"}, "named"),
    ],
)
async def test_a_request_that_is_wrong_is_refused_at_its_field(ada, console, path, form, field):
    refused = await ada.post(f"{path}/ask", **form, what="report")
    assert refused.status_code == 422
    assert f'id="problem-{field}"' in refused.text
    assert asked(console) == []
