"""The API as a whole node serves it: beside the console, with streams open when the node stops."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from tests.support.running import Running, running


async def test_problems_for_programs_and_pages_for_people(node: Running) -> None:
    for path in ("/api/v1/nothing", "/api/nothing"):
        lost = await node.client.get(path)
        assert lost.status_code == 404
        assert lost.headers["content-type"] == "application/problem+json"
    wrong = await node.client.put("/api/v1/tokens")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, OPTIONS, POST")
    page = await node.client.get("/nothing")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert (await node.client.get("/api/docs")).status_code == 200
    assert (await node.client.get("/readyz")).json()["status"] == "ready"
    assert "releve_stations_connected" in (await node.client.get("/metrics")).text


async def test_nobody_unconfigured_is_believed_about_where_he_comes_from(node: Running) -> None:
    """Abuse case 28: with forged addresses the limit on wrong keys would be none."""
    codes = []
    for number in range(25):
        forged = {"authorization": "Bearer rlv_wrong", "x-forwarded-for": f"198.51.100.{number}"}
        codes.append((await node.client.get("/api/v1/whoami", headers=forged)).status_code)
    assert codes[-1] == 429


async def test_a_node_stops_while_streams_are_open(tmp_path: Path) -> None:
    connected, changed = asyncio.Event(), asyncio.Event()

    async def follow(client: httpx.AsyncClient) -> list[str]:
        lines = []
        async with client.stream("GET", "/api/v1/events") as answer:
            async for line in answer.aiter_lines():
                lines.append(line)
                connected.set()
                if line == "event: station.changed":
                    changed.set()
        return lines

    async with running(tmp_path) as node:
        headers = node.client.headers
        client = httpx.AsyncClient(base_url=node.client.base_url, headers=headers, timeout=20)
        following = asyncio.create_task(follow(client))
        await asyncio.wait_for(connected.wait(), 10)
        await node.add_station("CP-1")
        await asyncio.wait_for(changed.wait(), 10)
    lines = await asyncio.wait_for(following, 10)
    await client.aclose()
    assert lines[-1] == ""  # the stream ended between events, not within one
