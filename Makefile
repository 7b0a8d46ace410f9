# Rapport's few commands. `make demo` and `make test` are all a fresh machine needs; both set up what is missing.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

# Where it is set, each of some hundred processes that the tests start compiles everything it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test check connector chaos bench bench-warehouse dashboards chromium alertmanager models science clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    the whole pipeline on a simulated audience (about a minute)"
	@echo "make test    everything CI runs"
	@echo "make check   format, lint, types and the fast tests"
	@echo "make chaos   two workers that come and go under load"
	@echo "make bench   the benchmarks; make bench-warehouse: ten million interactions"
	@echo "make dashboards  write Grafana's files again from grafana/"
	@echo "make connector NAME=example  the files of a new connector, see CONTRIBUTING.md"
	@echo "make science the protocols of the science, on the data sets of RAPPORT_DATASETS"
	@echo "make models  fit the text model again"
	@echo "make setup   only install, into .venv"

setup: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt rapport/embedded/kafka-jars.sha256
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Rapport needs Python 3.11 or newer; run: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt uv
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --constraint constraints.txt --editable '.[embedded,dev]'
	$(BIN)/python -m rapport.embedded.jars
	$(BIN)/python -m rapport.text_model
	@touch $@

demo: $(INSTALLED)
	$(BIN)/rapport demo

check: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -m 'not engines and not datasets' --durations=3 --numprocesses=2 --dist=loadfile

# Two lanes, because much of the time is spent waiting for one process; a file stays in its lane, with engines of its own.
test: check chromium alertmanager
	$(BIN)/pytest -m 'engines or datasets' --numprocesses=2 --dist=loadfile --no-loadscope-reorder

# The report is tested in it. pip does not bring it, so it is installed where that is allowed; else those tests skip.
chromium:
	@command -v chromium > /dev/null || { test "$$(id -u)" = 0 && command -v apt-get > /dev/null \
	  && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium > /dev/null; } \
	  || echo "no Chromium here: the tests of the report in a browser will be skipped"

# A real one takes what we send it. Not where systemd runs: there the package starts a service for everybody.
alertmanager:
	@command -v prometheus-alertmanager > /dev/null || { test "$$(id -u)" = 0 && test ! -d /run/systemd/system \
	  && command -v apt-get > /dev/null && apt-get update -qq \
	  && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus-alertmanager > /dev/null; } \
	  || echo "no Alertmanager here: the tests with a real one will be skipped"

dashboards: $(INSTALLED)
	$(BIN)/python -m grafana

connector: $(INSTALLED)
	$(BIN)/python -m ingest.scaffold $(NAME)
	$(BIN)/ruff format --quiet ingest/sources rapport/demo/platforms

chaos: $(INSTALLED)
	$(BIN)/python -m tests.chaos

bench: $(INSTALLED)
	$(BIN)/python -m bench

bench-warehouse: $(INSTALLED)
	$(BIN)/python -m bench.warehouse

models: $(INSTALLED)
	OMP_NUM_THREADS=1 $(BIN)/python -m bench.science.fit_content

science: $(INSTALLED)
	for protocol in a1 a2 a3 domains languages campaigns b1 b2 simulator reciprocity reciprocity_simulator flood; do \
	  OMP_NUM_THREADS=1 $(BIN)/python -m bench.science.$$protocol || exit 1; done

clean:
	rm -rf .venv .rapport .mypy_cache .ruff_cache .pytest_cache .hypothesis
