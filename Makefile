# The two commands of README (demo, test), and what else builders need: Python 3.11+ and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test second-build torture lint docs sessions bench wheel ontology fields golden clean

demo: $(VENV)/installed
	$(BIN)/provstore tour

test: $(VENV)/dev
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup

# The contract of the graph view, with the Java build of its engine.
second-build: $(VENV)/dev
	$(BIN)/python -m tests.second_build

# Every property with a hundred times its examples, by chance, and faults of every kind on purpose
# (tests/torture): some hours. EXAMPLES=10 FACTOR=0.2 takes less. The figures are written to
# build/torture as it goes; SEED=N goes on with the run of that seed.
torture: $(VENV)/dev
	$(BIN)/python -m tests.torture --factor $(or $(FACTOR),1) $(if $(SEED),--seed $(SEED)); \
	found=$$?; \
	PROVSTORE_EXAMPLES=$(or $(EXAMPLES),100) $(BIN)/python -m pytest -q -n 2 -m hypothesis --timeout 0 \
	&& exit $$found

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file= --strict tests/user_script.py
	$(BIN)/lint-imports

# The pages, readable offline: docs/_build/html/index.html. A warning is an error.
docs: $(VENV)/dev
	rm -rf docs/_build docs/reference/generated
	$(BIN)/python -m sphinx -q -b html -W --keep-going -n -j 2 docs docs/_build/html

# Runs every command in README and in the pages, and writes the outputs anew: read the difference.
sessions: $(VENV)/dev
	$(BIN)/python -m tests.sessions

bench: $(VENV)/dev
	$(BIN)/python -m tests.benchmarks

wheel: $(VENV)/dev
	rm -rf dist
	$(BIN)/python -m build --wheel --outdir dist .

ontology: $(VENV)/dev
	$(BIN)/python -c "from provstore.projects.forms import load_forms; \
	  from provstore.projects.ontology import ontology_turtle; from provstore.storage.settings import shipped; \
	  print(ontology_turtle(load_forms(shipped('forms'))), end='')" > ontologies/ingest.ttl

fields: $(VENV)/dev
	$(BIN)/python -c "from provstore.projects.forms import load_forms; \
	  from provstore.projects.field_list import field_list_markdown; from provstore.storage.settings import shipped; \
	  print(field_list_markdown(load_forms(shipped('forms'))), end='')" > forms/FIELDS.md

golden: $(VENV)/dev wheel
	$(BIN)/python -m tests.golden
	$(BIN)/python -m tests.golden dist/*.whl --write

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

$(VENV)/installed: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

clean:
	rm -rf $(VENV) dist build docs/_build docs/reference/generated
