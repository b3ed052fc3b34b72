"""Processes: where they run, what they cost, how they end. Linux only, by /proc."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
READY_S = 60.0
TICKS = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """Something went wrong that makes the figures worthless; the text says what."""


class Child:
    """A process of ours on one core: speaks in lines on standard output, hears lines on standard input."""

    def __init__(self, command: Sequence[str], core: int, log: Path) -> None:
        self.log = log
        self._log_file: IO[bytes] = log.open("wb")
        own = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {core})  # inherited, so that no thread of it ever runs elsewhere
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log_file,
                text=True,
                cwd=ROOT,
            )
        finally:
            os.sched_setaffinity(0, own)
        self.pid = self._process.pid

    def hear(self) -> str:
        """The next line; BenchError with the end of its log when there is none."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            said = self.log.read_text("utf-8", "replace")[-3000:]
            raise BenchError(f"{self._process.args!r} ended: {said}")
        return line.strip()

    def ask(self, **command: Any) -> dict[str, Any]:
        """Send a command as JSON, wait for its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.hear())
        if "failed" in answer:
            raise BenchError(answer["failed"])
        return answer

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def stop(self) -> None:
        """End it: politely, then not."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._log_file):
            if pipe is not None:
                pipe.close()


def python(module: str, *arguments: str) -> list[str]:
    """The command line of a module in this interpreter."""
    return [sys.executable, "-m", module, *arguments]


def cpu_us(pid: int) -> float:
    """CPU time of a process since its start, user and system, all living threads; microseconds."""
    total = 0
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    except FileNotFoundError:  # a kernel without scheduler statistics: whole ticks
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) * 1e6 / TICKS
    return total / 1000


def rss_bytes(pid: int) -> int:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def cores() -> tuple[int, int]:
    """The core of the server and the core of the load; the same one where there is no other."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def settle(seconds: float = 0.3) -> None:
    """Let what a server does after its last answer (its message log's last batch) fall into the same account."""
    time.sleep(seconds)


def machine() -> dict[str, str]:
    """What the figures depend on."""
    model = platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return {
        "CPU": model,
        "cores": str(os.cpu_count()),
        "kernel": platform.release().partition("-")[0],
        "Python": platform.python_version(),
    }
