"""Contract certificates over HTTP: EXI goes out, EXI comes back.

Two ways of speaking are known. `opcp` is that of the contract certificate pools (Open Plug and Charge Protocol,
GetSignedContractDataByCertificateInstallationReq): JSON with the base64 request and its namespace, answered by all
contracts of the car. `exi` posts the bytes themselves and takes the bytes of one response, for a provider of one's own.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from typing import Any

import httpx
import msgspec

from releve.app.outgoing import Network, client, fetch
from releve.services.ev_certificates import CarRequest, Declined

LARGEST = 512 * 1024
_EXI = "application/exi"


class HttpContractProvider:
    """Implements `services.ev_certificates.ContractCertificates`. token: sent as a bearer token; empty: none."""

    def __init__(
        self, url: str, speaks: str, token: str, bound_s: float, allowed: Sequence[Network] = ()
    ) -> None:
        self._url = url
        self._opcp = speaks == "opcp"
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._bound = bound_s
        self._allowed = allowed
        self._client: httpx.AsyncClient | None = None

    async def obtain(self, request: CarRequest) -> tuple[str, ...] | Declined:
        """Ask the provider, within the bound."""
        return await asyncio.get_running_loop().create_task(self._bounded(request))

    async def _bounded(self, request: CarRequest) -> tuple[str, ...] | Declined:
        try:
            async with asyncio.timeout(self._bound):
                return await self._ask(request)
        except TimeoutError:
            reason = f"the provider did not answer within {self._bound:g} seconds"
        except httpx.HTTPStatusError as error:
            if error.response.status_code == httpx.codes.NOT_FOUND:
                return Declined(code="NotFound", reason="the provider has no contract for this car")
            reason = f"the provider: {error}"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = f"the provider cannot be reached: {error}"
        except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
            reason = f"the provider's answer cannot be used: {error}"
        return Declined(code="InternalError", reason=reason)

    async def _ask(self, request: CarRequest) -> tuple[str, ...] | Declined:
        if self._client is None:
            self._client = client(self._allowed)
        content, media_type = self._body(request)
        headers = {**self._headers, "Content-Type": media_type}
        if not self._opcp:
            headers |= _told(request)
        made = self._client.build_request(
            "POST", self._url, content=content, headers=headers, timeout=self._bound
        )
        answer = await fetch(self._client, made, largest=LARGEST)
        found = _contracts(msgspec.json.decode(answer)) if self._opcp else (_base64(answer),)
        return found or Declined(
            code="NotFound", reason="the provider has no contract for this car"
        )

    def _body(self, request: CarRequest) -> tuple[bytes, str]:
        if not self._opcp:
            return base64.b64decode(request.exi), _EXI
        body: dict[str, Any] = {
            "certificateInstallationReq": request.exi,
            "xsdMsgDefNamespace": request.schema,
        }
        if request.most is not None:
            body["maximumContractCertificateChains"] = request.most
        if request.first:
            body["prioritizedEMAIDs"] = list(request.first)
        return msgspec.json.encode(body), "application/json"


def _told(request: CarRequest) -> dict[str, str]:
    """What EXI alone does not tell, for a provider of one's own."""
    told = {"X-ISO15118-Schema": request.schema, "X-ISO15118-Action": str(request.action)}
    if request.most is not None:
        told["X-Maximum-Contracts"] = str(request.most)
    if request.first:
        told["X-Prioritized-EMAIDs"] = ",".join(request.first)
    return told


def _contracts(answer: Any) -> tuple[str, ...]:
    """The base64 responses of a pool's answer: CCPResponse.emaidContent[].messageDef.certificateInstallationRes."""
    content = answer["CCPResponse"]["emaidContent"]
    return tuple(str(one["messageDef"]["certificateInstallationRes"]) for one in content)


def _base64(exi: bytes) -> str:
    if not exi:
        raise ValueError("it is empty")
    return base64.b64encode(exi).decode("ascii")
