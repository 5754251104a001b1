# Plain `make` lists the targets: each help line is the comment behind its target.
PORT ?= 8000
HOST ?= 127.0.0.1
SEEDS ?= 200
export PORT HOST

VENV := .venv/bin
.DELETE_ON_ERROR:
.PHONY: help run test check faults format bench pictures

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/run.stamp paper ## Serve Fieldbook on HOST and PORT, with demonstration data at the first run
	@$(VENV)/flask --app field_app demonstrate --if-new
	@exec $(VENV)/gunicorn --config gunicorn.conf.py 'field_app:create_app()'

test: check browsers paper ## Check, then run every test, in real browsers too
	$(VENV)/pytest --numprocesses auto --dist loadfile

check: .venv/dev.stamp node_modules/stamp ## Lint, formatting and types of the Python and the JavaScript
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/mypy
	$(VENV)/node node_modules/typescript/bin/tsc

faults: .venv/dev.stamp ## Random faults on the wire: phones, lost answers, backups, restores; SEEDS=n schedules
	SEEDS=$(SEEDS) $(VENV)/pytest --timeout 0 tests/wire/test_model.py

pictures: .venv/dev.stamp browsers ## Take the pictures of docs/screenshots anew
	$(VENV)/python -m tools.pictures

format: .venv/dev.stamp ## Format the Python and mend what the linter can mend
	$(VENV)/ruff check --fix
	$(VENV)/ruff format

bench: .venv/dev.stamp browsers ## Measure every budget, in a slowed browser too
	@$(VENV)/python -m bench

.PHONY: browsers paper
browsers:
	@tools/browsers.sh

paper:
	@tools/paper.sh

.venv/bin/python:
	tools/venv.sh

.venv/run.stamp: requirements.txt | .venv/bin/python
	$(VENV)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	$(VENV)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

node_modules/stamp: package.json .venv/dev.stamp
	$(VENV)/npm install --silent --no-package-lock --no-audit --no-fund
	@touch $@
