# Every command sets up what it needs: 'make demo' and 'make test' work on a fresh machine with Python 3.11 and make.

PYTHON ?= python3
BIN := .venv/bin
DEMO := demo
# A worker a core, of 1 to 2 GB each; whoever runs out of tests takes half of what another has left, in their order, so
# that what a folder's tests share is made once.
CORES := -n logical --maxprocesses 8 --dist worksteal

.PHONY: help setup demo test quick check advisories shuffle mutate validate chromium bench lock clean

help:
	@echo 'make demo    generate covers, run the whole chain, serve the app at http://127.0.0.1:8050'
	@echo 'make test    set everything up, Chromium included, and run all tests'
	@echo 'make quick   the tests without the slow ones and the browser'
	@echo 'make setup   only the set-up, into .venv; then .venv/bin/genrescope works'
	@echo 'make check   format, lint, types, direction of imports; known vulnerabilities, where they can be looked up'
	@echo 'make advisories  known vulnerabilities of what requirements.lock pins'
	@echo 'make shuffle the quick tests in random order'
	@echo 'make mutate  small faults put into the pure statistics and the store: which do their tests not see?'
	@echo 'make validate  intervals, p-values and ranks on drawn collections whose truth is known'
	@echo 'make bench   the measurements of tests/benchmarks, as tables'
	@echo 'make lock    requirements.lock for a changed pyproject.toml; UPGRADE=--upgrade takes the newest of everything'

setup: .venv/.complete

.venv/.complete: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else "genrescope needs Python 3.11 to 3.13, this is %d.%d: name another with make PYTHON=python3.11" % sys.version_info[:2])'
	@echo 'Setting up .venv: some 6 GB, half a minute to a few minutes ...'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.8
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --requirements requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c "from analysis.geometry.layout import warm_up; warm_up()"
	@touch $@

demo: setup
	@$(BIN)/genrescope sample $(DEMO)/covers
	@$(BIN)/genrescope run $(DEMO)/covers/truth.csv --workspace $(DEMO)/workspace --encoder color --encoder resnet18-untrained
	@$(BIN)/genrescope serve --workspace $(DEMO)/workspace

test: setup chromium
	@$(BIN)/pytest $(CORES)

quick: setup
	@$(BIN)/pytest $(CORES) -m 'not slow and not browser'

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	-@$(BIN)/python .ci/advisories.py

# Fails on a known vulnerability, where 'make check' only tells; where nobody can be asked, both say so and go on.
advisories: setup
	@$(BIN)/python .ci/advisories.py

# It prints its seed; SEED=N repeats an order.
shuffle: setup
	@$(BIN)/pytest $(CORES) -p pytest_randomly $(if $(SEED),--randomly-seed=$(SEED)) -m 'not slow and not browser'

# What is tested already is not tested again, unless its code changed; 'rm -r mutants' begins anew.
mutate: setup
	@$(BIN)/mutmut run
	@$(BIN)/mutmut results

# Debian's package where we may install it, else the browser that Playwright brings.
chromium: setup
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null \
	|| { command -v apt-get >/dev/null && test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq chromium; } \
	|| { command -v apt-get >/dev/null && sudo -n apt-get update -qq && sudo -n apt-get install -y -qq chromium; } \
	|| $(BIN)/playwright install chromium

bench: setup
	@for file in tests/benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

# The simulations of docs/methods.md: some 35 minutes on two cores.
validate: setup
	@$(BIN)/genrescope validate

lock:
	$(BIN)/uv pip compile --quiet pyproject.toml --all-extras --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-annotate --no-header $(UPGRADE) --output-file requirements.lock

clean:
	rm -rf .venv mutants $(DEMO) *.egg-info .pytest_cache .ruff_cache .mypy_cache .import_linter_cache
