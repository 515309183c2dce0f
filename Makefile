# Building, testing and installing Dino. `make` alone says what there is.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help build test fuzz demo install uninstall format lint clean dependencies swift

PREFIX ?= /usr/local
DESTDIR ?=
MUTATIONS ?= 1000000
bin = $(DESTDIR)$(PREFIX)/bin
share = $(DESTDIR)$(PREFIX)/share/dino

sources = Package.swift Sources Tests

# SwiftPM remembers which libraries Package.swift has found. It looks again when this changes.
export DINO_IMAGE_HEADERS := $(wildcard $(foreach header,tiffio.h webp/demux.h gif_lib.h, \
  /usr/include/$(header) /usr/include/*/$(header) /usr/local/include/$(header)))

help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: dependencies swift ## build dinod and dino into .build/release
	swift build -c release

# Without testable imports the tests share every object with `make build`.
test: swift ## build and run all tests, in release
	@scripts/install-dependencies --tests
	@scripts/test-python
	@echo "building the tests"
	@swift build -c release --build-tests --quiet
	swift test -c release --disable-testable-imports --disable-xctest

# In a scratch path of its own, since the sanitizer changes every object.
fuzz: swift ## damage a million inputs of each reader under the address sanitizer; MUTATIONS=N for fewer
	@scripts/install-dependencies --tests
	@echo "building the tests with the address sanitizer"
	@swift build -c release --build-tests --quiet --sanitize=address --scratch-path .build/fuzz
	scripts/fuzz $(MUTATIONS)

demo: build ## train a small model on built-in images, and watch it
	@scripts/install-dependencies --scripts
	@scripts/demo

# Programs that are installed carry Swift's library in them, so that they outlive the toolchain
# that built them; they are built beside the others, since that changes every object.
install: dependencies swift ## build and install under PREFIX (/usr/local); DESTDIR is honoured
	swift build -c release --static-swift-stdlib --scratch-path .build/install
	install -d $(bin) $(share)/themes $(share)/sessions $(share)/python
	install -m 755 .build/install/release/dinod .build/install/release/dino $(bin)
	install -m 644 themes/* $(share)/themes
	install -m 644 sessions/* $(share)/sessions
	install -m 644 clients/python/dino.py $(share)/python

uninstall: ## remove what `make install` put under PREFIX
	rm -f $(bin)/dinod $(bin)/dino
	rm -rf $(share)

format: swift ## lay out all Swift files as .swift-format says
	swift format --in-place --recursive $(sources)

# The check is tried before it is believed.
lint: swift ## check the layout of all Swift files, and the architecture
	@scripts/install-dependencies --scripts
	swift format lint --strict --recursive $(sources)
	@echo "trying the check of the architecture"
	@scripts/test-check-architecture --quiet
	scripts/check-architecture

clean: ## remove everything that was built
	rm -rf .build

dependencies:
	@scripts/install-dependencies

swift:
	@command -v swift >/dev/null || { \
	  echo "swift is not in PATH: install Swift 6.1 or newer, see https://www.swift.org/install" >&2; \
	  exit 1; }
