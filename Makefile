# The two commands are `make run` and `make test`; `make help` lists the rest.
# Nothing is assumed but Python >= 3.11, git and make: each target sets up what it needs.

SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
READY := .make/ready
TEAM := env -u ACCRETE_DATABASE_URL ACCRETE_TEAM_HOME=.make/team $(BIN)/accrete-team
DEMO := look-around-12
# Hundreds of tests start programs of their own, and each would compile the sources anew.
unexport PYTHONDONTWRITEBYTECODE
# Tests write thousands of small databases: in memory where the machine has a folder for that.
MEMORY := $(shell test -d /dev/shm && test -w /dev/shm && echo --basetemp=/dev/shm/accrete-tests-$$PPID)
CLEAR := status=$$?; $(if $(MEMORY),rm -rf $(patsubst --basetemp=%,%,$(MEMORY));) exit $$status

.PHONY: help run test coverage quick torture mutants bench fix corpus postgres browser screens team lint types imports clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml uv.lock tools/setup.sh
	@bash tools/setup.sh $(VENV)
	@mkdir -p $(@D) && touch $@

run: $(READY) ## read the transcripts of this machine (or the bundled sample) and open the record
	@$(BIN)/accrete backfill --or-sample && echo && $(BIN)/accrete && echo && $(BIN)/accrete explore

team: $(READY) ## a team server with an invented company, on this machine alone
	@test -e .make/team/made || { $(TEAM) demo --password $(DEMO) && touch .make/team/made; }
	@echo "http://127.0.0.1:7420/c/demo/, password $(DEMO), until Ctrl-C" && $(TEAM) serve

test: $(READY) ## everything that has to pass; eight to fifteen minutes on two cores
	@$(MAKE) --no-print-directory -j 5 postgres browser lint types imports
	@source .make/postgres.env && $(BIN)/python -m pytest -m "not torture" -n 2 --dist worksteal $(MEMORY) --durations=20; $(CLEAR)

coverage: $(READY) postgres browser ## the same tests, with what they cover; takes half as long again
	@source .make/postgres.env && $(BIN)/python -m pytest -q -m "not torture" -n 2 --dist worksteal $(MEMORY) --cov --cov-report=term:skip-covered; $(CLEAR)

quick: $(READY) ## lint, types and the fast tests; about a minute
	@$(MAKE) --no-print-directory -j 3 lint types imports
	@$(BIN)/python -m pytest -q -m "not slow and not long and not torture" -n 2 --dist worksteal $(MEMORY); $(CLEAR)

torture: $(READY) postgres browser ## long kills, fuzz and soaks; the soak takes an hour (ACCRETE_SOAK_S=60)
	@source .make/postgres.env && ACCRETE_SOAK_S=$${ACCRETE_SOAK_S:-3600} ACCRETE_TORTURE=$${ACCRETE_TORTURE:-$$RANDOM$$RANDOM} $(BIN)/python -m pytest -n 2 $(MEMORY) -m "torture or hypothesis or seeded or upgrade or grid"; $(CLEAR)

mutants: $(READY) ## change one thing at a time; says what no test notices (ROOMS="wire sync" N=8 SEED=1)
	@$(BIN)/python -m tools.mutants $(ROOMS) -n $(or $(N),8) --seed $(or $(SEED),1)

bench: $(READY) ## measure a 1 GB backfill next to its limits
	@$(BIN)/python benchmarks/backfill.py

screens: $(READY) browser ## pictures of every page, the explorer's and a team's, 360 to 2,560 px, in .make/screens
	@$(BIN)/python -m tools.screens

fix: $(READY) ## format, and mend what the linter can
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

corpus: $(READY) ## write the golden files anew; the diff is the review
	@$(BIN)/python -m tests.corpus.kit --write && $(BIN)/python -m tests.explorer.reading --write
	@$(BIN)/python -m tests.commands.reading --write && $(BIN)/python -m tests.team.reading --write

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

imports: $(READY)
	@$(BIN)/lint-imports

postgres: $(READY)
	@mkdir -p .make && $(BIN)/python tools/postgres.py > .make/postgres.env

browser: $(READY)
	@$(BIN)/python tools/browser.py

clean: ## remove what make has made
	@python3 tools/postgres.py --stop || true
	@rm -rf $(VENV) .make dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* .import_linter_cache
