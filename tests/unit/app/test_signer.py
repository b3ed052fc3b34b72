"""A certificate authority behind HTTP."""

from __future__ import annotations

import httpx
import pytest

from releve.app.signer import HttpSigner
from releve.domain.ids import DEFAULT_OPERATOR
from releve.services.certificates.authority import sign_request
from releve.services.certificates.pem import load_chain, to_pem
from releve.services.certificates.signing_requests import SigningRequest, read
from releve.services.security.ports import SigningFailed
from tests.support.pki import NOW, authority, csr


def request() -> SigningRequest:
    """One that is good."""
    found = read(csr("SN-1"))
    assert not isinstance(found, str)
    return found


async def test_the_request_is_posted_and_the_chain_comes_back_without_the_root():
    ca, seen = authority(), []

    def answer(asked: httpx.Request) -> httpx.Response:
        seen.append(asked)
        leaf = sign_request(ca.issuing, asked.content.decode(), NOW, 30)
        chain = [leaf, ca.issuing.certificate, ca.root.certificate]
        return httpx.Response(200, text=to_pem(chain))

    signer = HttpSigner("https://ca.example/sign", "secret", httpx.MockTransport(answer))
    chain = load_chain(await signer.sign(DEFAULT_OPERATOR, request(), 30))
    assert chain[1:] == [ca.issuing.certificate]
    (asked,) = seen
    assert asked.headers["authorization"] == "Bearer secret"
    assert asked.headers["content-type"] == "application/pkcs10"
    assert asked.url.params["days"] == "30"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(403, text="not you"), "answered 403: not you"),
        (httpx.Response(302, headers={"location": "http://10.0.0.1/"}), "answered 302"),
        (httpx.Response(200, text="hello"), "no chain"),
        (httpx.Response(200, text="x" * 70_000), "too long"),
    ],
)
async def test_whatever_else_it_answers_is_told(answer: httpx.Response, said: str):
    signer = HttpSigner("https://ca.example", "", httpx.MockTransport(lambda _: answer))
    with pytest.raises(SigningFailed, match=said):
        await signer.sign(DEFAULT_OPERATOR, request(), 30)


async def test_a_server_that_cannot_be_reached_is_told():
    def gone(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    signer = HttpSigner("https://ca.example", "", httpx.MockTransport(gone))
    with pytest.raises(SigningFailed, match="cannot be reached"):
        await signer.sign(DEFAULT_OPERATOR, request(), 30)
