"""Which function handles which CALL: its first argument's type says so."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

from releve.ocpp import codec
from releve.ocpp.errors import ErrorCode, Malformed
from releve.ocpp.messages.base import Message, Response
from releve.ocpp.version import Version
from releve.simulator.dialect import Answer, NotAnswerable
from releve.simulator.quirks import heard

Handler = Callable[[Any, Any], Response | Answer]
"""(request, station) -> response, or response and what follows."""
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True)
class _Route:
    handler: Handler
    request: type[Message]


class Handlers:
    """The handlers of one version; use as a decorator."""

    def __init__(self) -> None:
        self._routes: dict[str, _Route] = {}

    def __call__(self, function: H) -> H:
        request: type[Message] = get_type_hints(function)["request"]
        action = codec.action_of(request)
        if action in self._routes:
            raise TypeError(f"two handlers for {action}")
        self._routes[action] = _Route(function, request)
        return function

    @property
    def actions(self) -> frozenset[str]:
        return frozenset(self._routes)

    def handle(self, station: Any, version: Version, action: str, payload: bytes) -> Answer:
        """Decode, handle, and wrap up.

        `version` is what the peer speaks; the handler gets the type that it is written for, which may be
        of a later version (2.0.1 requests are read as those of 2.1, after they were checked as 2.0.1).

        Raises:
            NotAnswerable: not supported here, or a payload that breaks the schema.
        """
        route = self._routes.get(action)
        if route is None:
            raise NotAnswerable(
                ErrorCode.NOT_SUPPORTED, f"{action} is not supported by this station"
            )
        try:
            request = codec.decode_request(version, action, payload, strict=True)
            if not isinstance(request, route.request):
                written_for = codec.version_of(route.request)
                request = codec.decode_request(written_for, action, payload)
        except Malformed as fault:
            raise NotAnswerable(fault.code, fault.description) from fault
        answer = route.handler(heard(station.plan.quirks, request), station)
        return answer if isinstance(answer, Answer) else Answer(answer)
