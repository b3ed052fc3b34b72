"""What a 1.6 station says."""

from datetime import datetime
from typing import TYPE_CHECKING

from releve.ocpp import codec
from releve.ocpp.messages import v16
from releve.ocpp.messages.base import Message, Request, Response
from releve.ocpp.version import Version
from releve.simulator import sessions
from releve.simulator.dialect import Answer, BootAnswer, BootReason, Dialect, Registration
from releve.simulator.evse import Evse, Status
from releve.simulator.meter import Context, Sample
from releve.simulator.outbox import Entry
from releve.simulator.profiles.model import Profile
from releve.simulator.tokens import Token, TokenInfo
from releve.simulator.transaction import Transaction, Trigger
from releve.simulator.v16 import wire
from releve.simulator.v16.answers import answers

if TYPE_CHECKING:
    from releve.simulator.station import Station


class Dialect16(Dialect):
    """OCPP 1.6. A connector of 1.6 is an EVSE here."""

    version = Version.V16

    async def boot(self, station: "Station", reason: BootReason) -> BootAnswer:
        model = station.plan.model
        answer = await station.ask(
            v16.BootNotificationRequest(
                charge_point_vendor=model.maker,
                charge_point_model=model.name,
                charge_point_serial_number=station.plan.serial,
                firmware_version=station.firmware,
                iccid="8933150319990102030" if model.modem else None,
                imsi="208150199901020" if model.modem else None,
                meter_type=model.meter_type,
                meter_serial_number=f"M{station.plan.serial}"[:25],
            )
        )
        registration = Registration(answer.status.value)
        return BootAnswer(registration, answer.current_time, answer.interval)

    async def heartbeat(self, station: "Station") -> datetime:
        return (await station.ask(v16.HeartbeatRequest())).current_time

    async def report_status(
        self,
        station: "Station",
        evse: Evse | None,
        status: Status,
        at: datetime,
        error: str | None = None,
    ) -> None:
        await station.ask(
            v16.StatusNotificationRequest(
                connector_id=0 if evse is None else evse.id,
                error_code=v16.ChargePointErrorCode(error or "NoError"),
                status=wire.status(status),
                timestamp=at,
            )
        )

    async def authorize(self, station: "Station", token: Token) -> TokenInfo:
        answer = await station.ask(v16.AuthorizeRequest(id_tag=token.text))
        return wire.token_info(answer.id_tag_info)

    def began(self, station: "Station", transaction: Transaction, trigger: Trigger) -> None:
        token = transaction.token or Token("")

        def build(_offline: bool) -> Request[Response]:
            return v16.StartTransactionRequest(
                connector_id=transaction.evse,
                id_tag=token.text,
                meter_start=round(transaction.meter_start_wh),
                reservation_id=transaction.reservation,
                timestamp=transaction.began_at,
            )

        def answered(response: Response) -> None:
            if isinstance(response, v16.StartTransactionResponse):
                transaction.number = response.transaction_id
                sessions.judged(station, transaction, wire.token_info(response.id_tag_info))

        station.queue(Entry("StartTransaction", transaction, build, answered, begins=True))

    def changed(
        self,
        station: "Station",
        transaction: Transaction,
        trigger: Trigger,
        context: Context | None = None,
    ) -> None:
        """1.6 tells changes by StatusNotification."""

    def sampled(self, station: "Station", transaction: Transaction, sample: Sample) -> None:
        def build(_offline: bool) -> Request[Response]:
            return v16.MeterValuesRequest(
                connector_id=transaction.evse,
                transaction_id=transaction.wire_number,
                meter_value=[wire.meter_value(sample)],
            )

        entry = Entry("MeterValues", transaction, build, _nothing, may_be_thinned=True)
        station.queue(entry)

    def ended(self, station: "Station", transaction: Transaction) -> None:
        data = [wire.meter_value(sample) for sample in transaction.samples if sample.readings]
        stop = transaction.stop_token

        def build(_offline: bool) -> Request[Response]:
            assert transaction.ended_at is not None
            assert transaction.reason is not None
            return v16.StopTransactionRequest(
                id_tag=None if stop is None else stop.text,
                meter_stop=round(transaction.meter_stop_wh or 0.0),
                timestamp=transaction.ended_at,
                transaction_id=transaction.wire_number,
                reason=wire.reason(transaction.reason),
                transaction_data=data,
            )

        def answered(response: Response) -> None:
            known = isinstance(response, v16.StopTransactionResponse) and response.id_tag_info
            if known and stop is not None:
                station.book.learn(stop, wire.token_info(known))

        station.queue(Entry("StopTransaction", transaction, build, answered))

    def aligned(self, station: "Station", evse: Evse, sample: Sample) -> None:
        transaction = evse.transaction

        def build(_offline: bool) -> Request[Response]:
            return v16.MeterValuesRequest(
                connector_id=evse.id,
                transaction_id=None if transaction is None else transaction.wire_number,
                meter_value=[wire.meter_value(sample)],
            )

        station.queue(Entry("MeterValues", transaction, build, _nothing, may_be_thinned=True))

    async def firmware_status(
        self, station: "Station", status: str, request_id: int | None
    ) -> None:
        if request_id is not None:  # the update came as SignedUpdateFirmware
            signed = v16.FirmwareStatusEnum(status)
            await station.ask(
                v16.SignedFirmwareStatusNotificationRequest(status=signed, request_id=request_id)
            )
        elif status in set(v16.FirmwareStatus):
            plain = v16.FirmwareStatus(status)
            await station.ask(v16.FirmwareStatusNotificationRequest(status=plain))

    async def log_status(self, station: "Station", status: str, request_id: int | None) -> None:
        if request_id is not None:
            log = v16.UploadLogStatusEnum(status)
            number = None if log is v16.UploadLogStatusEnum.IDLE else request_id
            await station.ask(v16.LogStatusNotificationRequest(status=log, request_id=number))
            return
        plain = v16.DiagnosticsStatus("UploadFailed" if status == "UploadFailure" else status)
        await station.ask(v16.DiagnosticsStatusNotificationRequest(status=plain))

    async def sign_own(self, station: "Station", csr: str) -> str:
        """SignCertificate (security extension, A02)."""
        return (await station.ask(v16.SignCertificateRequest(csr=csr))).status.value

    async def security_event(self, station: "Station", kind: str, info: str) -> None:
        kind = _EVENTS.get(kind, kind)
        await station.ask(
            v16.SecurityEventNotificationRequest(type=kind, timestamp=station.now(), tech_info=info)
        )

    async def reservation_ended(
        self, station: "Station", reservation_id: int, *, removed: bool = False
    ) -> None:
        """1.6 tells it by the connector's status alone."""

    async def external_limit(self, station: "Station", profile: Profile | None) -> None:
        """1.6 has no message for it: GetCompositeSchedule shows it."""

    def handle(self, station: "Station", action: str, payload: bytes) -> Answer:
        return answers.handle(station, Version.V16, action, payload)

    def decode_response(self, action: str, payload: bytes) -> Message:
        return codec.decode_response(Version.V16, action, payload)


_EVENTS = {"InvalidChargingStationCertificate": "InvalidChargePointCertificate"}
"""Security events that 1.6 calls by another name."""


def _nothing(_response: Response) -> None:
    """MeterValues.conf has nothing to say."""
