"""Configuration, the token caches, vendor data (1.6, core and local list profiles)."""

from releve.ocpp.messages import v16
from releve.simulator.quirks import Quirk
from releve.simulator.station import Station
from releve.simulator.v16 import keys, wire
from releve.simulator.v16.registry import answers


@answers
def get_configuration(
    request: v16.GetConfigurationRequest, station: Station
) -> v16.GetConfigurationResponse:
    """No keys means all keys (1.6, 5.8)."""
    if Quirk.ONE_KEY in station.plan.quirks and len(request.key) > 1:
        return v16.GetConfigurationResponse(unknown_key=request.key)
    known, unknown = [], []
    for name in request.key or keys.names(station):
        found = keys.read(station, name)
        if found is None:
            unknown.append(name)
        else:
            own, value, readonly = found
            known.append(v16.KeyValue(key=own, readonly=readonly, value=value))
    return v16.GetConfigurationResponse(configuration_key=known, unknown_key=unknown)


@answers
def change_configuration(
    request: v16.ChangeConfigurationRequest, station: Station
) -> v16.ChangeConfigurationResponse:
    status = keys.change(station, request.key, request.value)
    return v16.ChangeConfigurationResponse(status=v16.ConfigurationStatus(status))


@answers
def clear_cache(request: v16.ClearCacheRequest, station: Station) -> v16.ClearCacheResponse:
    if not station.behaviour.cache_enabled:
        return v16.ClearCacheResponse(status=v16.ClearCacheStatus.REJECTED)
    station.book.cache.clear()
    return v16.ClearCacheResponse(status=v16.ClearCacheStatus.ACCEPTED)


@answers
def get_local_list_version(
    request: v16.GetLocalListVersionRequest, station: Station
) -> v16.GetLocalListVersionResponse:
    """-1 when lists are switched off, 0 when there is none (1.6, 6.26)."""
    version = station.book.list_version if station.behaviour.local_list_enabled else -1
    return v16.GetLocalListVersionResponse(list_version=version)


@answers
def send_local_list(
    request: v16.SendLocalListRequest, station: Station
) -> v16.SendLocalListResponse:
    return v16.SendLocalListResponse(status=_take_list(request, station))


@answers
def data_transfer(request: v16.DataTransferRequest, station: Station) -> v16.DataTransferResponse:
    """The station knows its own maker's messages only: `Echo` gives the data back (1.6, 4.3)."""
    statuses = v16.DataTransferStatus
    if request.vendor_id.casefold() != station.plan.model.maker.casefold():
        return v16.DataTransferResponse(status=statuses.UNKNOWN_VENDOR_ID)
    if request.message_id != "Echo":
        return v16.DataTransferResponse(status=statuses.UNKNOWN_MESSAGE_ID)
    return v16.DataTransferResponse(status=statuses.ACCEPTED, data=request.data)


def _take_list(request: v16.SendLocalListRequest, station: Station) -> v16.UpdateStatus:
    entries = request.local_authorization_list
    if not station.behaviour.local_list_enabled:
        return v16.UpdateStatus.NOT_SUPPORTED
    if len(entries) > keys.SEND_LIST_LENGTH or request.list_version <= 0:
        return v16.UpdateStatus.FAILED
    book = station.book
    if request.update_type is v16.UpdateType.FULL:
        if any(entry.id_tag_info is None for entry in entries):
            return v16.UpdateStatus.FAILED
        full = [
            (wire.token(e.id_tag), wire.token_info(e.id_tag_info)) for e in entries if e.id_tag_info
        ]
        book.replace_list(request.list_version, full)
        return v16.UpdateStatus.ACCEPTED
    if request.list_version <= book.list_version:
        return v16.UpdateStatus.VERSION_MISMATCH
    changes = [
        (wire.token(e.id_tag), wire.token_info(e.id_tag_info) if e.id_tag_info else None)
        for e in entries
    ]
    book.update_list(request.list_version, changes)
    return v16.UpdateStatus.ACCEPTED
