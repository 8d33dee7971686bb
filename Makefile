# Every target makes .venv when it is not there. `make demo` and `make test` are all a newcomer needs.
PYTHON ?= python3
BIN := .venv/bin
# One test a processor; those of a file together: they share what was trained. In order of their
# names, so that the files that train the longest do not come last.
PYTEST := $(BIN)/pytest --numprocesses $(shell getconf _NPROCESSORS_ONLN) --dist loadfile --no-loadscope-reorder

.PHONY: demo test elsewhere quick fuzz lint format types docs bench torture fixtures lock clean

demo: .venv/installed  ## a study of digits that needs no network, and its report
	$(BIN)/tuner search --strategy grid --dataset digits --epochs 30 --name demo
	$(BIN)/tuner report results/demo

test: .venv/installed  ## the tests, but for those elsewhere
	$(PYTEST) -m "not elsewhere"

elsewhere: .venv/installed .venv/backends/installed  ## wheels, clusters, JAX, the docs' sessions: other environments than this
	$(PYTEST) -m elsewhere

quick: .venv/installed  ## the tests that neither train nor open a browser
	$(PYTEST) -m "not trains and not browser and not slow and not elsewhere"

fuzz: .venv/installed  ## the readers of files against so many mutations each: make fuzz EXAMPLES=10000
	FUZZ_EXAMPLES=$(or $(EXAMPLES),10000) $(BIN)/pytest tests/test_foreign_files.py --hypothesis-show-statistics

lint: .venv/installed  ## style, format, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: .venv/installed  ## rewrite the code as lint wants it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: .venv/installed  ## types alone
	$(BIN)/mypy

docs: .venv/installed  ## write the page of the command line, the committed studies' pages, and all as a site
	$(BIN)/typer tuner.cli utils docs --name tuner --title "The command line" --output docs/command-line.md
	printf '%s\n' $(notdir $(wildcard results/*-cifar10* results/mlp-digits results/separable-digits)) | xargs -P 2 -I NAME \
		$(BIN)/tuner report results/NAME --output docs/pages/NAME >/dev/null
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: .venv/installed  ## the benchmarks that take minutes
	$(BIN)/python benchmarks/vs_keras_tuner.py --grid digits
	$(BIN)/python benchmarks/overhead.py
	$(BIN)/python benchmarks/startup.py

torture: .venv/installed  ## kills and full disks at every file operation, and 30 real kills
	$(BIN)/python -m tests.torture
	TUNER_TEST_KILLS=30 $(BIN)/pytest tests/cli/test_kills.py

R_PACKAGES := r-base-core r-cran-emmeans r-cran-lmertest r-cran-clubsandwich r-bioc-limma r-cran-sandwich
# Where things lie in memory decides the last digits of a mixed model: they lie still where the system lets us.
STILL = $(shell setarch -R true 2>/dev/null && echo setarch -R)

fixtures: .venv/installed  ## the tables of tests/analysis/fixtures, and R's numbers about them
	@Rscript -e 'for (name in c("emmeans", "lmerTest", "clubSandwich", "limma", "sandwich")) loadNamespace(name)' \
		>/dev/null 2>&1 || { echo "make fixtures needs R: apt-get install $(R_PACKAGES)"; exit 1; }
	$(BIN)/python -m tests.analysis.fixtures.plant
	$(STILL) Rscript tests/analysis/fixtures/fixtures.R

lock:  ## pin what pyproject.toml asks for; what is pinned already stays
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet uv
	.venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --all-extras --group dev --group docs \
		--no-header --no-annotate pyproject.toml --output-file requirements.lock
	.venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --group backends \
		--no-header --no-annotate pyproject.toml --constraint requirements.lock | grep ^jax > backends.lock
	rm -r .venv-lock

# JAX lies apart: where it is, TensorFlow imports it too, which takes each process 0.4 s.
.venv/backends/installed: .venv/installed backends.lock
	$(BIN)/pip install --quiet --no-deps --upgrade --target .venv/backends --requirement backends.lock
	touch $@

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --requirement requirements.lock
	$(BIN)/pip install --quiet --no-build-isolation --no-deps --editable .
	touch $@

clean:  ## remove what the targets made, but no study
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .grimp_cache .import_linter_cache .hypothesis site docs/pages
