# What a person does here. `make` alone lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
SAMPLE := build/handin.tar
HANDIN ?= $(SAMPLE)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

# What others grade with, each in an environment of its own.
PEER_ENVIRONMENTS := $(patsubst benchmarks/peers/requirements/%.txt,build/peers/%/.whole,$(wildcard benchmarks/peers/requirements/*.txt))

# The version that pyproject.toml pins: $(call pin,numpy) is "numpy==2.4.6".
pin = $(shell sed -nE 's/^ *"($(1)==[^"]+)".*/\1/p' pyproject.toml)

# What the extra `hand-ins` there pins.
hand_ins = $(shell sed -nE '/^hand-ins = /,/^\]/s/^ *"([^"]+)".*/\1/p' pyproject.toml)

.PHONY: help grade test check bench lint setup torch clean

help: ## list what can be made
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

grade: .venv/.grade .venv-student/.whole $(if $(filter $(SAMPLE),$(HANDIN)),$(SAMPLE)) ## grade the sample hand-in, or yours: make grade HANDIN=path
	@.venv/bin/cellgrade grade "$(HANDIN)"

test: setup .venv-student-torch/.whole ## run all tests; make test PYTEST_ARGS="-k compare" runs some
	@.venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: lint ## check form and types, and run what takes two minutes and needs no root and no Docker engine
	@.venv/bin/python -m pytest -q -n 2 -m "not slow" tests/core tests/intake tests/reference tests/report

bench: setup $(if $(PEERS)$(ALL),$(PEER_ENVIRONMENTS)) ## measure a grading and a class beside the usual runner; also make bench PEERS=1, GROWTH=1, DOCKER=1 or ALL=1
	@.venv/bin/python -m benchmarks $(if $(PEERS),--peers) $(if $(GROWTH),--growth) $(if $(DOCKER),--docker) \
	    $(if $(ALL),--all) $(BENCH_ARGS)

lint: setup ## check the code's form and its types
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy grader reference benchmarks tests

setup: .venv/.test .venv-student/.whole ## make both environments, with all that tests need

torch: .venv-student-torch/.whole ## make the environment for hand-ins that are written in PyTorch

clean: ## remove the environments and everything else that was made
	@rm -rf .venv .venv-student .venv-student-torch build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -path ./.ci -prune -o -name __pycache__ -type d -exec rm -rf {} +


# The model hand-in, packed the way the statement asks for.
$(SAMPLE): $(shell find src/gru_cell -name '*.py')
	@mkdir -p $(@D)
	@tar -czf $@ --exclude=__pycache__ -C src/gru_cell hw3


# Two environments: .venv is the grader's, and .venv-student has the same NumPy and nothing else. (A third has torch
# as well, for the homeworks that need it.)
# .whole is there only while nothing in its environment is half done: what was interrupted is made anew.
half_done = rm -f .venv/.whole .venv/.grade .venv/.test

.venv/.whole:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "cellgrade needs Python 3.11 or newer. If you have one: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { $(get_venv); }
	@echo "Making .venv, the grader's environment (once)"
	@$(PYTHON) -m venv --clear .venv
	@touch $@

# torch as a CPU build: from a folder of wheels that pip is configured with, else from PyTorch's own index. (The
# plain index's build for Linux brings gigabytes of CUDA.) $(call get_torch,the command to call pip by)
define get_torch
$(1) install -qq --no-deps --no-index "$(call pin,torch)" 2>/dev/null || \
    $(1) install -qq --no-deps --index-url https://download.pytorch.org/whl/cpu "$(call pin,torch)"
endef

.venv/.grade: pyproject.toml | .venv/.whole
	@echo "Installing NumPy, Hypothesis and PyTorch (the CPU build, some 200 MB)"
	@$(half_done)
	@$(call get_torch,.venv/bin/pip)
	@.venv/bin/pip install -qq --editable .
	@touch .venv/.whole $@

.venv/.test: .venv/.grade
	@echo "Installing what the tests need"
	@$(half_done)
	@.venv/bin/pip install -qq --editable '.[test,bench]'
	@touch .venv/.whole .venv/.grade
	@touch $@

.venv-student/.whole: pyproject.toml | .venv/.whole
	@echo "Making .venv-student, where hand-ins run: NumPy alone"
	@$(PYTHON) -m venv --clear --without-pip .venv-student
	@.venv/bin/pip --python .venv-student/bin/python install -qq "$(call pin,numpy)"
	@touch $@

.venv-student-torch/.whole: pyproject.toml | .venv/.whole
	@echo "Making .venv-student-torch, where hand-ins written in PyTorch run (900 MB)"
	@$(PYTHON) -m venv --clear --without-pip .venv-student-torch
	@$(call get_torch,.venv/bin/pip --python .venv-student-torch/bin/python)
	@.venv/bin/pip --python .venv-student-torch/bin/python install -qq "$(call pin,numpy)" "$(call pin,torch)" $(hand_ins)
	@touch $@

build/peers/%/.whole: benchmarks/peers/requirements/%.txt | .venv/.whole
	@echo "Making $(@D), to measure what others grade with (1 GB)"
	@$(PYTHON) -m venv --clear $(@D)
	@$(call get_torch,$(@D)/bin/pip)
	@$(@D)/bin/pip install -qq "$(call pin,numpy)" "$(call pin,torch)" -r $<
	@touch $@

# Debian keeps the part of Python that makes environments in a package of its own.
define get_venv
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
    echo "Installing Debian's python3-venv"; \
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null; \
else \
    echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: sudo apt install python3-venv"; \
    exit 1; \
fi
endef
