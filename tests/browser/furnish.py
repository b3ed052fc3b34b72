"""Something of everything at one station, with awkwardly long names, so that every page has what to show."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from releve.domain.commands import VariableName, VariableResult
from releve.domain.file import FileId, FileKind, StoredFile
from releve.domain.firmware import PublishedFirmware
from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.monitoring import Monitor, Spot
from releve.domain.provisioning import (
    Apn,
    NetworkProfile,
    Preparation,
    PreparationState,
    ReportBase,
    StoredProfile,
)
from releve.domain.security import CertificateState, StationCertificate
from releve.domain.variables import PRIORITY
from releve.services.customers import WantedCustomer
from releve.services.firmware import When
from releve.services.images import About
from releve.services.live import Inbound
from releve.services.monitors import ToldEvent
from releve.services.ports import Variable
from releve.services.rollouts import Pace
from tests.support.console import Console

LONG = "W" * 60


async def furnish(console: Console, inbound: Inbound) -> dict[str, str]:
    """Upkeep, network, security; ids of an operation and a customer's data."""
    await _firmware(console, inbound)
    await _kept(console, inbound)
    customers = console.desk.services.customers
    wanted = WantedCustomer(report=True, clear=False, identifier=LONG)
    asked = await customers.ask(DEFAULT_OPERATOR, inbound.station.id, wanted, by="ada")
    message = console.message(inbound.live, "NotifyCustomerInformation")
    await customers.told(message, asked.request_id, 0, False, LONG * 4)
    await console.desk.services.security.events.told(
        inbound, "TamperDetectionActivated", console.desk.clock.now(), LONG
    )
    return {"customer": str(asked.id)}


async def _firmware(console: Console, inbound: Inbound) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"firmware"

    services = console.desk.services
    key = await services.images.make_key(DEFAULT_OPERATOR, LONG)
    for name, about in (
        (f"{LONG}.bin", About(version=LONG, key=key.name)),
        ("plain.bin", About()),
    ):
        image = await services.images.upload(DEFAULT_OPERATOR, name, pieces(), about, by="ada")
    await services.images.refer(
        DEFAULT_OPERATOR, f"https://maker.example/{LONG}/{LONG}.bin", About(), by="ada"
    )
    stations, pace = [inbound.station.id], Pace(label=f"Spring {LONG}")
    await services.rollouts.begin(
        DEFAULT_OPERATOR, image.id, stations, When(signed=False), pace, by="ada"
    )
    published = PublishedFirmware(
        checksum="0" * 32,
        image=image.id,
        locations=(f"http://controller.local/{LONG}{LONG}",),
        published_at=console.desk.clock.now(),
    )
    async with console.store.work(DEFAULT_OPERATOR) as work:
        work.holdings.save(inbound.station.id, published)


async def _kept(console: Console, inbound: Inbound) -> None:
    """What a station told or took in the past."""
    now, station = console.desk.clock.now(), inbound.station.id
    spot = Spot(component=LONG, evse=1, variable=LONG)
    long = VariableName(component=LONG, component_instance=LONG, evse=1, variable=LONG)
    answer = VariableResult(name=long, status="Rejected", reason=LONG)
    profile = NetworkProfile(
        url=f"wss://{LONG}.example/{LONG}", security_profile=2, apn=Apn(apn=LONG)
    )
    holdings: list[Any] = [
        Monitor(id=1, spot=spot, type="UpperThreshold", value=91.5, severity=2, reported_at=now),
        StoredProfile(slot=1, profile=profile, at=now),
        Preparation(
            values=((long, LONG),),
            report=ReportBase.FULL,
            state=PreparationState.FAILED,
            problem=LONG,
            results=(answer,),
            by="ada",
            at=now,
        ),
    ]
    async with console.store.work(DEFAULT_OPERATOR) as work:
        for one in holdings:
            work.holdings.save(station, one)
        limit = VariableName(
            component="DeviceDataCtrlr", variable="ItemsPerMessage", instance="SetVariables"
        )
        told = [(PRIORITY, "1,2"), (limit, "4")]
        work.variables.save(station, [Variable(name=n, value=v, reported_at=now) for n, v in told])
        work.files.add(_log(inbound, now))
        work.station_certificates.save(_certificate(inbound, now))
    event = {"event": 1, "at": now, "trigger": "Alerting", "severity": 2, "spot": spot}
    event |= {"notification": "CustomMonitor", "value": LONG, "monitor": 1, "reference": ""}
    event |= {"cause": None, "cleared": False, "tech_code": LONG, "tech_info": LONG}
    await console.desk.services.station_events.told(inbound, [ToldEvent(**event)])


def _log(inbound: Inbound, now: Any) -> StoredFile:
    return StoredFile(
        id=FileId(1),
        operator=DEFAULT_OPERATOR,
        station=inbound.station.id,
        kind=FileKind.LOG,
        name=f"{LONG}{LONG}.log",
        size=123_456,
        sha256="0" * 64,
        md5="0" * 32,
        place="nowhere",
        created_at=now,
    )


def _certificate(inbound: Inbound, now: Any) -> StationCertificate:
    return StationCertificate(
        operator=DEFAULT_OPERATOR,
        station=inbound.station.id,
        serial="ab" * 20,
        issuer="30",
        issuer_name=LONG,
        common_name="LOOK-1",
        state=CertificateState.ACTIVE,
        not_before=now,
        not_after=now + timedelta(days=30),
        pem="-",
        changed_at=now,
    )
