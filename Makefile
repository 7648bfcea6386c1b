# make demo       install what the library needs, then train a Skip-ResNet-20 on handwritten digits
# make test       install what the notebooks need, then check and run every notebook
# make test-gpu   run what needs a GPU, on a machine that has one; neither Jupyter nor nbdev is needed
# make reproduce  train the runs of results/runs.ini that are missing, and keep their logs in results
# make notebooks  run every notebook from top to bottom and save its outputs
# make measured   say which saved measurements are older than the code that they measure
# make docs       make the website of the book in _docs
# make format     lay out the code of all notebooks
# make contents   write where each notebook stands, and the tables of nbs/index.ipynb; then README.md
# make clean      remove what the other commands made, datasets excepted

PYTHON ?= python3
BIN := .venv/bin
NOTEBOOKS = $(sort $(wildcard nbs/*.ipynb nbs/tutorials/*.ipynb))

.PHONY: demo test test-gpu reproduce notebooks measured docs format contents clean

demo: .venv/demo-installed
	$(BIN)/skipresnet_train digits/Skip-ResNet-20 runs/demo

test: .venv/dev-installed
	$(BIN)/python .ci/test.py

test-gpu:
	$(if $(wildcard $(BIN)/python),$(BIN)/python,$(PYTHON)) .ci/test_gpu.py

reproduce: .venv/demo-installed
	$(BIN)/python -m skipresnet.reproduce $(ARGS)

notebooks: .venv/dev-installed
	$(BIN)/nbdev_export
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace $(NOTEBOOKS)
	$(BIN)/nbdev_clean

measured:
	$(PYTHON) .ci/measured.py

docs: .venv/docs-installed
	$(BIN)/python docs/build.py

format: .venv/dev-installed
	$(BIN)/ruff format

contents: .venv/dev-installed
	$(BIN)/python .ci/contents.py
	$(BIN)/python .ci/readme.py

clean:
	rm -rf .venv .venv-newest build dist _docs *.egg-info runs/demo

# The stamps say what .venv holds. The demo is content with either set; the tests need the second.
.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "skipresnet needs Python 3.10 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv

.venv/demo-installed: settings.ini setup.py | .venv/bin/python
	$(BIN)/python -m pip install --quiet --editable $(if $(wildcard .venv/dev-installed),'.[dev]',.)
	touch $@

# Bytecode is compiled when a module is first imported: most of what is installed never is.
.venv/dev-installed: settings.ini setup.py | .venv/bin/python
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[dev]'
	touch $@ .venv/demo-installed

.venv/docs-installed: settings.ini setup.py | .venv/dev-installed
	$(BIN)/python -m pip install --quiet --editable '.[dev,docs]'
	touch $@ .venv/dev-installed .venv/demo-installed
