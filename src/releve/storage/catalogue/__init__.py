"""The read side: what pages and the API show. One file per subject."""

from __future__ import annotations

from releve.services.ports import Clock
from releve.storage.backend import Backend
from releve.storage.catalogue.journal import JournalCatalogue
from releve.storage.catalogue.operations import OperationCatalogue
from releve.storage.catalogue.payments import PaymentCatalogue
from releve.storage.catalogue.records import RecordCatalogue
from releve.storage.catalogue.reservations import ReservationPart
from releve.storage.catalogue.security import SecurityCatalogue
from releve.storage.catalogue.series import SeriesCatalogue
from releve.storage.catalogue.stations import StationCatalogue
from releve.storage.catalogue.summary import SummaryCatalogue
from releve.storage.catalogue.transactions import TransactionCatalogue
from releve.storage.catalogue.upkeep import UpkeepCatalogue


class StoredCatalogue(
    SummaryCatalogue,
    StationCatalogue,
    TransactionCatalogue,
    SeriesCatalogue,
    RecordCatalogue,
    PaymentCatalogue,
    JournalCatalogue,
    OperationCatalogue,
    ReservationPart,
    UpkeepCatalogue,
    SecurityCatalogue,
):
    """Implements `services.views.Catalogue`."""

    def __init__(self, backend: Backend, clock: Clock) -> None:
        self._backend = backend
        self._clock = clock
