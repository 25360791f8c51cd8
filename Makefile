# Two commands for a newcomer: `make demo` and `make test`. Each makes its own environment; nothing but Python 3.11+, make and git.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt
DEMO := build/demo/mentoring

.PHONY: demo test selfcheck lint bench clean

# The fixture is scanned as a repository of its own: CI systems read workflows at the top of a repository only.
demo: $(VENV)/.installed
	@rm -rf $(DEMO) && mkdir -p $(DEMO) && cp -R fixtures/repos/mentoring/. $(DEMO)
	@git -C $(DEMO) init --quiet && git -C $(DEMO) add --all
	@$(BIN)/gonogo scan $(DEMO) --checklist fixtures/checklists/mentoring.ko.md; code=$$?; \
	if [ $$code -ne 1 ]; then echo "expected NO-GO (exit code 1), got $$code"; exit 1; fi

# What measures time runs alone.
test: lint
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --ignore tests/benchmarks --ignore tests/contract/test_start_up.py
	$(BIN)/python -m pytest tests/benchmarks tests/contract/test_start_up.py

# What we ask of others: this repository against its own checklist.
selfcheck: $(VENV)/.installed
	$(BIN)/gonogo scan . --checklist PRODUCTION_CHECKLIST.md

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# REPOS are directories of checkouts to time, CHECKOV an optional checkov executable to compare with. How time grows with the files, and
# the memory, are measured on a generated tree.
bench: $(VENV)/.installed-dev
	$(BIN)/python tests/benchmarks/bench.py $(if $(CHECKOV),--checkov $(CHECKOV)) $(REPOS)
	$(BIN)/python -m pytest --quiet --capture=no tests/benchmarks/test_scaling.py

clean:
	rm -rf $(VENV) build dist

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gonogo needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(PIP) --editable '.[gcp]' --requirement requirements-dev.txt
	@touch $@
