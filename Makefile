# The front door of Ouroscope; the build itself is in meson.build. `make help` lists what there is.

BUILD ?= build
PREFIX ?= /usr/local
FUZZ ?= all
SECONDS ?= 60
MINUTES ?= 30
FAULT_EVERY ?= 60
SEED ?= 1
MESON_FLAGS ?=

.DEFAULT_GOAL := build
.PHONY: help setup build demo test bench soak tracing-comparison fuzz fuzz-batch asan tsan valgrind coverage lint format docs site images install uninstall deb strict reproducible clean
.NOTPARALLEL:

help:     ## this list
	@sed -n 's/^\([a-z-]*\): *[A-Za-z $$()/.]*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

setup:
	@scripts/setup-debian.sh build

$(BUILD)/build.ninja: | setup
	meson setup $(BUILD) --prefix $(PREFIX) $(MESON_FLAGS)

build: $(BUILD)/build.ninja ## the program and the library, without their tests: build/ouroscope
	@ninja -C $(BUILD) product

demo: build ## a benchmark of six nodes on this machine, in about a minute, with pages to watch it; all of it is in runs/
	@scripts/demo.sh $(BUILD)/ouroscope

test: $(BUILD)/build.ninja ## all tests
	@ninja -C $(BUILD)
	@scripts/setup-debian.sh storage || echo "Tests with an object store, or with hosts of their own, are skipped." >&2
	@scripts/setup-debian.sh postgres || echo "Tests with PostgreSQL are skipped." >&2
	@scripts/setup-debian.sh results || echo "Tests that hold answers against the description of the API are skipped." >&2
	@scripts/setup-debian.sh package || echo "The test of Debian packages is skipped." >&2
	@scripts/run-tests.sh $(BUILD)

tracing-comparison: build ## what tracing costs a node, in about 45 minutes: docs/results/tracing-comparison; REPETITIONS=10
	@scripts/setup-debian.sh bench
	scripts/tracing-comparison.sh $(BUILD)/ouroscope

bench: setup ## the benchmarks, whose results docs/performance.md explains
	@scripts/setup-debian.sh bench
	tests/bench/run.sh

soak: MINUTES = 60
soak: $(BUILD)/build.ninja ## the whole system under load, with a fault a minute: MINUTES=60 FAULT_EVERY=60 SEED=1; it writes to build/soak
	@ninja -C $(BUILD) product tests/delay-switch
	@for what in storage postgres results prometheus; do scripts/setup-debian.sh $$what || echo "The soak goes without $$what." >&2; done
	OUROSCOPE=$(BUILD)/ouroscope OUROSCOPE_BUILD=$(BUILD) /usr/bin/python3 tests/soak/soak.py --minutes $(MINUTES) --every $(FAULT_EVERY) --seed $(SEED) --out $(BUILD)/soak

fuzz: setup ## fuzzing with clang's libFuzzer: FUZZ=scan SECONDS=60
	@scripts/setup-debian.sh fuzz
	scripts/fuzz.sh "$(FUZZ)" $(SECONDS)

fuzz-batch: setup ## fuzzing of all harnesses in turn, those that had least first, with an account in the tree: MINUTES=30
	@scripts/setup-debian.sh fuzz
	scripts/fuzz.sh all 0
	scripts/fuzz-batch.py batch --minutes $(MINUTES)

asan: setup ## all tests under the address and undefined behaviour sanitizers
	@scripts/sanitize.sh address,undefined build-asan

tsan: setup ## all tests under the thread sanitizer
	@scripts/sanitize.sh thread build-tsan

valgrind: $(BUILD)/build.ninja ## unit tests, and the program as it is used, under memcheck
	@scripts/setup-debian.sh valgrind
	@ninja -C $(BUILD)
	@scripts/valgrind.sh $(BUILD)

coverage: setup ## what the tests reach, layer by layer, and the error paths that they do not
	@scripts/setup-debian.sh coverage
	@scripts/coverage.sh build-coverage

lint: build ## layers, layout, static analysis, and facts about the code
	@scripts/setup-debian.sh lint
	@scripts/lint.sh $(BUILD)

format: ## lay out the code as .clang-format says
	git ls-files '*.c' '*.h' | xargs clang-format -i

docs: build ## the generated pages of docs/reference
	scripts/make-docs.sh $(BUILD)/ouroscope

site:     ## the documentation as a site: build/site/index.html
	@scripts/setup-debian.sh docs
	@scripts/make-site.sh $(BUILD)/site

images: build ## the pictures of docs/images, anew
	@scripts/setup-debian.sh docs
	@scripts/make-images.sh $(BUILD)

install: build ## program, library, pages, units, completion: PREFIX=/usr/local, DESTDIR= another root
	@meson introspect --buildoptions $(BUILD) | jq -e '.[] | select(.name == "prefix").value == "$(abspath $(PREFIX))"' >/dev/null || \
		meson configure $(BUILD) --prefix $(PREFIX)
	@ninja -C $(BUILD) product
	DESTDIR="$(DESTDIR)" meson install -C $(BUILD) --no-rebuild

uninstall: ## what the last `make install` of this build has installed
	ninja -C $(BUILD) uninstall

deb:      ## Debian packages of what is committed: build/deb
	@scripts/setup-debian.sh build
	@scripts/setup-debian.sh package
	@scripts/make-deb.sh $(BUILD)/deb

strict: setup ## all of it by gcc and by clang, where a warning is an error, and the unit tests of both
	@scripts/setup-debian.sh fuzz
	@scripts/strict.sh gcc clang

reproducible: ## packages, made twice in different surroundings: the same bytes
	@scripts/setup-debian.sh build
	@scripts/setup-debian.sh package
	@scripts/reproducible.sh

clean: ## remove what was built
	rm -rf build build-asan build-tsan build-fuzz build-coverage build-bench build-strict-*
