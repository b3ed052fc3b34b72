"""`releve authority` and `releve station certificates`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from releve.cli import main
from tests.support.furnished import CERTIFICATE
from tests.support.stores import ONE, opened
from tests.support.v2g_pki import Pki

Say = Callable[..., Result]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Runs a command on a database of its own."""
    monkeypatch.setenv("RELEVE_DATABASE_URL", f"sqlite:///{tmp_path / 'releve.db'}")
    monkeypatch.setenv("RELEVE_STATION_HOST", "127.0.0.1")
    monkeypatch.setenv("RELEVE_SECRET_FILE", str(tmp_path / "secret"))
    runner = CliRunner()
    return lambda *words: runner.invoke(main, list(words))


def test_authorities_come_and_go(say: Say, tmp_path: Path) -> None:
    pki = Pki()
    good, bad = tmp_path / "root.pem", tmp_path / "leaf.pem"
    good.write_text(pki.mo_root.pem)
    bad.write_text(pki.contract("NLTNM000122045").pem)
    assert say("authority", "list").output == ""
    added = say("authority", "add", str(good), "--use", "MORootCertificate", "--label", "Ours")
    assert added.exception is None, repr(added.exception)
    assert (added.exit_code, added.output) == (
        0,
        "Trusted: DC=MO,O=Relève tests,CN=MO Root\n",
    )
    refused = say("authority", "add", str(bad), "--use", "MORootCertificate")
    assert refused.exit_code == 1
    assert "may not issue certificates" in refused.output
    listed = say("authority", "list").output
    assert "Ours  [MORootCertificate]" in listed
    beginning = listed.split()[0]
    assert say("authority", "remove", "zz", "--yes").exit_code == 1
    removed = say("authority", "remove", beginning, "--yes")
    assert "No longer trusted" in removed.output
    assert say("authority", "list").output == ""


def test_a_stations_certificates_are_listed(say: Say, tmp_path: Path) -> None:
    unknown = say("station", "certificates", "CS-1")
    assert (unknown.exit_code, "no station CS-1" in unknown.output) == (1, True)
    added = say("station", "add", "CS-1")
    assert added.exit_code == 0, added.output
    assert "None is known" in say("station", "certificates", "CS-1").output
    asyncio.run(_reported(tmp_path))
    held = say("station", "certificates", "CS-1").output
    assert held.split() == ["V2GRootCertificate", "(not", "known", "here)", "cc"]


async def _reported(directory: Path) -> None:
    """The station has told of a certificate that nobody here knows."""
    async with opened(f"sqlite:///{directory / 'releve.db'}") as store, store.work(ONE) as work:
        station = await work.stations.find("CS-1")
        assert station is not None
        work.holdings.save(station.id, CERTIFICATE)
