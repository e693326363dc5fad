# Two commands matter: `make demo` and `make test`. Everything is installed into .venv.
PYTHON ?= python3
PY := .venv/bin/python
.PHONY: install demo test lint bench soak screenshots lock audit clean

install:
	@$(PYTHON) scripts/install.py runtime

demo: install
	@$(PY) scripts/demo.py

.venv/test-tools: requirements/test.txt scripts/install.py
	@$(PYTHON) scripts/install.py test

test: .venv/test-tools
	@$(PY) scripts/browser.py
	@$(PY) -m pytest -n auto --dist worksteal -q $(TESTS)

lint: .venv/test-tools
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/djlint templates --lint --quiet
	@.venv/bin/lint-imports --no-cache

bench: .venv/test-tools
	@$(PY) scripts/browser.py
	@$(PY) -m scripts.bench

soak: .venv/test-tools
	@$(PY) -m scripts.soak $(MINUTES)

screenshots: .venv/test-tools
	@$(PY) scripts/browser.py
	@$(PY) -m scripts.screenshots

lock:
	@command -v uv >/dev/null || { echo "make lock needs uv: python3 -m pip install uv" >&2; exit 1; }
	@set -e; for name in runtime extras test; do \
	  uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --no-strip-extras --no-header --no-annotate -q requirements/$$name.in -o requirements/$$name.txt; done

audit:
	@command -v uvx >/dev/null || { echo "make audit needs uv: python3 -m pip install uv" >&2; exit 1; }
	@uvx pip-audit --disable-pip --require-hashes $(foreach name,runtime extras test,-r requirements/$(name).txt)

clean:
	rm -rf .venv .demo staticfiles
