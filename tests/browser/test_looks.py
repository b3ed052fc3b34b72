"""How pages look: languages, narrow screens, themes, accessibility, the content policy."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.station import ChargingState, ConnectorStatus
from releve.services.ports import Variable

from .conftest import Site, Watch
from .furnish import LONG, furnish

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("looks")]
Open = Callable[..., Page]
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def pages(site: Site) -> dict[str, str]:
    """Addresses of all pages, on a site with something of everything (and awkwardly long names)."""

    async def fill(console):
        from releve.domain.commands import VariableName

        inbound = await console.connected(
            "LOOK-1",
            version="ocpp2.1",
            name=f"Look {LONG}",
            site="Lyon",
            vendor=LONG,
            model="NG910",
        )
        await console.status(inbound, 1, ConnectorStatus.OCCUPIED, ChargingState.CHARGING)
        await console.status(inbound, 2, ConnectorStatus.FAULTED, error="GroundFailure", info=LONG)
        await console.charged(inbound, token="LOOK" + LONG)
        transaction = await console.charged(inbound, ended=False, token="LOOK")
        await console.odd(inbound, reported=LONG)
        await console.exchanged(inbound, "BootNotification", request='{"model": "%s"}' % LONG)  # noqa: UP031
        offline = await console.connected("LOOK-2")
        await console.status(offline, 1, ConnectorStatus.RESERVED)
        await console.gone(offline)
        await console.connected("LOOK-3", quarantined=True)
        token = await console.desk.services.tokens.add(
            DEFAULT_OPERATOR, f"LOOK{LONG}", label="Ada", blocked=True
        )
        async with console.store.work(DEFAULT_OPERATOR) as work:
            names = [
                VariableName(component="LongComponentNameCtrlr", variable=f"{LONG}{n}")
                for n in range(3)
            ]
            now = console.desk.clock.now()
            values = [
                Variable(name=n, value=LONG * 3, mutability="ReadWrite", reported_at=now)
                for n in names
            ]
            work.variables.save(inbound.station.id, values)
        return inbound.station.id, transaction, token.id, await furnish(console, inbound)

    station, transaction, token, made = site.do(fill)
    here = f"/stations/{station}"
    return {
        "overview": "/",
        "stations": "/stations",
        "register": "/stations/new",
        "live": here,
        "charging": f"{here}/charging",
        "connection": f"{here}/connection",
        "security of a station": f"{here}/security",
        "configuration": f"{here}/configuration",
        "certificates of a station": f"{here}/certificates",
        "display": f"{here}/display",
        "grid": f"{here}/grid",
        "upkeep": f"{here}/upkeep",
        "messages": f"{here}/messages",
        "anomalies of a station": f"{here}/anomalies",
        "settings": f"{here}/settings",
        "payments of a station": f"{here}/payments",
        "permits": "/permits",
        "tariffs": "/tariffs",
        "new tariff": "/tariffs/new",
        "transactions": "/transactions",
        "transaction": f"/transactions/{transaction}",
        "inbox": "/inbox",
        "tokens": "/tokens",
        "token": f"/tokens/{token}",
        "anomalies": "/anomalies",
        "reservations": "/reservations",
        "payments": "/settlements",
        "operations": "/operations",
        "a customer's data": f"/operations/{made['customer']}",
        "firmware": "/firmware",
        "events": "/events",
        "security events": "/security-events",
        "certificates": "/certificates",
        "access": "/access",
        "not found": "/nowhere",
        "sign in": "/sign-in",
    }


def test_every_page_of_the_navigation_and_every_tab_is_looked_at(
    open_page: Open, pages: dict[str, str]
):
    page = open_page(pages["live"])
    links = page.locator("#navigation-list a, .tabs a")
    found = links.evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert len(found) > 25
    assert set(found) - set(pages.values()) == set()


def test_no_page_is_wider_than_a_phone(open_page: Open, watch: Watch, pages: dict[str, str]):
    watch.expected.append("status of 404")
    page = open_page("/", viewport=PHONE)
    wide = {}
    for name, path in pages.items():
        page.goto(path)
        settled(page)
        beyond = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if beyond > 0:
            wide[name] = beyond
    assert wide == {}


def test_a_phone_has_the_menu_and_dialogs(open_page: Open, pages: dict[str, str]):
    page = open_page(pages["live"], viewport=PHONE)
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Transactions")).to_be_visible()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Raw call").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_found_by_axe(
    open_page: Open, watch: Watch, pages: dict[str, str], scheme: str
):
    watch.expected.append("status of 404")
    page = open_page("/", color_scheme=scheme)
    axe, found = Axe(), {}
    for name, path in pages.items():
        if name == "sign in":
            page.context.clear_cookies()
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        settled(page)
        if name in {"live", "transaction"}:
            page.locator("canvas").wait_for()
        found[name] = serious(axe, page)
    assert {name: what for name, what in found.items() if what} == {}


def test_dialogs_are_accessible(open_page: Open, pages: dict[str, str]):
    page = open_page(pages["live"])
    page.get_by_role("button", name="Raw call").click()
    expect(page.get_by_role("dialog", name="Raw call")).to_be_visible()
    assert serious(Axe(), page) == []


def settled(page: Page) -> None:
    """Parts that a page asks for when it has loaded are there."""
    expect(page.locator('[hx-trigger="load"]')).to_have_count(0)


def serious(axe: Axe, page: Page) -> list[str]:
    """Violations that keep somebody from using the page."""
    violations = axe.run(page).response["violations"]
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:150]} {v['nodes'][0].get('failureSummary', '')[:200]}"
        for v in violations
        if v["impact"] in ("serious", "critical")
    ]


def test_french(open_page: Open, pages: dict[str, str], site: Site):
    page = open_page("/stations")
    page.get_by_role("button", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bornes")
    expect(page).to_have_url(f"{site.url}/stations")
    page.goto(pages["transaction"])
    expect(page.locator("#transaction-facts")).to_contain_text("5,50 kWh")
    expect(page.locator("#energy canvas")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_theme_can_be_chosen_and_is_kept(open_page: Open):
    page = open_page("/", color_scheme="light")
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_keyboard_reaches_the_content_first(open_page: Open):
    page = open_page("/stations")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_markup_from_stations_is_text(open_page: Open, site: Site):
    markup = '<img src=x onerror="document.title=1">'

    async def make(console):
        inbound = await console.connected("XSS-1", name=markup, vendor=markup, model=markup)
        await console.status(inbound, 1, ConnectorStatus.FAULTED, info=markup)
        return inbound

    inbound = site.do(make)
    page = open_page(f"/stations/{inbound.station.id}")
    expect(page.get_by_role("heading", level=1)).to_have_text(markup)
    assert page.locator("main img").count() == 0
    assert page.title().startswith("<img")
