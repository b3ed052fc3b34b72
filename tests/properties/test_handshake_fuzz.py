"""Whatever is sent as a request gets an answer of HTTP, and no identity gets through that must not."""

from __future__ import annotations

import unicodedata
from random import Random
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from releve.gateway.door import Admission, Knock, Refusal
from releve.gateway.door_settings import DoorSettings
from releve.gateway.hub import Hub
from releve.gateway.request import Line, parse_basic, read_request, refusal_response
from releve.gateway.route import MAX_IDENTITY, Route, find_route
from tests.unit.gateway.door_kit import request


class NoDoorman:
    async def admit(self, knock: Knock) -> Admission:
        raise AssertionError


HUB = Hub(NoDoorman(), DoorSettings(), lambda: 1.0, Random(1))
PREFIXES = ("/ocpp", "/")


def judge(head: bytes) -> Knock | int:
    """The knock, or the status of the answer as it would go out."""
    library = HUB.library()
    read = read_request(head + b"\r\n\r\n", library, Line("192.0.2.1", secure=False), HUB.settings)
    if isinstance(read, Refusal):
        answer = refusal_response(read, library, "releve", 10).serialize()
        assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 505")), answer
        assert answer.count(b"\r\n\r\n") == 1
        return read.status
    return read[0]


header_names = st.sampled_from(
    [
        *("Authorization", "Connection", "Content-Length", "Forwarded", "Host", "Origin"),
        *("Sec-WebSocket-Extensions", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol"),
        *("Sec-WebSocket-Version", "Transfer-Encoding", "Upgrade", "User-Agent", "X-Forwarded-For"),
    ]
)
header_values = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        [b"upgrade", b"websocket", b"13", b"permessage-deflate; x=", b'"', b"a,,b", b""]
    ),
)


@given(st.binary(max_size=200))
def test_noise_is_refused(noise):
    noise = noise.replace(b"\r\n\r\n", b"")
    assert judge(b"GET " + noise) in (400, 404, 405, 426, 431, 505)
    assert isinstance(judge(noise), int)


@given(st.lists(st.tuples(header_names, header_values), max_size=4))
def test_odd_headers_never_break_the_door(headers):
    extra = b"".join(
        b"\r\n" + name.encode() + b": " + value.replace(b"\r\n", b"") for name, value in headers
    )
    told = judge(request("/ocpp/ST-1")[:-4] + extra)
    assert isinstance(told, int) or told.identity == "ST-1"


@given(st.text(max_size=300))
def test_an_identity_that_gets_through_is_the_one_that_was_meant(identity):
    route = find_route("/ocpp/" + quote(identity, safe="", errors="surrogatepass"), PREFIXES)
    if isinstance(route, Route):
        assert route == Route(identity, None)
        assert 0 < len(identity) <= MAX_IDENTITY
        assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in identity)
        assert ".." not in identity.replace("\\", "/").split("/")
    else:
        assert route.status in (400, 404)


@given(st.from_regex(r"[A-Za-z0-9*+=_|@-]{1,48}", fullmatch=True))
def test_every_ordinary_identity_gets_through(identity):
    assert find_route(f"/ocpp/{quote(identity)}", PREFIXES) == Route(identity, None)
    assert find_route(f"/ocpp/acme/{quote(identity)}/", PREFIXES) == Route(identity, "acme")


@given(st.text(max_size=60))
def test_no_path_breaks_the_route(path):
    assert isinstance(find_route(path, PREFIXES), Route | Refusal)


@given(st.binary(max_size=60))
def test_no_authorization_breaks_the_parser(value):
    user, password = parse_basic(b"Basic " + value)
    assert (user is None) == (password is None)
    parse_basic(value)
