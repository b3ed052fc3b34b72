"""Which requirement addressed to a CSMS is cited where: in the code that obeys it, or in the test that shows it.

tests/data/csms_requirements.tsv has their ids (of OCPP 2.0.1 and 2.1); tests/data/requirements_exempt.toml gives the
reason for each that nobody cites.
"""
