"""The API keeps what its document promises: for each operation, made-up requests, and every answer held against it."""

from __future__ import annotations

import re
from typing import Any
from zlib import crc32

import jsonschema_rs
import msgspec
import pytest

from releve.api import openapi_document
from releve.domain.commands import ClearCache
from tests.support.furnished import deepened, kept, registered
from tests.support.stores import NOW, ONE, anomaly, exchange, fact, sample, token, transaction
from tests.unit.api.api_kit import House, opened
from tests.unit.api.made_up import Made, MakeUp
from tests.unit.api.sensible import BODIES, CONTENTS

DOCUMENT = openapi_document()
OPERATIONS = [
    (path, method, about)
    for path, item in DOCUMENT["paths"].items()
    for method, about in item.items()
    if about["operationId"] != "followEvents"  # never ends; tests/unit/api/test_events.py
]
REQUESTS = 25


@pytest.fixture
async def house(tmp_path):
    async with opened(tmp_path, station_tls_port=9443) as house:
        yield house


async def furnish(house: House, path: str) -> dict[str, list[str]]:
    """One of everything; the ids by the names of parameters."""
    station = await house.add_station("CP-1", name="Yard")
    row = transaction(station.id, "tx-1", token="ADA", evse=1)
    write, names = kept(station.id, row.id)
    card, odd = token("ADA"), anomaly(station.id, transaction=row.id)

    def fill(work: Any) -> None:
        work.transactions.add(row)
        work.transactions.add_fact(fact(row))
        work.samples.add(station.id, 1, row.id, sample(), NOW, 7)
        work.tokens.add(card)
        work.anomalies.add(odd)

    house.store.log(exchange(station.id))
    await house.write(fill)
    await house.write(write)
    await house.desk.services.preparations.prepare(ONE, station.id, [], None, by="ada")
    if path.endswith("/cancel"):  # else requests would wait for its end
        open_one = await house.desk.services.operations.begin(
            ONE, station.id, "clear-cache", lambda _: ClearCache(), by="ada"
        )
        names["operation"].insert(0, str(open_one.id))
    await house.desk.services.access.add_user(ONE, "ada", role="viewer")
    waiting = msgspec.structs.replace(await house.add_station("NEW"), quarantined=True)
    await house.write(lambda work: work.stations.save(waiting))
    key, _ = await house.desk.services.access.add_key(ONE, "spare", ("read",))
    (message,) = (await house.get("/stations/CP-1/messages"))["items"]
    return {
        "station": ["CP-1", str(station.id), "NEW"],
        "transaction": [str(row.id)],
        "token": [str(card.id), "ADA"],
        "anomaly": [str(odd.id)],
        "message": [message["id"]],
        "key": ["1", str(key.id)],
        "name": ["ada"],
        "action": ["Heartbeat", "Reset"],
        **names,
        **await registered(path, house.post, lambda: upload(house)),
        **await deepened(path, house, station.id, row.id),
    }


@pytest.mark.parametrize(
    ("path", "method", "about"), OPERATIONS, ids=[about["operationId"] for *_, about in OPERATIONS]
)
async def test_the_document_is_kept(house: House, path, method, about):
    known = await furnish(house, path)
    make_up = MakeUp(DOCUMENT, crc32(about["operationId"].encode()), known)
    seen = set()
    requests = [make_up.request(path, method, about) for _ in range(REQUESTS)]
    if about["operationId"] in BODIES or about["operationId"] in CONTENTS:
        requests.insert(0, sensible(path, method, about["operationId"], known))
    for made in requests:
        answer = await house.client.request(
            made.method, made.url, json=made.body, content=made.content, headers=made.headers
        )
        told = f"{made} -> {answer.status_code} {answer.text[:300]}"
        assert answer.status_code < 500, told
        status = str(answer.status_code)
        assert status in about["responses"], told
        seen.add(status[0])
        check(about["responses"][status], answer, told)
        house.clock.turn(60)
    assert "2" in seen, f"{about['operationId']}: no request was answered"


async def upload(house: House) -> dict[str, Any]:
    """An image of firmware that is kept here."""
    answer = await house.client.post("/api/v1/firmware?name=fw.bin", content=b"firmware")
    assert answer.status_code == 201, answer.text
    image: dict[str, Any] = answer.json()
    return image


def sensible(path: str, method: str, operation: str, known: dict[str, list[str]]) -> Made:
    """What chance hardly makes: a request of which every part fits the others."""
    for name, values in known.items():
        path = path.replace("{" + name + "}", values[0])
    url = re.sub(r"{\w+}", "1", path)
    if operation in CONTENTS:
        return Made(method.upper(), url, content=CONTENTS[operation])
    body = {k: known[k][0] if v == "1" and k in known else v for k, v in BODIES[operation].items()}
    return Made(method.upper(), url, body)


def check(promised: dict[str, Any], answer: Any, told: str) -> None:
    """Hold an answer against what the document says of its status."""
    if "$ref" in promised:
        promised = DOCUMENT["components"]["responses"][promised["$ref"].rsplit("/", 1)[1]]
    if not promised.get("content"):
        assert answer.content == b"", told
        return
    header = answer.headers["content-type"]
    fitting = [media for media in promised["content"] if header.startswith(media)]
    assert fitting, told
    media_type, content = fitting[0], promised["content"][fitting[0]]
    if media_type.endswith("json"):
        schema = {**content["schema"], "components": DOCUMENT["components"]}
        validator = jsonschema_rs.Draft202012Validator(schema)
        errors = [e.message for e in validator.iter_errors(answer.json())]
        assert not errors, (told, errors)
