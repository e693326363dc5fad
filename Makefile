# `make help` lists what there is. Everything is installed into .venv.
PYTHON ?= python3
PY := .venv/bin/python
FAST_MARKS := -m "not browser and not processes and not slow"
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
  --no-strip-extras --no-header --no-annotate -q $(if $(UPGRADE),--upgrade) pyproject.toml -c requirements/floors.txt
.PHONY: help install demo test lint docs matrix messages bench soak screenshots lock audit clean

help:  ## List these commands
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name what; do printf '  make %-12s %s\n' "$$name" "$$what"; done

install:  ## Install what running needs into .venv
	@$(PYTHON) scripts/install.py runtime

demo: install  ## Start the dashboard with a simulated API, until Ctrl-C
	@$(PY) scripts/demo.py

.venv/test-tools: requirements/test.txt scripts/install.py
	@$(PYTHON) scripts/install.py test

test: .venv/test-tools  ## Run every test; FAST=1 without browser and processes; TESTS="tests/x.py" only these
	@$(if $(FAST),,$(PY) scripts/browser.py)
	@$(PY) -m pytest -p tests.progress -n auto --dist loadfile --no-loadscope-reorder -q $(if $(FAST),$(FAST_MARKS)) $(TESTS)

lint: .venv/test-tools  ## Check style, types, templates and the direction of imports
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/djlint templates --lint --quiet
	@.venv/bin/lint-imports --no-cache

messages: .venv/test-tools  ## Bring the translations up to date and compile them; NEW=fr begins one
	@$(PY) -m scripts.messages $(NEW)

docs: .venv/test-tools  ## Build the documentation as a site, in site/index.html
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict --quiet

matrix:  ## Run the quick tests on every Python and Django that is promised, as far as they are here; needs uv
	@$(PYTHON) scripts/matrix.py

bench: .venv/test-tools  ## Measure speed, memory and the weight of the pages; BENCH_PEERS=1 beside rq-dashboard and flower
	@$(PY) scripts/browser.py
	@$(PY) -m scripts.bench

soak: .venv/test-tools  ## Run under load for MINUTES and watch memory
	@$(PY) -m scripts.soak $(MINUTES)

screenshots: .venv/test-tools  ## Take the pictures in docs/screenshots again
	@$(PY) scripts/browser.py
	@$(PY) -m scripts.screenshots

lock:  ## Lock what pyproject.toml asks for to versions and hashes; needs uv. UPGRADE=1 takes the newest
	@command -v uv >/dev/null || { echo "make lock needs uv: python3 -m pip install uv" >&2; exit 1; }
	@$(LOCK) -o requirements/runtime.txt
	@$(LOCK) --all-extras -c requirements/runtime.txt -o requirements/extras.txt
	@$(LOCK) --all-extras --group test -c requirements/runtime.txt -o requirements/test.txt

audit:  ## Look for known weaknesses in what is locked; needs uv
	@command -v uvx >/dev/null || { echo "make audit needs uv: python3 -m pip install uv" >&2; exit 1; }
	@uvx pip-audit --disable-pip --require-hashes $(foreach name,runtime extras test,-r requirements/$(name).txt)

clean:  ## Remove what the other commands have made
	rm -rf .venv .demo .matrix staticfiles site dist
