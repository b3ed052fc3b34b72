"""N09, N10: customer information (2.0.1 part 6, 3.15)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from releve.domain.ids import DEFAULT_OPERATOR, OperationId
from tests.support.rig import VERSIONS, Rig, ScriptedStation, case, now

pytestmark = pytest.mark.parametrize("version", VERSIONS)
HASHES = {
    "hash_algorithm": "SHA256",
    "issuer_name_hash": "AB" * 32,
    "issuer_key_hash": "CD" * 32,
    "serial_number": "0123456789",
}
ON_WIRE = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "AB" * 32,
    "issuerKeyHash": "CD" * 32,
    "serialNumber": "0123456789",
}


async def asked(
    rig: Rig, station: ScriptedStation, status: str = "Accepted", **wanted: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A request: what the station got, and the operation."""
    station.answers("CustomerInformation", {"status": status})
    operation = await rig.post(f"/stations/{station.id}/customer-information", wanted)
    return await station.expect("CustomerInformation"), operation


async def tell(station: ScriptedStation, request_id: int, *texts: str) -> None:
    for number, text in enumerate(texts):
        part = {
            "requestId": request_id,
            "seqNo": number,
            "tbc": number < len(texts) - 1,
            "generatedAt": now(),
            "data": text,
        }
        assert await station.call("NotifyCustomerInformation", part) == {}


async def text(rig: Rig, operation: dict[str, Any]) -> str:
    return (await rig.get(f"/customer-information/{operation['id']}"))["text"]


@case("TC_N_27_CSMS", "TC_N_28_CSMS", "TC_N_30_CSMS", "TC_N_31_CSMS", "TC_N_32_CSMS")
@pytest.mark.parametrize(
    ("report", "clear", "told"),
    [
        (True, False, ("seen at ", "noon")),
        (True, False, ("",)),
        (True, True, ("seen at noon",)),
        (True, True, ("",)),
        (False, True, ("",)),
    ],
)
async def test_what_is_known_of_a_token(
    rig: Rig, version: str, report: bool, clear: bool, told: tuple[str, ...]
) -> None:
    station = await rig.station(version)
    token = await rig.token()
    request, operation = await asked(rig, station, report=report, clear=clear, token=token)
    assert (request["report"], request["clear"]) == (report, clear)
    # N09.FR.04, N10.FR.08: one customer, named in one way.
    assert request["idToken"] == {"idToken": token, "type": "ISO14443"}
    assert "customerIdentifier" not in request
    assert "customerCertificate" not in request
    await tell(station, request["requestId"], *told)
    assert (await rig.ended(operation))["state"] == "done"
    assert await text(rig, operation) == "".join(told)


