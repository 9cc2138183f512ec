# Needs Python 3.11, make and git; `make install` fetches the rest. `make help` names the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install install-dev demo test test-core faults bench check format lock messages clean

PYTHON = $(shell for p in python3.11 python3 python; do "$$p" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
BIN := .venv/bin
RUN := $(BIN)/python
JOBS ?= 2
SCALE ?= 0.1
ARGS ?=
export HOST ?= 127.0.0.1
export PORT ?= 8000
export EIGHTGATE_DATA ?= ./var

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

install: ## what the demo needs (nothing is done twice)
	@p="$(PYTHON)"; [ -n "$$p" ] || { echo "Python 3.11 or newer not found: install it and run again." >&2; exit 2; }; "$$p" scripts/install.py

install-dev: ## what tests and linters need besides
	@p="$(PYTHON)"; [ -n "$$p" ] || { echo "Python 3.11 or newer not found: install it and run again." >&2; exit 2; }; "$$p" scripts/install.py --dev

demo: install ## Eightgate with demo projects on http://HOST:PORT, data in EIGHTGATE_DATA
	@exec $(RUN) manage.py demo --end-with-parent

test: install-dev ## the whole suite on throw-away services, then the core on SQLite
	@$(RUN) scripts/with_services.py -- $(RUN) -m pytest -n $(JOBS) --dist loadgroup -m "not bench and (not faults or ci_fault)" $(ARGS)
	@$(MAKE) --no-print-directory test-core

test-core: install-dev ## the core suite on the embedded SQLite
	@env -u DATABASE_URL -u REDIS_URL $(RUN) -m pytest -n $(JOBS) --dist loadgroup -m "core and not bench and (not faults or ci_fault)" $(ARGS)

faults: install-dev ## all fault tests (minutes)
	@$(RUN) scripts/with_services.py -- $(RUN) -m pytest -m faults $(ARGS)

bench: install-dev ## the figures of docs/benchmarks.md as ratios, SCALE=1 for the full volume
	@$(RUN) scripts/with_services.py -- $(RUN) benchmarks/run.py --scale $(SCALE) $(ARGS)

check: install-dev ## linters, types, contracts, schema, deployment
	@$(RUN) scripts/check.py $(ARGS)

format: install-dev ## let the formatters rewrite
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .
	@$(BIN)/djlint --reformat --quiet templates || true

lock: install-dev ## compile requirements*.in again (UPGRADE=1 for newer versions)
	@for f in requirements requirements-dev requirements-node; do \
		$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 $(if $(UPGRADE),--upgrade) $$f.in -o $$f.txt || exit 1; done

messages: install ## compile locale/*.po
	@$(RUN) scripts/messages.py

clean: ## remove what was installed and built (the data in EIGHTGATE_DATA stays)
	@rm -rf .venv node_modules static/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
