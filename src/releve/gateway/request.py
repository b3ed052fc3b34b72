"""The opening handshake's request: bytes in, a `Knock` or a refusal out. No I/O."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from http import HTTPStatus

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from releve.gateway.door import Knock, Refusal
from releve.gateway.door_settings import DoorSettings
from releve.gateway.hub import Library
from releve.gateway.proxies import true_origin
from releve.gateway.route import find_route

__all__ = ["Line", "parse_basic", "read_request", "refusal_response"]

WELCOME = (
    "This is the door for charging stations (OCPP over WebSocket); it has no pages.\n"
    "Give a station the address ws://<this host>/ocpp/<station identity>, or wss:// with TLS.\n"
)


@dataclass(frozen=True, slots=True)
class Line:
    """What the transport knows of a connection: address, TLS, the client's certificates (DER)."""

    peer: str
    secure: bool
    certificates: tuple[bytes, ...] = ()


def read_request(
    head: bytes, library: Library, line: Line, settings: DoorSettings
) -> tuple[Knock, Response] | Refusal:
    """Judge a request's head, which ends in an empty line.

    On success also the 101 response, to be sent when the doorman agrees.
    """
    method, _, _ = head.partition(b" ")
    if method != b"GET":
        return Refusal(405, "Stations connect with GET.", (("Allow", "GET"),))
    library.receive_data(head)
    events = library.events_received()
    if not events:
        return _unreadable(library)
    request = events[0]
    assert isinstance(request, Request)
    response = library.accept(request)
    if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
        return _not_an_upgrade(response)
    route = find_route(request.path, settings.prefixes)
    if isinstance(route, Refusal):
        return route
    headers = request.headers
    peer, secure = true_origin(line.peer, line.secure, headers, settings.trusted_proxies)
    authorization = _only(headers, "Authorization")
    user, password = parse_basic(authorization)
    knock = Knock(
        path=request.path,
        identity=route.identity,
        operator=route.operator,
        subprotocols=_offered(headers),
        peer=peer,
        secure=secure,
        authorization=authorization,
        user=user,
        password=password,
        certificates=line.certificates,
        user_agent=", ".join(headers.get_all("User-Agent")),
    )
    return knock, response


def refusal_response(
    refusal: Refusal, library: Library, realm: str, retry_after_s: int
) -> Response:
    """An HTTP answer whose text a technician can use."""
    response = library.reject(refusal.status, refusal.reason.rstrip("\n") + "\n")
    for name, value in refusal.headers:
        response.headers[name] = value
    if refusal.status == HTTPStatus.UNAUTHORIZED and "WWW-Authenticate" not in response.headers:
        response.headers["WWW-Authenticate"] = f'Basic realm="{realm}"'  # RFC 7617, section 2
    later = refusal.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    if later and "Retry-After" not in response.headers:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def parse_basic(authorization: bytes | None) -> tuple[bytes | None, bytes | None]:
    """User and password of an Authorization header's value, as bytes: 1.6 passwords are any bytes.

    Splits at the first colon. (None, None) if it is not Basic or not base64. Some stations leave
    the base64 padding out.
    """
    if authorization is None:
        return None, None
    scheme, _, encoded = authorization.strip().partition(b" ")
    if scheme.lower() != b"basic":
        return None, None
    encoded = encoded.strip().rstrip(b"=")
    try:
        decoded = base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True)
    except binascii.Error:
        return None, None
    user, colon, password = decoded.partition(b":")
    return (user, password) if colon else (None, None)


def _unreadable(library: Library) -> Refusal:
    """The library gave up on it: a line or a header too long or malformed, or a body."""
    library.data_to_send()
    cause = library.handshake_exc
    if cause is not None and cause.__cause__ is None:
        return Refusal(431, "A line of this request is too long, or it has too many headers.")
    return Refusal(400, "This is not an HTTP request that a station should send.")


def _not_an_upgrade(response: Response) -> Refusal:
    """Keep the library's verdict, and tell a person with a browser where they have come to."""
    body = bytes(response.body or b"").decode()
    if response.status_code == HTTPStatus.UPGRADE_REQUIRED:
        body = WELCOME
    keep = ("Upgrade", "Allow")
    headers = [(name, response.headers[name]) for name in keep if name in response.headers]
    # RFC 6455, section 4.4: tell which version we speak.
    headers.append(("Sec-WebSocket-Version", "13"))
    return Refusal(response.status_code, body, tuple(headers))


def _only(headers: Headers, name: str) -> bytes | None:
    """A header's bytes; None when it is missing, or there twice, which nobody honest does."""
    values = headers.get_all(name)
    return values[0].encode("iso-8859-1") if len(values) == 1 else None


def _offered(headers: Headers) -> tuple[str, ...]:
    """Subprotocols, from one header or several, in order and without the empty ones."""
    values = headers.get_all("Sec-WebSocket-Protocol")
    offered = [part.strip() for value in values for part in value.split(",")]
    return tuple(dict.fromkeys(part for part in offered if part))
