"""Which certification case is shown by which test: the table in docs/conformance.md.

cases.tsv names every public certification case for a CSMS, in our own words; tests in tests/contract/certification/ are
marked with the ids that they show; exempt.toml there gives the reason for each that has none.
"""
