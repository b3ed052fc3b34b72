"""How a version's handlers are found: by their types.

A dialect is a set of typed functions. `answers` takes one for a message from the station; `asks` takes one that turns a
command of ours into a request, and `hears` one that turns the station's response into an outcome. The annotations are
the routing, and they are checked when the module is imported: a handler whose response type does not belong to its
request type, or that speaks in the wrong direction, does not load.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

from releve.dialects.mending import told_zero
from releve.domain.commands import Command, Outcome
from releve.ocpp.version import Version
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services

Message = msgspec.Struct
Answer = Callable[[Any, Inbound, Services], Awaitable[Message | None]]
Ask = Callable[[Any, LiveStation], Message]
Hear = Callable[[Any, Any], Outcome]
F = TypeVar("F", bound=Callable[..., Any])


class Unsupported(Exception):
    """This version has no message for the command; the text says so in an operator's words."""


class Unreadable(Exception):
    """A member of the station's message has a value by which nothing can be done; the text says which."""


@contextmanager
def meaning(what: str) -> Iterator[None]:
    """Around the reading of a part of a station's message: words that mean nothing make it Unreadable."""
    try:
        yield
    except (msgspec.ValidationError, ValueError) as error:
        raise Unreadable(f"{what}: {error}") from error


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is ready to be sent, and how to read what comes back."""

    action: str
    request: Message
    hear: Callable[[Message], Outcome]


class Dialect:
    """The handlers of one OCPP version. `messages` is its generated package (REQUESTS, RESPONSES, ...)."""

    def __init__(self, version: Version, messages: Any, *, boots_first: bool) -> None:
        self.version = version
        self.boots_first = boots_first
        """Whether calls before an accepted boot must be refused (2.x B02.FR.09 SHALL; 1.6 4.2 only recommends it)."""
        self.requests: dict[str, type[Message]] = messages.REQUESTS
        self.responses: dict[str, type[Message]] = messages.RESPONSES
        self.from_station: frozenset[str] = messages.FROM_STATION
        self.from_csms: frozenset[str] = messages.FROM_CSMS
        self._action_of: dict[type, str] = {kind: action for action, kind in self.requests.items()}
        self._response_types = frozenset(self.responses.values())
        self._answers: dict[str, Answer] = {}
        self._asks: dict[type, tuple[tuple[str, ...], Ask]] = {}
        self._hears: dict[tuple[type, type], Hear] = {}

    # --- declaring ----------------------------------------------------------------------------------------------

    def answers(self, handler: F) -> F:
        """Register `async def handler(request, inbound, services) -> response` for the action of its request type."""
        (request, *_), response = _signature(handler)
        action = self._action(handler, request, self.from_station)
        expected = self.responses.get(action, type(None))
        if response is not expected:
            raise TypeError(f"{_name(handler)}: answers {action} with {response}, not {expected}")
        self._answer(action, handler)
        return handler

    def tells(self, *requests: type[Message]) -> None:
        """Register messages that are kept as they came (`services.reports`) and answered by an empty response."""
        for request in requests:
            action = self._action(self.tells, request, self.from_station)
            self._answer(action, _keeper(action, self.responses[action]))

    def asks(self, handler: F) -> F:
        """Register `def handler(command, station) -> request` for the type of its command.

        The request may be a union: then the command itself says which one it becomes.
        """
        (command, *_), request = _signature(handler)
        kinds = get_args(request) or (request,)
        actions = tuple(self._action(handler, kind, self.from_csms) for kind in kinds)
        if command in self._asks:
            raise TypeError(f"{_name(handler)}: {command} is asked already")
        self._asks[command] = (actions, handler)
        return handler

    def hears(self, handler: F) -> F:
        """Register `def handler(command, response) -> Outcome` for the types of both."""
        (command, response, *_), outcome = _signature(handler)
        if outcome is not Outcome:
            raise TypeError(f"{_name(handler)}: returns {outcome}, not an Outcome")
        for kind in get_args(response) or (response,):
            if kind not in self._response_types:
                raise TypeError(f"{_name(handler)}: {kind} is no response of {self.version.value}")
            if (command, kind) in self._hears:
                raise TypeError(f"{_name(handler)}: {command} has an ear for {kind} already")
            self._hears[(command, kind)] = handler
        return handler

    def _action(self, handler: Callable[..., Any], request: type, allowed: frozenset[str]) -> str:
        action = self._action_of.get(request)
        if action is None:
            raise TypeError(f"{_name(handler)}: {request} is no request of {self.version.value}")
        if action not in allowed:
            raise TypeError(f"{_name(handler)}: {action} does not go in this direction")
        return action

    def _answer(self, action: str, handler: Answer) -> None:
        if action in self._answers:
            raise TypeError(f"{_name(handler)}: {action} has a handler already")
        self._answers[action] = handler

    # --- using --------------------------------------------------------------------------------------------------

    def handler(self, action: str) -> Answer | None:
        """The handler of an action that a station may send, None when this system does not support it."""
        return self._answers.get(action)

    def ask(self, command: Command, station: LiveStation) -> Asked:
        """Turn a command into the request of this version; raises Unsupported."""
        found = self._asks.get(type(command))
        if found is None:
            name = type(command).__name__
            raise Unsupported(f"OCPP {self.version.label} has no message for {name}")
        request = found[1](command, station)
        if station.quirks.connector_zero:
            request = told_zero(request)
        action = self._action_of[type(request)]
        hear = self._hears[(type(command), self.responses[action])]
        return Asked(action, request, lambda response: hear(command, response))

    def complete(self) -> list[str]:
        """Commands that can be asked but not heard; a test wants this empty."""
        return [
            f"{command.__name__}/{action}"
            for command, (actions, _) in self._asks.items()
            for action in actions
            if (command, self.responses[action]) not in self._hears
        ]


def _name(handler: Callable[..., Any]) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"


def _signature(handler: Callable[..., Any]) -> tuple[list[type], Any]:
    """Types of the parameters in order, and of what is returned; `type(None)` for a handler of a SEND."""
    hints = get_type_hints(handler)
    parameters = list(inspect.signature(handler).parameters)
    missing = [name for name in [*parameters, "return"] if name not in hints]
    if missing or not parameters:
        raise TypeError(f"{_name(handler)}: needs types for {', '.join(missing) or 'parameters'}")
    return [hints[name] for name in parameters], hints["return"]


def _keeper(action: str, response: type[Message]) -> Answer:
    """A handler that keeps what a station told. The response is immutable and empty: one serves all."""
    empty = response()

    async def keep(request: Message, inbound: Inbound, services: Services) -> Message:
        await services.reports.told(inbound, action, msgspec.to_builtins(request))
        return empty

    return keep
