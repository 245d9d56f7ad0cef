# Everything that people and pipelines run. `make` lists the targets.
#
# The first target that needs it makes the virtual environment .venv. It is made anew when pyproject.toml, the Python or
# the place of this directory changes; a cached one is taken as it is.

VENV := .venv
RUN := $(VENV)/bin/python
HANDOVER := $(VENV)/bin/handover
REPORTS := build/reports
PIPELINE := tests/pipeline
# What a merge request is compared with: the target branch where GitLab tests the merged result, else where the two part.
BASE := $(or $(CI_MERGE_REQUEST_TARGET_BRANCH_SHA),$(CI_MERGE_REQUEST_DIFF_BASE_SHA))
AGAINST := $(if $(BASE),--against '$(BASE)')

ifndef PYTHON
PYTHON := $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
endif

BASIS := $(shell { $(PYTHON) --version; pwd; cat pyproject.toml; } 2>&1 | cksum | cut -d ' ' -f 1)
INSTALLED := $(VENV)/installed-$(BASIS)
WITH_TOOLS := $(VENV)/with-tools-$(BASIS)

# The tests of the pipeline run it with gitlab-ci-local, an npm package; without npm they are skipped.
ifneq ($(shell command -v npm 2>/dev/null),)
GITLAB_CI_LOCAL := $(PIPELINE)/node_modules/.package-lock.json
endif

.DEFAULT_GOAL := help
.PHONY: help demo install develop check test bench format agree reports base clean

help: ## List the targets.
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

demo: $(INSTALLED) ## Watch sample handovers go right and wrong, without a GitLab.
	@$(HANDOVER) demo

test: check $(GITLAB_CI_LOCAL) ## Run everything that CI runs.
	@mkdir -p $(REPORTS)
	$(RUN) -m pytest -n auto -r fEs --junitxml $(REPORTS)/tests.xml

check: $(WITH_TOOLS) ## Check the code and that the repository agrees with itself.
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(HANDOVER) check

bench: $(WITH_TOOLS) ## Measure requests, time and memory with up to 10,000 handovers.
	$(RUN) -m tests.bench

format: $(WITH_TOOLS) ## Put the code into its usual form.
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

agree: $(INSTALLED) base ## Check that the repository agrees with itself; for a merge request, with what it changes too.
	@$(HANDOVER) check $(AGAINST)

reports: $(INSTALLED) base ## Write what `handover check` finds to files that GitLab shows in merge requests.
	@mkdir -p $(REPORTS)
	-@$(HANDOVER) check $(AGAINST) --format junit > $(REPORTS)/check.xml || test -s $(REPORTS)/check.xml || rm $(REPORTS)/check.xml
	-@$(HANDOVER) check $(AGAINST) $(if $(BASE),--changes $(REPORTS)/what-this-change-means.md) --format codequality > $(REPORTS)/codequality.json \
		|| test -s $(REPORTS)/codequality.json || rm $(REPORTS)/codequality.json

# GitLab clones the latest commits only; the one to compare with may be older. Where it cannot be had, the check says so.
base:
ifneq ($(BASE),)
	-@git cat-file -e '$(BASE)^{commit}' 2>/dev/null || git fetch --quiet --depth 1 origin '$(BASE)'
endif

install: $(INSTALLED) ## Install the program alone into .venv.

develop: $(WITH_TOOLS) ## Install the program and the tools for its development into .venv.

clean: ## Remove what make has made.
	rm -rf $(VENV) build $(PIPELINE)/node_modules handover-demo

$(INSTALLED):
	@test -n '$(PYTHON)' || { echo 'No Python 3.11 or newer found. Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '$(PYTHON) is not Python 3.11 or newer. Name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo '$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@echo 'Installing into $(VENV) ...'
	@$(PYTHON) -m venv --clear $(VENV)
	@$(RUN) -m pip install -qq --disable-pip-version-check --editable .
	@touch $@

$(WITH_TOOLS): $(INSTALLED)
	@echo 'Installing the tools for development into $(VENV) ...'
	@$(RUN) -m pip install -qq --disable-pip-version-check --editable '.[dev]'
	@touch $@

# Where npm fails, the rest is tested all the same, and the tests of the pipeline say that they were skipped.
$(PIPELINE)/node_modules/.package-lock.json: $(PIPELINE)/package-lock.json
	@echo 'Installing gitlab-ci-local ...'
	-@npm ci --prefix $(PIPELINE) --loglevel error --no-audit --no-fund --ignore-scripts && touch $@
