# One way to do a thing: `make map` builds the bundled casebook, `make test` runs every check.
# Both set up what they need in .venv/ first.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
OUT ?= out

.PHONY: help map test lint types imports unit wheel-test golden lock bench vocabularies questions curate clean

help:  ## Say what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

map: $(VENV)/.ready  ## Build the bundled 2024 casebook and say where the page lies
	@$(BIN)/cega-graph build -o $(OUT)

test: $(VENV)/.ready-test lint unit wheel-test  ## Run every check

lint: $(VENV)/.ready-test types imports  ## Style, types, import contracts, generated files in sync
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python scripts/build_vocabularies.py --check
	$(BIN)/python scripts/build_questions.py --check

types: $(VENV)/.ready-test
	$(BIN)/mypy

imports: $(VENV)/.ready-test
	$(BIN)/lint-imports

unit: $(VENV)/.ready-test
	@sh scripts/ensure_chromium.sh
	$(BIN)/python -m pytest -n 2

wheel-test: $(VENV)/.ready-test  ## What the package carries, tested in the installed wheel
	sh scripts/test_wheel.sh $(PYTHON)

golden: $(VENV)/.ready-test  ## Write the expected outputs anew; review the diff
	$(BIN)/python -m pytest -q tests/test_golden.py --write-golden

vocabularies: $(VENV)/.ready  ## Write the vocabularies of ontology/ anew from its CSV files
	$(BIN)/python scripts/build_vocabularies.py

questions: $(VENV)/.ready  ## Write docs/questions.md anew, with the answers on the bundled casebook
	$(BIN)/python scripts/build_questions.py

curate: $(VENV)/.ready  ## Write data/cega-2024/ anew: make curate SOURCE=book.txt
	$(BIN)/cega-graph extract $(SOURCE) -o data/cega-2024 --source-id cega-2024 2>/dev/null
	$(BIN)/python scripts/curate.py data/cega-2024

bench: $(VENV)/.ready-test  ## Measure, beside the naive way and the limit
	$(BIN)/python -m benchmarks

lock: $(VENV)/.ready-test  ## Renew requirements.lock and requirements-test.lock
	$(PIP) install pip-tools
	sh scripts/lock.sh $(BIN)

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer with venv is needed (Debian: apt-get install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "setting up $(VENV)/ ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-test: requirements-test.lock $(VENV)/.ready
	@echo "setting up the tools of the tests ..."
	@$(PIP) install --require-hashes -r requirements-test.lock
	@touch $@

clean:  ## Remove what was built
	rm -rf $(VENV) $(OUT) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
