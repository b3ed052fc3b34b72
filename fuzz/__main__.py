"""Run fuzz targets: python -m fuzz [TARGET ...] [-max_total_time=SECONDS] [-runs=NUMBER] [other libFuzzer options].

Without a target all run, one after the other, each in a process of its own. What was found is kept in fuzz/found/,
the corpus in fuzz/corpus/.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
VERSIONS = ("v16", "v201", "v21")
TARGETS = (*(f"decode_{version}" for version in VERSIONS), "framing")
DEFAULT = "-max_total_time=60"


def target(name: str) -> tuple[Callable[[bytes], None], list[bytes]]:
    """The function to be fuzzed, and what to begin with."""
    if name == "framing":
        from fuzz import framing

        return framing.Framing(), framing.seeds()
    from fuzz import decoding
    from releve.ocpp.version import Version

    version = Version[name.removeprefix("decode_").upper()]
    return decoding.Decoding(version), decoding.seeds(version)


def fuzz(name: str, options: list[str]) -> None:
    """Fuzz one target; ends the process."""
    import atheris

    # Before the modules are imported: atheris learns from their branches.
    with atheris.instrument_imports(include=["releve.ocpp", "releve.gateway"]):
        test, seeds = target(name)
    corpus, found = HERE / "corpus" / name, HERE / "found" / name
    for directory in (corpus, found):
        directory.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number:03}").write_bytes(seed)
    arguments = [f"fuzz {name}", "-max_len=4096", f"-artifact_prefix={found}/", *options]
    atheris.Setup([*arguments, str(corpus)], test)
    atheris.Fuzz()


def main(arguments: list[str]) -> int:
    options = [word for word in arguments if word.startswith("-")] or [DEFAULT]
    names = [word for word in arguments if not word.startswith("-")] or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        sys.stderr.write(f"no such target: {', '.join(unknown)}; there are {', '.join(TARGETS)}\n")
        return 2
    if len(names) == 1:
        fuzz(names[0], options)
        return 0
    return max(_apart(name, options) for name in names)


def _apart(name: str, options: list[str]) -> int:
    """libFuzzer ends the process it runs in."""
    command = [sys.executable, "-m", "fuzz", name, *options]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - this very program


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