@case("TC_N_29_CSMS")
async def test_a_station_that_does_not_tell(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    token = await rig.token()
    _, operation = await asked(rig, station, "Rejected", report=True, token=token)
    assert (operation["state"], operation["status"]) == ("failed", "Rejected")


@case("TC_N_46_CSMS")
async def test_a_customer_who_is_cleared_goes_from_the_local_list(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("GetLocalListVersion", {"versionNumber": 4})
    station.answers("SendLocalList", {"status": "Accepted"})
    token = await rig.token()
    other = await rig.token()
    path = f"/stations/{station.id}/local-list/send"
    await rig.post(path, {"update": "Full", "tokens": [token, other]})
    full = await station.expect("SendLocalList")
    request, _ = await asked(rig, station, report=True, clear=True, token=token)
    await tell(station, request["requestId"], "seen at noon")
    sent = await station.expect("SendLocalList")  # N10.FR.02
    assert sent["updateType"] == "Differential"
    assert sent["versionNumber"] > full["versionNumber"]
    assert sent["localAuthorizationList"] == [{"idToken": {"idToken": token, "type": "ISO14443"}}]


async def listed(rig: Rig, station: ScriptedStation) -> str:
    """A token that is on the station's local list."""
    station.answers("GetLocalListVersion", {"versionNumber": 4})
    station.answers("SendLocalList", {"status": "Accepted"})
    token = await rig.token()
    await rig.post(f"/stations/{station.id}/local-list/send", {"update": "Full", "tokens": [token]})
    await station.expect("SendLocalList")
    return token


async def test_a_clearing_of_which_nothing_more_is_told_takes_effect(
    rig: Rig, version: str
) -> None:
    """The last notification is lost: the customer is off the list, and what was asked can still be found."""
    station = await rig.station(version)
    token = await listed(rig, station)
    station.answers("SendLocalList", [{"status": "Failed"}, {"status": "Accepted"}])
    request, operation = await asked(rig, station, report=True, clear=True, token=token)
    assert (await station.expect("SendLocalList"))["updateType"] == "Differential"
    part = {"requestId": request["requestId"], "seqNo": 0, "tbc": True, "generatedAt": now()}
    await station.call("NotifyCustomerInformation", {**part, "data": "seen at "})

    services = rig.running.node.services
    number = OperationId(int(operation["id"]))
    open_one = await services.operations.get(DEFAULT_OPERATOR, number)
    late = msgspec.structs.replace(open_one, deadline_at=open_one.created_at)
    async with rig.running.node.store.work(DEFAULT_OPERATOR) as work:
        work.operations.save(late)
    await services.operations.expire(DEFAULT_OPERATOR)
    assert (await station.expect("SendLocalList"))["localAuthorizationList"]  # once more
    found = await rig.get("/operations", station=station.id, kind="customer-information")
    (kept,) = found["items"]
    assert (kept["id"], kept["state"], kept["parts"]) == (operation["id"], "expired", 1)
    assert "did not tell that it has" in kept["problem"]
    assert await text(rig, operation) == "seen at "

    async def known() -> Any:
        return await rig.get(f"/stations/{station.id}/local-list")

    await rig.eventually(known, lambda one: one["size"] == 0)  # the answer has been written down
    await station.call(
        "NotifyCustomerInformation", {**part, "seqNo": 1, "tbc": False, "data": "noon"}
    )
    assert (await rig.ended(operation))["state"] == "done"  # it came after all
    assert len(station.asked("SendLocalList")) == 3  # the token is gone already


async def test_a_clearing_that_is_refused_leaves_the_list(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    token = await listed(rig, station)
    _, operation = await asked(rig, station, "Rejected", report=False, clear=True, token=token)
    assert operation["state"] == "failed"
    _, told = await asked(rig, station, report=True, token=token)  # only a report
    assert told["state"] == "running"
    await rig.post(f"/stations/{station.id}/trigger", {"message": "Heartbeat"})
    assert len(station.asked("SendLocalList")) == 1


@case("TC_N_62_CSMS", "TC_N_63_CSMS")
@pytest.mark.parametrize(
    ("named", "wire"),
    [
        ({"identifier": "OpenChargeAlliance"}, {"customerIdentifier": "OpenChargeAlliance"}),
        ({"certificate": HASHES}, {"customerCertificate": ON_WIRE}),  # N09.FR.08, N10.FR.09
    ],
)
async def test_a_customer_named_otherwise(
    rig: Rig, version: str, named: dict[str, Any], wire: dict[str, Any]
) -> None:
    station = await rig.station(version)
    request, operation = await asked(rig, station, report=True, clear=True, **named)
    number = request.pop("requestId")
    assert request == {"report": True, "clear": True, **wire}
    await tell(station, number, "nothing but this")
    assert (await rig.ended(operation))["state"] == "done"
    assert await text(rig, operation) == "nothing but this"


@pytest.mark.parametrize(
    "body",
    [
        {"report": True},
        {"report": True, "token": "A", "identifier": "B"},
        {"report": False, "clear": False, "token": "A"},
    ],
)
async def test_a_request_that_means_nothing(rig: Rig, version: str, body: dict[str, Any]) -> None:
    station = await rig.station(version)
    await rig.post(f"/stations/{station.id}/customer-information", body, status=422)
    assert station.asked("CustomerInformation") == []


async def test_what_a_customer_has_told_is_in_no_log(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    request, operation = await asked(rig, station, report=True, identifier="somebody")
    await tell(station, request["requestId"], "born in Ulm")
    await rig.ended(operation)

    async def look() -> list[dict[str, Any]]:
        found = await rig.get(
            f"/stations/{station.id}/messages", action="NotifyCustomerInformation"
        )
        return found["items"]

    (line,) = await rig.eventually(look, bool)
    assert "Ulm" not in line["request"]
