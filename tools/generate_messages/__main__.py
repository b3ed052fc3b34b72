"""`python -m tools.generate_messages [--check]`: write the packages, or say if they are stale."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.generate_messages import reading, rendering, schemas
from tools.generate_messages.model import Model

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "src" / "releve" / "ocpp" / "messages"


def generate(into: Path) -> None:
    """Write every generated file under `into`, formatted as the project formats."""
    models = [reading.read(package) for package in schemas.PACKAGES]
    into.mkdir(parents=True, exist_ok=True)
    (into / "limits.py").write_text(rendering.limits(_lengths(models)), encoding="utf-8")
    for model in models:
        package = into / model.package
        package.mkdir(exist_ok=True)
        for name, text in rendering.files(model).items():
            (package / name).write_text(text, encoding="utf-8")
    _format(into)


def differences(committed: Path, fresh: Path) -> list[str]:
    """The generated files that differ, are missing, or should not be there."""
    old = {str(p.relative_to(committed)): p for p in _generated(committed)}
    new = {str(p.relative_to(fresh)): p for p in _generated(fresh)}
    return sorted(
        name
        for name in old.keys() | new.keys()
        if name not in old or name not in new or old[name].read_bytes() != new[name].read_bytes()
    )


def main(arguments: list[str]) -> int:
    """0 when written or up to date, 1 when `--check` finds a difference."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "messages"
        generate(fresh)
        stale = differences(TARGET, fresh)
        if "--check" not in arguments:
            _replace(fresh, stale)
            stale = []
    for name in stale:
        sys.stderr.write(f"out of date: {name}\n")
    return 1 if stale else 0


def _replace(fresh: Path, stale: list[str]) -> None:
    for name in stale:
        target = TARGET / name
        if (fresh / name).exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((fresh / name).read_bytes())
        else:
            target.unlink()


def _generated(folder: Path) -> Iterator[Path]:
    yield from folder.glob("limits.py")
    for package in schemas.PACKAGES:
        yield from (folder / package).glob("*.py")


def _lengths(models: list[Model]) -> Iterator[int]:
    for model in models:
        for group in (model.structs, model.requests, model.responses):
            for struct in group.values():
                yield from (m.type.max_length for m in struct.members if m.type.max_length)


def _format(folder: Path) -> None:
    """Ruff, with the project's settings: sorted imports and `__all__`, then layout."""
    ruff = [sys.executable, "-m", "ruff"]
    config = ["--config", str(ROOT / "pyproject.toml")]
    first_party = ["--config", 'lint.isort.known-first-party=["releve"]']
    for command in (
        [*ruff, "check", *config, *first_party, "--select", "I,RUF022", "--fix", "--quiet"],
        [*ruff, "format", *config, "--quiet"],
    ):
        subprocess.run([*command, str(folder)], check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
