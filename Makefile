# Every target sets up what it needs: `make lab` opens the book, `make test` proves it.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
BROWSER := .venv/.browser
PEERS := .venv/.peers
QUIET_THREADS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
# offline/ blocks outbound sockets in the tests and in every kernel that they start.
OFFLINE := PYTHONPATH=$(CURDIR)/tests/notebooks/offline
PYTEST := $(QUIET_THREADS) $(OFFLINE) $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --nbval-lax --nbval-cell-timeout=120

.PHONY: help setup lab test test-all verify chapters bench doctor lint clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || { \
	  echo "The book needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2> /dev/null || echo not there)."; \
	  echo "Name a newer one: make $(or $(MAKECMDGOALS),lab) PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "Python could not make a virtual environment. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Installing what the book needs into .venv (two minutes, 2 GB) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' -c constraints.txt 2> .venv/pip.log || { \
	  tail -n 5 .venv/pip.log; echo "The installation failed (whole log: .venv/pip.log). Is there a network? Then run the same command again."; exit 1; }
	@$(BIN)/python -m mathdl.nets.warm
	@$(BIN)/python -m mathdl.exact_erm.warm
	@$(BIN)/python -m mathdl.relu_gate.warm
	@touch $@

# The browser tests need Chromium: Debian's, where apt is there and may install; else they say why they are skipped.
$(BROWSER): $(READY)
	@if command -v chromium chromium-browser google-chrome > /dev/null; then :; \
	elif command -v apt-get > /dev/null && [ "$$(id -u)" = 0 ]; then \
	  echo "Installing Debian's chromium for the browser tests ..."; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } > .venv/apt.log 2>&1 \
	    || echo "chromium could not be installed (log: .venv/apt.log): the browser tests will be skipped"; \
	else echo "No Chromium here and no right to install it: the browser tests will be skipped (apt install chromium)"; fi
	@touch $@

# What only the benchmarks need: the timer, and the peers that the book is measured against.
$(PEERS): $(READY)
	@echo "Installing the benchmarks' peers ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]' -c constraints.txt 2> .venv/pip.log || { \
	  tail -n 5 .venv/pip.log; echo "The peers could not be installed (whole log: .venv/pip.log)."; exit 1; }
	@touch $@

lab: $(READY) ## open the book in JupyterLab
	@$(BIN)/mathdl lab

test: $(READY) $(BROWSER) ## everything in under 12 minutes on 2 cores: library, notebooks, browser
	$(BIN)/ruff check lib tests
	$(PYTEST) tests chapters

test-all: $(READY) $(BROWSER) ## the slow tests too
	$(BIN)/ruff check lib tests
	$(PYTEST) -m '' tests chapters

verify: $(READY) ## the table of all statements with their states
	@$(QUIET_THREADS) $(BIN)/mathdl verify

chapters: $(READY) ## text -> executed notebooks, those whose text or library changed
	@$(QUIET_THREADS) $(BIN)/python -m mathdl.core.notebooks build

bench: $(READY) $(PEERS) ## speed as ratios against named peers, in one run; the table is tests/bench/RESULTS.md
	@mkdir -p build
	$(QUIET_THREADS) $(BIN)/python -m pytest tests/bench -q -s -o addopts='--strict-markers --import-mode=importlib' \
	  --benchmark-disable-gc --benchmark-columns=min,median,rounds --benchmark-json=build/bench.json
	@$(BIN)/python tests/bench/table.py build/bench.json > tests/bench/RESULTS.md
	@echo "written: tests/bench/RESULTS.md"

doctor: $(READY) ## what is wrong here, and the command that mends it
	@$(BIN)/mathdl doctor

lint: $(READY) ## style of the code
	@$(BIN)/ruff check lib tests

clean: ## remove the environment and caches; your copies in my-book/ stay
	rm -rf .venv build .pytest_cache .ruff_cache .hypothesis
