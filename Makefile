# medpulse: the commands that people and CI use. `make` alone lists them.
# Everything is installed into .venv from the hashed lock files; nothing needs root or Docker.

VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
ARGS ?=
UV := UV_NO_PROGRESS=1 VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv

.DEFAULT_GOAL := help
.PHONY: $(shell sed -nE "s/^([a-z-]+):.*##.*/\1/p" Makefile)

help: ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/run ## January 2020 to September 2022 in a minute or two, on embedded servers; ARGS="--once --headless --json out.json"
	$(BIN)/medpulse demo $(ARGS)

up: $(VENV)/run ## every room on embedded servers, polling the real sites
	$(BIN)/medpulse up $(ARGS)

test: $(VENV)/dev ## every test but the integration ones; ARGS="tests/streams -k store"
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not integration" $(ARGS)

check: $(VENV)/dev ## lint, format, types, floors of the house, schemas held to the models, known vulnerabilities, secrets
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/medpulse schemas --check
	$(BIN)/python -m tests.audit secrets
	$(BIN)/python -m tests.audit packages

integration: $(VENV)/dev ## the tests on Apache Kafka and Debian's redis-server, which it installs, starts and stops
	$(BIN)/pytest -m integration tests/integration $(ARGS)

chaos: $(VENV)/dev ## kills, stops, resets and repeats on Apache Kafka and Redis; ARGS="--seed 1 --faults 200 --events 50000"
	$(BIN)/python -m bench.chaos $(ARGS)

flood: $(VENV)/dev ## a flood of notices meets one worker: its memory over time; ARGS="--notices 1000000"
	$(BIN)/python -m bench.flood $(ARGS)

soak: $(VENV)/dev ## ninety virtual days with outages: memory and keys over time
	$(BIN)/python -m bench.soak $(ARGS)

bench: $(VENV)/dev $(VENV)/bench $(VENV)/watchers.ready ## every speed side by side with its limit and its peers, into bench/RESULTS.md; ARGS="--only flow --events 20000"
	$(BIN)/python -m bench $(ARGS)

bench-guard: $(VENV)/dev ## ratios of speeds held against the last accepted ones; ARGS=--accept
	$(BIN)/python -m bench.guard $(ARGS)

bench-freshness: $(VENV)/dev ## how long publications wait to be seen, against even polling and hindsight, on real histories
	$(BIN)/python -m bench.freshness

chaos-alerts: $(VENV)/dev ## 10,000 alerts, a receiver that fails 30 % of the time, dispatchers killed 50 times: what is lost, what doubled
	$(BIN)/python -m bench.chaos_alerts $(ARGS)

alert-screens: $(VENV)/dev ## pictures of mails and Slack messages in Chromium; ARGS=FOLDER
	$(BIN)/python -m bench.alert_screens $(ARGS)

manual: $(VENV)/dev ## the pictures of docs/manual, taken by Chromium of a board over a small sector; ARGS=FOLDER
	$(BIN)/python -m bench.manual $(ARGS)

bench-latency: $(VENV)/dev ## from a page's row to Slack's receipt at 1, 10 and 100 events a second, by hop; ARGS="--rates 1 --scale 0.2"
	$(BIN)/python -m bench.latency $(ARGS)

bench-watchers: $(VENV)/dev $(VENV)/watchers.ready ## checks of noisy pages beside changedetection.io and Scrapy; ARGS="--pages 20 --hours 8"
	$(BIN)/python -m bench.watchers $(ARGS)

bench-board: $(VENV)/dev ## how long each page of the board takes over a view of 100,000 events; ARGS="--events 20000"
	$(BIN)/python -m bench.board $(ARGS)

bench-newcomer: ## from a clone to the first alert on the board, timed step by step
	python3 -m bench.newcomer $(ARGS)

accuracy: $(VENV)/dev ## precision, recall and F1 of every label on the labelled set
	$(BIN)/python -m tests.enrich.accuracy $(ARGS)

accuracy-filings: $(VENV)/dev ## recall of financial facts over generated reports and prospectuses; fails where one is wrong
	$(BIN)/python -m tests.filings.accuracy $(ARGS)

fuzz: $(VENV)/dev ## 10,000 mutated pages through every parser, counted; ARGS="--pages 1000 --seed 2 nmpa cninfo"
	$(BIN)/python -m tests.scrapers.fuzz $(ARGS)

payloads: $(VENV)/dev ## every row of the real payloads in ../shared/data/payloads, counted
	$(BIN)/python -m tests.scrapers.payloads $(ARGS)

schemas: $(VENV)/dev ## write events/schemas, events/asyncapi.yaml and docs/data-dictionary.md from the models
	$(BIN)/medpulse schemas

dashboards: $(VENV)/dev ## write deploy/grafana/dashboards from deploy/grafana/dashboards.toml
	$(BIN)/python -m medpulse.dashboards

lock: $(VENV)/uv ## make the lock files again from pyproject.toml
	$(UV) pip compile -q --generate-hashes --universal --python-version 3.11 pyproject.toml -o requirements.lock
	$(UV) pip compile -q --generate-hashes --universal --python-version 3.11 --extra dev pyproject.toml -o requirements-dev.lock
	$(UV) pip compile -q --generate-hashes --universal --python-version 3.11 --extra bench pyproject.toml -o requirements-bench.lock
	$(UV) pip compile -q --generate-hashes --universal --python-version 3.11 bench/watchers/requirements.in -o bench/watchers/requirements.lock

clean: ## remove what was built and the demo's data
	rm -rf .medpulse .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(VENV)/uv:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "medpulse needs Python 3.11 or newer; python3 is $$(python3 --version)" >&2; exit 1; }
	python3 -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(VENV)/run: requirements.lock pyproject.toml | $(VENV)/uv
	$(UV) pip install -q --require-hashes -r requirements.lock
	$(UV) pip install -q --no-deps -e .
	@touch $@

$(VENV)/dev: requirements-dev.lock pyproject.toml | $(VENV)/uv
	$(UV) pip install -q --require-hashes -r requirements-dev.lock
	$(UV) pip install -q --no-deps -e .
	@touch $@ $(VENV)/run

# The peers have an environment of their own: quixstreams wants an older pydantic than the one that medpulse is locked to.
$(VENV)/bench: requirements-bench.lock | $(VENV)/uv
	python3 -m venv $(VENV)/peers
	UV_NO_PROGRESS=1 VIRTUAL_ENV=$(CURDIR)/$(VENV)/peers $(BIN)/uv pip install -q --require-hashes -r requirements-bench.lock
	UV_NO_PROGRESS=1 VIRTUAL_ENV=$(CURDIR)/$(VENV)/peers $(BIN)/uv pip install -q --no-deps -e .
	@touch $@

# What watches pages beside us, in an environment of its own too: changedetection.io alone brings some two hundred packages.
$(VENV)/watchers.ready: bench/watchers/requirements.lock | $(VENV)/uv
	python3 -m venv $(VENV)/watchers
	UV_NO_PROGRESS=1 VIRTUAL_ENV=$(CURDIR)/$(VENV)/watchers $(BIN)/uv pip install -q --require-hashes -r bench/watchers/requirements.lock
	@touch $@
