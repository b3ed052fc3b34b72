"""A certificate authority that is not built in: a server to which signing requests are posted."""

from __future__ import annotations

import httpx

from releve.domain.ids import OperatorId
from releve.services.certificates.pem import load_chain, self_signed, to_pem
from releve.services.certificates.signing_requests import SigningRequest
from releve.services.errors import Invalid
from releve.services.security.ports import SigningFailed

LARGEST = 64 * 1024
TIMEOUT_S = 60.0


class HttpSigner:
    """Implements `services.security.ports.CertificateSigner` (A02.FR.04: a dedicated server signs).

    The request is posted as it is (`application/pkcs10`, PEM), with the days that are wished for in the query; the
    answer is the chain in PEM, leaf first. token: sent as a bearer token. transport: for tests.
    """

    def __init__(
        self, url: str, token: str = "", transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._url = url
        self._headers = {"Content-Type": "application/pkcs10", "Accept": "application/x-pem-file"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._transport = transport

    async def sign(self, operator: OperatorId, request: SigningRequest, days: int) -> str:
        """The chain, without the root; SigningFailed with what the server said, when it will not."""
        try:
            text = await self._asked(request.pem, days)
        except httpx.HTTPError as error:
            raise SigningFailed(f"The certificate authority cannot be reached: {error}") from error
        try:
            chain = load_chain(text)
        except Invalid as error:
            raise SigningFailed(
                f"The certificate authority's answer is no chain: {error}"
            ) from error
        return to_pem([chain[0], *(c for c in chain[1:] if not self_signed(c))])

    async def _asked(self, pem: str, days: int) -> str:
        # No redirects: the request would go to whom nobody has named (abuse case 24).
        async with httpx.AsyncClient(
            timeout=TIMEOUT_S, follow_redirects=False, transport=self._transport, trust_env=False
        ) as client:
            answer = client.stream(
                "POST", self._url, content=pem, params={"days": days}, headers=self._headers
            )
            async with answer as response:
                body = b""
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > LARGEST:
                        raise SigningFailed("The certificate authority's answer is too long.")
        if response.status_code not in (200, 201):
            said = body[:200].decode("utf-8", "replace").strip()
            raise SigningFailed(
                f"The certificate authority answered {response.status_code}: {said or 'nothing'}"
            )
        return body.decode("utf-8", "replace")
