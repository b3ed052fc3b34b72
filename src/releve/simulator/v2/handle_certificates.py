"""Certificates of authorities and of the station (block M, A02)."""

from releve.ocpp.messages import v21
from releve.simulator import certificates, own_certificate
from releve.simulator.certificates import Name
from releve.simulator.dialect import Answer
from releve.simulator.station import Station
from releve.simulator.v2.registry import answers


@answers
def install_certificate(
    request: v21.InstallCertificateRequest, station: Station
) -> v21.InstallCertificateResponse:
    """M05."""
    status = station.certificates.install(
        request.certificate_type.value, request.certificate, station.now()
    )
    return v21.InstallCertificateResponse(status=v21.InstallCertificateStatusEnum(status))


@answers
def delete_certificate(
    request: v21.DeleteCertificateRequest, station: Station
) -> v21.DeleteCertificateResponse:
    """M04."""
    name = request.certificate_hash_data
    status = v21.DeleteCertificateStatusEnum.NOT_FOUND
    if name.hash_algorithm is v21.HashAlgorithmEnum.SHA256:
        status = v21.DeleteCertificateStatusEnum(
            station.certificates.delete(
                name.issuer_name_hash, name.issuer_key_hash, name.serial_number
            )
        )
    return v21.DeleteCertificateResponse(status=status)


@answers
def get_installed_certificate_ids(
    request: v21.GetInstalledCertificateIdsRequest, station: Station
) -> v21.GetInstalledCertificateIdsResponse:
    """M03."""
    statuses = v21.GetInstalledCertificateStatusEnum
    wanted = {use.value for use in request.certificate_type}
    chains = []
    for held in station.certificates.held:
        named = station.certificates.named(held)
        if named is None or (wanted and held.use not in wanted):
            continue
        own, children = named
        chains.append(
            v21.CertificateHashDataChain(
                certificate_hash_data=hash_data(own),
                certificate_type=v21.GetCertificateIdUseEnum(held.use),
                child_certificate_hash_data=[hash_data(child) for child in children],
            )
        )
    return v21.GetInstalledCertificateIdsResponse(
        status=statuses.ACCEPTED if chains else statuses.NOT_FOUND,
        certificate_hash_data_chain=chains,
    )


@answers
def certificate_signed(request: v21.CertificateSignedRequest, station: Station) -> Answer:
    """A02.FR.06: for the key that was made; a V2G chain's status is asked for at once (M06.FR.07)."""
    statuses, uses = v21.CertificateSignedStatusEnum, v21.CertificateSigningUseEnum
    if request.certificate_type in (None, uses.CHARGING_STATION_CERTIFICATE):
        return _own(request.certificate_chain, station)
    if request.certificate_type is not uses.V2G_CERTIFICATE or not station.certificates.take(
        request.certificate_chain, station.now()
    ):
        return Answer(v21.CertificateSignedResponse(status=statuses.REJECTED))
    accepted = v21.CertificateSignedResponse(status=statuses.ACCEPTED)
    return Answer(accepted, lambda: certificates.refresh_status(station))


def _own(chain: str, station: Station) -> Answer:
    statuses = v21.CertificateSignedStatusEnum
    if own_certificate.taken(station, chain):
        return Answer(v21.CertificateSignedResponse(status=statuses.ACCEPTED))
    rejected = v21.CertificateSignedResponse(status=statuses.REJECTED)
    return Answer(rejected, lambda: own_certificate.complain(station))


def hash_data(name: Name) -> v21.CertificateHashData:
    """A name on the wire."""
    return v21.CertificateHashData(
        hash_algorithm=v21.HashAlgorithmEnum.SHA256,
        issuer_name_hash=name.issuer_name,
        issuer_key_hash=name.issuer_key,
        serial_number=name.serial,
    )


def ocsp_data(name: Name, url: str) -> v21.OCSPRequestData:
    """A name with the place to ask."""
    return v21.OCSPRequestData(
        hash_algorithm=v21.HashAlgorithmEnum.SHA256,
        issuer_name_hash=name.issuer_name,
        issuer_key_hash=name.issuer_key,
        serial_number=name.serial,
        responder_url=url,
    )
