"""The register of stations over HTTP."""

from __future__ import annotations

import msgspec

from releve.domain.commands import VariableName
from releve.domain.station import Evse
from releve.services.ports import Variable
from tests.support.stores import NOW, sample
from tests.unit.api.api_kit import House


async def test_a_station_is_registered_found_changed_and_forgotten(house: House):
    answer = await house.client.post("/api/v1/stations", json={"identity": "CP-1", "name": "Yard"})
    assert answer.status_code == 201
    added = answer.json()
    assert added["station"]["identity"] == "CP-1"
    assert added["url"].endswith("/ocpp/CP-1")
    assert added["password"] is None
    path = answer.headers["location"].removeprefix("/api/v1")
    assert (await house.get(path))["name"] == "Yard"
    assert (await house.get("/stations/CP-1"))["id"] == added["station"]["id"]

    changed = await house.client.patch(
        f"/api/v1{path}", json={"site": "North", "boot": "Rejected", "heartbeat_s": 60}
    )
    assert changed.status_code == 200
    assert (changed.json()["site"], changed.json()["boot"], changed.json()["heartbeat_s"]) == (
        "North",
        "Rejected",
        60,
    )
    assert changed.json()["name"] == "Yard"
    default = await house.client.patch(f"/api/v1{path}", json={"heartbeat_s": None})
    assert default.json()["heartbeat_s"] is None

    gone = await house.client.delete(f"/api/v1{path}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await house.client.get(f"/api/v1{path}")).status_code == 404


async def test_a_made_password_is_told_once(house: House):
    added = await house.post("/stations", {"identity": "CP-1", "password": ""}, 201)
    assert len(added["password"]) == 20
    assert added["password"] not in (await house.client.get("/api/v1/stations/CP-1")).text
    assert (await house.get("/stations/CP-1"))["has_password"] is True
    other = await house.post("/stations/CP-1/password")
    assert len(other["password"]) == 20
    assert other["password"] != added["password"]
    own = await house.post("/stations/CP-1/password", {"password": "sixteen-letters-!"})
    assert own == {"password": "sixteen-letters-!"}
    assert (await house.client.delete("/api/v1/stations/CP-1/password")).status_code == 204
    assert (await house.get("/stations/CP-1"))["has_password"] is False


async def test_stations_are_searched_and_paged(house: House):
    for number in range(5):
        await house.add_station(f"CP-{number}", site="North" if number < 3 else "South")
    first = await house.client.get("/api/v1/stations", params={"search": "north", "limit": 2})
    assert [s["identity"] for s in first.json()["items"]] == ["CP-0", "CP-1"]
    assert first.json()["next"]
    link = first.headers["link"]
    assert link.endswith('>; rel="next"')
    second = await house.client.get(link[1 : link.index(">")])
    assert [s["identity"] for s in second.json()["items"]] == ["CP-2"]
    assert second.json()["next"] is None
    assert "link" not in second.headers


async def test_the_inbox_and_how_one_leaves_it(house: House):
    station = await house.add_station("NEW")
    held = msgspec.structs.replace(station, quarantined=True)
    await house.write(lambda work: work.stations.save(held))
    house.line.connect(held)
    assert (await house.get("/stations"))["items"] == []
    (waiting,) = (await house.get("/stations", quarantined="true"))["items"]
    assert waiting["identity"] == "NEW"
    accepted = await house.post(f"/stations/{station.id}/accept", {"name": "Gate"})
    assert (accepted["quarantined"], accepted["name"]) == (False, "Gate")
    assert house.line.asked[0][1].message == "BootNotification"
    again = await house.client.post(f"/api/v1/stations/{station.id}/accept")
    assert again.status_code == 409


async def test_a_station_shows_its_evses_variables_and_series(house: House):
    station = await house.add_station()

    def fill(work):
        work.stations.save_evse(station.id, Evse(evse=1, status="Occupied", charging="Charging"))
        name = VariableName(component="OCPPCommCtrlr", variable="HeartbeatInterval")
        work.variables.save(station.id, [Variable(name=name, value="300", reported_at=NOW)])
        work.samples.add(station.id, 1, None, sample(), NOW, 7)

    await house.write(fill)
    (evse,) = (await house.get("/stations/CP-1/evses"))["items"]
    assert (evse["evse"], evse["status"], evse["charging"]) == (1, "Occupied", "Charging")
    (variable,) = (await house.get("/stations/CP-1/variables"))["items"]
    assert (variable["variable"], variable["value"]) == ("HeartbeatInterval", "300")
    (point,) = (await house.get("/stations/CP-1/series"))["items"]
    assert (point["power_w"], point["energy_wh"]) == (7000, 1000)
    nothing = await house.get("/stations/CP-1/series", until="2026-03-01T10:00:00Z")
    assert nothing == {"items": []}


async def test_a_station_is_disconnected(house: House):
    station = await house.add_station()
    assert await house.post("/stations/CP-1/disconnect") == {"disconnected": False}
    house.line.connect(station)
    assert await house.post("/stations/CP-1/disconnect") == {"disconnected": True}
    assert "key admin" in house.line.cut[-1][1]
