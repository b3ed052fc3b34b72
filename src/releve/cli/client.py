"""What commands share that go through the API of a running server: its address, the key, and what it answers in words.

Exit codes: 0 done; 1 refused, failed, or the server cannot be asked; 2 a mistake in the command line; 3 not over in the
time that was given to wait.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Concatenate, NoReturn, ParamSpec, cast
from urllib.parse import quote

import click
import httpx
import msgspec

from releve.cli.common import fail, load_settings
from releve.domain.commands import Outcome
from releve.domain.operation import OperationState
from releve.services.operations import refusal
from releve.settings import EVERYWHERE

PATIENCE_S = 150.0
"""Longer than a station may take to answer (`?timeout=`, 120 s at most)."""
LOOK_S = 2.0
"""How long one look at something that goes on waits for its end."""
PAGE = 200
PIECE = 256 * 1024
NOT_OVER = 3
Json = dict[str, Any]
P = ParamSpec("P")


class Api:
    """The API of a server. as_json: what it answers is for a program, so it is printed as it came."""

    def __init__(self, client: httpx.Client, *, as_json: bool = False) -> None:
        self._client = client
        self._as_json = as_json

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of an answer; anything but success ends the command with the reason."""
        told = {name: value for name, value in query.items() if value is not None}
        return self._ask("GET", path, params=told)

    def post(self, path: str, body: Json | None = None) -> Any:
        """The same for a POST; fields that are None are not sent."""
        told = {name: value for name, value in (body or {}).items() if value is not None}
        return self._ask("POST", path, json=told)

    def upload(self, path: str, file: BinaryIO, size: int, **query: Any) -> Any:
        """POST a file as it is, piece by piece."""
        told = {name: value for name, value in query.items() if value}
        headers = {"content-type": "application/octet-stream", "content-length": str(size)}
        return self._ask("POST", path, params=told, content=_pieces(file), headers=headers)

    def download(self, path: str, into: BinaryIO) -> None:
        """Write what lies at an address, piece by piece."""
        try:
            with self._client.stream("GET", path) as answer:
                if not answer.is_success:
                    answer.read()
                    _refused(answer)
                for piece in answer.iter_bytes(PIECE):
                    into.write(piece)
        except httpx.HTTPError as error:
            self._unreached(error)

    def pages(self, path: str, **query: Any) -> Iterator[Json]:
        """All items of a list, page after page."""
        after: str | None = None
        while True:
            page = self.get(path, after=after, limit=PAGE, **query)
            yield from page["items"]
            after = page.get("next")
            if after is None:
                return

    def tell(self, answer: Any, *lines: str) -> None:
        """Print an answer: these lines for a person, all of it for a program."""
        if self._as_json:
            click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
            return
        for line in lines:
            click.echo(line)

    def note(self, line: str) -> None:
        """Say something on the way, where nobody mistakes it for the answer."""
        click.echo(line, err=True)

    def command(self, path: str, body: Json | None = None, done: str = "") -> Json:
        """Have a station told something, and print what it said: `done` when it accepted; exit code 1 otherwise."""
        answer: Json = self.post(path, body)
        self.settle(answer, done)
        return answer

    def settle(self, answer: Json, done: str = "") -> None:
        """Print how a command ended: `done` when the station accepted it; exit code 1 otherwise."""
        if answer["accepted"]:
            self.tell(answer, done or f"The station answered {answer['status'] or 'yes'}.")
            return
        if self._as_json:
            self.tell(answer)
        fail(unaccepted(answer))

    def follow(self, operation: Json, wait_s: float) -> Json:
        """Follow an operation to its end, with a line for each change; exit code 3 when it is not over in time."""
        number, until = operation["id"], time.monotonic() + wait_s
        progress = Progress()
        while True:
            ended = OperationState(operation["state"]).ended
            word = operation["state"] if ended else operation["status"] or operation["state"]
            progress.show(f"{operation['identity']}: {word}")
            if ended:
                progress.end()
                return operation
            left = until - time.monotonic()
            if left <= 0:
                progress.end()
                self.tell(operation)
                self.not_over(f"releve operation wait {number}")
            operation = self.get(f"/operations/{number}", wait=min(LOOK_S, left))

    def ended(self, operation: Json, done: str) -> None:
        """Print how an operation ended: `done`, or exit code 1 with the reason."""
        if operation["state"] == OperationState.DONE:
            self.tell(operation, done)
            return
        if self._as_json:
            self.tell(operation)
        fail(operation["problem"] or f"The operation was {operation['state']}.")

    def not_over(self, again: str) -> NoReturn:
        """End a command that has waited long enough."""
        self.note(f"It goes on. To look again: {again}")
        sys.exit(NOT_OVER)

    def _ask(self, method: str, path: str, **what: Any) -> Any:
        try:
            answer = self._client.request(method, path, **what)
        except httpx.HTTPError as error:
            self._unreached(error)
        if not answer.is_success:
            _refused(answer)
        return answer.json() if answer.content else None

    def _unreached(self, error: httpx.HTTPError) -> NoReturn:
        base = str(self._client.base_url).removesuffix("/api/v1/")
        fail(f"the server at {base} cannot be reached: {error or type(error).__name__}")


