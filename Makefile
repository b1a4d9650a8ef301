# make demo: a sample class through release, collection, grading and feedback. make test: everything CI runs.
# Both build .venv themselves. PYTHON chooses the interpreter (3.11 or later).

PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export OMP_NUM_THREADS ?= 1

.PHONY: demo test lint build validate pictures bench clean

# Constraints hold in pip's build environments too, so that nothing pulls in another torch or setuptools.
.venv/.complete: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	PIP_CONSTRAINT=$(CURDIR)/requirements.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check torch
	PIP_CONSTRAINT=$(CURDIR)/requirements.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: .venv/.complete
	$(BIN)/python -m tests.demo

test: .venv/.complete lint
	$(BIN)/autograder build --check
	$(BIN)/autograder validate
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 --dist loadfile

lint: .venv/.complete
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy

build: .venv/.complete
	$(BIN)/autograder build

validate: .venv/.complete
	$(BIN)/autograder validate

# The pictures of README and docs: those of the demo's pages, and those that the browser tests take of the real programs.
pictures: demo
	cp demo/pictures/*.png docs/pictures/
	UNSTUCK_PICTURES=$(CURDIR)/docs/pictures $(BIN)/python -m pytest -q tests/browser

bench: .venv/.complete
	$(BIN)/python benchmarks/throughput.py

clean:
	rm -rf .venv .autograder demo .mypy_cache .ruff_cache .pytest_cache
