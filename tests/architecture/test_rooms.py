"""The rooms and who may import whom: docs/architecture.md, written as contracts in pyproject.toml."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.source import PACKAGE, ROOT

CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract for contract in CONFIG["contracts"]}
ROOMS = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}

# Which rooms each contract must name, once they exist (the layers contract is exhaustive by itself).
MUST_NAME = {
    ("wire", "source_modules"): {
        "domain",
        "energy",
        "services",
        "storage",
        "bus",
        "api",
        "web",
        "roaming",
    },
    ("pure", "source_modules"): {"ocpp", "domain", "energy", "services", "dialects"},
    ("simulator", "forbidden_modules"): {"dialects", "services", "domain", "energy"},
    ("presentation", "source_modules"): {"api", "web"},
}


def contracts_of(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    return subprocess.run(
        [*command, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_every_import_obeys_the_contracts():
    done = contracts_of(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("contract", "field"), MUST_NAME)
def test_a_room_that_exists_is_named_by_its_contracts(contract, field):
    named = {module.removeprefix("releve.") for module in CONTRACTS[contract][field]}
    missing = (MUST_NAME[contract, field] & ROOMS) - named
    assert not missing, f"{contract}.{field} must also name {sorted(missing)}"


def test_the_layers_are_exhaustive():
    layers = CONTRACTS["layers"]
    assert layers["exhaustive"] is True
    assert "exhaustive_ignores" not in layers


# A contract that can no longer break guards nothing: each is shown a house with one forbidden import.
@pytest.mark.parametrize(
    ("importer", "line", "broken"),
    [
        ("domain/rule.py", "import releve.services", "Imports point down only"),
        ("web/page.py", "import releve.api", "Imports point down only"),
        (
            "services/charge.py",
            "import releve.ocpp",
            "Only dialects, gateway and simulator speak OCPP",
        ),
        ("simulator/car.py", "import releve.domain", "The simulator must not share our mistakes"),
        ("dialects/v16.py", "import asyncio", "Protocol, rules and services do no input or output"),
        (
            "api/rest.py",
            "import sqlalchemy",
            "Pages and API reach the store through services' ports",
        ),
        ("newroom/__init__.py", "", "Imports point down only"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path, importer, line, broken):
    house = tmp_path / "releve"
    for room in ROOMS | {"cli"}:
        (house / room).mkdir(parents=True)
        (house / room / "__init__.py").touch()
    (house / "__init__.py").touch()
    (house / importer).parent.mkdir(exist_ok=True)
    (house / importer).write_text(line)
    # Only the tables of import-linter: no other tool reads this copy.
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    (tmp_path / "pyproject.toml").write_text(text[text.index("[tool.importlinter]") :])

    done = contracts_of(tmp_path)

    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{broken} BROKEN" in done.stdout
