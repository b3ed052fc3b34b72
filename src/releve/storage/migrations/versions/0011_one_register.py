"""Trust anchors of stations' certificates join the register of trusted authorities, as one more use.

Written down as it was on the day of its release; `releve.domain` goes on, this file does not.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from cryptography import x509

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OLD, NEW = "trust-anchor", "trusted-authority"
USE = "ChargingStationCertificate"
DOCUMENTS = sa.table(
    "documents",
    sa.column("operator_id"),
    sa.column("kind"),
    sa.column("key"),
    sa.column("value"),
)


def upgrade() -> None:
    """Each anchor becomes an authority, or one more use of the authority that is there already."""
    connection = op.get_bind()
    d = DOCUMENTS.c
    anchors = connection.execute(
        sa.select(d.operator_id, d.key, d.value).where(d.kind == OLD)
    ).fetchall()
    for operator, key, value in anchors:
        here = sa.and_(d.operator_id == operator, d.kind == NEW, d.key == key)
        known = connection.execute(sa.select(d.value).where(here)).scalar()
        if known is None:
            row = {"operator_id": operator, "kind": NEW, "key": key, "value": _authority(value)}
            connection.execute(sa.insert(DOCUMENTS).values(row))
        else:
            connection.execute(sa.update(DOCUMENTS).where(here).values(value=_more(known)))
    connection.execute(sa.delete(DOCUMENTS).where(d.kind == OLD))


def _authority(value: str) -> str:
    """What an anchor did not keep is in its certificate."""
    anchor: dict[str, Any] = json.loads(value)
    found = x509.load_pem_x509_certificate(anchor["pem"].encode())
    authority = {
        "fingerprint": anchor["fingerprint"],
        "pem": anchor["pem"],
        "uses": [USE],
        "label": anchor.get("name", ""),
        "subject": anchor["subject"],
        "issuer": found.issuer.rfc4514_string(),
        "serial": f"{found.serial_number:x}",
        "begins_at": found.not_valid_before_utc.isoformat(),
        "expires_at": anchor["not_after"],
        "added_at": anchor["added_at"],
        "added_by": anchor.get("added_by", ""),
    }
    return json.dumps(authority, ensure_ascii=False)


def _more(value: str) -> str:
    authority: dict[str, Any] = json.loads(value)
    authority["uses"] = list(dict.fromkeys([*authority["uses"], USE]))
    return json.dumps(authority, ensure_ascii=False)
