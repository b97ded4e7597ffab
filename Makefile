# Two commands matter: `make audit` (the main job) and `make test` (the whole suite). Both set up what
# is missing and share one release build.

SWIFT ?= swift
PYTHON ?= python3
# swift-format reads only what is there.
LINTED = $(wildcard Package.swift Sources Tests Examples Benchmarks/Package.swift Benchmarks/Benchmarks Benchmarks/Sources)

.PHONY: audit setup build test test-macros golden status bench lint clean

audit: setup
	$(SWIFT) build -c release --product assay
	.build/release/assay audit

setup:
	@scripts/setup

build: setup
	$(SWIFT) build -c release

# The tests import nothing as testable; without that flag SwiftPM would compile every module a second
# time, and again at the next audit.
# Some tests start programs, and a child that is being started holds the locks of files that other
# tests have open at that moment; a test file that was just closed would then seem to be in use.
test: setup
	HDF5_USE_FILE_LOCKING=FALSE $(SWIFT) test -c release --disable-testable-imports

# @Module and @Static: builds swift-syntax, which takes minutes the first time, hence not part of `test`.
test-macros: setup
	$(SWIFT) test --traits Macros --scratch-path .build-macros --filter MacroTests

# The goldens come from the real JAX: Python writes them, Swift only reads them.
golden: .venv/installed
	.venv/bin/python tools/golden/generate.py --out fixtures

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
