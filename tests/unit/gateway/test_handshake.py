"""The opening handshake over real sockets: who is let in, and what the others are told."""

from __future__ import annotations

import base64
import re
from ipaddress import ip_network

import pytest
import websockets

from releve.gateway.door import Admission, Knock, Refusal
from tests.unit.gateway.door_kit import Ear, Host, frame, key, open_door, refused, request, status

BOTH_LOOPS = True


async def knock(path: str, *headers: str, protocol: str | None = "ocpp1.6", **settings) -> Knock:
    """What the doorman is told of a request."""
    async with open_door(**settings) as door:
        client = await door.dial()
        head = await client.shake(path, *headers, protocol=protocol)
        assert head.startswith("HTTP/1.1 101 "), head
        return door.host.knocks[0]


async def test_a_well_behaved_station_is_let_in_and_named():
    told = await knock("/ocpp/ST-1", "User-Agent: Box/1.0", "Origin: http://elsewhere.example")

    assert (told.identity, told.operator, told.path) == ("ST-1", None, "/ocpp/ST-1")
    assert told.subprotocols == ("ocpp1.6",)
    assert (told.peer, told.secure, told.user_agent) == ("127.0.0.1", False, "Box/1.0")
    assert (told.authorization, told.user, told.password) == (None, None, None)
    assert told.certificates == ()


@pytest.mark.parametrize(
    ("path", "identity", "operator"),
    [
        ("/ocpp/ST-1/", "ST-1", None),
        ("//ocpp//ST-1//", "ST-1", None),
        ("/ST-1", "ST-1", None),
        ("/ocpp/acme/ST-1", "ST-1", "acme"),
        ("/acme/ST-1", "ST-1", "acme"),
        ("/ocpp/RDAM%20123", "RDAM 123", None),
        ("/ocpp/a%2Fb", "a/b", None),
        ("/ocpp/%C3%A9t%C3%A9", "été", None),
        ("/ocpp/ST-1?version=1.6", "ST-1", None),
        ("/ocpp/100%", "100%", None),
    ],
)
async def test_the_identity_is_the_last_segment_decoded_afterwards(path, identity, operator):
    told = await knock(path)
    assert (told.identity, told.operator, told.path) == (identity, operator, path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/ocpp", 404),
        ("/ocpp/", 404),
        ("/", 404),
        ("/ocpp/a/b/c", 404),
        ("/ocpp/..", 400),
        ("/ocpp/%2e%2e", 400),
        ("/ocpp/..%2fetc", 400),
        ("/ocpp/a%5c..%5cb", 400),
        ("/ocpp/a%00b", 400),
        ("/ocpp/a%0d%0ab", 400),
        ("/ocpp/%20", 400),
        ("/ocpp/%ff%fe", 400),
        ("/ocpp/%E2%80%AEevil", 400),  # right-to-left override
        ("/ocpp/" + "x" * 256, 400),
        ("/ocpp/../ST-1", 400),
    ],
)
async def test_a_bad_identity_is_refused_before_anybody_is_asked(path, expected):
    host = Host()
    assert status(await refused(request(path), host)) == expected
    assert host.knocks == []


async def test_only_the_configured_prefix_is_served():
    assert status(await refused(request("/ocpp/ST-1"), prefixes=("/steve/websocket",))) == 404
    told = await knock("/steve/websocket/ST-1", prefixes=("/steve/websocket",))
    assert told.identity == "ST-1"


@pytest.mark.parametrize(
    ("headers", "offered"),
    [
        ((), ()),
        (
            ("Sec-WebSocket-Protocol: ocpp2.1, ocpp2.0.1,ocpp1.6",),
            ("ocpp2.1", "ocpp2.0.1", "ocpp1.6"),
        ),
        (
            ("Sec-WebSocket-Protocol: ocpp2.0.1", "Sec-WebSocket-Protocol: ocpp1.6, ocpp2.0.1"),
            ("ocpp2.0.1", "ocpp1.6"),
        ),
        (("Sec-WebSocket-Protocol:",), ()),
        (("Sec-WebSocket-Protocol: ocpp1.6,",), ("ocpp1.6",)),
    ],
)
async def test_subprotocols_come_in_order_from_any_number_of_headers(headers, offered):
    assert (await knock("/ocpp/ST-1", *headers, protocol=None)).subprotocols == offered


