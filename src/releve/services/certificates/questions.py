"""What has to be asked about a verified path of certificates: OCSP first, a list where there is no responder."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from cryptography import x509

from releve.domain.certificates import StatusQuestion, StatusSource
from releve.services.certificates.hashes import crl_urls, hash_data, responder_urls


def path_questions(path: Sequence[x509.Certificate]) -> list[StatusQuestion]:
    """One for each certificate under the anchor, which is last, that says where its status can be asked for."""
    questions = []
    for certificate, issuer in pairwise(path):
        name = hash_data(certificate, issuer)
        if urls := responder_urls(certificate):
            questions.append(StatusQuestion(certificate=name, urls=urls))
        elif urls := crl_urls(certificate):
            questions.append(StatusQuestion(certificate=name, source=StatusSource.CRL, urls=urls))
    return questions


def answerable(certificate: x509.Certificate) -> bool:
    """Whether it names a responder or a list at all."""
    return bool(responder_urls(certificate) or crl_urls(certificate))
