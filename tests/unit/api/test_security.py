"""Who may do what: keys, sessions, scopes, origins, other operators."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from releve.api.router import ROUTES
from releve.domain.ids import DEFAULT_OPERATOR
from tests.support.stores import NOW, TWO, anomaly, exchange, token, transaction
from tests.unit.api.api_kit import ORIGIN, House
from tests.unit.api.sensible import BODIES

SCOPES = ("read", "control", "admin")
# What asks something of stations needs `control`; what changes the books, `admin`. One a line, by name.
CONTROL = {
    "acknowledgeSecurityEvent",
    "acknowledgeSecurityEvents",
    "addPayment",
    "adjustEventStream",
    "callStation",
    "cancelOperation",
    "cancelPayment",
    "cancelReservation",
    "changeAvailability",
    "changeTransactionTariff",
    "changeTransactionTransfer",
    "checkQueue",
    "checkTransaction",
    "clearCache",
    "clearChargingProfiles",
    "clearDerControls",
    "clearDisplayMessage",
    "clearLocalList",
    "clearMonitors",
    "clearStationTariffs",
    "compareCompositeSchedule",
    "deleteCertificate",
    "disconnectStation",
    "fetchChargingProfiles",
    "fetchStationCertificates",
    "getBaseReport",
    "getCustomReport",
    "getLocalListVersion",
    "getLog",
    "getMonitoringReport",
    "installCertificate",
    "limitTransaction",
    "messageDriver",
    "publishFirmware",
    "readDerControls",
    "readDisplayMessages",
    "readStationTariffs",
    "readVariables",
    "refreshEventStreams",
    "renegotiateSchedule",
    "renewStationCertificate",
    "renewV2gCertificate",
    "requestBatterySwap",
    "reserve",
    "resetStation",
    "resolveAnomaly",
    "sendAfrrSignal",
    "sendLocalList",
    "setChargingLimit",
    "setChargingProfile",
    "setDefaultTariff",
    "setDerControl",
    "setMonitoringBase",
    "setMonitoringLevel",
    "setMonitors",
    "setNetworkPriority",
    "setNetworkProfile",
    "settlePayment",
    "showDisplayMessage",
    "showDisplayMessageAtMany",
    "showTransactionCost",
    "startTransaction",
    "stopTransaction",
    "transferData",
    "triggerMessage",
    "unlockConnector",
    "unpublishFirmware",
    "updateDynamicProfile",
    "updateFirmware",
    "usePriorityCharging",
    "writeVariables",
}


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer rlv_wrong", "Basic YWRtaW46YWRtaW4=", "Bearer ünknown"]
)
async def test_who_is_not_known_is_asked_for_a_key(house: House, header):
    answer = await house.client.get(
        "/api/v1/stations",
        headers={"authorization": header.encode()} if header else {"authorization": b""},
    )
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_nobody_at_all_is_asked_for_a_key(house: House):
    del house.client.headers["authorization"]
    answer = await house.client.get("/api/v1/stations")
    assert answer.status_code == 401
    assert "API key" in answer.json()["detail"]


async def test_each_route_asks_for_its_scope(house: House):
    """Every route is tried: a new one without a scope is a `read` one, and fails here if it writes."""
    keys = {scope: await house.key(scope) for scope in SCOPES}
    for route in ROUTES:
        (method,) = route.http_methods
        (path,) = route.paths
        needed = route.opt.get("scope", "read")
        expected = "read" if method == "GET" and not _is_admins(path) else "admin"
        assert needed == ("control" if route.operation_id in CONTROL else expected)
        for scope in SCOPES[: SCOPES.index(needed)]:
            url = "/api/v1" + _filled(path)
            answer = await house.client.request(method, url, headers=keys[scope])
            assert answer.status_code == 403, (method, path, scope)
            assert f"“{needed}”" in answer.json()["detail"]
            assert answer.json()["type"].endswith("missing-scope")


def _is_admins(path: str) -> bool:
    return path.startswith(("/api-keys", "/users", "/customer-information"))


def _filled(path: str) -> str:
    return "/".join("1" if part.startswith("{") else part for part in path.split("/"))


async def test_a_key_ends_when_it_expires_or_is_revoked(house: House):
    short = await house.key("read", expires_at=NOW + timedelta(hours=1))
    assert (await house.client.get("/api/v1/whoami", headers=short)).status_code == 200
    house.clock.turn(3600)
    assert (await house.client.get("/api/v1/whoami", headers=short)).status_code == 401
    made = await house.post("/api-keys", {"name": "k", "scopes": ["read"]}, 201)
    header = {"authorization": f"Bearer {made['secret']}"}
    assert (await house.client.get("/api/v1/whoami", headers=header)).status_code == 200
    revoked = await house.client.delete(f"/api/v1/api-keys/{made['key']['id']}")
    assert revoked.status_code == 204
    assert (await house.client.get("/api/v1/whoami", headers=header)).status_code == 401


async def test_wrong_keys_are_slowed_down_and_good_ones_are_not(house: House):
    good, late = await house.key("read"), await house.key("admin")
    assert (await house.client.get("/api/v1/whoami", headers=good)).status_code == 200
    wrong = {"authorization": "Bearer rlv_wrong"}
    codes = [
        (await house.client.get("/api/v1/whoami", headers=wrong)).status_code for _ in range(25)
    ]
    assert codes == [401] * 20 + [429] * 5
    assert (await house.client.get("/api/v1/whoami", headers=good)).status_code == 200
    assert (await house.client.get("/api/v1/whoami", headers=late)).status_code == 429
    house.clock.turn(2)
    assert (await house.client.get("/api/v1/whoami", headers=late)).status_code == 200


async def test_a_signed_in_browser_may_use_the_api(house: House):
    cookie = await house.browser("operator")
    del house.client.headers["authorization"]
    cookie.pop("authorization")
    me = await house.client.get("/api/v1/whoami", headers=cookie)
    assert me.json() == {"name": "operator", "kind": "person", "scopes": ["read", "control"]}
    assert (
        await house.client.get("/api/v1/whoami", headers={"cookie": "releve=x"})
    ).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": ORIGIN, "sec-fetch-site": "same-origin"}, 201),
        ({"origin": ORIGIN}, 201),
        ({"sec-fetch-site": "same-origin"}, 201),
        ({}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ORIGIN, "sec-fetch-site": "cross-site"}, 403),
        ({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
    ],
)
async def test_another_site_cannot_use_the_cookie(house: House, headers, status):
    cookie = await house.browser()
    del house.client.headers["authorization"]
    cookie.pop("authorization")
    answer = await house.client.post(
        "/api/v1/tokens", json={"value": "ADA"}, headers={**cookie, **headers}
    )
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["type"].endswith("cross-site")


async def test_no_other_site_may_read_answers(house: House):
    answer = await house.client.get("/api/v1/stations", headers={"origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    preflight = await house.client.options(
        "/api/v1/stations",
        headers={"origin": "https://evil.example", "access-control-request-method": "POST"},
    )
    assert not [name for name in preflight.headers if name.startswith("access-control-")]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


# Permits hang on a token's value, which need not be registered: everybody has a book of his own.
BY_VALUE = {"getTransferPermit", "setTransferPermit", "removeTransferPermit"}


async def test_another_operators_things_do_not_exist(house: House):
    """Abuse case 27: every id of operator 2 is 404 to operator 1, whatever is tried; and lists do not show them."""
    theirs = await house.add_station("THEIRS", operator=TWO)
    row = transaction(theirs.id, "tx", operator=TWO)
    card = token("THEIRS", TWO)
    odd = anomaly(theirs.id, operator=TWO)

    def fill(work):
        work.transactions.add(row)
        work.tokens.add(card)
        work.anomalies.add(odd)

    await house.write(fill, TWO)
    house.store.log(exchange(theirs.id, operator=TWO))
    await house.write(lambda work: work.tokens.save(card), TWO)  # the log rides with a commit
    _, key = await house.desk.services.access.add_key(TWO, "theirs", ("admin",))
    their_keys = await house.desk.services.access.keys(TWO)
    there = {"authorization": f"Bearer {key}"}
    (message,) = (await house.client.get("/api/v1/stations/THEIRS/messages", headers=there)).json()[
        "items"
    ]
    ids = {
        "station": str(theirs.id), "transaction": str(row.id), "token": str(card.id), "anomaly": str(odd.id),
        "message": message["id"], "key": str(their_keys[0].id), "action": "Reset", "name": "nobody",
    }  # fmt: skip
    tried = 0
    for route in ROUTES:
        (method,), (path,) = route.http_methods, route.paths
        if "{" not in path or route.operation_id in BY_VALUE:
            continue
        url = path
        for name, value in ids.items():
            url = url.replace("{" + name + ":str}", value)
        url = re.sub(r"{\w+:(?:int|str)}", "1", url)
        answer = await house.client.request(
            method, f"/api/v1{url}", json=BODIES.get(route.operation_id, {})
        )
        assert answer.status_code == 404, (method, url, answer.text)
        tried += 1
    assert tried > 100
    assert house.line.asked == []
    for path in ("/stations", "/transactions", "/tokens", "/anomalies", "/users"):
        assert (await house.get(path))["items"] == []
    assert (await house.client.get("/api/v1/stations/THEIRS", headers=there)).status_code == 200
    assert len(await house.desk.services.access.keys(DEFAULT_OPERATOR)) == 1


async def test_secrets_appear_nowhere_else(house: House, caplog):
    """Abuse case 30: canaries put in as secrets must not come back, in answers, errors or logs."""
    canary = "canary-canary-canary"
    caplog.set_level("DEBUG")
    await house.post("/stations", {"identity": "CP-1", "password": canary}, 201)
    await house.post("/users", {"name": "eve", "password": canary}, 201)
    seen = [
        (await house.client.get(f"/api/v1{path}")).text
        for path in (
            "/stations",
            "/stations/CP-1",
            "/users",
            "/api-keys",
            "/events?topics=x",
            "/stations/CP-1/messages",
        )
    ]
    seen.append((await house.client.get("/metrics")).text)
    wrong = {"authorization": f"Bearer rlv_{canary}"}
    seen.append((await house.client.get("/api/v1/whoami", headers=wrong)).text)
    assert not [text for text in seen if canary in text]
    assert canary not in caplog.text