async def test_exactly_one_of_the_offered_subprotocols_is_echoed():
    async def second(told: Knock) -> Admission:
        return host.welcome(told, "ocpp1.6")

    host = Host(second)
    async with open_door(host) as door:
        client = await door.dial()
        head = await client.shake("/ocpp/ST-1", protocol="ocpp2.0.1, ocpp1.6")

        assert re.findall("sec-websocket-protocol: (.*)\r\n", head, re.I) == ["ocpp1.6"]


async def test_a_station_that_offers_none_may_be_let_in_without_the_header():
    async with open_door() as door:
        client = await door.dial()
        head = await client.shake("/ocpp/ST-1", protocol=None)
        client.send(frame(b"[]"))

        assert "101 " in head
        assert "sec-websocket-protocol" not in head.lower()
        assert await client.frame() == (0x81, b"[]")


async def test_none_in_common_completes_the_handshake_and_closes_at_once():
    async def none(told: Knock) -> Admission:
        return Admission(None, ear)

    ear = Ear()
    async with open_door(Host(none)) as door:
        client = await door.dial()
        head = await client.shake("/ocpp/ST-1", protocol="ocpp0.9")

        assert "101 " in head
        assert "sec-websocket-protocol" not in head.lower()
        assert (await client.frame())[1][:2] == b"\x03\xea"
        assert not ear.was_opened.is_set()
        assert not ear.was_closed.done()
        assert door.server.counters.handshakes == {"no_subprotocol": 1}


@pytest.mark.parametrize(
    ("credentials", "user", "password"),
    [
        (b"ST-1:secret", b"ST-1", b"secret"),
        (b"ST-1:a:b", b"ST-1", b"a:b"),
        (b"ST-1:\xde\xad\xbe\xef\x00\xff", b"ST-1", b"\xde\xad\xbe\xef\x00\xff"),
        (b"ST-1:", b"ST-1", b""),
        (b":", b"", b""),
    ],
)
async def test_basic_credentials_are_bytes(credentials, user, password):
    encoded = base64.b64encode(credentials).decode()
    told = await knock("/ocpp/ST-1", f"Authorization: Basic {encoded}")

    assert (told.user, told.password) == (user, password)
    assert told.authorization == f"Basic {encoded}".encode()
    assert not password or repr(password) not in repr(told)


async def test_basic_without_padding_or_in_small_letters_is_understood():
    told = await knock("/ocpp/ST-1", "authorization: basic  U1QtMTpzZWNyZXQ")
    assert (told.user, told.password) == (b"ST-1", b"secret")


@pytest.mark.parametrize(
    "headers",
    [
        ("Authorization: Basic !!!",),
        ("Authorization: Basic U1QtMQ==",),  # no colon
        ("Authorization: Bearer U1QtMTpzZWNyZXQ=",),
        ("Authorization: Basic",),
        ("Authorization: Basic QTpC", "Authorization: Basic QzpE"),
    ],
)
async def test_what_is_not_basic_is_no_credentials(headers):
    told = await knock("/ocpp/ST-1", *headers)
    assert (told.user, told.password) == (None, None)


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (Refusal(401, "Wrong password."), 'WWW-Authenticate: Basic realm="releve"'),
        (Refusal(404, "No such station."), "Content-Type: text/plain; charset=utf-8"),
        (Refusal(403, "TLS is required."), "Connection: close"),
        (Refusal(503, "Database down."), "Retry-After: "),
        (Refusal(429, "Slow down.", (("Retry-After", "77"),)), "Retry-After: 77"),
    ],
)
async def test_a_refusal_says_why(refusal, expected):
    async def no(told: Knock) -> Refusal:
        return refusal

    answer = await refused(request("/ocpp/ST-1"), Host(no))

    assert status(answer) == refusal.status
    assert expected in answer
    assert answer.endswith(f"\r\n\r\n{refusal.reason}\n")
    assert answer.count("Retry-After") <= 1


