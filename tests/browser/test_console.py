"""What an operator does at the console, in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from releve.domain.commands import Outcome, Result
from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.station import BootDecision, ChargingState, ConnectorStatus
from releve.domain.transaction import EventKind
from releve.services.ports import Variable
from tests.support.console import PASSWORD

from .conftest import Site, Watch

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("console")]
Open = Callable[..., Page]


def connected(site: Site, identity: str, **about):
    """A connected station with one free EVSE."""

    async def make(console):
        inbound = await console.connected(identity, **about)
        await console.status(inbound, 1, ConnectorStatus.AVAILABLE)
        return inbound

    return site.do(make)


def test_signing_in_and_out(site: Site, open_page: Open, watch: Watch):
    watch.expected.append("status of 422")
    page = open_page("/stations?search=zz", storage_state=None)
    page.get_by_label("Name").fill("olga")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{site.url}/stations?search=zz")
    expect(page.get_by_text("Times are in Europe/Paris")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{site.url}/sign-in")
    page.goto("/")
    expect(page).to_have_url(f"{site.url}/sign-in")


def test_stations_change_while_one_looks(site: Site, open_page: Open):
    page = open_page("/stations")
    inbound = connected(site, "LIVE-1", name="Live one")
    row = page.locator(f"#station-{inbound.station.id}")
    expect(row).to_contain_text("Available")
    site.do(lambda c: c.status(inbound, 1, ConnectorStatus.OCCUPIED, ChargingState.CHARGING))
    expect(row).to_contain_text("Charging")
    site.do(lambda c: c.status(inbound, 1, ConnectorStatus.FAULTED, error="GroundFailure"))
    expect(row).to_contain_text("Faulted")


def test_the_overview_lives(site: Site, open_page: Open):
    page = open_page("/")
    inbound = connected(site, "LIVE-2", name="Overview one")
    site.do(lambda c: c.charged(inbound, ended=False, token="LIVE"))
    active = page.locator("#active")
    expect(active).to_contain_text("Overview one")
    expect(active).to_contain_text("11.0 kW")
    expect(page.locator("#summary")).to_contain_text("Charging now")


def test_searching_needs_no_button(site: Site, open_page: Open):
    connected(site, "FIND-1", vendor="Needlemaker")
    connected(site, "FIND-2", vendor="Haystack")
    page = open_page("/stations")
    page.get_by_label("Search").press_sequentially("needlem")
    expect(page.locator("#stations tbody tr")).to_have_count(1)
    expect(page.locator("#stations")).to_contain_text("FIND-1")
    expect(page).to_have_url(re.compile("search=needlem"))
    expect(page.get_by_label("Search")).to_be_focused()
    page.get_by_label("Search").fill("nobody has this name")
    expect(page.locator("#stations")).to_contain_text("No station fits")
    page.go_back()
    expect(page.locator("#stations")).to_contain_text("FIND-1")


def test_a_lost_connection_is_said_and_made_good(site: Site, open_page: Open, watch: Watch):
    watch.expected.append("ERR_INTERNET_DISCONNECTED")
    watch.expected.append("ERR_FAILED")
    page = open_page("/stations")
    inbound = connected(site, "LOST-1")
    row = page.locator(f"#station-{inbound.station.id}")
    expect(row).to_contain_text("Available")
    page.route("**/live", lambda route: route.abort())
    site.do(_ends_streams)
    expect(page.locator("#connection-lost")).to_be_visible()
    site.do(lambda c: c.status(inbound, 1, ConnectorStatus.UNAVAILABLE))
    page.unroute("**/live")
    expect(page.locator("#connection-lost")).to_be_hidden()
    expect(row).to_contain_text("Unavailable")


async def _ends_streams(console) -> None:
    for listeners in list(console.bus._listeners.values()):
        for listener in list(listeners):
            listener.close()


def test_a_command_and_its_answers(site: Site, open_page: Open):
    inbound = connected(site, "CMD-1")
    page = open_page(f"/stations/{inbound.station.id}")
    answers = site.console.stations.answers
    answers["Reset"] = Outcome(
        result=Result.ERROR, code="InternalError", description="<i>out of paper</i>"
    )
    page.get_by_role("button", name="Restart the station").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_label("When").select_option("Immediate")
    dialog.get_by_role("button", name="Restart", exact=True).click()
    expect(dialog).to_contain_text("The station answered with an error")
    expect(dialog).to_contain_text("<i>out of paper</i>")
    del answers["Reset"]
    dialog.get_by_role("button", name="Again").click()
    dialog.get_by_role("button", name="Restart", exact=True).click()
    expect(dialog).to_contain_text("The station accepted")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert [c.kind for _, c in site.console.stations.asked if _ == inbound.station.id] == [
        "Immediate",
        "OnIdle",
    ]


def test_a_raw_call_says_what_is_wrong_with_it(site: Site, open_page: Open, watch: Watch):
    watch.expected.append("status of 422")
    inbound = connected(site, "CMD-2")
    page = open_page(f"/stations/{inbound.station.id}")
    page.get_by_role("button", name="Raw call").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Action").fill("GetLocalListVersion")
    dialog.get_by_label("Payload").fill("{oops")
    dialog.get_by_role("button", name="Send", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("This is not JSON.")
    dialog.get_by_label("Payload").fill('{"a": 1}')
    dialog.get_by_role("button", name="Send", exact=True).click()
    expect(dialog).to_contain_text("The station accepted")
    dialog.get_by_text("The answer in full").click()
    expect(dialog.locator("pre")).to_contain_text('"status": "Accepted"')


def test_the_power_chart_is_drawn_and_goes_on(site: Site, open_page: Open):
    inbound = connected(site, "CHART-1")
    page = open_page(f"/stations/{inbound.station.id}")
    expect(page.locator("#power")).to_contain_text("No power was measured")
    site.do(lambda c: c.charged(inbound, ended=False, token="CH"))
    expect(page.locator("#power canvas")).to_be_visible()
    expect(page.locator("#evses")).to_contain_text("11.0 kW")

    async def more(console):
        now = console.desk.clock.now()
        await console.event(
            inbound,
            EventKind.UPDATED,
            11,
            at=now,
            energy_wh=6900.0,
            power_w=7400.0,
            reference="tx-CH-False",
        )

    site.do(more)
    expect(page.locator("#evses")).to_contain_text("7.4 kW")


def test_the_message_log_opens_follows_and_is_searched(site: Site, open_page: Open):
    inbound = connected(site, "LOG-1")
    site.do(
        lambda c: c.exchanged(
            inbound, "BootNotification", request='{"model": "<script>x</script>"}'
        )
    )
    page = open_page(f"/stations/{inbound.station.id}/messages")
    page.get_by_text("BootNotification").click()
    expect(page.locator("#exchanges pre").first).to_contain_text('"model": "<script>x</script>"')
    page.get_by_label("Follow live").check()
    site.do(lambda c: c.exchanged(inbound, "Heartbeat"))
    expect(page.locator(".exchange").first).to_contain_text("Heartbeat")
    expect(page.locator("#exchanges pre").first).to_be_attached()
    page.get_by_label("Follow live").uncheck()
    page.get_by_label("Action").fill("BootNotification")
    expect(page.locator(".exchange")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    lines = download.value.path().read_text("utf-8").splitlines()
    assert [json.loads(line)["action"] for line in lines] == ["BootNotification"]


def test_the_configuration_is_filtered_and_edited(site: Site, open_page: Open):
    inbound = connected(site, "CONF-1")

    async def known(console):
        from releve.domain.commands import VariableName

        now = console.desk.clock.now()
        async with console.store.work(DEFAULT_OPERATOR) as work:
            work.variables.save(
                inbound.station.id,
                [
                    Variable(
                        name=VariableName(variable=key),
                        value="60",
                        mutability="ReadWrite",
                        reported_at=now,
                    )
                    for key in ("HeartbeatInterval", "MeterValueSampleInterval")
                ],
            )

    site.do(known)
    page = open_page(f"/stations/{inbound.station.id}/configuration")
    page.get_by_label("Search").fill("heart")
    expect(page.locator("#variables tbody tr:visible")).to_have_count(1)
    page.get_by_role("button", name="Edit HeartbeatInterval").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New value").fill("120")
    dialog.get_by_role("button", name="Write to the station").click()
    expect(dialog).to_contain_text("The station accepted")


def test_registering_a_station(site: Site, open_page: Open, watch: Watch):
    watch.expected.append("status of 422")
    page = open_page("/stations")
    page.get_by_role("link", name="Register a station").first.click()
    page.get_by_label("Identity").fill("..")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("alert")).to_contain_text("looks like a path")
    page.get_by_label("Identity").fill("NEW-1")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("NEW-1 is registered")
    expect(page.get_by_label("Address of the central system")).to_have_value(
        "ws://localhost:9000/ocpp/NEW-1"
    )
    expect(page.get_by_label("Password")).to_have_value(re.compile(r"^\w{20}$"))
    page.get_by_role("button", name="Copy").last.click()
    page.get_by_role("link", name="To the station").click()
    expect(page.locator("#station-head")).to_contain_text("Never connected")


def test_the_inbox_fills_and_a_station_is_accepted(site: Site, open_page: Open):
    page = open_page("/inbox")
    waiting = {"quarantined": True, "boot": BootDecision.PENDING, "registered": False}
    inbound = connected(site, "KNOCK-1", vendor="Wallbox", **waiting)
    card = page.locator(".inbox-card", has_text="KNOCK-1")
    expect(card).to_be_visible()
    card.get_by_label("Name").fill("Found one")
    card.get_by_role("button", name="Accept").click()
    expect(page).to_have_url(f"{site.url}/stations/{inbound.station.id}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Found one")


def test_tokens(site: Site, open_page: Open):
    page = open_page("/tokens")
    page.get_by_role("link", name="Register a token").first.click()
    page.get_by_label("Value").fill("BR0WSER")
    page.get_by_label("Label").fill("Bea")
    page.get_by_role("button", name="Register").click()
    row = page.locator("tr", has_text="BR0WSER")
    row.get_by_role("button", name="Block").click()
    expect(row).to_contain_text("Blocked")
    row.get_by_role("button", name="Unblock").click()
    expect(row).to_contain_text("May charge")
    row.get_by_role("link", name="BR0WSER").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove").click()
    expect(page).to_have_url(f"{site.url}/tokens")
    expect(page.locator("#tokens")).not_to_contain_text("BR0WSER")


def test_a_transaction_with_its_chart(site: Site, open_page: Open):
    inbound = connected(site, "TX-1", name="Charged one")
    transaction = site.do(lambda c: c.charged(inbound, ended=False, token="TX"))
    page = open_page("/transactions")
    page.locator(f"#transaction-{transaction}").get_by_role("link").click()
    expect(page.locator("#energy canvas")).to_be_visible()
    expect(page.locator("#transaction-facts")).to_contain_text("5.50 kWh")
    page.locator("#timeline details").first.locator("summary").click()
    expect(page.locator("#timeline pre").first).to_contain_text("eventType")

    async def end(console):
        await console.event(
            inbound,
            EventKind.ENDED,
            11,
            at=console.desk.clock.now(),
            energy_wh=7000.0,
            reference="tx-TX-False",
        )

    site.do(end)
    expect(page.locator("#transaction-facts")).to_contain_text("6.00 kWh")
    expect(page.locator("#transaction-facts")).to_contain_text("Ended")


def test_an_anomaly_is_resolved(site: Site, open_page: Open):
    inbound = connected(site, "ODD-1")
    site.do(lambda c: c.odd(inbound, reported="1970-01-01T00:00:00Z"))
    page = open_page(f"/stations/{inbound.station.id}/anomalies")
    page.get_by_role("button", name="Resolve").click()
    page.get_by_role("dialog").get_by_label("Note").fill("clock set by hand")
    page.get_by_role("dialog").get_by_role("button", name="Resolve").click()
    expect(page.locator("#anomalies")).to_contain_text("Resolved by ada")
    expect(page.locator("#anomalies")).to_contain_text("clock set by hand")
