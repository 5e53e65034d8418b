# Needs python3 (3.11 or later, with venv) and make. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --constraint constraints.txt
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
NGINX := $(shell PATH=$$PATH:/usr/sbin:/usr/local/sbin command -v nginx)
OUTSIDE := $(if $(CHROMIUM),,chromium) $(if $(NGINX),,nginx-light)
AUDIT := .venv-audit
BUILD_REQUIREMENTS := $(shell sed -n 's/^requires = \["\(.*\)"\]/\1/p' pyproject.toml)

LOCK := requirements.lock

.PHONY: help run test lint docs bench audit lock browser clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.installed ## install, index sources/ and serve the chat on this machine
	@exec $(BIN)/assistant serve

test: lint browser ## run the linters, then every test
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.installed-test ## check style, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.installed-test ## write docs/commands.md and docs/answer.schema.json from the code
	$(BIN)/python -m tests.tools.documents

bench: $(VENV)/.installed-test ## measure speed and memory against bare embedding and a plain retrieval chain
	$(BIN)/python -m tests.tools.bench

prove: $(VENV)/.installed-test ## run the fault tests of docs/reliability.md at full length (PARTS="kills disk")
	@$(BIN)/python -m tests.tools.prove $(PARTS)
ifeq ($(PARTS),)
	@for part in floods long_day replicas strangers airgap; do $(BIN)/python -m tests.tools.prove.$$part --scale full || failed=1; done; exit $${failed:-0}
endif

lock: $(VENV)/.installed-test ## write requirements.lock: constraints.txt with hashes, for this system and Python
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --dry-run --ignore-installed --only-binary :all: \
		--constraint constraints.txt --report $(LOCK).json . $(BUILD_REQUIREMENTS)
	@$(BIN)/python -m tests.tools.prove.supply --lock $(LOCK).json >$(LOCK).new && mv $(LOCK).new $(LOCK)
	@rm -f $(LOCK).json

audit: $(VENV)/.installed-test ## check licences and advisories, write sbom.cdx.json (needs a network, or ADVISORIES=FILE)
	$(BIN)/python -m tests.tools.prove.supply
ifneq ($(ADVISORIES),)
	$(BIN)/python -m tests.tools.prove.supply --advisories $(ADVISORIES)
else
	@[ -x $(AUDIT)/bin/pip-audit ] || { $(PYTHON) -m venv $(AUDIT) && \
		$(AUDIT)/bin/python -m pip install --quiet cyclonedx-bom==7.5.0 pip-audit==2.10.1; }
	$(AUDIT)/bin/cyclonedx-py environment --of JSON --output-reproducible --pyproject pyproject.toml \
		-o sbom.cdx.json $(BIN)/python
	$(AUDIT)/bin/pip-audit --strict --progress-spinner off $$($(BIN)/python -m tests.tools.prove.supply --ignored) \
		--path "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
endif

browser: ## install Chromium and nginx for the browser tests, if possible
ifneq ($(strip $(OUTSIDE)),)
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing $(OUTSIDE) for the browser tests"; \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
			$(OUTSIDE) >/dev/null; \
	elif [ "$(CI)" = true ]; then \
		echo "Not installed: $(OUTSIDE). The browser tests cannot run." >&2; exit 1; \
	else \
		echo "WARNING: not installed, so the browser tests will not run: $(OUTSIDE) (apt install)." >&2; \
	fi
endif

clean: ## remove the environments and the index
	rm -rf $(VENV) $(AUDIT) .index

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than Python 3.11; choose another: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || \
		{ echo "$(PYTHON) has no venv: install it (apt install python3-venv)" >&2; rm -rf $(VENV); exit 1; }
	@echo "Installing into $(VENV) (the first time takes some minutes)" >&2
	@$(PIP) --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@$(PIP) --editable '.[test]'
	@touch $@