async def test_a_client_library_sees_the_refusal():
    async def no(told: Knock) -> Refusal:
        return Refusal(401, "Wrong password.")

    async with open_door(Host(no)) as door:
        with pytest.raises(websockets.InvalidStatus) as failed:
            await websockets.connect(f"{door.url}/ocpp/ST-1")
        assert failed.value.response.status_code == 401
        assert door.server.counters.handshakes == {"401": 1}


async def test_a_person_with_a_browser_is_told_what_this_is():
    answer = await refused(b"GET /ocpp/ST-1 HTTP/1.1\r\nHost: x\r\n\r\n")

    assert status(answer) == 426
    assert "Upgrade: websocket" in answer
    assert "charging stations" in answer


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (b"OPTIONS / HTTP/1.0\r\n\r\n", 405),
        (b"POST /ocpp HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", 405),
        (b"GET / HTTP/1.0\r\n\r\n", 505),
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", 400),
        (b"GET / HTTP/1.1\r\nno colon here\r\n\r\n", 400),
        ("GET /ocpp/\u00e9 HTTP/1.1\r\n\r\n".encode(), 400),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 9000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 4000 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 30_000, 431),
        (request("/ocpp/ST-1").replace(b"Version: 13", b"Version: 8"), 400),
        (request("/ocpp/ST-1").replace(b"Sec-WebSocket-Key", b"X-Key"), 400),
    ],
)
async def test_what_is_no_upgrade_is_refused_with_its_status(raw, expected):
    answer = await refused(raw)
    assert status(answer) == expected
    if expected == 405:
        assert "Allow: GET" in answer


async def test_tls_on_the_plain_port_is_hung_up_on_at_once():
    async with open_door() as door:
        client = await door.dial()
        client.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc")

        assert await client.gone()
        assert door.server.counters.handshakes == {"not_http": 1}


async def test_a_host_without_port_and_a_missing_one_are_fine():
    assert (await knock("/ocpp/A")).identity == "A"  # the kit sends no port
    async with open_door() as door:
        client = await door.dial()
        client.send(request("/ocpp/B").replace(b"Host: localhost\r\n", b""))
        assert "101 " in await client.head()


async def test_a_request_may_come_a_byte_at_a_time():
    async with open_door() as door:
        client = await door.dial()
        for byte in request("/ocpp/ST-1"):
            client.send(bytes([byte]))
            await client.writer.drain()
        assert "101 " in await client.head()


async def test_a_proxy_that_is_trusted_tells_who_calls():
    proxies = (ip_network("127.0.0.1/32"),)
    headers = ("X-Forwarded-For: 192.0.2.1, 198.51.100.7", "X-Forwarded-Proto: https")
    told = await knock("/ocpp/ST-1", *headers, trusted_proxies=proxies)
    assert (told.peer, told.secure) == ("198.51.100.7", True)

    told = await knock("/ocpp/ST-1", *headers)
    assert (told.peer, told.secure) == ("127.0.0.1", False)


async def test_an_upgrade_written_as_some_stations_do():
    async with open_door() as door:
        client = await door.dial()
        client.send(
            f"GET /ocpp/ST-1 HTTP/1.1\r\nhost:x\r\nupgrade: WebSocket\r\n"
            f"connection: keep-alive, upgrade\r\nsec-websocket-key:{key()}\r\n"
            f"sec-websocket-version:13\r\nsec-websocket-protocol:ocpp1.6\r\n"
            f"Content-Length: 0\r\n\r\n".encode()
        )
        assert "101 " in await client.head()
