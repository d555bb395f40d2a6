# One word for each thing people do here. The virtual environment is made on first use.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

unexport PYTHONDONTWRITEBYTECODE # what was compiled once is not compiled again by each of the many processes below

# uv where it is installed, which takes a third of the time; pip where it is not, or where uv cannot
define install
	uv="$$(command -v $(BIN)/uv || command -v uv || true)"; \
	{ test -n "$$uv" && "$$uv" pip install --quiet --python $(BIN)/python -r $(1); } || \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_FLAGS) -r $(1)
endef

.PHONY: run test thorough lint check bench bench-quick bench-whole bench-loop bench-honesty bench-cluster soak format reference compiled-code pictures

$(VENV)/.runtime: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(call install,requirements.txt)
	touch $@

$(VENV)/.development: requirements.txt requirements-cluster.txt requirements-dev.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(call install,requirements-dev.txt)
	touch $@ $(VENV)/.runtime

run: $(VENV)/.runtime
	$(BIN)/python app.py

# three processes on two processors, since every third moment of a test is spent waiting: for a sandbox, a server; each browser has a server
test: $(VENV)/.development
	$(BIN)/python -m pytest -m "not e2e" --ignore tests/e2e --numprocesses 3 --dist loadfile --no-loadscope-reorder
	$(BIN)/python -m pytest -m e2e tests/e2e --numprocesses 2 --dist loadfile --no-loadscope-reorder

thorough: export STRATLOOP_THOROUGH = 1
thorough: test

lint: $(VENV)/.development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

check: lint test

bench: $(VENV)/.development
	@failed=0; $(BIN)/python -m tests.bench.engine brief || failed=1; $(BIN)/python -m tests.bench --write || failed=1; exit $$failed

bench-whole: $(VENV)/.development
	$(BIN)/python -m tests.bench.engine
	$(BIN)/python -m tests.bench.bench_sweep 20
	$(BIN)/python -m tests.bench lookahead
	$(BIN)/python -m tests.bench.million_bars
	$(BIN)/python -m tests.bench.sessions screens

bench-quick: $(VENV)/.development
	$(BIN)/python -m tests.bench.engine quick

bench-honesty: $(VENV)/.development
	$(BIN)/python -m tests.bench.honesty
	$(BIN)/python -m tests.bench.within_bars

bench-cluster: $(VENV)/.development
	$(BIN)/python -m tests.bench.cluster

bench-loop: $(VENV)/.development
	$(BIN)/python -m tests.bench.search
	$(BIN)/python -m tests.bench.improvement

reference: $(VENV)/.runtime
	$(BIN)/python -c "import pathlib; from core import language; pathlib.Path('docs/workflow-reference.md').write_text(language.render_reference(), encoding='utf-8')"

compiled-code: $(VENV)/.development
	$(BIN)/python -m tests.language.compiled_code

soak: $(VENV)/.development
	$(BIN)/python -m tests.soak

format: $(VENV)/.development
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

pictures: $(VENV)/.development
	$(BIN)/python -m tests.pictures
