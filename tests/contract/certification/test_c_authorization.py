"""C: who may charge. The station asks by Authorize, and again, whatever it had in its cache, by TransactionEvent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.support.rig import VERSIONS, Rig, ScriptedStation, case, now

BOTH = pytest.mark.parametrize("version", VERSIONS)
REFUSED = ("Invalid", "Unknown")


def id_token(value: str, kind: str = "ISO14443") -> dict[str, str]:
    return {"idToken": value, "type": kind}


async def authorize(station: ScriptedStation, value: str, kind: str = "ISO14443") -> dict[str, Any]:
    """The idTokenInfo of an Authorize."""
    answer = await station.call("Authorize", {"idToken": id_token(value, kind)})
    return dict(answer["idTokenInfo"])


class Session:
    """A transaction as the station tells it."""

    def __init__(self, station: ScriptedStation, evse: int = 1) -> None:
        self.station = station
        self.evse = evse
        self.key = str(uuid4())
        self.seq_no = 0

    async def tell(
        self, kind: str, trigger: str, token: dict[str, str] | None = None, **info: Any
    ) -> dict[str, Any]:
        """One TransactionEvent; `info` goes into its transactionInfo."""
        event: dict[str, Any] = {
            "eventType": kind,
            "timestamp": now(),
            "triggerReason": trigger,
            "seqNo": self.seq_no,
            "transactionInfo": {"transactionId": self.key, **info},
        }
        if self.seq_no == 0:
            event["evse"] = {"id": self.evse, "connectorId": 1}
        if token is not None:
            event["idToken"] = token
        self.seq_no += 1
        return await self.station.call("TransactionEvent", event)

    async def plug_in(self) -> None:
        """EVConnectedPreSession, with TxStartPoint EVConnected."""
        await self.tell("Started", "CablePluggedIn", chargingState="EVConnected")

    async def charge(self, token: dict[str, str]) -> dict[str, Any]:
        """EnergyTransferStarted; the idTokenInfo of the authorised event."""
        await self.plug_in()
        answer = await self.tell("Updated", "Authorized", token, chargingState="EVConnected")
        await self.tell("Updated", "ChargingStateChanged", chargingState="Charging")
        return dict(answer["idTokenInfo"])


@case("TC_C_02_CSMS")
@BOTH
async def test_a_token_that_nobody_registered_is_refused(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    assert (await authorize(station, "NOBODYS"))["status"] in REFUSED
    # C04.FR.01: for a key code the standard has one word only.
    assert (await authorize(station, "4711", "KeyCode"))["status"] == "Invalid"
    # C06.FR.04
    assert (await authorize(station, "local-1", "Local"))["status"] in REFUSED
    session = Session(station)
    await session.plug_in()
    answer = await session.tell("Updated", "Authorized", id_token("NOBODYS"))
    assert answer["idTokenInfo"]["status"] in REFUSED


@case("TC_C_06_CSMS")
@BOTH
async def test_a_blocked_token_is_refused_as_blocked(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    card = await rig.token(blocked=True)
    assert (await authorize(station, card))["status"] == "Blocked"
    session = Session(station)
    await session.plug_in()
    answer = await session.tell("Updated", "Authorized", id_token(card))
    assert answer["idTokenInfo"]["status"] == "Blocked"


@case("TC_C_07_CSMS")
@BOTH
async def test_an_expired_token_is_refused_as_expired(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    past = datetime.now(UTC) - timedelta(days=1)
    card = await rig.token(expires_at=past.isoformat())
    assert (await authorize(station, card))["status"] == "Expired"
    session = Session(station)
    await session.plug_in()
    answer = await session.tell("Updated", "Authorized", id_token(card))
    assert answer["idTokenInfo"]["status"] == "Expired"


@case("TC_C_08_CSMS")
@BOTH
async def test_a_token_from_the_stations_cache_is_judged_again_and_accepted(
    rig: Rig, version: str
) -> None:
    station = await rig.station(version)
    card = await rig.token()
    session = Session(station)
    await session.plug_in()
    answer = await session.tell("Updated", "Authorized", id_token(card))  # no Authorize before
    assert answer["idTokenInfo"]["status"] == "Accepted"  # C12.FR.03


@case("TC_C_20_CSMS")
@BOTH
async def test_a_token_that_is_good_only_in_the_stations_cache_is_refused(
    rig: Rig, version: str
) -> None:
    station = await rig.station(version)
    session = Session(station)
    await session.plug_in()
    answer = await session.tell("Updated", "Authorized", id_token("WAS-GOOD-ONCE"))
    assert answer["idTokenInfo"]["status"] in REFUSED  # C12.FR.03


@case("TC_C_37_CSMS", "TC_C_38_CSMS")
@BOTH
@pytest.mark.parametrize("status", ["Accepted", "Rejected"])
async def test_the_cache_is_cleared_and_the_answer_told(
    rig: Rig, version: str, status: str
) -> None:
    station = await rig.station(version)
    station.answers("ClearCache", {"status": status})
    result = await rig.post(f"/stations/{station.id}/clear-cache")
    assert (result["result"], result["status"]) == ("answered", status)
    assert result["accepted"] is (status == "Accepted")
    assert station.asked("ClearCache") == [{}]


@case("TC_C_39_CSMS")
@BOTH
async def test_two_tokens_of_a_group_may_stop_each_other(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    first = await rig.token(group="FAMILY")
    second = await rig.token(group="FAMILY")
    group = {"idToken": "FAMILY", "type": "Central"}
    info = await authorize(station, first)
    assert (info["status"], info["groupIdToken"]) == ("Accepted", group)  # C09.FR.09
    session = Session(station)
    info = await session.charge(id_token(first))
    assert (info["status"], info["groupIdToken"]) == ("Accepted", group)  # C09.FR.12
    info = await authorize(station, second)
    assert (info["status"], info["groupIdToken"]) == ("Accepted", group)
    answer = await session.tell("Updated", "StopAuthorized", id_token(second))
    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert answer["idTokenInfo"]["groupIdToken"] == group


@case("TC_C_40_CSMS")
@BOTH
async def test_a_group_on_the_local_list(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("SendLocalList", {"status": "Accepted"})
    first, second = await rig.token(group="TWINS"), await rig.token(group="TWINS")
    operation = await rig.post(
        f"/stations/{station.id}/local-list/send", {"update": "Full", "tokens": [first, second]}
    )
    assert operation["state"] == "done"
    (sent,) = station.asked("SendLocalList")
    groups = [e["idTokenInfo"]["groupIdToken"] for e in sent["localAuthorizationList"]]
    assert groups == [{"idToken": "TWINS", "type": "Central"}] * 2
    session = Session(station)
    assert (await session.charge(id_token(first)))["status"] == "Accepted"
    answer = await session.tell("Updated", "StopAuthorized", id_token(second))
    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert answer["idTokenInfo"]["groupIdToken"]["idToken"] == "TWINS"


@case("TC_C_43_CSMS")
@BOTH
async def test_a_member_of_a_group_that_is_not_valid_may_not_stop(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("SendLocalList", {"status": "Accepted"})
    good, bad = await rig.token(group="PAIR"), await rig.token(group="PAIR", blocked=True)
    await rig.post(
        f"/stations/{station.id}/local-list/send", {"update": "Full", "tokens": [good, bad]}
    )
    (sent,) = station.asked("SendLocalList")
    told = {
        e["idToken"]["idToken"]: e["idTokenInfo"]["status"] for e in sent["localAuthorizationList"]
    }
    assert told == {good: "Accepted", bad: "Blocked"}
    session = Session(station)
    assert (await session.charge(id_token(good)))["status"] == "Accepted"
    assert (await authorize(station, bad))["status"] == "Blocked"
    answer = await session.tell("Updated", "StopAuthorized", id_token(bad))
    assert answer["idTokenInfo"]["status"] == "Blocked"


@case("TC_C_47_CSMS", "TC_C_49_CSMS")
@BOTH
async def test_a_master_pass_stops_all_transactions(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    master = await rig.token(group="POLICE", master=True)
    sessions = [Session(station, evse) for evse in (1, 2)]
    for session in sessions:
        await session.charge(id_token(await rig.token()))
    info = await authorize(station, master)
    assert (info["status"], info["groupIdToken"]["idToken"]) == ("Accepted", "POLICE")
    for session in sessions:
        answer = await session.tell(
            "Ended", "StopAuthorized", id_token(master), stoppedReason="MasterPass"
        )
        assert answer["idTokenInfo"]["status"] == "Accepted"
        assert answer["idTokenInfo"]["groupIdToken"]["idToken"] == "POLICE"
    ended = await rig.get("/transactions", station=station.id, state="ended")
    assert {(t["stop_token"], t["stop_reason"]) for t in ended["items"]} == {(master, "MasterPass")}
    # C16.FR.03: it starts none.
    assert (await Session(station, 1).charge(id_token(master)))["status"] == "Invalid"


@case("TC_C_48_CSMS")
@BOTH
async def test_a_master_pass_stops_the_selected_transaction(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    master = await rig.token(master=True)
    kept, stopped = Session(station, 1), Session(station, 2)
    for session in (kept, stopped):
        await session.charge(id_token(await rig.token()))
    info = await authorize(station, master)
    assert (info["status"], info["groupIdToken"]["idToken"]) == ("Accepted", "MASTERPASS")
    # The trigger is whatever the station thinks of it; the reason tells.
    answer = await stopped.tell(
        "Ended", "ChargingStateChanged", id_token(master), stoppedReason="MasterPass"
    )
    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert answer["idTokenInfo"]["groupIdToken"]["idToken"] == "MASTERPASS"
    active = await rig.get("/transactions", station=station.id, state="active")
    assert [t["reference"] for t in active["items"]] == [kept.key]


# --- requirements without a case of their own ---------------------------------------------------------------------


@BOTH
async def test_a_start_button_needs_no_authorisation(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    info = await Session(station).charge(id_token("", "NoAuthorization"))
    assert info["status"] == "Accepted"  # C02.FR.02


@BOTH
async def test_a_key_code_is_accepted_and_never_shown(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    code = await rig.token(type="KeyCode")
    assert (await authorize(station, code, "KeyCode"))["status"] == "Accepted"  # C04.FR.02
    log = await rig.eventually(
        lambda: rig.get(f"/stations/{station.id}/messages", action="Authorize"),
        lambda page: page["items"],
    )
    assert code not in str(log)  # C04.FR.04


@BOTH
async def test_where_a_token_may_charge_is_told(rig: Rig, version: str) -> None:
    station = await rig.station(version, site="Harbour")
    anywhere = await authorize(station, await rig.token())
    assert anywhere["status"] == "Accepted"
    assert "evseId" not in anywhere  # C01.FR.19
    places = [f"{station.identity}/2", f"{station.identity}/3"]
    card = await rig.token(places=places)
    here = await authorize(station, card)
    assert (here["status"], here["evseId"]) == ("Accepted", [2, 3])  # C01.FR.20
    assert (await Session(station, 1).charge(id_token(card)))["status"] == "NotAtThisLocation"
    elsewhere = await authorize(station, await rig.token(places=["OTHER", "site:Hills"]))
    assert elsewhere["status"] == "NotAtThisLocation"  # C01.FR.22
    assert "evseId" not in elsewhere
    assert (await authorize(station, await rig.token(places=["site:harbour"])))["status"] == (
        "Accepted"
    )


@BOTH
async def test_the_type_of_connector_counts(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    report = {
        "requestId": 1,
        "generatedAt": now(),
        "seqNo": 0,
        "reportData": [
            {
                "component": {"name": "Connector", "evse": {"id": 1, "connectorId": 1}},
                "variable": {"name": "ConnectorType"},
                "variableAttribute": [{"value": "cType2", "mutability": "ReadOnly"}],
                "variableCharacteristics": {"dataType": "string", "supportsMonitoring": False},
            }
        ],
    }
    await station.call("NotifyReport", report)
    fast = await rig.token(connector_types=["cCCS2"])
    assert (await authorize(station, fast))["status"] == "NotAllowedTypeEVSE"  # C01.FR.18
    both = await rig.token(connector_types=["cCCS2", "cType2"])
    assert (await authorize(station, both))["status"] == "Accepted"


@BOTH
async def test_what_stations_are_told_of_a_tokens_holder(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    begins = datetime.now(UTC) + timedelta(hours=1)
    early = await rig.token(not_before=begins.isoformat())
    assert (await authorize(station, early))["status"] == "NotAtThisTime"
    card = await rig.token(
        language="fr", language2="en-US", message="Bonjour Ada", priority=5, cache_s=600
    )
    info = await authorize(station, card)
    assert (info["language1"], info["language2"]) == ("fr", "en-US")
    assert info["chargingPriority"] == 5
    assert info["personalMessage"] == {"format": "UTF8", "language": "fr", "content": "Bonjour Ada"}
    until = datetime.fromisoformat(info["cacheExpiryDateTime"]) - datetime.now(UTC)
    assert timedelta(minutes=9) < until <= timedelta(minutes=10)


@BOTH
async def test_one_token_is_in_one_transaction_at_a_time(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    card = id_token(await rig.token())
    assert (await Session(station, 1).charge(card))["status"] == "Accepted"
    assert (await Session(station, 2).charge(card))["status"] == "ConcurrentTx"


@pytest.mark.parametrize("kind", ["Central", "eMAID", "ISO15693", "MacAddress", "EVCCID", "VIN"])
async def test_tokens_of_every_type_may_charge(rig: Rig, kind: str) -> None:
    station = await rig.station("2.1")
    card = await rig.token(type=kind)
    assert (await authorize(station, card, kind))["status"] == "Accepted"
    assert (await authorize(station, card.lower(), kind))["status"] == "Accepted"
    assert (await authorize(station, card, "ISO14443"))["status"] in REFUSED, "another type"


async def test_a_type_of_the_operators_own_is_taken_in_2_1(rig: Rig) -> None:
    station = await rig.station("2.1")
    card = await rig.token(type="LicensePlate")
    assert (await authorize(station, card, "LicensePlate"))["status"] == "Accepted"
