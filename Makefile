# Each target does its own set-up: a virtual environment in .venv, the project and its plugins.
# A second run finds all of it in place and starts at once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PLUGINS := $(sort $(wildcard plugins/*/pyproject.toml))
MANIFESTS := pyproject.toml hatch_build.py $(PLUGINS)
CATALOGUES := $(wildcard src/eventkit/locales/*/LC_MESSAGES/*.po)
COMPILED := $(CATALOGUES:.po=.mo)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Whoever installed without -e into the same folder has a copy that no edit reaches: install again.
ifneq ($(wildcard $(VENV)/.demo),)
ifeq ($(wildcard $(VENV)/lib/python3*/site-packages/_*eventkit_core.pth),)
$(shell rm -f $(VENV)/.demo $(VENV)/.dev)
endif
endif
# Settings of the machine must not change what is tested.
CLEAN := env -u EVENTKIT_DB -u EVENTKIT_SECRET -u EVENTKIT_BASE_URL

.PHONY: demo test check deep faults mutants bench docs clean
.DEFAULT_GOAL := test

demo: $(VENV)/.demo $(COMPILED)  ## A filled site on this machine
	@$(BIN)/eventkit demo $(if $(PORT),--port $(PORT))

test: $(VENV)/.dev $(COMPILED)  ## Every test but the deep ones: some ten minutes
	$(CLEAN) $(BIN)/python -m pytest -q -n auto --dist loadfile -m "not deep"

deep: $(VENV)/.dev $(COMPILED)  ## The tests that take longer, or that install things
	$(CLEAN) $(BIN)/python -m pytest -q -m deep

faults: $(VENV)/.dev $(COMPILED)  ## Two hundred processes killed on each kind of database
	$(CLEAN) EVENTKIT_FAULTS=200 $(BIN)/python -m pytest -q tests/faults

check: $(VENV)/.dev $(COMPILED)  ## Style, types and documentation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html

mutants: $(VENV)/.dev $(COMPILED)  ## The rules broken everywhere, one place at a time: half an hour
	$(BIN)/mutmut run
	$(BIN)/mutmut results

bench: $(VENV)/.dev $(COMPILED)  ## Figures, each beside its limit in the same run
	$(CLEAN) $(BIN)/python tests/benchmarks/bench.py

docs: $(VENV)/.dev $(COMPILED)  ## The pages, to read in docs/_build/html
	@$(BIN)/sphinx-build -q -b html docs docs/_build/html
	@echo "The pages are in docs/_build/html/index.html"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "eventkit needs Python 3.11 or newer; say which with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Python's venv is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "Making $(VENV) – the first run takes a minute or two."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(MANIFESTS) | $(VENV)/bin/python
	@$(PIP) -e ".[web]" $(foreach plugin,$(PLUGINS),-e $(dir $(plugin)))
	@touch $@

$(VENV)/.dev: $(MANIFESTS) | $(VENV)/bin/python
	@$(PIP) -e ".[dev]" $(foreach plugin,$(PLUGINS),-e $(dir $(plugin)))
	@touch $@ $(VENV)/.demo

%.mo: %.po | $(VENV)/bin/python
	@$(BIN)/pybabel -q compile --domain eventkit --input-file $< --output-file $@ --locale $(word 4,$(subst /, ,$<))

clean:  ## Everything that was made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis docs/_build dist mutants $(COMPILED)
