"""O, display message: the cases that are common to 2.0.1 and 2.1."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.charging import Charge, able
from tests.support.rig import VERSIONS, Rig, ScriptedStation, case

both = pytest.mark.parametrize("version", VERSIONS)
TEXT = {"format": "UTF8", "content": "Welcome", "language": "en"}
MESSAGE = {"id": 7, "priority": "InFront", "text": TEXT}
SOON = (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="seconds").replace("+00:00", "Z")
LATER = (
    (datetime.now(UTC) + timedelta(hours=2)).isoformat(timespec="seconds").replace("+00:00", "Z")
)
CTRLR = "DisplayMessageCtrlr"


async def shown(
    rig: Rig, version: str, status: str = "Accepted", **about: Any
) -> tuple[ScriptedStation, dict[str, Any], dict[str, Any]]:
    """A station that was asked to show a message: the station, the operator's answer, what was sent."""
    station = await rig.station(version)
    station.answers("SetDisplayMessage", {"status": status})
    answer = await rig.post(f"/stations/{station.id}/display-messages", {**MESSAGE, **about})
    (asked,) = station.asked("SetDisplayMessage")
    return station, answer, asked["message"]


async def held(rig: Rig, station: ScriptedStation) -> list[int]:
    found = await rig.get(f"/stations/{station.id}/display-messages")
    return [message["id"] for message in found["items"]]


def info(number: int, **about: Any) -> dict[str, Any]:
    message = {"format": "UTF8", "content": f"message {number}"}
    return {"id": number, "priority": "NormalCycle", "message": message, **about}


