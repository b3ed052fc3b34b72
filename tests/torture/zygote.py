"""Starts nodes quickly: a process that has imported everything, and forks.

Reads orders, one JSON object a line, and answers each with a line:
    {"start": [arguments of `releve`], "environment": {...}, "log": "path", "broken": ["name"]} -> process id
    {"wait": process id} -> its wait status (os.waitstatus_to_exitcode)
When its standard input ends, whatever it started is killed: no node outlives the test.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from typing import Any

import releve.app
import releve.cli.serve  # noqa: F401 - what the nodes would spend their first second on
from releve.cli import main as releve_command
from tests.torture import broken


def main() -> None:
    """Obey until the end of the orders."""
    alive: set[int] = set()
    try:
        for line in sys.stdin:
            order = json.loads(line)
            if "start" in order:
                answer = _fork(order)
                alive.add(answer)
            else:
                _, status = os.waitpid(order["wait"], 0)
                alive.discard(order["wait"])
                answer = os.waitstatus_to_exitcode(status)
            print(answer, flush=True)  # noqa: T201 - the answer to the order
    finally:
        for pid in alive:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _fork(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _become(order)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


def _become(order: dict[str, Any]) -> None:
    """Turn this fork into `releve`, with its output in a file."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(order["environment"])
    for name in order["broken"]:
        broken.SWITCHES[name]()
    releve_command(order["start"], prog_name="releve")


if __name__ == "__main__":
    gc.freeze()
    main()
