"""OCSP responses and revocation lists: believed only when there is reason to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.x509 import ocsp

from releve.domain.certificates import CertificateHash, CertificateStatus, HashAlgorithm
from releve.services.certificates.hashes import find_named
from releve.services.certificates.status import NotBelieved, ocsp_request, read_crl, read_ocsp
from tests.support.responder import REVOKED, UNKNOWN, Responder
from tests.support.v2g_pki import Entity, Pki

NONCE = b"thirty-two bytes of pure chance."


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki("http://ocsp.example")


def now() -> datetime:
    return datetime.now(UTC)


def told(
    responder: Responder, about: Entity, known: list[Entity], algorithm: str = "SHA256"
) -> Any:
    name = about.hash(HashAlgorithm(algorithm))
    response = responder.answer(ocsp_request(name, NONCE))
    return read_ocsp(response, name, NONCE, [e.certificate for e in known], now())


@pytest.mark.parametrize("algorithm", list(HashAlgorithm))
def test_a_request_names_the_certificate_exactly(pki: Pki, algorithm: HashAlgorithm) -> None:
    leaf = pki.contract("NLTNM000122045")
    request = ocsp.load_der_ocsp_request(ocsp_request(leaf.hash(algorithm), NONCE))
    by_library = (
        ocsp.OCSPRequestBuilder()
        .add_certificate(leaf.certificate, pki.mo_sub2.certificate, type(request.hash_algorithm)())
        .build()
    )
    assert request.issuer_name_hash == by_library.issuer_name_hash
    assert request.issuer_key_hash == by_library.issuer_key_hash
    assert request.serial_number == leaf.certificate.serial_number
    assert request.hash_algorithm.name == str(algorithm).lower()


@pytest.mark.parametrize("delegate", [True, False])
@pytest.mark.parametrize("algorithm", list(HashAlgorithm))
def test_good_revoked_and_unknown(pki: Pki, delegate: bool, algorithm: str) -> None:
    responder = Responder(pki.authorities, delegate=delegate)
    leaf = pki.contract("NLTNM000122045")
    known = [pki.mo_sub2]
    for state, status in (
        ("good", CertificateStatus.GOOD),
        (REVOKED, CertificateStatus.REVOKED),
        (UNKNOWN, CertificateStatus.UNKNOWN),
    ):
        responder.state[leaf.certificate.serial_number] = state
        standing = told(responder, leaf, known, algorithm)
        assert standing.status is status
        assert standing.verified
        assert standing.next_update > now()
        assert ocsp.load_der_ocsp_response(standing.der).serial_number


def test_an_issuer_that_nobody_knows_leaves_it_unverified(pki: Pki) -> None:
    leaf = pki.contract("NLTNM000122045")
    assert told(Responder(pki.authorities), leaf, [pki.v2g_root]).verified is False
    # The hash data tells the issuer's key: its certificate is as good when the response brings it along.
    assert told(Responder(pki.authorities, bring_issuer=True), leaf, []).verified is True


@pytest.mark.parametrize(
    ("habit", "words"),
    [
        ({"wrong_signature": True}, "signature is wrong"),
        ({"stale": True}, "stale"),
        ({"early": True}, "true only later"),
        ({"other_nonce": True}, "nonce"),
        ({"about_another": True}, "another certificate"),
        ({"appointed": False}, "did not appoint"),
        ({"bring": False}, "did not appoint"),
        ({"raw": b"<html>welcome to the hotel</html>"}, "no OCSP response"),
    ],
)
def test_a_lie_is_not_believed(pki: Pki, habit: dict[str, Any], words: str) -> None:
    responder = Responder(pki.authorities, **habit)
    with pytest.raises(NotBelieved, match=words):
        told(responder, pki.contract("NLTNM000122045"), [pki.mo_sub2])


def test_a_responder_may_leave_the_nonce_out(pki: Pki) -> None:
    responder = Responder(pki.authorities, without_nonce=True)
    assert told(responder, pki.contract("NLTNM000122045"), [pki.mo_sub2]).verified


def test_a_responder_that_refuses_says_nothing(pki: Pki) -> None:
    with pytest.raises(NotBelieved, match="unauthorized"):
        told(Responder([]), pki.contract("NLTNM000122045"), [pki.mo_sub2])


def test_hash_data_that_is_no_hash_cannot_be_asked_about() -> None:
    name = CertificateHash(issuer_name_hash="xyz", issuer_key_hash="12", serial_number="1")
    with pytest.raises(NotBelieved, match="hash data"):
        ocsp_request(name, NONCE)


def test_revocation_lists(pki: Pki) -> None:
    responder = Responder(url="http://crl.example")
    bad, good = pki.vehicle("BAD"), pki.vehicle("GOOD")
    responder.publish("oem.crl", pki.oem_sub, bad)
    data = responder.lists["/oem.crl"]
    known = [pki.oem_sub.certificate]
    assert read_crl(data, bad.hash(), known, now()).status is CertificateStatus.REVOKED
    standing = read_crl(data, good.hash(), known, now())
    assert standing.status is CertificateStatus.GOOD
    assert standing.verified
    assert not read_crl(data, good.hash(), [], now()).verified
    with pytest.raises(NotBelieved, match="another authority"):
        read_crl(data, pki.station("S").hash(), known, now())
    with pytest.raises(NotBelieved, match="stale"):
        read_crl(data, good.hash(), known, now() + timedelta(days=4))
    with pytest.raises(NotBelieved, match="no revocation list"):
        read_crl(b"gone", good.hash(), known, now())


def test_a_forged_list_is_not_believed(pki: Pki) -> None:
    liar = Pki().oem_sub  # the same name, another key
    responder = Responder(url="http://crl.example")
    responder.publish("oem.crl", liar)
    with pytest.raises(NotBelieved, match="signature is wrong"):
        read_crl(
            responder.lists["/oem.crl"],
            pki.vehicle("CAR").hash(),
            [pki.oem_sub.certificate],
            now(),
        )


def test_names_are_compared_as_stations_write_them(pki: Pki) -> None:
    name = pki.v2g_root.hash()
    written = CertificateHash(
        issuer_name_hash=name.issuer_name_hash.upper(),
        issuer_key_hash=name.issuer_key_hash.upper(),
        serial_number="00" + name.serial_number.upper(),
    )
    assert written.matches(name)
    assert written.key == name.key
    known = [e.certificate for e in pki.authorities]
    assert find_named(written, known) == pki.v2g_root.certificate
    assert find_named(pki.cpo_sub2.hash(HashAlgorithm.SHA512), known) == pki.cpo_sub2.certificate
    assert find_named(pki.contract("X").hash(), known) is None
