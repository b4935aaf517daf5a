# Two commands for a fresh machine: `make trial` and `make test`. Everything goes into .venv beside this file.
PYTHON ?= python3
VENV ?= .venv
# Not trial-out, which is where `seatrial trial` itself writes: a command replaces only a folder that is wholly its own.
OUT ?= out
# Tests that live in real time wait more than they work: one worker more than two cores would have.
WORKERS ?= 3
BIN := $(VENV)/bin
ROOMS := seatrial seatrial/dsl seatrial/compiler seatrial/targets seatrial/chaos tests $(wildcard benchmarks)

.PHONY: trial test lint slow clean

trial: $(VENV)/.installed
	$(BIN)/seatrial check specs/support.fleet
	$(BIN)/seatrial compile specs/support.fleet --out $(OUT)/manifests
	$(BIN)/seatrial trial specs/support.fleet --out $(OUT)/support

test: $(VENV)/.installed-test lint
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.installed-test
	$(BIN)/ruff check $(ROOMS)
	$(BIN)/ruff format --check $(ROOMS)
	$(BIN)/mypy
	$(BIN)/lint-imports

slow: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m slow

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "seatrial needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Say: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.installed-test: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) $(OUT) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
