# `make help` lists the targets. Everything runs in .venv, which is made from the hash-pinned lock.
PYTHON ?= python3
.DEFAULT_GOAL := help
.PHONY: help demo test check format lock sdl bench bench-growth bench-pipeline ide judge clean
export PIP_DISABLE_PIP_VERSION_CHECK = 1

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | sort | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

demo: .venv/demo.stamp ## Build a synthetic inventory of 300,000 units, publish three releases, serve them
	@exec .venv/bin/cordgraph demo

test: .venv/dev.stamp .venv-judge/judge.stamp .venv-portals/portals.stamp .venv-clients/clients.stamp ## Run all tests, with coverage
	@rm -f .coverage .coverage.*
	.venv/bin/python -m pytest --cov --cov-report=
	@.venv/bin/coverage report --format=total | sed 's/^/coverage: /; s/$$/ %/'

check: .venv/dev.stamp ## Check style, types and imports
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: .venv/dev.stamp ## Format the code and mend what ruff can mend
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: .venv/demo.stamp ## Measure CordGraph beside its rivals, on this machine (12 minutes)
	@.venv/bin/python -m benchmarks speed

bench-growth: .venv/demo.stamp ## Measure CordGraph with 300,000 and with 5 million units (8 minutes)
	@.venv/bin/python -m benchmarks growth

bench-pipeline: .venv/demo.stamp ## Take 5 million units from inventories to a release (15 minutes, 25 GB of disk)
	@.venv/bin/python -m benchmarks pipeline

judge: .venv-judge/judge.stamp ## Make the environment of the judge that `cordgraph release judge` asks

ide: .venv/demo.stamp ## Build the IDE's editor with npm, if the installation could not
	@.venv/bin/cordgraph ide build

sdl: .venv/dev.stamp ## Write the schema definitions and the pages of their changes that are checked in
	.venv/bin/cordgraph schema sdl --write

lock: ## Resolve the dependencies anew (needs uv on PATH)
	uv pip compile -q --universal --no-strip-extras --generate-hashes --python-version 3.11 --no-header --no-annotate --group build pyproject.toml -o requirements.lock
	uv pip compile -q --universal --no-strip-extras --generate-hashes --python-version 3.11 --no-header --no-annotate --group build --group dev pyproject.toml -o requirements-dev.lock
	uv pip compile -q --universal --no-strip-extras --generate-hashes --python-version 3.11 --no-header --no-annotate tests/judges/requirements.in -o requirements-judge.lock
	uv pip compile -q --universal --no-strip-extras --generate-hashes --python-version 3.11 --no-header --no-annotate tests/judges/portals.in -o requirements-portals.lock
	uv pip compile -q --universal --no-deps --generate-hashes --python-version 3.11 --no-header --no-annotate tests/judges/shapes.in >> requirements-portals.lock
	uv pip compile -q --universal --no-strip-extras --generate-hashes --python-version 3.11 --no-header --no-annotate tests/judges/clients.in -o requirements-clients.lock

clean: ## Remove the environments and caches (never the data)
	rm -rf .venv .venv-judge .venv-portals .venv-clients .venv-node .pytest_cache .mypy_cache .ruff_cache .coverage*

# A lock round the installation, so that two makes at once do not install over each other.
.venv/demo.stamp: requirements.lock pyproject.toml api/ide/npm/package-lock.json
	@sh .ci/environment "$(PYTHON)" .venv requirements.lock demo.stamp

.venv/dev.stamp: requirements-dev.lock pyproject.toml api/ide/npm/package-lock.json
	@sh .ci/environment "$(PYTHON)" .venv requirements-dev.lock dev.stamp

.venv-portals/portals.stamp: requirements-portals.lock
	@sh .ci/environment "$(PYTHON)" .venv-portals requirements-portals.lock portals.stamp

.venv-judge/judge.stamp: requirements-judge.lock
	@sh .ci/environment "$(PYTHON)" .venv-judge requirements-judge.lock judge.stamp

.venv-clients/clients.stamp: requirements-clients.lock
	@sh .ci/environment "$(PYTHON)" .venv-clients requirements-clients.lock clients.stamp
