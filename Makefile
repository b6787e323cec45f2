# Needs Python 3.11 or newer with venv, and make. Everything else is fetched, by hash, into .venv
# and the user's cache. `make` alone says what there is.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
SIZE ?= ci
BIN := $(VENV)/bin
LOCKS := requirements

# Each set holds the smaller ones: what is installed already is enough.
stamp = $(firstword $(wildcard $(foreach set,$(1),$(VENV)/.installed-$(set))) $(VENV)/.installed-$(firstword $(1)))
FOR_DEMO := $(call stamp,local dev bench)
FOR_TEST := $(call stamp,dev bench)

# A machine's own pip settings for proxies, certificates or mirrors stay in force; the hashes in
# the locks decide what may be installed, wherever it comes from.
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

# A line now and then, instead of pip's three for each package.
define SHOW
/^Collecting/ && ++found % 20 == 0 { print "   " found " packages fetched"; fflush() }
/^Installing collected/ { print "   installing " found " packages"; fflush() }
endef
export SHOW

.PHONY: help demo test check format bench chaos lock clean distclean setup

help: ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

demo: $(FOR_DEMO) ## a real mesh on this machine, live (ARGS=--once: bounded, with a proof)
	@$(BIN)/mesh demo $(ARGS)

test: $(FOR_TEST) ## all tests, on real components (ARGS= goes to pytest)
	@echo "== unit, conformance, property, integration and acceptance tests: 40 to 55 minutes on two cores"
	@$(BIN)/python -m pytest --durations=10 $(ARGS)

check: $(FOR_TEST) ## format, lint, types, import layers, documents: seconds
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest tests/unit/repository

format: $(FOR_TEST) ## lay the code out as `check` wants it
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: $(VENV)/.installed-bench ## measure; writes bench/results.json
	@$(BIN)/python -m bench $(ARGS)

chaos: $(FOR_TEST) ## kill, freeze and damage things, and see what consumers saw (SIZE=large; ARGS=fault… or parts)
	@SIZE=$(SIZE) $(BIN)/python -m chaos $(ARGS)

setup: $(FOR_TEST) ## .venv with everything that developing needs

lock: $(VENV)/.installed-lock ## choose the newest allowed versions and lock them with hashes
	@scripts/lock.sh $(BIN)/uv $(LOCKS)

clean: ## remove what tests and tools left behind
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist build
	@find src tests bench chaos -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## the same, and .venv
	@rm -rf $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: $(PYTHON) is no Python 3.11 or newer" >&2; \
	  echo "  fix: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@echo "== $(VENV): a new virtual environment ($$($(PYTHON) --version))"
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "error: no virtual environment can be made" >&2; \
	  echo "  fix: install your system's package for it, such as python3-venv" >&2; exit 1; }

# One stamp per set; a changed lock installs again. No build isolation: it would fetch the build
# backend without a hash.
$(VENV)/.installed-%: $(LOCKS)/%.txt $(LOCKS)/build.txt pyproject.toml | $(VENV)/bin/python
	@echo "== $(VENV): installing requirements/$*.txt (once; about 150 MB for everything)"
	@$(PIP) install --require-hashes -r $(LOCKS)/build.txt -r $< | awk "$$SHOW"
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@
