"""A tariff that a station has, as it last confirmed."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec

from releve.domain.holding import Holding

DEFAULT = "DefaultTariff"
DRIVER = "DriverTariff"


class ToldTariff(msgspec.Struct, frozen=True, kw_only=True):
    """A tariff that a station says it has. of: DefaultTariff or DriverTariff. evses: where; id_tokens: for whom."""

    tariff_id: str
    of: str = DEFAULT
    evses: tuple[int, ...] = ()
    id_tokens: tuple[str, ...] = ()
    valid_from: datetime | None = None


class InstalledTariff(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """A tariff that a station has, as last confirmed."""

    kind: ClassVar[str] = "installed-tariff"

    tariff_id: str
    of: str = DEFAULT
    evses: tuple[int, ...] = ()
    id_tokens: tuple[str, ...] = ()
    valid_from: datetime | None = None
    confirmed_at: datetime

    @property
    def key(self) -> str:
        return f"{self.of}/{self.tariff_id}"
