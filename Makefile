# The two commands of the README, and what developers use besides. Everything lives in .venv; later calls install nothing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
APP_READY := $(VENV)/.app-ready
DEV_READY := $(VENV)/.dev-ready
BENCH_READY := .bench-venv/.ready

.PHONY: app test lint check format bench screenshots clean

app: $(APP_READY)  ## Start the playground on http://localhost:8501
	$(BIN)/streamlit run app.py

test: $(DEV_READY)  ## Run all tests on two cores, the browser's included where there is a browser
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(DEV_READY)  ## Format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

check: lint test  ## What CI runs

format: $(DEV_READY)  ## Rewrite the code in the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

screenshots: $(DEV_READY)  ## Take the README's pictures anew
	$(BIN)/python -m tests.e2e.screenshots docs/images

bench: $(DEV_READY) $(BENCH_READY)  ## Measure beside Keras fit, PyTorch and JAX, about ten minutes; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks $(BENCH)

clean:  ## Remove the virtual environment and caches
	rm -rf $(VENV) .bench-venv .pytest_cache .ruff_cache .mypy_cache .cache

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV)

$(APP_READY): requirements.txt | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(DEV_READY): requirements-dev.txt requirements.txt requirements-ray.txt | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $(APP_READY) $@

$(BENCH_READY): benchmarks/requirements.txt requirements.txt
	$(PYTHON) -m venv .bench-venv
	.bench-venv/bin/pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt
	touch $@
