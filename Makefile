# Every habit of the project. `make` alone lists them.
# Needs git, make and Python 3.11 or later; everything else is installed into .venv.

VENV ?= .venv
BIN := $(VENV)/bin
# Renewed when anything that decides what is installed changes. Kept inside the virtual environment.
READY := $(VENV)/.releve-ready
# More words for a command: make test ARGS="-k ledger", make run ARGS="--help"
ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## Show this list
	@echo "Relève. What you can say after make:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "More words for a command: make test ARGS=\"-k ledger\""

$(READY): pyproject.toml constraints.txt hatch_build.py package.json package-lock.json tools/make_venv.sh
	@sh tools/make_venv.sh $(VENV)
	@touch $@

.PHONY: install
install: $(READY) ## Make .venv and install the project in it, with the browser assets

.PHONY: demo
demo: $(READY) ## Start the system with twelve simulated stations, and print where to look
	@exec $(BIN)/releve demo $(ARGS)

.PHONY: run
run: $(READY) ## Start the system, settings from RELEVE_* variables (docs/settings.md)
	@exec $(BIN)/releve serve $(ARGS)

.PHONY: test
test: $(READY) ## Run the whole test suite on every core
	@$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

.PHONY: check
check: $(READY) ## Lint, formatting, types, import contracts, and that generated files are current
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.generate_messages --check
	$(BIN)/python -m tools.build_docs --check

.PHONY: format
format: $(READY) ## Put the code into the house's format, and mend what lint can mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

.PHONY: generate
generate: $(READY) ## Generate the OCPP message types from the official schemas
	$(BIN)/python -m tools.generate_messages $(ARGS)

.PHONY: bench
bench: $(READY) ## Measure CPU per message and memory per connection beside other stacks
	$(BIN)/python -m bench $(ARGS)

.PHONY: bench-scale bench-storm bench-reads bench-big
bench-scale: $(READY) ## Measure memory and CPU at 1,000 to 15,000 stations (docs/scaling.md)
	$(BIN)/python -m bench.scale $(ARGS)

bench-storm: $(READY) ## Let all stations return at once
	$(BIN)/python -m bench.storm $(ARGS)

bench-reads: $(READY) ## Time lists of 100,000 stations and 10 million transactions
	$(BIN)/python -m bench.reads $(ARGS)

bench-big: $(READY) ## Time the neighbours of stations that send big messages
	$(BIN)/python -m bench.big $(ARGS)

.PHONY: torture
torture: $(READY) ## Break it on purpose: 2,000 kills, 200 power losses, 50 outages (docs/reliability.md)
	@$(BIN)/python -m tests.torture.ownership --runs 1000000
	@$(BIN)/python -m tests.torture $(ARGS)

.PHONY: soak
soak: $(READY) ## Run an hour under load and see that memory, files and tasks stay flat
	@$(BIN)/python -m tests.torture soak $(ARGS)

.PHONY: fuzz
fuzz: $(READY) ## Fuzz decoders and framing with atheris, a minute each (ARGS="-max_total_time=3600")
	@$(BIN)/python -m pip install --quiet --group fuzz
	@$(BIN)/python -m fuzz $(ARGS)

.PHONY: conformance
conformance: $(READY) ## Run every certification case and write docs/conformance.md
	@$(BIN)/python -m tools.conformance $(ARGS)

.PHONY: docs
docs: $(READY) ## Write docs/settings.md and docs/openapi.json from the code
	$(BIN)/python -m tools.build_docs $(ARGS)

.PHONY: build
build: $(READY) ## Build the wheel and the sdist into dist/
	$(BIN)/python -m pip install --quiet build
	$(BIN)/python -m build

.PHONY: lock
lock: $(READY) ## Renew constraints.txt and package-lock.json to today's releases
	sh tools/lock.sh $(BIN)

.PHONY: clean
clean: ## Remove all that can be made again (the databases in var/ stay)
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf src/releve/web/static/vendor src/releve/api/static/vendor
	find src tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} +
