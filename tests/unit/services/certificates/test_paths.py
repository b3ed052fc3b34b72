"""Which certificates are good, and what is wrong with the others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from releve.services.certificates.authority import make_crl
from releve.services.certificates.paths import Fault, Revocations, check, read_crl
from tests.support.pki import NOW, Authority, authority, csr, ec_key


@pytest.fixture(scope="module")
def ca() -> Authority:
    return authority()


@pytest.mark.parametrize("is_rsa", [False, True])
def test_a_station_of_our_own_authority_is_good(is_rsa):
    ca = authority(is_rsa=is_rsa)
    issued = ca.issue("SN-1")
    path = check(issued.leaf, issued.above, [ca.root.certificate], NOW)
    assert path.fault is None
    assert path.certificates == (issued.leaf, ca.issuing.certificate, ca.root.certificate)


def test_an_issuing_authority_may_be_the_anchor(ca):
    issued = ca.issue("SN-1")
    assert check(issued.leaf, [], [ca.issuing.certificate], NOW).fault is None


def test_a_certificate_may_be_trusted_by_itself(ca):
    issued = ca.issue("SN-1")
    assert check(issued.leaf, [], [issued.leaf], NOW).fault is None


def test_without_the_certificate_between_there_is_no_path(ca):
    assert check(ca.issue("SN-1").leaf, [], [ca.root.certificate], NOW).fault is Fault.UNTRUSTED


def test_another_authority_of_the_same_name_is_not_trusted(ca):
    foreign = authority()
    issued = foreign.issue("SN-1")
    above = (*issued.above, foreign.root.certificate)
    assert check(issued.leaf, above, [ca.root.certificate], NOW).fault is Fault.UNTRUSTED


@pytest.mark.parametrize(
    ("at", "fault"),
    [
        (NOW + timedelta(days=89), None),
        (NOW + timedelta(days=91), Fault.EXPIRED),
        (NOW - timedelta(days=1), Fault.NOT_YET),
    ],
)
def test_time(ca, at, fault):
    issued = ca.issue("SN-1", days=90)
    assert check(issued.leaf, issued.above, [ca.root.certificate], at).fault is fault


def test_revoked_counts_before_expired_and_also_above(ca):
    issued = ca.issue("SN-1", days=1)
    late = NOW + timedelta(days=2)
    leaf = Revocations().plus(issued.leaf.issuer.public_bytes(), [issued.leaf.serial_number])
    roots = [ca.root.certificate]
    assert check(issued.leaf, issued.above, roots, late, leaf).fault is Fault.REVOKED
    between = ca.issuing.certificate
    above = Revocations().plus(between.issuer.public_bytes(), [between.serial_number])
    assert check(issued.leaf, issued.above, roots, NOW, above).fault is Fault.REVOKED
    other = Revocations().plus(between.issuer.public_bytes(), [issued.leaf.serial_number])
    assert check(issued.leaf, issued.above, roots, NOW, other).fault is None


def test_a_station_cannot_issue_certificates(ca):
    """A valid station certificate used as an authority: the oldest trick there is."""
    station = ca.issue("SN-1")
    forged = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SN-2")]))
        .issuer_name(station.leaf.subject)
        .public_key(ec_key().public_key())
        .serial_number(7)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
        .sign(station.key, SHA256())
    )
    path = check(forged, [station.leaf, *station.above], [ca.root.certificate], NOW)
    assert path.fault is Fault.MISUSED


def test_a_weak_key_is_refused(ca):
    weak = rsa.generate_private_key(65537, 1024)
    issued = ca.issue("SN-1", key=weak)
    assert check(issued.leaf, issued.above, [ca.root.certificate], NOW).fault is Fault.WEAK


def test_an_authority_is_no_station(ca):
    path = check(ca.issuing.certificate, [], [ca.root.certificate], NOW)
    assert path.fault is Fault.MISUSED


def test_a_critical_extension_that_nobody_knows_forbids_use(ca):
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    request = x509.load_pem_x509_csr(csr("SN-1").encode())
    leaf = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(ca.issuing.certificate.subject)
        .public_key(request.public_key())
        .serial_number(9)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(odd, critical=True)
        .sign(ca.issuing.key, SHA256())
    )
    path = check(leaf, [ca.issuing.certificate], [ca.root.certificate], NOW)
    assert path.fault is Fault.MISUSED


def test_a_revocation_list_counts_only_with_its_issuers_signature(ca):
    issued = ca.issue("SN-1")
    crl = make_crl(ca.issuing, [(issued.leaf.serial_number, NOW)], 1, NOW)
    text = crl.public_bytes(Encoding.PEM).decode()
    found = read_crl(text, [ca.root.certificate, ca.issuing.certificate])
    assert not isinstance(found, str)
    assert found[1] == ca.issuing.certificate
    assert [r.serial_number for r in found[0]] == [issued.leaf.serial_number]
    assert isinstance(read_crl(text, [authority().issuing.certificate]), str)
    assert isinstance(read_crl("no list", [ca.root.certificate]), str)
