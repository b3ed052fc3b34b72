"""P, data transfer: vendors nobody answers for, plug-ins that do, and customData anywhere."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from releve.app.plugins import load_plugins
from tests.contract.certification.charging import Charge, now
from tests.support.rig import VERSIONS, Rig, case

CUSTOM = {"vendorId": "org.example", "anything": {"goes": [1, "two", None]}, "flag": True}


@case("TC_P_02_CSMS", "TC_064_CSMS")
@pytest.mark.parametrize("version", ["1.6", *VERSIONS])
async def test_nobody_answers_for_this_vendor(rig: Rig, version: str) -> None:
    station = await rig.station(version)

    answer = await station.call(
        "DataTransfer", {"vendorId": "com.example.nobody", "messageId": "Hello", "data": "1"}
    )

    assert answer["status"] in ("UnknownVendorId", "UnknownMessageId", "Rejected")


@case("TC_P_03_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
async def test_custom_data_is_taken_anywhere_and_kept(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    status = {
        "timestamp": now(),
        "connectorStatus": "Available",
        "evseId": 1,
        "connectorId": 1,
        "customData": CUSTOM,
    }
    assert await station.call("StatusNotification", status) == {}

    charge = Charge(station, await rig.token())
    answer = await charge.begin(customData=CUSTOM, info={"customData": CUSTOM})

    assert answer["idTokenInfo"]["status"] == "Accepted"
    row = await charge.row(rig)
    (fact,) = (await rig.get(f"/transactions/{row['id']}/facts"))["items"]
    assert fact["payload"]["customData"] == CUSTOM
    assert fact["payload"]["transactionInfo"]["customData"] == CUSTOM


@pytest.mark.parametrize("version", ["1.6", *VERSIONS])
async def test_the_operator_sends_data(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("DataTransfer", {"status": "Accepted", "data": "done"})

    result = await rig.post(
        f"/stations/{station.id}/data-transfer",
        {"vendor": "org.example", "message": "Blink", "data": "twice"},
    )

    assert station.asked("DataTransfer") == [
        {"vendorId": "org.example", "messageId": "Blink", "data": "twice"}
    ]
    assert (result["accepted"], result["payload"]["data"]) == (True, "done")


@pytest.fixture
def example(rig: Rig, tmp_path: Path) -> Any:
    """The plug-in of docs/plugins.md, as an installed package would bring it, and some that go wrong."""
    text = Path("docs/plugins.md").read_text(encoding="utf-8")
    code = text.split("```python\n", 1)[1].split("```", 1)[0]
    (tmp_path / "blinking.py").write_text(code, encoding="utf-8")
    (tmp_path / "broken.py").write_text(
        "import time\n"
        "def fails(transfer, station):\n    raise RuntimeError('no')\n"
        "def lies(transfer, station):\n    return 'Accepted'\n"
        "def sleeps(transfer, station):\n    time.sleep(0.5)\n",
        encoding="utf-8",
    )
    sys.path.insert(0, str(tmp_path))
    group = "releve.data_transfer"
    points = [
        EntryPoint("org.example.lamps", "blinking:answer", group),
        *(
            EntryPoint(f"org.example.{n}", f"broken:{n}", group)
            for n in ("fails", "lies", "sleeps")
        ),
        EntryPoint("org.example.missing", "broken:nothing", group),
    ]
    loaded = load_plugins(rig.running.node.services.data_transfer, found=points, patience_s=0.1)
    yield loaded
    sys.path.remove(str(tmp_path))


async def test_a_plug_in_answers_and_one_that_goes_wrong_hurts_nobody(
    rig: Rig, example: list[str]
) -> None:
    assert "org.example.missing" not in example
    for version in ("1.6", "2.1"):
        station = await rig.station(version)

        async def sent(vendor: str, message: str, data: str, to: Any = station) -> dict[str, Any]:
            body = {"vendorId": f"org.example.{vendor}", "messageId": message, "data": data}
            return dict(await to.call("DataTransfer", body))

        assert (await sent("lamps", "Blink", "3"))["status"] == "Accepted"
        assert (await sent("lamps", "Sing", ""))["status"] == "UnknownMessageId"
        for vendor in ("fails", "lies", "sleeps"):
            assert await sent(vendor, "Any", "") == {"status": "Rejected"}
        assert "currentTime" in await station.call("Heartbeat", {})
