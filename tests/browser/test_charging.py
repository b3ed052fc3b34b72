"""Reservations, limits, gaps and signed values in the console, at both widths."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from releve.domain.commands import Outcome, Result
from releve.domain.ids import DEFAULT_OPERATOR, TransactionId
from releve.domain.limits import Limit
from releve.domain.meter import ENERGY_IMPORT, MeterSample, Reading
from releve.domain.notice import Notice
from releve.domain.station import ChargingState, ConnectorStatus
from releve.domain.token import IdToken
from releve.domain.transaction import EventKind
from releve.services.reservations import Wish
from releve.services.transaction_report import Report

from .conftest import Site, Watch

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("charging")]
Open = Callable[..., Page]
SIGNED = '{"signedMeterData":"T0NNRnw=","encodingMethod":"OCMF","publicKey":"PK"}'


@pytest.fixture(scope="module")
def pages(site: Site) -> dict[str, str]:
    """A station with a reservation, and a transaction that is limited, signed, and was asked about."""

    async def fill(console):
        services = console.desk.services
        inbound = await console.connected("CHARGE-1", name="Harbour", site="Lyon")
        await console.status(inbound, 1, ConnectorStatus.OCCUPIED, ChargingState.CHARGING)
        await console.status(inbound, 2, ConnectorStatus.AVAILABLE)
        await services.tokens.add(DEFAULT_OPERATOR, "ADA", label="Ada Lovelace", group="FAMILY")
        number = TransactionId(int(await console.charged(inbound, ended=False, token="ADA")))
        row_limit = Limit(energy_wh=20_000, time_s=7200, cost=Decimal("12.50"))
        await services.transaction_limits.require(DEFAULT_OPERATOR, number, row_limit)
        await services.transaction_limits.notice(
            DEFAULT_OPERATOR, number, Notice(content="Mind the step")
        )
        at = console.desk.clock.now()
        reading = Reading(ENERGY_IMPORT, 6600.0, "Wh", text=SIGNED, signed=True)
        await services.transactions.report(
            console.message(inbound.live, payload={}),
            Report(
                kind=EventKind.UPDATED,
                reference="tx-ADA-False",
                seq_no=20,
                at=at,
                trigger="MeterValuePeriodic",
                samples=(MeterSample(at, (reading,), 6600.0),),
            ),
        )
        details = {"ongoing": True, "queued": True}
        console.stations.answers["GetTransactionStatus"] = Outcome(
            result=Result.ANSWERED, accepted=True, details=details
        )
        await services.gaps.check(DEFAULT_OPERATOR, number, by="ada")
        wish = Wish(token=IdToken("ADA"), evse=2, expires_at=at + timedelta(hours=1))
        await services.reservations.reserve(DEFAULT_OPERATOR, inbound.station.id, wish, by="ada")
        return inbound.station.id, number

    station, transaction = site.do(fill)
    return {"station": f"/stations/{station}", "transaction": f"/transactions/{transaction}"}


def test_a_reservation_is_made_seen_and_cancelled(
    site: Site, pages: dict[str, str], open_page: Open
) -> None:
    page = open_page(pages["station"])
    card = page.locator("#station-reservations")
    expect(card).to_contain_text("Ada Lovelace")
    card.get_by_role("button", name="Reserve").click()
    dialog = page.locator("dialog")
    dialog.get_by_label("Token").fill("ADA")
    dialog.get_by_role("button", name="Reserve").click()
    expect(dialog).to_contain_text("The station accepted")
    dialog.get_by_role("button", name="Close").last.click()
    expect(card.locator("li")).to_have_count(2)

    page.goto(page.url.split("/stations")[0] + "/reservations")
    page.get_by_role("button", name="Cancel it").first.click()
    page.get_by_role("button", name="Cancel the reservation").click()
    expect(page.locator("dialog")).to_contain_text("The station accepted")
    page.locator("dialog").get_by_role("button", name="Close").last.click()
    expect(page.locator("#reservations")).to_contain_text("Cancelled")


def test_a_reservation_without_room_is_refused_in_the_dialog(
    pages: dict[str, str], open_page: Open, watch: Watch
) -> None:
    watch.expected.append("422")
    page = open_page(pages["station"])
    page.locator("#station-reservations").get_by_role("button", name="Reserve").click()
    dialog = page.locator("dialog")
    dialog.get_by_label("Token").fill("NOBODY")
    dialog.get_by_role("button", name="Reserve").click()
    expect(dialog).to_contain_text("may not charge")


def test_a_transaction_shows_limits_gaps_and_signed_values(
    pages: dict[str, str], open_page: Open, watch: Watch
) -> None:
    watch.expected.append("422")
    page = open_page(pages["transaction"])
    expect(page.locator("#limits")).to_contain_text("20")
    expect(page.locator("#limits")).to_contain_text("12.50")
    expect(page.locator("#checks")).to_contain_text("still has messages")
    expect(page.locator("#signed")).to_contain_text("OCMF")
    page.locator("#limits").get_by_role("button", name="Limit", exact=True).click()
    dialog = page.locator("dialog")
    dialog.get_by_label("Energy (kWh)").fill("x")
    dialog.get_by_role("button", name="Limit").click()
    expect(dialog).to_contain_text("This is not a number.")
    dialog.get_by_label("Energy (kWh)").fill("33")
    dialog.get_by_role("button", name="Limit").click()
    expect(page.locator("#limits")).to_contain_text("33")
    page.locator("#checks").get_by_role("button", name="Ask the station").click()
    expect(page.locator("#checks li")).to_have_count(2)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["station", "transaction", "reservations"])
def test_nothing_is_wider_than_the_screen(
    pages: dict[str, str], open_page: Open, name: str, width: int
) -> None:
    page = open_page(pages.get(name, f"/{name}"), viewport={"width": width, "height": 900})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
