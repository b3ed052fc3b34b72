"""What SQLite's planner is told about the tables: that they are large.

Without statistics it takes ten rows for what `operator_id = ?` finds, whatever index that is, and sorts them; in a list
of ten million that took 20 seconds. ANALYZE would tell it better, but holds up all writers (13 s), is out of date after
the next migration, and its short form (`analysis_limit`) thinks that an operator has a thousand rows in every table. So
the figures of a network of 100,000 stations and 10 million transactions are written down, for all: a plan that is right
for them costs nothing in a small database, and it is the same plan everywhere, the one that was tested.

PostgreSQL looks after its statistics itself.
"""

from __future__ import annotations

from sqlalchemy import Connection

# For each index: rows in it, then how many rows on average share its first column, its first two, ...
STATISTICS: dict[str, dict[str, str]] = {
    "operators": {"sqlite_autoindex_operators_1": "10 1"},
    "stations": {
        "ix_stations_inbox": "100 100 1 1",
        "ix_stations_key": "100000 100000 1 1",
        "ix_stations_words": "100000 100000 1 1 1",
        "ix_stations_line": "100000 100000 33000 33000 1 1",
        "sqlite_autoindex_stations_1": "100000 100000 1",
        "uq_stations_identity": "100000 100000 1",
    },
    "evses": {
        "ix_evses_charging": "200000 200000 40000 2",
        "ix_evses_status": "200000 200000 40000 2",
        "sqlite_autoindex_evses_1": "200000 2 1 1",
    },
    "variables": {"sqlite_autoindex_variables_1": "20000000 200 10 2 2 2 1 1 1"},
    "anomalies": {
        "ix_anomalies_newest": "1000000 1000000 1",
        "ix_anomalies_open": "2000 2000 2",
        "ix_anomalies_station": "1000000 10 1",
        "ix_anomalies_transaction": "1000000 2",
    },
    "tokens": {"sqlite_autoindex_tokens_1": "50000 50000 1 1"},
    "users": {"sqlite_autoindex_users_1": "100 1", "sqlite_autoindex_users_2": "100 100 1"},
    "sign_ins": {
        "ix_sign_ins_expiry": "1000 1",
        "ix_sign_ins_user": "1000 10",
        "sqlite_autoindex_sign_ins_1": "1000 1",
    },
    "api_keys": {"sqlite_autoindex_api_keys_1": "100 1"},
    "transactions": {
        "ix_transactions_active": "5000 5000 1",
        "ix_transactions_ended": "10000000 10000000 1",
        "ix_transactions_ended_at_station": "10000000 100 1",
        "ix_transactions_evse": "10000 10000 3000 1 1",
        "ix_transactions_going": "5000 5000 1 1",
        "ix_transactions_held": "500 500 1 1",
        "ix_transactions_limited": "2000 2000",
        "ix_transactions_named": "10000000 10000000 1",
        "ix_transactions_open": "6000 2",
        "ix_transactions_presumed": "1000 1000 1 1",
        "ix_transactions_sorted": "10000000 10000000 1 1",
        "ix_transactions_start": "10000000 100 1",
        "ix_transactions_station": "10000000 100 1 1",
        "ix_transactions_token": "10000000 10000000 200 1 1",
        "ix_transactions_unfinished": "1000 1000 1",
        "uq_transactions_reference": "10000000 100 1",
    },
    "transaction_facts": {"sqlite_autoindex_transaction_facts_1": "100000000 10 1 1"},
    "samples": {"sqlite_autoindex_samples_1": "1000000000 20000 15 8 1 1"},
    "rolled_samples": {"sqlite_autoindex_rolled_samples_1": "100000000 2000 2 1 1 1"},
    "sample_spans": {"sample_spans": "40000000 4 1 1"},
    "message_log": {"ix_message_log_station": "100000000 35000 10 1 1"},
    "outbox": {"ix_outbox_operator": "10000000 10000000 1"},
    "operations": {
        "ix_operations_deadline": "10000 10000 1",
        "ix_operations_newest": "1000000 1000000 1",
        "ix_operations_request": "1000000 10 1",
        "ix_operations_station": "1000000 10 1",
    },
    "reservations": {
        "ix_reservations_at_station": "1000000 10 1",
        "ix_reservations_due": "1000 1000 1",
        "ix_reservations_listed": "1000000 1000000 1",
        "ix_reservations_numbered": "1000000 10 1",
    },
    "transaction_checks": {"ix_transaction_checks_of": "1000000 2 1"},
    "operation_parts": {"sqlite_autoindex_operation_parts_1": "5000000 5 1"},
    "holdings": {
        "ix_holdings_kind": "2000000 2000000 200000",
        "sqlite_autoindex_holdings_1": "2000000 20 4 1",
    },
    "documents": {"sqlite_autoindex_documents_1": "10000 10000 1000 1"},
    "payments": {
        "ix_payments_due": "100 100 1",
        "ix_payments_newest": "1000000 1000000 1",
        "sqlite_autoindex_payments_1": "1000000 1000000 1",
    },
    "settlements": {
        "ix_settlements_newest": "1000000 1000000 1",
        "ix_settlements_psp_ref": "1000000 1000000 1",
        "ix_settlements_receipt": "500000 1",
        "ix_settlements_station": "1000000 10 1",
        "ix_settlements_transaction": "1000000 2",
    },
    "files": {
        "ix_files_operation": "100000 1",
        "ix_files_operator": "100000 100000 1 1 1",
        "ix_files_station": "100000 10 1 1",
    },
    "file_passes": {"ix_file_passes_expires": "100000 1"},
    "station_events": {
        "ix_station_events_newest": "50000000 50000000 1 1",
        "ix_station_events_station": "50000000 500 1 1",
        "uq_station_events": "50000000 500 2 1 1 1",
    },
    "stream_values": {
        "ix_stream_values_received": "50000000 20",
        "sqlite_autoindex_stream_values_1": "50000000 5000 1000 1 1",
    },
    "security_events": {
        "ix_security_events_alarms": "1000 1000 1",
        "ix_security_events_newest": "5000000 5000000 1",
        "ix_security_events_station": "5000000 50 1",
        "ix_security_events_told": "5000000 50 1",
    },
    "station_certificates": {
        "ix_station_certificates_state": "300000 300000 100000 1",
        "ix_station_certificates_station": "300000 3",
        "sqlite_autoindex_station_certificates_1": "300000 300000 150000 1",
    },
    "marks": {"sqlite_autoindex_marks_1": "10 10 1"},
}


def tell(connection: Connection) -> None:
    """Write the figures; open connections know of them when they are opened again."""
    # Makes the table where it is missing; one row of each index is little work.
    connection.exec_driver_sql("PRAGMA analysis_limit = 1")
    connection.exec_driver_sql("ANALYZE")
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    for table, indexes in STATISTICS.items():
        for index, figures in indexes.items():
            connection.exec_driver_sql(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
                (table, index, figures),
            )
