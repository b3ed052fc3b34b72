"""Certificates in stations: watched until they expire."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from releve.domain.anomaly import AnomalyKind
from releve.domain.certificates import CertificateUse, InstalledCertificate
from releve.domain.ids import DEFAULT_OPERATOR
from releve.services.certificates.issuing import described
from releve.services.errors import NotNow
from tests.support.console import opened
from tests.support.v2g_pki import Pki


async def test_the_stations_own_certificate_is_not_deleted(tmp_path: Path) -> None:
    """M04.FR.06."""
    pki = Pki()
    own = pki.station("OWN")
    async with opened(tmp_path) as console:
        station = (await console.connected("OWN")).station
        now = console.desk.clock.now()
        holding = InstalledCertificate(
            use=CertificateUse.V2G_CHAIN, name=own.hash(), reported_at=now
        )
        async with console.store.work(DEFAULT_OPERATOR) as work:
            work.holdings.save(station.id, holding)
            work.station_certificates.save(described(station, own.chain, now))
        service = console.desk.services.station_certificates
        with pytest.raises(NotNow, match="signs in"):
            await service.delete(DEFAULT_OPERATOR, station.id, holding.key)
    assert console.stations.asked == []


async def test_a_certificate_that_ends_soon_is_flagged_once(tmp_path: Path) -> None:
    """TLS roots that expire unnoticed leave stations outside."""
    pki = Pki()
    async with opened(tmp_path) as console:
        soon = (await console.connected("SOON")).station.id
        late = (await console.connected("LATE")).station.id
        now = console.desk.clock.now()
        async with console.store.work(DEFAULT_OPERATOR) as work:
            for station, entity, days in (
                (soon, pki.csms_root, 20),
                (soon, pki.v2g_root, -1),
                (soon, pki.mo_root, 400),
                (late, pki.csms_root, 400),
            ):
                work.holdings.save(
                    station,
                    InstalledCertificate(
                        use=CertificateUse.CSMS_ROOT,
                        name=entity.hash(),
                        subject=entity.certificate.subject.rfc4514_string(),
                        expires_at=now + timedelta(days=days),
                    ),
                )
            work.holdings.save(
                late,
                InstalledCertificate(use=CertificateUse.MO_ROOT, name=pki.mo_root.hash()),
            )
        watch = console.desk.services.station_certificates.watch
        assert await watch(DEFAULT_OPERATOR, timedelta(days=30)) == 1
        assert await watch(DEFAULT_OPERATOR, timedelta(days=30)) == 0, "it is open already"
        async with console.store.work(DEFAULT_OPERATOR) as work:
            kind = AnomalyKind.CERTIFICATE_EXPIRES
            flagged = await work.anomalies.open(soon, kind, None)
            assert await work.anomalies.open(late, kind, None) is None
        assert flagged is not None
        ending = {one["subject"] for one in flagged.detail["certificates"]}
        assert ending == {
            e.certificate.subject.rfc4514_string() for e in (pki.csms_root, pki.v2g_root)
        }
