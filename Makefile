# `make help` lists the commands. Only Python 3.11, git and make are needed; everything else comes from the lock files.
PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 2
ARGS ?=
DATA ?= ../shared/data/pages

VENV := .venv
BIN := $(VENV)/bin
LOCKS := requirements/uv.txt requirements/base.txt requirements/dev.txt
# One stamp for each content of the lock files: nothing is installed twice, and a changed lock is noticed at once.
STAMP := $(VENV)/installed-$(shell cat $(LOCKS) | cksum | cut -d' ' -f1)
PRODUCTION = SECRET_KEY=$(shell head -c 48 /dev/urandom | base64) DEBUG=0 BASE_URL=https://atlas.example \
	ALLOWED_HOSTS=atlas.example EMAIL_URL=smtp+tls://user:password@mail.example:587 \
	DEFAULT_FROM_EMAIL=notices@atlas.example
WITH_SERVERS := $(BIN)/python -m atlas.demo.with_servers --

.DEFAULT_GOAL := help
.PHONY: help setup run manage test check replay bench screenshots audit lock format clean

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

setup: $(STAMP) ## make .venv with everything in it, from the lock files

$(STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 …"; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@[ -x $(BIN)/uv ] || $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@echo "Installing what the lock files name …"
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements/dev.txt \
		|| { echo "uv couldn't reach the packages; trying pip."; $(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt; }
	@rm -f $(VENV)/installed-*
	@touch $@

run: $(STAMP) ## start everything: http://localhost:8000 (PORT=… for another)
	@PORT=$(PORT) exec $(BIN)/python -m atlas.demo.supervisor

manage: $(STAMP) ## a command on what `make run` started (ARGS="check_documents --platform wrenfold")
	@[ -f .atlas/environment ] || { echo "Nothing was started here yet: make run"; exit 1; }
	@. ./.atlas/environment && exec $(BIN)/python manage.py $(ARGS)

test: $(STAMP) ## run the tests on servers of their own (ARGS="tests/atlas -k name", WORKERS=2)
	@WORKERS=$(WORKERS) exec $(WITH_SERVERS) $(BIN)/python -m tests.run $(ARGS)

check: $(STAMP) ## style, types, imports between rooms, migrations, settings of production
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(WITH_SERVERS) env $(PRODUCTION) $(BIN)/python manage.py makemigrations --check --dry-run
	@$(WITH_SERVERS) env $(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

replay: $(STAMP) ## play real captures through the whole pipeline (DATA=folder, ARGS="--json FILE --only NAME")
	@exec env SECRET_KEY=$(shell head -c 48 /dev/urandom | base64) LOG_LEVEL=WARNING \
		$(WITH_SERVERS) $(BIN)/python manage.py replay $(DATA) $(ARGS)

bench: $(STAMP) ## measure checks, pages, comparing, starting (ARGS="--only checks --profile 304")
	@exec $(WITH_SERVERS) $(BIN)/python -m tests.benchmarks $(ARGS)

screenshots: $(STAMP) ## photograph the pages and mails of the demo into .atlas/screenshots (needs Chromium)
	@exec $(BIN)/python -m tests.screenshots $(ARGS)

audit: $(STAMP) ## ask for known vulnerabilities in what the lock files name (needs the network)
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements/dev.txt

lock: $(STAMP) ## write the lock files anew from requirements/*.in (needs the network)
	@cd requirements && for name in uv base dev; do \
		../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--no-emit-find-links --no-annotate --no-header $$name.in -o $$name.txt || exit 1; done

format: $(STAMP) ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## forget everything that `make run` keeps, and all caches (.venv stays)
	@$(PYTHON) -m atlas.demo.clean
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache staticfiles test-results
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
