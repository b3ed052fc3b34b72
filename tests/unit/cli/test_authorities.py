"""`releve ca`, `releve authority`: the authority for stations, whom else to trust, what was signed for a station."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from cryptography import x509

from releve import storage
from releve.cli import main
from releve.domain.security import CertificateState
from tests.support import pki
from tests.support.stores import ONE, opened, station
from tests.support.tenants_security import TheirSecurity

Say = Callable[..., str]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'releve.db'}"


@pytest.fixture
def say(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Runs `releve ca`, or another group, on a database of its own; what it says, and to which exit code."""
    monkeypatch.setenv("RELEVE_DATABASE_URL", url)
    monkeypatch.setenv("RELEVE_STATION_HOST", "127.0.0.1")
    monkeypatch.setenv("RELEVE_SECRET_FILE", str(tmp_path / "secret"))

    def run(*words: str, code: int = 0, group: str = "ca") -> str:
        ended = CliRunner().invoke(main, [group, *words])
        assert ended.exit_code == code, (ended.output, ended.exception)
        return ended.output

    return run


def test_an_authority_is_created_once_and_shown(say: Say) -> None:
    assert "No certificate authority yet" in say("show")
    assert "no certificate authority yet" in say("root", code=1)
    made = say("create", "--organisation", "Ville de Lyon", "--name", "Lyon")
    assert made.count("Created ") == 2
    assert "Created ECDSA, valid until 20" in made
    assert "Created RSA, valid until 20" in made
    shown = say("show")
    assert "ECDSA  Ville de Lyon, until 20" in shown
    assert "Organisations accepted: Ville de Lyon" in shown
    assert say("create", "--organisation", "Again", code=1).startswith("releve: ")
    for algorithm in ("ecdsa", "rsa"):
        root = x509.load_pem_x509_certificate(say("root", "--algorithm", algorithm).encode())
        assert root.issuer == root.subject
        assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_another_authority_is_trusted_and_distrusted(say: Say, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.pem"
    theirs.write_text(pki.authority().anchor)
    none = tmp_path / "none.pem"
    none.write_text("no certificate")
    register = partial(say, group="authority")
    use = ("--use", "ChargingStationCertificate")
    assert register("list") == ""
    assert register("add", str(theirs), *use, "--label", "Theirs").startswith("Trusted: ")
    assert register("add", str(none), *use, code=1).startswith("releve: ")
    listed = register("list")
    assert listed.endswith("  Theirs  [ChargingStationCertificate]\n")
    fingerprint = listed.split()[0]
    assert "0 authorities" in register("remove", "zz", "--yes", code=1)
    assert register("list") == listed
    assert register("remove", fingerprint[:12], "--yes").startswith("No longer trusted: ")
    assert register("list") == ""


def test_a_certificate_is_listed_and_revoked(say: Say, url: str) -> None:
    assert say("certificates", "CP-1", code=1) == "releve: There is no station CP-1.\n"
    signed = asyncio.run(_signed(url))
    listed = say("certificates", "CP-1")
    assert listed.split()[:2] == [signed.serial, "active"]
    assert say("revoke", "CP-1", "abcdef", "--yes", code=1).startswith("releve: ")
    assert say("revoke", "CP-1", signed.serial, "--yes") == "Revoked.\n"
    assert say("certificates", "CP-1").split()[1] == "revoked"
    assert say("revoke", "NOBODY", signed.serial, "--yes", code=1).endswith("station NOBODY.\n")


async def _signed(url: str) -> Any:
    """A station with a certificate that is in use."""
    await storage.migrate(url)
    async with opened(url) as store:
        row = station("CP-1")
        certificate = msgspec.structs.replace(
            TheirSecurity(ONE, row.id).certificate,
            pem=pki.authority().anchor,
            state=CertificateState.ACTIVE,
        )
        async with store.work(ONE) as work:
            work.stations.add(row)
            work.station_certificates.save(certificate)
    return certificate
