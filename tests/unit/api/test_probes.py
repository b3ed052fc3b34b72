"""For the machine room."""

from __future__ import annotations

from tests.unit.api.api_kit import House


async def test_probes_need_no_key(house: House):
    del house.client.headers["authorization"]
    alive = await house.client.get("/healthz")
    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    house.line.connect(await house.add_station())
    ready = await house.client.get("/readyz")
    assert (ready.status_code, ready.json()) == (
        200,
        {"status": "ready", "reason": "", "stations": 1},
    )
    numbers = await house.client.get("/metrics")
    assert numbers.text == "releve_stations 1\n"
    assert numbers.headers["content-type"] == "text/plain; version=1.0.0; charset=utf-8"
    for answer in (alive, ready, numbers):
        assert answer.headers["cache-control"] == "no-store"


async def test_readiness_says_why_not(house: House):
    house.trouble.append("the disk is full")
    answer = await house.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not-ready", "reason": "the disk is full", "stations": 0}
    assert (await house.client.get("/healthz")).status_code == 200


async def test_a_store_that_is_closed_is_not_ready(house: House):
    await house.store.close()
    answer = await house.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reason"]
