"""The shim below SQLite: compiled, switched on by environment, and told to fail."""

from __future__ import annotations

import mmap
import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
_ORDERS = struct.Struct("=7i")
_FAILURES = struct.Struct("=2i")
_FAILURES_AT = _ORDERS.size - _FAILURES.size
FOR_EVER = -1


class NoCompiler(Exception):
    """This machine has no C compiler."""


def build(directory: Path) -> Path:
    """Compile the shim. NoCompiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise NoCompiler
    made = directory / "shim.so"
    options = ["-std=c11", "-Wall", "-Wextra", "-O2", "-fPIC", "-shared"]
    subprocess.run(
        [compiler, *options, "-o", str(made), str(SOURCE), "-ldl", "-lpthread"], check=True
    )
    return made


class Shim:
    """One watched directory. `environment`: for the process that is to run on this disk."""

    def __init__(self, library: Path, directory: Path, watched: Path) -> None:
        self.journal = directory / "disk.journal"
        self.journal.touch()
        orders = directory / "disk.orders"
        orders.write_bytes(bytes(mmap.PAGESIZE))
        with orders.open("r+b") as file:
            self._orders = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.environment = {
            "LD_PRELOAD": str(library),
            "TORTURE_DISK": f"{watched}/",
            "TORTURE_JOURNAL": str(self.journal),
            "TORTURE_ORDERS": str(orders),
        }

    def fail(
        self,
        *,
        writes: int = 0,
        flushes: int = 0,
        writes_before: int = 0,
        flushes_before: int = 0,
        flushes_failing: int = FOR_EVER,
    ) -> None:
        """From now on. writes, flushes: errno, 0 for none. ..._before: so many still succeed; then so many fail."""
        counts = self.failures
        self._orders[: _ORDERS.size] = _ORDERS.pack(
            writes, flushes, writes_before, flushes_before, flushes_failing, *counts
        )

    def slow_flushes(self, seconds: float) -> None:
        """Let every flush take so long before it counts."""
        struct.pack_into("=i", self._orders, _ORDERS.size, int(seconds * 1e6))

    def die_of_failure(self, die: bool) -> None:
        """Whether the process is killed in the moment in which a flush fails."""
        struct.pack_into("=i", self._orders, _ORDERS.size + 4, die)

    def heal(self) -> None:
        """Nothing fails any more."""
        self.fail()

    @property
    def failures(self) -> tuple[int, int]:
        """Writes and flushes that were made to fail so far."""
        found: tuple[int, int] = _FAILURES.unpack_from(self._orders, _FAILURES_AT)
        return found
