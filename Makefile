# Everything that is done with idlink, one word each. Needs Python 3.11+ with venv.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:

# Some containers forbid Python to keep what it compiled: each process would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

help:  ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

# Where Debian's python3-venv is missing, a .venv without pip stays behind; making it again mends it.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("idlink needs Python 3.11 or newer: make PYTHON=...")'
	@$(PYTHON) -m venv .venv

.venv/installed: requirements.lock | $(BIN)/pip
	@echo "Installing what idlink needs …"
	@$(PIP) -r requirements.lock
	@touch $@

.venv/installed-dev: requirements.lock requirements-dev.lock | $(BIN)/pip
	@echo "Installing what idlink and its tests need …"
	@$(PIP) -r requirements-dev.lock
	@touch .venv/installed $@

lock: .venv/installed-dev  ## choose versions for requirements*.txt and write their hashes; ARGS=--upgrade for the newest
	@$(BIN)/python -m tests.supply.locking $(ARGS)

SBOM ?= sbom.json
sbom: .venv/installed  ## write what idlink is made of into a CycloneDX file; SBOM=name
	@$(BIN)/python -m tests.supply.sbom $(SBOM)

env: .venv/installed  ## write .env with fresh secrets
	@$(BIN)/python -m idlink.env_file .env

demo: .venv/installed  ## try idlink with a stand-in for Graph
	@$(BIN)/python -m idlink.env_file var/demo/env --demo >/dev/null
	@IDLINK_ENV_FILE=var/demo/env $(BIN)/python manage.py demo $(ARGS)

run: .venv/installed  ## run a real installation with the settings of .env
	@test -f .env || { echo "There is no .env yet: run 'make env' first, then read it."; exit 1; }
	@$(BIN)/python manage.py run $(ARGS)

FILE ?= idlink-$(shell date -u +%Y%m%dT%H%M%SZ).backup
backup: .venv/installed  ## write all that is stored into one file while idlink works; FILE=name
	@$(BIN)/python manage.py backup $(FILE) $(ARGS)

restore: .venv/installed  ## restore FILE=name into an empty database; see the README first
	@$(BIN)/python manage.py restore $(FILE) $(ARGS)

# Four on two processors: tests with real processes spend much of their time waiting for them.
SPREAD := -n 4 --dist loadfile --no-loadscope-reorder

system-packages:
	@$(PYTHON) -m tests.bare.system_packages

test: system-packages lint  ## style, types, import contracts and all tests, on SQLite and PostgreSQL; installs what they need
	$(BIN)/python -m pytest -m "not long and not server" $(SPREAD)
	$(BIN)/python -m tests.postgres $(BIN)/python -m pytest -m "(database or server) and not long" $(SPREAD)

test-bare:  ## the demo and make test on a bare Debian 12, as root; SUITE=trixie for 13, TESTS="tests/idlink" for fewer tests
	@$(PYTHON) -m tests.bare

bench: .venv/installed-dev  ## people per second beside other clients, scripts and COPY; ARGS="--only road --repeat 1"
	$(BIN)/python -m tests.benchmarks $(ARGS)

bench-matching: .venv/installed-dev  ## measure recording and matching alone; ARGS="--stored 1000000"
	$(BIN)/python -m tests.benchmarks.matching $(ARGS)

bench-copy: .venv/installed-dev  ## what PostgreSQL's keys and indexes cost the road's rows, by COPY; ARGS="--part main"
	$(BIN)/python -m tests.benchmarks.copy_limit $(ARGS)

bench-scale: .venv/installed-dev  ## what each page of staff costs with so many IDs; ARGS="--ids 1000000 --ids 10000000"
	$(BIN)/python -m tests.benchmarks.scale $(ARGS)

bench-fair: .venv/installed-dev  ## how one business fares beside another whose calls hang, fail or are too many
	$(BIN)/python -m tests.benchmarks.fairness $(ARGS)

bench-slow: .venv/installed-dev  ## /health/ and a log-in beside 200 slow connections; ARGS='--command "…"' for another server
	$(BIN)/python -m tests.benchmarks.slow_connections $(ARGS)

EVIDENCE_TESTS := tests/lookups/evidence/test_evidence_machine.py tests/lookups/evidence/test_evidence_laws.py
test-slow: .venv/installed-dev  ## a storm of faults over 10,000 lookups, workers killed during 20,000, preflight in 200 worlds
	STORM_PEOPLE=11200 $(BIN)/python -m pytest tests/faults/test_storm.py
	STORM_PEOPLE=11200 $(BIN)/python -m tests.postgres $(BIN)/python -m pytest tests/faults/test_storm.py
	$(BIN)/python -m tests.postgres $(BIN)/python -m pytest $(EVIDENCE_TESTS)
	$(BIN)/python -m tests.postgres $(BIN)/python -m pytest -m orm $(SPREAD)
	KILL_LOOKUPS=20000 $(BIN)/python -m pytest tests/faults/test_killed_workers.py
	PREFLIGHT_WORLDS=200 $(BIN)/python -m pytest tests/lookups/tokens/test_preflight_worlds.py

fault-packages:
	@$(PYTHON) -m tests.bare.system_packages faults

test-faults: fault-packages .venv/installed-dev  ## lists and backups under faults at length: fifty kills, outages of a minute; and what takes longest
	FAULTS="at length" $(BIN)/python -m pytest tests/faults/test_lists.py tests/faults/test_all_at_once.py
	FAULTS="at length" $(BIN)/python -m pytest tests/flows/test_road.py -k backup
	$(BIN)/python -m pytest -m long

bench-lanes: .venv/installed-dev  ## how long a person waits for a lookup on an idle installation and beside a list
	$(BIN)/python -m tests.benchmarks.lanes $(ARGS)

test-mutants: .venv/installed-dev  ## spoil each safety line in a copy; its tests must fail; ARGS="leases" for one theme
	$(BIN)/python -m tests.mutants $(ARGS)

bench-list: .venv/installed-dev  ## a long list with real processes; ARGS="--rows 1000000"
	$(BIN)/python -m tests.benchmarks.long_list $(ARGS)

FUZZ_TESTS := tests/lookups/graph/test_fuzz.py tests/lookups/sandbox/test_fuzz.py
test-fuzz: .venv/installed-dev  ## the fuzz tests at length: 20,000 examples each
	FUZZ_EXAMPLES=20000 $(BIN)/python -m pytest -p no:cacheprovider --timeout 3600 $(FUZZ_TESTS)

lint: .venv/installed-dev  ## style, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed-dev  ## put the code in style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: help lock sbom env demo run backup restore test test-slow test-faults test-mutants test-fuzz bench bench-matching bench-copy bench-scale bench-fair bench-lanes bench-slow bench-list lint format system-packages fault-packages test-bare