class Progress:
    """A line that is written anew at a terminal; elsewhere a line for each change. To standard error."""

    def __init__(self) -> None:
        self._last = ""
        self._same_line = sys.stderr.isatty()

    def show(self, line: str) -> None:
        """How far it is now."""
        if line == self._last:
            return
        if self._same_line:
            click.echo("\r" + line.ljust(len(self._last)), err=True, nl=False)
        else:
            click.echo(line, err=True)
        self._last = line

    def end(self) -> None:
        """Leave the line as it is."""
        if self._same_line and self._last:
            click.echo(err=True)


def through_api(command: Callable[Concatenate[Api, P], None]) -> Callable[P, None]:
    """A command that asks the server: adds --server, --key and --json, and gives it the `Api` as first argument."""

    @click.option("--json", "as_json", is_flag=True, help="Print the server's answer as JSON.")
    @click.option("--server", help="Address of the API. Default: this machine's, by its settings.")
    @click.option(
        "--key", envvar="RELEVE_API_KEY", required=True, help="API key, or RELEVE_API_KEY."
    )
    @functools.wraps(command)
    def asking(
        *arguments: Any, server: str | None, key: str, as_json: bool, **options: Any
    ) -> None:
        client = httpx.Client(
            base_url=(server or here()).rstrip("/") + "/api/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=PATIENCE_S,
            trust_env=server is not None,  # no proxy stands between a machine and itself
        )
        with client:
            command(Api(client, as_json=as_json), *arguments, **options)

    return cast("Callable[P, None]", asking)


def here() -> str:
    """Where this machine's server is reached, by the settings."""
    settings = load_settings()
    host = "127.0.0.1" if settings.http_host in EVERYWHERE else settings.http_host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.http_port}"


def station_path(identity: str) -> str:
    """The address of a station below /api/v1."""
    return f"/stations/{quote(identity, safe='')}"


def unaccepted(answer: Json) -> str:
    """Why a station did not do what it was told, in a sentence."""
    fields = {name: answer[name] for name in ("result", "status", "code", "description")}
    return refusal(msgspec.convert(fields, Outcome))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _refused(answer: httpx.Response) -> NoReturn:
    """End with a problem (RFC 9457) in plain words."""
    try:
        problem = answer.json()
        text = str(problem.get("detail") or problem.get("title") or answer.reason_phrase)
        fields = [
            f"{one['field']}: {one['message']}"
            for one in problem.get("errors", ())
            if one["field"] and one["message"] != text
        ]
    except (ValueError, AttributeError, KeyError, TypeError):
        fail(f"{answer.status_code} {answer.reason_phrase}")
    fail(" ".join([text, *(f"({one})" for one in fields)]))


wait_option = click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(min=0),
    default=3600.0,
    show_default=True,
    help="Seconds to wait for its end; 0: do not wait.",
)
