"""Typed messages of every version, made from the official schemas by `tools.generate_messages`.

Fields have Python names; the wire name stands beside each. Members go out in the schema's order,
absent ones not at all. Constraints stand in the annotations and are checked when a text is decoded,
never when a message is built: `releve.ocpp.codec.check` does that.
"""
