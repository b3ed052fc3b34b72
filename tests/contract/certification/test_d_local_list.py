"""D: the local authorization list, by hand and by itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.rig import VERSIONS, CallError, Rig, ScriptedStation, case

BOTH = pytest.mark.parametrize("version", VERSIONS)
EVERY = pytest.mark.parametrize("version", ["1.6", *VERSIONS])


class Book:
    """A station's local list, kept as the standard says."""

    def __init__(self, station: ScriptedStation, version: int = 0) -> None:
        self.old = station.old
        self.version = version
        self.entries: dict[str, str] = {}
        self.refuse: list[str] = []
        """Statuses of the next lists that are not taken."""
        station.answers("SendLocalList", self.take)
        station.answers("GetLocalListVersion", self.tell)

    def tell(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"listVersion" if self.old else "versionNumber": self.version}

    def take(self, request: dict[str, Any]) -> dict[str, Any]:
        number = request["listVersion" if self.old else "versionNumber"]
        if self.refuse:
            return {"status": self.refuse.pop(0)}
        if request["updateType"] == "Differential" and number <= self.version:
            return {"status": "VersionMismatch"}  # D01.FR.19
        if request["updateType"] == "Full":
            self.entries = {}
        for entry in request.get("localAuthorizationList", []):
            name, info = self.read(entry)
            if info is None:
                self.entries.pop(name, None)
            else:
                self.entries[name] = info["status"]
        self.version = number
        return {"status": "Accepted"}

    def read(self, entry: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
        if self.old:
            return entry["idTag"], entry.get("idTagInfo")
        return entry["idToken"]["idToken"], entry.get("idTokenInfo")


async def send(rig: Rig, station: ScriptedStation, **body: Any) -> dict[str, Any]:
    return dict(await rig.post(f"/stations/{station.id}/local-list/send", body))


async def stands(rig: Rig, station: ScriptedStation) -> dict[str, Any]:
    return dict(await rig.get(f"/stations/{station.id}/local-list"))


async def in_step(rig: Rig, station: ScriptedStation, size: int | None = None) -> dict[str, Any]:
    return await rig.eventually(
        lambda: stands(rig, station),
        lambda s: s["state"] == "in-step" and size in (None, s["size"]),
    )


@case("TC_D_01_CSMS")
@BOTH
async def test_a_full_list(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    book = Book(station, version=1)
    cards = [await rig.token(), await rig.token()]
    operation = await send(rig, station, update="Full", tokens=cards)
    assert (operation["kind"], operation["state"]) == ("local-list", "done")
    (sent,) = station.asked("SendLocalList")
    assert sent["updateType"] == "Full"
    assert sent["versionNumber"] > 0  # D01.FR.18
    assert all("idTokenInfo" in e for e in sent["localAuthorizationList"])
    assert book.entries == dict.fromkeys(cards, "Accepted")


@case("TC_D_02_CSMS")
@BOTH
async def test_a_differential_list_has_a_higher_version(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    Book(station, version=7)
    card = await rig.token()
    operation = await send(rig, station, update="Differential", tokens=[card])
    assert operation["state"] == "done"
    assert len(station.asked("GetLocalListVersion")) == 1
    (sent,) = station.asked("SendLocalList")
    assert (sent["updateType"], sent["versionNumber"]) == ("Differential", 8)
    assert [e["idToken"]["idToken"] for e in sent["localAuthorizationList"]] == [card]
    assert sent["localAuthorizationList"][0]["idTokenInfo"]["status"] == "Accepted"


@case("TC_D_03_CSMS")
@BOTH
async def test_a_differential_list_takes_tokens_off(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    book = Book(station)
    card = await rig.token(type="eMAID")
    await send(rig, station, update="Full", tokens=[card])
    operation = await send(rig, station, update="Differential", remove=[card.lower()])
    assert operation["state"] == "done"
    sent = station.asked("SendLocalList")[-1]
    assert sent["updateType"] == "Differential"
    assert sent["versionNumber"] > station.asked("SendLocalList")[0]["versionNumber"]
    assert sent["localAuthorizationList"] == [{"idToken": {"idToken": card, "type": "eMAID"}}]
    assert book.entries == {}


@case("TC_D_04_CSMS")
@BOTH
async def test_a_full_list_of_nothing_clears_it(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    book = Book(station)
    await send(rig, station, update="Full", tokens=[await rig.token()])
    operation = await rig.post(f"/stations/{station.id}/local-list/clear")
    assert operation["state"] == "done"
    sent = station.asked("SendLocalList")[-1]
    assert sent["updateType"] == "Full"
    assert sent["versionNumber"] > 0
    assert not sent.get("localAuthorizationList")
    assert book.entries == {}
    assert (await stands(rig, station))["size"] == 0


@case("TC_D_08_CSMS", "TC_D_09_CSMS")
@BOTH
@pytest.mark.parametrize("told", [42, 0])
async def test_the_version_is_asked_for(rig: Rig, version: str, told: int) -> None:
    station = await rig.station(version)
    station.answers("GetLocalListVersion", {"versionNumber": told})
    result = await rig.post(f"/stations/{station.id}/local-list/version")
    assert (result["result"], result["details"]) == ("answered", {"version": told})
    assert (await stands(rig, station))["version"] == told


# --- 1.6 ----------------------------------------------------------------------------------------------------------


@case("TC_042_1_CSMS", "TC_042_2_CSMS")
@pytest.mark.parametrize("told", [-1, 0])
async def test_v16_the_version_says_not_supported_or_empty(rig: Rig, told: int) -> None:
    station = await rig.station("1.6")
    await rig.put(f"/stations/{station.id}/local-list", {"automatic": True})
    station.answers("GetLocalListVersion", {"listVersion": told})
    station.answers("SendLocalList", {"status": "Accepted"})
    result = await rig.post(f"/stations/{station.id}/local-list/version")
    assert result["details"] == {"version": told}
    if told < 0:
        await rig.eventually(
            lambda: stands(rig, station), lambda seen: seen["state"] == "not-supported"
        )
        assert station.asked("SendLocalList") == []


@case("TC_043_1_CSMS", "TC_043_3_CSMS")
@pytest.mark.parametrize("status", ["NotSupported", "Failed"])
async def test_v16_a_list_that_is_refused(rig: Rig, status: str) -> None:
    station = await rig.station("1.6")
    station.answers("SendLocalList", {"status": status})
    operation = await send(rig, station, update="Full", tokens=[await rig.token()])
    assert operation["state"] == "failed"
    assert status in operation["problem"]
    assert (await stands(rig, station))["version"] == 0


@case("TC_043_4_CSMS")
async def test_v16_a_full_list(rig: Rig) -> None:
    station = await rig.station("1.6")
    station.answers("SendLocalList", {"status": "Accepted"})
    card, blocked = await rig.token(group="FLEET"), await rig.token(blocked=True)
    operation = await send(rig, station, update="Full", tokens=[card, blocked])
    assert operation["state"] == "done"
    (sent,) = station.asked("SendLocalList")
    assert (sent["updateType"], sent["listVersion"] > 0) == ("Full", True)
    assert sent["localAuthorizationList"] == [
        {"idTag": card, "idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET"}},
        {"idTag": blocked, "idTagInfo": {"status": "Blocked"}},
    ]


@case("TC_043_5_CSMS")
async def test_v16_a_differential_list_follows_the_version_that_was_told(rig: Rig) -> None:
    station = await rig.station("1.6")
    Book(station, version=3)
    card = await rig.token()
    operation = await send(rig, station, update="Differential", tokens=[card])
    assert operation["state"] == "done"
    assert station.asked("GetLocalListVersion") == [{}]
    (sent,) = station.asked("SendLocalList")
    assert (sent["updateType"], sent["listVersion"]) == ("Differential", 4)
    assert sent["localAuthorizationList"][0]["idTag"] == card


# --- by itself ----------------------------------------------------------------------------------------------------


@EVERY
async def test_a_list_follows_the_register(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    book = Book(station)
    group = f"G-{station.identity}"
    card = await rig.token(group=group)
    await rig.put(
        f"/stations/{station.id}/local-list",
        {"automatic": True, "rule": "groups", "groups": [group]},
    )
    await in_step(rig, station, 1)
    assert station.asked("SendLocalList")[0]["updateType"] == "Full"
    other = await rig.token(group=group)
    await in_step(rig, station, 2)
    found = await rig.get("/tokens", search=card)
    await rig.patch(f"/tokens/{found['items'][0]['id']}", {"blocked": True})
    await rig.eventually(lambda: stands(rig, station), lambda _: book.entries[card] == "Blocked")
    await rig.delete(f"/tokens/{found['items'][0]['id']}")
    await in_step(rig, station, 1)
    assert book.entries == {other: "Accepted"}
    kinds = [sent["updateType"] for sent in station.asked("SendLocalList")]
    assert kinds == ["Full", *["Differential"] * (len(kinds) - 1)]


@EVERY
async def test_a_station_that_was_away_gets_what_it_missed(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    book = Book(station)
    group = f"G-{station.identity}"
    await rig.token(group=group)
    await rig.put(
        f"/stations/{station.id}/local-list",
        {"automatic": True, "rule": "groups", "groups": [group]},
    )
    await in_step(rig, station, 1)
    await station.close()
    card = await rig.token(group=group)
    await rig.eventually(lambda: stands(rig, station), lambda s: s["state"] == "waiting")
    await station.connect()
    await in_step(rig, station, 2)
    assert card in book.entries
    assert station.asked("SendLocalList")[-1]["updateType"] == "Differential"


@EVERY
async def test_a_station_that_lost_its_list_gets_all_of_it(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    book = Book(station)
    cards = [await rig.token(), await rig.token()]
    await rig.put(
        f"/stations/{station.id}/local-list",
        {"automatic": True, "rule": "chosen", "chosen": cards},
    )
    await in_step(rig, station, 2)
    await station.close()
    book.version, book.entries = 0, {}
    await station.connect()
    await rig.eventually(lambda: stands(rig, station), lambda _: len(book.entries) == 2)
    assert station.asked("SendLocalList")[-1]["updateType"] == "Full"


@EVERY
@pytest.mark.parametrize("status", ["VersionMismatch", "Failed"])
async def test_a_refused_differential_is_followed_by_the_full_list(
    rig: Rig, version: str, status: str
) -> None:
    station = await rig.station(version)
    book = Book(station)
    group = f"G-{station.identity}"
    first = await rig.token(group=group)
    await rig.put(
        f"/stations/{station.id}/local-list",
        {"automatic": True, "rule": "groups", "groups": [group]},
    )
    await in_step(rig, station, 1)
    book.version += 5  # somebody else's doing
    book.refuse = [] if status == "VersionMismatch" else [status]
    second = await rig.token(group=group)
    await in_step(rig, station, 2)
    assert set(book.entries) == {first, second}
    kinds = [sent["updateType"] for sent in station.asked("SendLocalList")]
    assert kinds == ["Full", "Differential", "Full"]  # D01.FR.03


@EVERY
async def test_a_long_list_goes_in_as_many_messages_as_the_station_asks_for(
    rig: Rig, version: str
) -> None:
    station = await rig.station(version)
    book = Book(station)
    if station.old:
        told = [{"key": "SendLocalListMaxLength", "readonly": True, "value": "10"}]
        told += [{"key": "LocalAuthListMaxLength", "readonly": True, "value": "24"}]
        station.answers("GetConfiguration", {"configurationKey": told})
    else:
        values = {"ItemsPerMessage": "10", "BytesPerMessage": "60000", "Entries": "24"}
        station.answers(
            "GetVariables",
            lambda request: {
                "getVariableResult": [
                    {
                        **asked,
                        "attributeStatus": "Accepted",
                        "attributeValue": values[asked["variable"]["name"]],
                    }
                    for asked in request["getVariableData"]
                ]
            },
        )
    group = f"G-{station.identity}"
    cards = [await rig.token(group=group) for _ in range(25)]
    await rig.put(
        f"/stations/{station.id}/local-list",
        {"automatic": True, "rule": "groups", "groups": [group]},
    )
    seen = await in_step(rig, station)
    lengths = [len(s["localAuthorizationList"]) for s in station.asked("SendLocalList")]
    assert lengths[:2] == [10, 10]  # D01.FR.11
    assert max(lengths) == 10
    kinds = [sent["updateType"] for sent in station.asked("SendLocalList")]
    assert kinds[:3] == ["Full", "Differential", "Differential"]
    assert len(book.entries) == seen["size"]
    sent = await rig.get("/operations", station=station.id, kind="local-list")
    assert sent["items"][-1]["arguments"]["messages"] == 3
    assert set(book.entries) <= set(cards)


@EVERY
async def test_a_station_without_local_lists(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("GetLocalListVersion", CallError("NotImplemented"))
    station.answers("SendLocalList", CallError("NotImplemented"))
    await rig.put(f"/stations/{station.id}/local-list", {"automatic": True})
    await rig.eventually(lambda: stands(rig, station), lambda s: s["state"] == "not-supported")


async def test_prepaid_tokens_stay_off_the_list(rig: Rig) -> None:
    station = await rig.station("2.1")
    Book(station)
    card = await rig.token(credit="10")
    refused = await rig.post(
        f"/stations/{station.id}/local-list/send",
        {"update": "Full", "tokens": [card]},
        status=422,
    )
    assert "Prepaid" in refused["detail"]


async def test_nothing_to_send_is_said(rig: Rig) -> None:
    station = await rig.station("2.0.1")
    Book(station)
    await rig.put(
        f"/stations/{station.id}/local-list",
        {"automatic": True, "rule": "chosen", "chosen": [await rig.token()]},
    )
    await in_step(rig, station, 1)
    refused = await rig.post(
        f"/stations/{station.id}/local-list/send", {"update": "Differential"}, status=409
    )
    assert "in step" in refused["detail"]


async def test_a_rule_without_names_is_refused(rig: Rig) -> None:
    station = await rig.station("2.0.1", connect=False)
    for body in (
        {"automatic": True, "rule": "groups"},
        {"automatic": True, "rule": "chosen"},
        {"automatic": True, "rule": "chosen", "chosen": ["NEVER-SEEN"]},
    ):
        await rig.put(f"/stations/{station.id}/local-list", body, status=422)
