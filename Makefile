# python3 and make are all that a fresh machine needs; everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
SETUP := .venv/.installed
CHECKED := src tests benchmarks torture train.py predict.py evaluate.py compare.py experiments.py data_visualization.py st_app.py

.PHONY: setup app demo test test-long torture lint clean

setup: $(SETUP)

$(SETUP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: $$($(PYTHON) --version) is too old; use 3.11 or later: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { echo "error: python3 has no venv; install python3-venv"; exit 1; }
	@echo "Installing into .venv (once; torch is large) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(SETUP)

app: $(SETUP)
	$(BIN)/streamlit run st_app.py

demo: $(SETUP)
	@$(BIN)/python -m seglab.commands.demo

test: $(SETUP)
	$(BIN)/python -m pytest -n 3 --dist worksteal -m "not long"

# Trainings killed and gone on with, on two machines too, and each library network's export.
test-long: $(SETUP)
	$(BIN)/python -m pytest -n 3 --dist worksteal -m long

# Long trials of what docs/reliability.md promises, by hand; one of them: make torture TRIAL=kills
torture: $(SETUP)
	$(BIN)/python -m torture $(TRIAL)

lint: $(SETUP)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/mypy

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache results models/demo
	find . -name __pycache__ -not -path './.git/*' -exec rm -rf {} +
