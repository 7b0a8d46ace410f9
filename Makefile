# Rapport's few commands. `make demo` and `make test` are all a fresh machine needs; both set up what is missing.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: setup demo test check chaos bench clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    the whole pipeline on a simulated audience (about a minute)"
	@echo "make test    everything CI runs"
	@echo "make check   format, lint, types and the fast tests"
	@echo "make chaos   two workers that come and go under load"
	@echo "make bench   the benchmarks"
	@echo "make setup   only install, into .venv"

setup: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt rapport/embedded/kafka-jars.sha256
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Rapport needs Python 3.11 or newer; run: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt uv
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --constraint constraints.txt --editable '.[embedded,dev]'
	$(BIN)/python -m rapport.embedded.jars
	@touch $@

demo: $(INSTALLED)
	$(BIN)/rapport demo

check: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -m 'not engines and not datasets' --durations=3

test: check
	$(BIN)/pytest -m 'engines or datasets'

chaos: $(INSTALLED)
	$(BIN)/python -m tests.chaos

bench: $(INSTALLED)
	$(BIN)/python -m bench

clean:
	rm -rf .venv .rapport .mypy_cache .ruff_cache .pytest_cache .hypothesis