async def read(
    rig: Rig, station: ScriptedStation, parts: list[list[dict[str, Any]]], **wanted: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ask for messages, which come in parts; the ended operation and what was asked."""
    station.answers("GetDisplayMessages", {"status": "Accepted"})
    operation = await rig.post(f"/stations/{station.id}/display-messages/read", wanted)
    (asked,) = station.asked("GetDisplayMessages")
    for at, part in enumerate(parts):
        tbc = {"tbc": True} if at < len(parts) - 1 else {}
        notice = {"requestId": asked["requestId"], "messageInfo": part, **tbc}
        assert await station.call("NotifyDisplayMessages", notice) == {}
    return await rig.ended(operation), asked


@both
@case("TC_O_01_CSMS", "TC_O_25_CSMS")
async def test_a_message_is_set(rig: Rig, version: str) -> None:
    """O01.FR.04: one that is of no transaction names none."""
    station, answer, sent = await shown(rig, version, state="Charging")
    assert (answer["status"], answer["id"]) == ("Accepted", 7)
    assert sent == {"id": 7, "priority": "InFront", "state": "Charging", "message": TEXT}
    assert await held(rig, station) == [7]


@both
@case("TC_O_02_CSMS")
async def test_all_messages_are_read(rig: Rig, version: str) -> None:
    """In two parts; what is not among them is gone."""
    station, _, _ = await shown(rig, version)
    operation, asked = await read(rig, station, [[info(1)], [info(2), info(3)]])
    assert operation["state"] == "done"
    assert set(asked) == {"requestId"}
    assert await held(rig, station) == [1, 2, 3]


@both
@case("TC_O_03_CSMS")
async def test_there_are_no_messages(rig: Rig, version: str) -> None:
    station, _, _ = await shown(rig, version)
    station.answers("GetDisplayMessages", {"status": "Unknown"})
    operation = await rig.post(f"/stations/{station.id}/display-messages/read")
    assert (operation["state"], operation["status"]) == ("failed", "Unknown")
    assert await held(rig, station) == []


@both
@case("TC_O_04_CSMS", "TC_O_05_CSMS")
@pytest.mark.parametrize("status", ["Accepted", "Unknown"])
async def test_a_message_is_cleared(rig: Rig, version: str, status: str) -> None:
    station, _, _ = await shown(rig, version)
    station.answers("ClearDisplayMessage", {"status": status})
    answer = await rig.post(f"/stations/{station.id}/display-messages/clear", {"id": 7})
    assert (answer["status"], answer["accepted"]) == (status, status == "Accepted")
    assert station.asked("ClearDisplayMessage") == [{"id": 7}]
    assert await held(rig, station) == []


@both
@case("TC_O_06_CSMS", "TC_O_10_CSMS")
@pytest.mark.parametrize("status", ["Accepted", "UnknownTransaction"])
async def test_a_message_for_a_transaction(rig: Rig, version: str, status: str) -> None:
    """It goes with its transaction; one that the station does not know is told."""
    station = await rig.station(version)
    charge = Charge(station, await rig.token())
    await charge.begin()
    station.answers("SetDisplayMessage", {"status": status})
    body = {**MESSAGE, "transaction": charge.reference}
    answer = await rig.post(f"/stations/{station.id}/display-messages", body)
    assert answer["status"] == status
    (asked,) = station.asked("SetDisplayMessage")
    assert asked["message"]["transactionId"] == charge.reference
    assert asked["message"]["priority"] == "InFront"
    assert await held(rig, station) == ([7] if status == "Accepted" else [])
    await charge.end()
    assert await held(rig, station) == []


@both
@case("TC_O_07_CSMS", "TC_O_08_CSMS", "TC_O_09_CSMS")
@pytest.mark.parametrize(
    ("wanted", "sent"),
    [
        ({"ids": [2]}, {"id": [2]}),
        ({"priority": "AlwaysFront"}, {"priority": "AlwaysFront"}),
        ({"state": "Charging"}, {"state": "Charging"}),
    ],
)
async def test_some_messages_are_read(
    rig: Rig, version: str, wanted: dict[str, Any], sent: dict[str, Any]
) -> None:
    """Only what was asked for is learnt anew."""
    station, _, _ = await shown(rig, version)
    found = info(2, priority="AlwaysFront", state="Charging")
    operation, asked = await read(rig, station, [[found]], **wanted)
    assert operation["state"] == "done"
    del asked["requestId"]
    assert asked == sent
    assert await held(rig, station) == [2, 7]


@both
@case("TC_O_11_CSMS")
async def test_unknown_messages_are_asked_for(rig: Rig, version: str) -> None:
    station, _, _ = await shown(rig, version)
    station.answers("GetDisplayMessages", {"status": "Unknown"})
    body = {"ids": [999], "priority": "NormalCycle", "state": "Faulted"}
    operation = await rig.post(f"/stations/{station.id}/display-messages/read", body)
    assert operation["status"] == "Unknown"
    (asked,) = station.asked("GetDisplayMessages")
    assert (asked["id"], asked["priority"], asked["state"]) == ([999], "NormalCycle", "Faulted")
    assert await held(rig, station) == [7]


@both
@case("TC_O_12_CSMS")
async def test_a_message_is_replaced(rig: Rig, version: str) -> None:
    station, _, _ = await shown(rig, version)
    other = {**MESSAGE, "text": {"content": "Closed on Sunday"}, "priority": "NormalCycle"}
    assert (await rig.post(f"/stations/{station.id}/display-messages", other))["accepted"]
    sent = station.asked("SetDisplayMessage")[-1]["message"]
    assert (sent["id"], sent["priority"]) == (7, "NormalCycle")
    (message,) = (await rig.get(f"/stations/{station.id}/display-messages"))["items"]
    assert message["text"]["content"] == "Closed on Sunday"


@both
@case("TC_O_13_CSMS", "TC_O_14_CSMS")
@pytest.mark.parametrize(
    ("about", "sent"),
    [
        ({"start_at": SOON}, {"startDateTime": SOON}),
        ({"end_at": LATER}, {"endDateTime": LATER}),
        ({"start_at": SOON, "end_at": LATER}, {"startDateTime": SOON, "endDateTime": LATER}),
    ],
)
async def test_a_message_with_times(
    rig: Rig, version: str, about: dict[str, str], sent: dict[str, str]
) -> None:
    """O01.FR.05."""
    _, answer, message = await shown(rig, version, **about)
    assert answer["accepted"]
    times = {name: message[name] for name in message if name.endswith("DateTime")}
    assert {n: datetime.fromisoformat(t) for n, t in times.items()} == {
        n: datetime.fromisoformat(t) for n, t in sent.items()
    }


@both
@case("TC_O_17_CSMS", "TC_O_18_CSMS", "TC_O_19_CSMS", "TC_O_26_CSMS")
@pytest.mark.parametrize(
    "status",
    ["NotSupportedPriority", "NotSupportedState", "NotSupportedMessageFormat", "Rejected"],
)
async def test_a_message_that_is_refused(rig: Rig, version: str, status: str) -> None:
    station, answer, sent = await shown(rig, version, status, state="Faulted")
    assert (answer["status"], answer["accepted"]) == (status, False)
    assert sent["id"] == 7
    assert await held(rig, station) == []


@both
@case("TC_O_27_CSMS", "TC_O_28_CSMS")
async def test_a_message_for_a_transaction_with_times(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    charge = Charge(station, await rig.token())
    await charge.begin()
    station.answers("SetDisplayMessage", {"status": "Accepted"})
    for field, name in (("start_at", "startDateTime"), ("end_at", "endDateTime")):
        body = {**MESSAGE, "transaction": charge.reference, field: LATER}
        assert (await rig.post(f"/stations/{station.id}/display-messages", body))["accepted"]
        sent = station.asked("SetDisplayMessage")[-1]["message"]
        assert sent["transactionId"] == charge.reference
        assert datetime.fromisoformat(sent[name]) == datetime.fromisoformat(LATER)


# --- beyond the cases -------------------------------------------------------------------------------------------


async def test_what_the_station_cannot_show_is_not_sent(rig: Rig) -> None:
    """By what it has said of itself (O01.FR.01 to FR.03)."""
    station = await rig.station("2.1")
    values = {
        (CTRLR, "SupportedFormats", ""): "ASCII,UTF8",
        (CTRLR, "SupportedPriorities", ""): "NormalCycle",
        (CTRLR, "SupportedStates", ""): "Idle,Charging",
    }
    await able(rig, station, values)
    path = f"/stations/{station.id}/display-messages"
    page = {"content": "<b>x</b>", "format": "HTML"}
    for body, word in (
        ({"text": page}, "HTML"),
        ({"text": TEXT, "priority": "InFront"}, "InFront"),
        ({"text": TEXT, "state": "Faulted"}, "Faulted"),
        ({"text": {"content": " "}}, "1 to"),
        ({"text": TEXT, "start_at": LATER, "end_at": SOON}, "before it begins"),
    ):
        refused = await rig.post(path, body, status=422)
        assert word in refused["detail"], refused
    assert station.asked("SetDisplayMessage") == []


async def test_several_languages_and_many_stations(rig: Rig) -> None:
    """2.1 has several languages, 2.0.1 has one: there the operator is told, and the others get it."""
    old, new = await rig.station("2.0.1"), await rig.station("2.1")
    for station in (old, new):
        station.answers("SetDisplayMessage", {"status": "Accepted"})
    french = {"content": "Bienvenue", "language": "fr"}
    message = {"id": 3, "text": TEXT, "extra": [french]}
    body = {"stations": [old.identity, new.identity], "message": message}
    sent = (await rig.post("/display-messages", body))["items"]
    assert [(s["station"], s["accepted"]) for s in sent] == [
        (old.identity, False),
        (new.identity, True),
    ]
    assert sent[0]["result"]["result"] == "unsupported"
    assert len(new.asked("SetDisplayMessage")[0]["message"]["messageExtra"]) == 1


async def test_a_free_number_is_taken(rig: Rig) -> None:
    station = await rig.station("2.0.1")
    station.answers("SetDisplayMessage", {"status": "Accepted"})
    path = f"/stations/{station.id}/display-messages"
    numbers = [(await rig.post(path, {"text": TEXT}))["id"] for _ in range(3)]
    assert numbers == [1, 2, 3]
