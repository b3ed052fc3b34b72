"""Values, rules and events, in OCPP 2.1 words.

Pure: frozen values and functions of them. No clock, no I/O, no protocol version. What differs between OCPP
1.6, 2.0.1 and 2.1 has been turned into these words by a dialect before it arrives here.
"""
