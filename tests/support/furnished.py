"""One of everything that routes name, at one station of the first operator, for tests that call every route."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from releve.domain.certificates import CertificateHash, CertificateUse, InstalledCertificate
from releve.domain.charging_holdings import InstalledProfile
from releve.domain.charging_needs import ChargingNeeds, NeedsAnswer, NotedNeeds
from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Kind,
    Purpose,
)
from releve.domain.diagnostics import CUSTOMER
from releve.domain.ids import OperationId, PaymentId, ReservationId, StationId, TransactionId
from releve.domain.monitoring import Stream, StreamParams
from releve.domain.operation import Operation, OperationPart, OperationState
from releve.domain.payment import Channel, Payment, PaymentState
from releve.domain.reservation import Reservation
from releve.domain.transaction import TariffUse
from releve.services.certificates.authority import make_crl
from tests.support import pki, v2g_pki
from tests.support.stores import NOW, ONE
from tests.support.tenants_security import TheirSecurity
from tests.support.tenants_upkeep import LATER, TheirUpkeep

CERTIFICATE = InstalledCertificate(
    use=CertificateUse.V2G_ROOT,
    name=CertificateHash(issuer_name_hash="aa", issuer_key_hash="bb", serial_number="cc"),
    reported_at=NOW,
)
DYNAMIC = InstalledProfile(
    evse=1,
    profile=ChargingProfile(
        id=1,
        purpose=Purpose.TX_DEFAULT,
        kind=Kind.DYNAMIC,
        schedules=(ChargingSchedule(periods=(ChargingSchedulePeriod(limit=Decimal(16)),)),),
    ),
    installed_at=NOW,
)
NEEDS = NotedNeeds(
    needs=ChargingNeeds(evse=1, energy_transfer="AC_three_phase", energy_wh=Decimal(20000)),
    transaction_id="tx-1",
    answer=NeedsAnswer.ACCEPTED,
    received_at=NOW,
)
STREAM = Stream(id=1, monitor=1, params=StreamParams(interval_s=60), opened_at=NOW)

OTHERS = pki.authority()
REVOKED = make_crl(OTHERS.root, [], 1, NOW).public_bytes(Encoding.PEM).decode()


def _sub_ca() -> dict[str, Any]:
    ecosystem = v2g_pki.Pki()
    sub = ecosystem.cpo_sub2
    secret = sub.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {"chain": sub.chain + ecosystem.v2g_root.pem, "private_key": secret}


SUB_CA = _sub_ca()


def kept(station: StationId, transaction: TransactionId) -> tuple[Any, dict[str, list[str]]]:
    """A function that writes rows and holdings, and the names under which routes know them."""
    security, upkeep = TheirSecurity(ONE, station), TheirUpkeep(ONE, station)
    security.certificate, security.revoked = (
        msgspec.structs.replace(one, pem=OTHERS.anchor)
        for one in (security.certificate, security.revoked)
    )
    times = {"created_at": NOW, "updated_at": NOW}
    ended = Operation(
        id=OperationId(77), operator=ONE, station=station, kind="log", request_id=77,
        state=OperationState.DONE, deadline_at=NOW, **times,
    )  # fmt: skip
    told = Operation(
        id=OperationId(79), operator=ONE, station=station, kind=CUSTOMER, request_id=79,
        state=OperationState.DONE, deadline_at=NOW, parts=1, last_part=0, **times,
    )  # fmt: skip
    part = OperationPart(
        operation=told.id, operator=ONE, seq_no=0, received_at=NOW, content={"data": "Ada"}
    )
    reservation = Reservation(
        id=ReservationId(78), operator=ONE, station=station, number=5, token="ADA", expires_at=LATER, created_at=NOW
    )  # fmt: skip
    opened = Payment(
        id=PaymentId(80), operator=ONE, station=station, channel=Channel.WEB, state=PaymentState.OPENED,
        psp_ref="ours", **times,
    )  # fmt: skip
    failed = Payment(
        id=PaymentId(81), operator=ONE, station=station, channel=Channel.WEB, state=PaymentState.FAILED,
        psp_ref="refused", transaction=transaction, **times,
    )  # fmt: skip

    def write(work: Any) -> None:
        work.operations.add(ended)
        work.operations.add(told)
        work.operations.add_part(part)
        work.reservations.add(reservation)
        work.payments.add(opened)
        work.payments.add(failed)
        security.keep(work)
        upkeep.keep(work)
        for holding in (CERTIFICATE, DYNAMIC, NEEDS, STREAM):
            work.holdings.save(station, holding)

    names = {
        "operation": ["77"],
        "reservation": ["78"],
        "payment": ["80", "81"],
        "event": [str(security.event.id)],
        "serial": [security.certificate.serial],
        "file": [str(upkeep.file.id)],
        "certificate": [CERTIFICATE.key],
        "profile": ["1"],
        "evse": ["1"],
        "slot": ["1"],
        "confirm": ["CP-1"],
        "stream": ["1"],
        "monitor": ["1"],
    }
    return write, names


async def registered(path: str, post: Any, upload: Any) -> dict[str, list[str]]:
    """What is registered by the API, where the path asks for it. post: calls a route; upload: brings firmware in."""
    if "/tariff" in path and path != "/api/v1/tariffs":
        await post("/tariffs/flat", {"name": "1", "currency": "EUR", "kwh": "0.4"}, 201)
        return {"tariff": ["1"], "name": ["1"]}
    if "/firmware" in path and not path.endswith("/firmware-keys/{key}"):
        image = await upload()
        if path.endswith("/sign"):
            await post("/firmware-keys", {"name": "k"}, 201)
            return {"image": [image["id"]], "key": ["k"]}
        if "{rollout}" not in path:
            return {"image": [image["id"]]}
        about = {"image": image["id"], "stations": ["CP-1"]}
        return {"rollout": [(await post("/firmware-rollouts", about, 201))["id"]]}
    if path.endswith("/firmware-keys/{key}"):
        return {"key": [(await post("/firmware-keys", {"name": "k"}, 201))["name"]]}
    return await _trusted(path, post)


async def _trusted(path: str, post: Any) -> dict[str, list[str]]:
    if path.endswith(("/trusted-authorities/{authority}", "/{station}/certificates")):
        about = {"certificate": OTHERS.anchor, "uses": ["V2GRootCertificate"]}
        (made, *_) = (await post("/trusted-authorities", about, 201))["items"]
        return {"authority": [made["id"]]}
    if path.endswith(("/v2g-authorities/{authority}", "/certificates/v2g")):
        return {"authority": [(await post("/v2g-authorities", SUB_CA, 201))["id"]]}
    if "/revocation-lists" in path:
        about = {"certificate": OTHERS.anchor, "uses": ["ChargingStationCertificate"]}
        await post("/trusted-authorities", about, 201)
    if path.endswith("/revocation-lists/{key}"):
        return {"key": [(await post("/revocation-lists", {"list": REVOKED}, 201))["id"]]}
    if "{algorithm}" in path:
        await post("/certificate-authorities", {"organisation": "Ville de Lyon"}, 201)
        return {"algorithm": ["ecdsa", "rsa"]}
    return {}


async def deepened(
    path: str, house: Any, station: StationId, transaction: TransactionId
) -> dict[str, list[str]]:
    """What only some routes need: a station that is connected, a tariff that was chosen, an authority.

    house: of `tests/unit/api/api_kit.py`. Answers the names that take the place of others.
    """
    services = house.desk.services
    if path.endswith(("/password/change", "/security-profile")):
        await services.stations.set_password(ONE, station, "")
        async with house.store.work(ONE) as work:
            house.line.connect(await work.stations.get(station))
    if path.endswith("/web-payments"):
        await services.web_payments.configure(ONE, station)
    if path.endswith("/certificate/renew"):
        await services.security.authorities.create(ONE, "Ville de Lyon")
    if path.endswith("/cost/show"):
        flat = await house.post(
            "/tariffs/flat", {"name": "night", "currency": "EUR", "kwh": "0.2"}, 201
        )
        async with house.store.work(ONE) as work:
            row = await work.transactions.get(transaction)
            used = (TariffUse(flat["tariff_id"], NOW),)
            work.transactions.save(msgspec.structs.replace(row, tariffs=used))
    return {"operation": ["79"]} if path.startswith("/api/v1/customer-information") else {}
