"""What a station tells of a customer, and how it forgets (N09, N10)."""

import pytest

from tests.unit.simulator.conftest import V2

pytestmark = pytest.mark.parametrize("version", V2)
ADA = {"idToken": "ADA", "type": "ISO14443"}


async def ask(csms, count, **wanted):
    """The status, and the text when there is one."""
    request = {"requestId": count, "report": True, "clear": False, **wanted}
    status = (await csms.call("CustomerInformation", request))["status"]
    if status != "Accepted":
        return status, None
    return status, (await csms.wait_for("NotifyCustomerInformation", count))["data"]


async def test_what_is_known_of_a_token_is_told_and_forgotten(csms, switch_on, version):
    station = await switch_on(csms, version)
    await station.start()
    entry = {"idToken": ADA, "idTokenInfo": {"status": "Accepted"}}
    listed = {"versionNumber": 1, "updateType": "Full", "localAuthorizationList": [entry]}
    _, text = await ask(csms, 1, idToken=ADA)
    cached, charging = text.splitlines()
    assert cached == "ADA: Accepted"
    assert charging.startswith("ADA: charging at EVSE 1 since ")
    await station.stop()
    await csms.call("SendLocalList", listed)
    _, text = await ask(csms, 2, idToken=ADA, clear=True)
    assert "in the local list" in text
    assert station.station.book.cache == {}
    _, text = await ask(csms, 3, idToken=ADA)
    assert text == "ADA: Accepted, in the local list"  # N10.FR.02


async def test_who_is_not_known(csms, switch_on, version):
    station = await switch_on(csms, version)
    assert await ask(csms, 1, customerIdentifier="nobody") == ("Accepted", "No data found.")
    assert await ask(csms, 2, idToken=ADA, report=False, clear=True) == (
        "Accepted",
        "The data was cleared.",
    )  # N10.FR.06
    assert station.station.connected


async def test_what_cannot_be_answered(csms, switch_on, version):
    await switch_on(csms, version)
    assert await ask(csms, 1) == ("Invalid", None)  # N09.FR.09
    assert await ask(csms, 1, idToken=ADA, customerIdentifier="x") == ("Invalid", None)
    assert await ask(csms, 1, idToken=ADA, report=False) == ("Rejected", None)  # N09.FR.07


async def test_a_long_report_comes_in_parts(csms, switch_on, version):
    station = await switch_on(csms, version)
    long = {"idToken": "A" * 36, "type": "Central"}
    token = long["idToken"]
    from releve.simulator.tokens import TokenInfo

    station.station.book.cache[token.casefold()] = TokenInfo("Accepted" * 80)
    await csms.call(
        "CustomerInformation", {"requestId": 1, "report": True, "clear": False, "idToken": long}
    )
    await csms.wait_for("NotifyCustomerInformation", 2)
    first, last = csms.sent("NotifyCustomerInformation")
    assert (first["tbc"], last.get("tbc", False)) == (True, False)
    assert [first["seqNo"], last["seqNo"]] == [0, 1]
    assert first["data"] + last["data"] == f"{token}: {'Accepted' * 80}"
