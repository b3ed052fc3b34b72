"""Certificates of authorities (1.6's security extension)."""

from releve.ocpp.messages import v16
from releve.simulator import own_certificate
from releve.simulator.dialect import Answer
from releve.simulator.station import Station
from releve.simulator.v16.registry import answers

_USES = {
    v16.CertificateUseEnum.CENTRAL_SYSTEM_ROOT_CERTIFICATE: "CSMSRootCertificate",
    v16.CertificateUseEnum.MANUFACTURER_ROOT_CERTIFICATE: "ManufacturerRootCertificate",
}


@answers
def install_certificate(
    request: v16.InstallCertificateRequest, station: Station
) -> v16.InstallCertificateResponse:
    """M05 in 1.6."""
    use = _USES[request.certificate_type]
    status = station.certificates.install(use, request.certificate, station.now())
    return v16.InstallCertificateResponse(status=v16.InstallCertificateStatusEnum(status))


@answers
def delete_certificate(
    request: v16.DeleteCertificateRequest, station: Station
) -> v16.DeleteCertificateResponse:
    """M04 in 1.6."""
    name = request.certificate_hash_data
    status = v16.DeleteCertificateStatusEnum.NOT_FOUND
    if name.hash_algorithm is v16.HashAlgorithmEnum.SHA256:
        status = v16.DeleteCertificateStatusEnum(
            station.certificates.delete(
                name.issuer_name_hash, name.issuer_key_hash, name.serial_number
            )
        )
    return v16.DeleteCertificateResponse(status=status)


@answers
def get_installed_certificate_ids(
    request: v16.GetInstalledCertificateIdsRequest, station: Station
) -> v16.GetInstalledCertificateIdsResponse:
    """M03 in 1.6: one kind at a time."""
    statuses = v16.GetInstalledCertificateStatusEnum
    use, store = _USES[request.certificate_type], station.certificates
    names = [store.name(held.certificate) for held in store.held if held.use == use]
    data = [
        v16.CertificateHashData(
            hash_algorithm=v16.HashAlgorithmEnum.SHA256,
            issuer_name_hash=name.issuer_name,
            issuer_key_hash=name.issuer_key,
            serial_number=name.serial,
        )
        for name in names
        if name is not None
    ]
    return v16.GetInstalledCertificateIdsResponse(
        status=statuses.ACCEPTED if data else statuses.NOT_FOUND, certificate_hash_data=data
    )


@answers
def certificate_signed(request: v16.CertificateSignedRequest, station: Station) -> Answer:
    """A02 in 1.6."""
    statuses = v16.CertificateSignedStatusEnum
    if own_certificate.taken(station, request.certificate_chain):
        return Answer(v16.CertificateSignedResponse(status=statuses.ACCEPTED))
    rejected = v16.CertificateSignedResponse(status=statuses.REJECTED)
    return Answer(rejected, lambda: own_certificate.complain(station))
