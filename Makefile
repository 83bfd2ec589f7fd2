# make        builds build/fieldbook.xlsx and prints its answers
# make test   installs what the tests need and runs them
# Everything is installed into .venv here; remove that folder to begin anew.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
BOOK := build/fieldbook.xlsx
SOURCES := $(shell find pycore addin workbook fieldbook -name '*.py' -o -name '*.toml')
RUNTIME := $(VENV)/.runtime
TESTING := $(VENV)/.testing

# What is installed: every package that the requirements beside it lead to, with its hashes.
INSTALL := $(PY) -m pip install -q --disable-pip-version-check --require-hashes
LOCKS := requirements.lock addin/server_project/requirements.lock tests/requirements.lock \
	tests/benchmarks/requirements.lock

.PHONY: all test quick lint types generate lock serve bench picture
.DELETE_ON_ERROR:

all: $(BOOK)
	@$(PY) -m workbook show $(BOOK)

$(BOOK): $(SOURCES) $(RUNTIME)
	@$(PY) -m workbook build $@ --quiet

$(RUNTIME): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Fieldbook needs Python 3.11 or newer")'
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "Installing what Fieldbook needs into $(VENV) ..."
	@$(INSTALL) -r requirements.lock
	@touch $@

$(TESTING): tests/requirements.lock $(RUNTIME)
	@echo "Installing what the tests need into $(VENV) ..."
	@$(INSTALL) -r tests/requirements.lock
	@touch $@

test: $(TESTING)
	@sh tests/install_programs.sh
	@$(PY) -m tests.pyodide.runtime
	$(PY) -m pytest -n auto --dist worksteal

# The core, the wiring and the words: for every day, without LibreOffice, Chromium or a server.
quick: $(TESTING)
	$(PY) -m pytest -n auto --dist worksteal -m "not slow" tests/pycore tests/test_rooms.py \
		tests/addin/test_cells.py tests/addin/test_generate.py tests/addin/test_sources.py \
		tests/addin/test_shelf.py tests/workbook/test_wiring.py tests/workbook/test_layout.py

# The files that are made from the core's declarations; the tests fail where they differ.
generate: $(RUNTIME)
	$(PY) -m addin generate

# The locks anew, with the newest of what the requirements leave open; for every Python from 3.11 on
# and every system.
lock: $(TESTING)
	@for lock in $(LOCKS); do \
		$(PY) -m uv pip compile -q --universal --python-version 3.11 --upgrade --generate-hashes \
			--no-header --no-annotate --no-emit-index-url $${lock%.lock}.txt -o $$lock || exit 1; \
	done

lint: $(TESTING)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(TESTING)
	$(PY) -m mypy

# The xlwings Server of the team's add-in; `make serve ARGS="--port 8001"`.
serve: $(RUNTIME)
	@$(INSTALL) -r addin/server_project/requirements.lock
	$(PY) -m addin serve $(ARGS)

bench: $(TESTING)
	@sh tests/install_programs.sh
	@$(INSTALL) -r tests/benchmarks/requirements.lock
	$(PY) -m tests.benchmarks

# The pictures of the Summary sheet and of the task pane that the README shows.
picture: $(BOOK) $(TESTING)
	@sh tests/install_programs.sh
	soffice --headless --convert-to pdf --outdir build $(BOOK) >/dev/null
	pdftoppm -png -r 110 -f 1 -l 1 -singlefile build/fieldbook.pdf workbook/summary
	$(PY) -m tests.addin.chromium.picture
