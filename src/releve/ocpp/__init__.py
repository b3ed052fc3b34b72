"""The wire: OCPP messages and RPC, without I/O."""
