"""What a 2.x station says, transactions apart."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from releve.ocpp import codec
from releve.ocpp.messages import v21
from releve.ocpp.messages.base import Message, Response
from releve.ocpp.version import Version
from releve.simulator import sampling
from releve.simulator.certificates import Name
from releve.simulator.dialect import Answer, BootAnswer, BootReason, Dialect, Registration
from releve.simulator.evse import Evse, Status
from releve.simulator.meter import Context, Sample
from releve.simulator.outbox import Entry
from releve.simulator.profiles.model import Profile
from releve.simulator.tokens import Token, TokenInfo
from releve.simulator.transaction import Transaction, Trigger
from releve.simulator.v2 import charging_needs, der, transaction_events, watching, wire
from releve.simulator.v2.answers import answers
from releve.simulator.v2.handle_certificates import ocsp_data

if TYPE_CHECKING:
    from releve.simulator.station import Station


CONCERNS_ALL = (Status.UNAVAILABLE, Status.FAULTED, Status.RESERVED)
"""Statuses of an EVSE that all of its connectors share."""


class Dialect2(Dialect):
    """What 2.0.1 and 2.1 have in common."""

    async def boot(self, station: "Station", reason: BootReason) -> BootAnswer:
        """BootNotification (B01)."""
        model = station.plan.model
        modem = v21.Modem(iccid="8933150319990102030", imsi="208150199901020")
        answer = await station.ask(
            v21.BootNotificationRequest(
                reason=v21.BootReasonEnum(reason.value),
                charging_station=v21.ChargingStation(
                    serial_number=station.plan.serial,
                    model=model.name,
                    modem=modem if model.modem else None,
                    vendor_name=model.maker,
                    firmware_version=station.firmware,
                ),
            )
        )
        registration = Registration(answer.status.value)
        return BootAnswer(registration, answer.current_time, answer.interval)

    async def heartbeat(self, station: "Station") -> datetime:
        """Heartbeat (G02)."""
        return (await station.ask(v21.HeartbeatRequest())).current_time

    def visible(self, evse: Evse) -> str:
        """Five words instead of nine, and only a cable makes a connector Occupied (E02.FR.05)."""
        if evse.status is Status.PREPARING and not evse.plugged:
            return Status.AVAILABLE.value
        return wire.status(evse.status).value

    async def report_status(
        self,
        station: "Station",
        evse: Evse | None,
        status: Status,
        at: datetime,
        error: str | None = None,
    ) -> None:
        """StatusNotification, or NotifyEvent, of every connector of `evse` (G01); none is of the station itself."""
        if evse is None:
            return
        by_event = self.version is Version.V21 and station.behaviour.connectors_by_event
        for connector in range(1, len(evse.connectors) + 1):
            concerned = connector == evse.connector or status in CONCERNS_ALL
            told = wire.status(status if concerned else Status.AVAILABLE)
            if by_event:
                await watching.tell_connector(station, evse.id, connector, told.value, at)
                continue
            await station.ask(
                v21.StatusNotificationRequest(
                    timestamp=at,
                    connector_status=told,
                    evse_id=evse.id,
                    connector_id=connector,
                )
            )

    async def authorize(self, station: "Station", token: Token) -> TokenInfo:
        """Authorize (C01). A contract that the station can validate itself goes as hash data, else as it is (C07)."""
        own = wire.id_token(token)
        hashes = station.certificates.validated(token.chain) if token.chain else None
        if hashes:
            data = [ocsp_data(name, url) for name, url in hashes]
            request = v21.AuthorizeRequest(id_token=own, iso15118_certificate_hash_data=data)
        else:
            request = v21.AuthorizeRequest(id_token=own, certificate=token.chain or None)
        answer = await station.ask(request)
        modes = tuple(mode.value for mode in answer.allowed_energy_transfer)
        return replace(wire.token_info(answer.id_token_info), transfer=modes)

    async def sign_own(self, station: "Station", csr: str) -> str:
        """SignCertificate for the station's own certificate (A02, A03)."""
        use = v21.CertificateSigningUseEnum.CHARGING_STATION_CERTIFICATE
        answer = await station.ask(v21.SignCertificateRequest(csr=csr, certificate_type=use))
        return answer.status.value

    async def sign_v2g(self, station: "Station", csr: str) -> str:
        """SignCertificate for the V2G certificate (A02.FR.03, A02.FR.13)."""
        use = v21.CertificateSigningUseEnum.V2G_CERTIFICATE
        answer = await station.ask(v21.SignCertificateRequest(csr=csr, certificate_type=use))
        return answer.status.value

    async def certificate_status(self, station: "Station", name: Name, url: str) -> str:
        """GetCertificateStatus (M06)."""
        data = ocsp_data(name, url)
        answer = await station.ask(v21.GetCertificateStatusRequest(ocsp_request_data=data))
        return answer.status.value

    def began(self, station: "Station", transaction: Transaction, trigger: Trigger) -> None:
        """TransactionEvent Started (E01, E02)."""
        transaction_events.started(station, transaction, trigger)
        charging_needs.begin(station, station.evses[transaction.evse])

    def changed(
        self,
        station: "Station",
        transaction: Transaction,
        trigger: Trigger,
        context: Context | None = None,
    ) -> None:
        """TransactionEvent Updated (E02.FR.13, E02.FR.17)."""
        sample = None
        if context is not None:
            evse = station.evses[transaction.evse]
            sample = sampling.take(station, evse, context, station.behaviour.ended)
        transaction_events.updated(station, transaction, trigger, sample)

    def sampled(self, station: "Station", transaction: Transaction, sample: Sample) -> None:
        """TransactionEvent Updated with a sample (E02.FR.10)."""
        transaction_events.updated(station, transaction, Trigger.METER_VALUE_PERIODIC, sample)

    def ended(self, station: "Station", transaction: Transaction) -> None:
        """TransactionEvent Ended (E06)."""
        transaction_events.ended(station, transaction)

    def aligned(self, station: "Station", evse: Evse, sample: Sample) -> None:
        """Within a transaction by TransactionEvent (J02.FR.10), else, or when triggered, by MeterValues."""
        if evse.transaction is not None and sample.context is Context.CLOCK:
            clock = Trigger.METER_VALUE_CLOCK
            transaction_events.updated(station, evse.transaction, clock, sample)
            return
        request = v21.MeterValuesRequest(evse_id=evse.id, meter_value=[wire.meter_value(sample)])
        entry = Entry("MeterValues", None, lambda _offline: request, _nothing)
        station.queue(entry)

    async def firmware_status(
        self, station: "Station", status: str, request_id: int | None
    ) -> None:
        """FirmwareStatusNotification (L01, L02); Idle has no request (L01.FR.20)."""
        value = v21.FirmwareStatusEnum(status)
        idle = value is v21.FirmwareStatusEnum.IDLE
        await station.ask(
            v21.FirmwareStatusNotificationRequest(
                status=value, request_id=None if idle else request_id
            )
        )

    async def log_status(self, station: "Station", status: str, request_id: int | None) -> None:
        """LogStatusNotification (N01); Idle has no request."""
        value = v21.UploadLogStatusEnum(status)
        idle = value is v21.UploadLogStatusEnum.IDLE
        await station.ask(
            v21.LogStatusNotificationRequest(status=value, request_id=None if idle else request_id)
        )

    async def security_event(self, station: "Station", kind: str, info: str) -> None:
        """SecurityEventNotification (A04)."""
        await station.ask(
            v21.SecurityEventNotificationRequest(type=kind, timestamp=station.now(), tech_info=info)
        )

    async def reservation_ended(
        self, station: "Station", reservation_id: int, *, removed: bool = False
    ) -> None:
        """ReservationStatusUpdate (H04, H01.FR.16)."""
        statuses = v21.ReservationUpdateStatusEnum
        await station.ask(
            v21.ReservationStatusUpdateRequest(
                reservation_id=reservation_id,
                reservation_update_status=statuses.REMOVED if removed else statuses.EXPIRED,
            )
        )

    async def external_limit(self, station: "Station", profile: Profile | None) -> None:
        """NotifyChargingLimit (K12) and ClearedChargingLimit (K13)."""
        if profile is None:
            await station.ask(v21.ClearedChargingLimitRequest(charging_limit_source="SO"))
            return
        await station.ask(
            v21.NotifyChargingLimitRequest(
                charging_limit=v21.ChargingLimit(
                    charging_limit_source="SO", is_grid_critical=False
                ),
                charging_schedule=wire.charging_profile(profile).charging_schedule,
            )
        )

    def watch(self, station: "Station") -> None:
        """Monitors, and the streams of what they see (N07, N08, N15)."""
        watching.watch(station)
        if station.side.controls or station.side.der_alarm:
            der.watch(station)

    def handle(self, station: "Station", action: str, payload: bytes) -> Answer:
        """Obey a CALL."""
        return answers.handle(station, self.version, action, payload)

    def decode_response(self, action: str, payload: bytes) -> Message:
        """The response, checked as this version's and read as 2.1's."""
        response = codec.decode_response(self.version, action, payload)
        if self.version is Version.V21:
            return response
        return codec.decode_response(Version.V21, action, payload)


def _nothing(_response: Response) -> None:
    """MeterValuesResponse has nothing to say."""
