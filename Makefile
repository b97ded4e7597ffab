# Two commands matter: `make audit` (the main job) and `make test` (the whole suite). Both set up what
# is missing and share one release build.

SWIFT ?= swift
PYTHON ?= python3
# swift-format reads only what is there.
LINTED = $(wildcard Package.swift Sources Tests Examples Benchmarks/Package.swift Benchmarks/Benchmarks Benchmarks/Sources)

.PHONY: audit setup build test fuzz test-macros golden check-eqx status bench lint clean

audit: setup
	$(SWIFT) build -c release --product assay
	.build/release/assay audit --all --pictures .build/audit

setup:
	@scripts/setup

build: setup
	$(SWIFT) build -c release

# The tests import nothing as testable; without that flag SwiftPM would compile every module a second
# time, and again at the next audit.
test: setup
	$(SWIFT) test -c release --disable-testable-imports

# The readers of files against damaged ones, longer than in `test`: CASES for each reader. A failure
# prints the seed, the case and its bytes; after a crash the bytes are in .build/fuzz-input.
CASES ?= 1000000
fuzz: setup
	ASSAY_FUZZ=$(CASES) ASSAY_FUZZ_FILE=.build/fuzz-input $(SWIFT) test -c release --disable-testable-imports --filter FuzzTests

# @Module and @Static: builds swift-syntax, which takes minutes the first time, hence not part of `test`.
test-macros: setup
	$(SWIFT) test --traits Macros --scratch-path .build-macros --filter MacroTests

# The goldens come from the real JAX: Python writes them, Swift only reads them.
golden: .venv/installed
	.venv/bin/python tools/golden/generate.py --out fixtures

# A model that is trained and saved here, loaded, run and saved again by the real Equinox.
check-eqx: setup .venv/installed
	$(SWIFT) build -c release --product assay
	.build/release/assay tutorial --epochs 2 --out .build/check-eqx
	.venv/bin/python tools/golden/check_eqx.py .build/check-eqx

.venv/installed: tools/golden/requirements.txt
	@scripts/setup --golden
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

bench: setup
	$(SWIFT) run -c release --package-path Benchmarks

# The two tables that are generated: what is known of each primitive, and which test pins which rule.
status: setup
	$(SWIFT) build -c release --product assay
	.build/release/assay status > docs/Status.md.new
	mv docs/Status.md.new docs/Status.md
	scripts/rules --write

# What is fast comes first; the build is the one that `test` and `audit` go on with.
lint: setup
	$(SWIFT) format lint --strict --parallel --recursive $(LINTED)
	@scripts/check-style
	@scripts/rules
	$(SWIFT) build -c release --product assay
	.build/release/assay status --check docs/Status.md

clean:
	rm -rf .build .build-macros Benchmarks/.build .venv
