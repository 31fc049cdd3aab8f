# Development and release tasks. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The cache is outside the checkout, so that a fresh clone reuses compiled dependencies.
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/tenantry
export CARGO_TARGET_DIR ?= $(CACHE)/target

# The server and the browser tests load the site from here.
export TENANTRY_SITE_ROOT ?= $(CARGO_TARGET_DIR)/site
# Not exported: the server rejects unknown TENANTRY_ variables.
BIN := $(CARGO_TARGET_DIR)/debug/tenantry
# The crate of the benchmark programs is not a workspace member; only `build-bench` builds it.
BENCH_CRATE := scripts/bench/pipeline/Cargo.toml

# Every recipe's shell loads the toolchain that scripts/setup chose.
export BASH_ENV := $(CACHE)/env
export PATH := $(PATH):$(CACHE)/tools/bin

.PHONY: help setup serve site build test test-browser test-odoo test-api test-dist check fmt queries
.PHONY: bench bench-peers dist watch clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'

serve: setup site build ## Install missing tools, build, and run the server (ARGS="--listen 0.0.0.0:8080")
	@exec "$(BIN)" serve $(ARGS)

test: setup-test ## Install missing tools, run every test, and list the failures in the last line
	@scripts/test

test-browser: ## Run browser tests against the last build (ARGS="tests/history.spec.ts")
	@cd end2end && TENANTRY_BIN="$(BIN)" npx --no-install playwright test $(ARGS)

test-odoo: setup-test site build ## Run the tests that need a real Odoo 19; fail if Odoo cannot be downloaded
	TENANTRY_REQUIRE_ODOO=1 cargo nextest run -p engine --test odoo_steps
	@TENANTRY_REQUIRE_ODOO=1 $(MAKE) --no-print-directory test-browser ARGS=tests/real-odoo.spec.ts

check: setup-check check-text check-rust check-dependencies ## Check formatting, lints, types, wording, paths, imports, dependencies and query data

fmt: setup-check ## Format Rust, TypeScript, JavaScript and SCSS
	@if command -v leptosfmt >/dev/null; then leptosfmt -q app/src; fi
	cargo fmt --all
	cargo fmt --manifest-path $(BENCH_CRATE)
	@$(PRETTIER) --log-level warn --write $(PRETTIER_FILES)

queries: setup ## Regenerate .sqlx after a change of SQL
	cargo xtask queries

bench: build-bench ## Measure a release build; print the tables of docs/PERFORMANCE.md (ARGS="--tenants 1000000")
	@scripts/bench/run $(ARGS)

bench-peers: build-bench ## Compare Tenantry with other programs, which are installed from npm and PyPI (ARGS="--quick")
	@scripts/bench/peers/run $(ARGS)

dist: setup site ## Build a release in dist/: a tarball, a .deb, an SBOM and checksums
	cargo build --release -p server --features embedded-site
	@scripts/dist "$(CARGO_TARGET_DIR)/release/tenantry" dist

test-api: build ## Send generated requests to a server and compare the responses with docs/openapi.json (installs Schemathesis)
	@TENANTRY_BIN="$(BIN)" scripts/schemathesis/run $(ARGS)

test-dist: setup-test site test-package ## Build a package, install it into a scratch directory and test it in a browser

watch: setup ## Rebuild and restart on every change
	@if command -v cargo-leptos >/dev/null; then exec cargo leptos watch; else exec scripts/watch "$(BIN)"; fi

clean: ## Delete build output; installed tools stay
	rm -rf "$(CARGO_TARGET_DIR)" end2end/node_modules end2end/test-results end2end/playwright-report

# Parts of the targets above.
.PHONY: setup-test setup-check build-bench check-text check-rust check-dependencies test-rust test-package

setup:
	@scripts/setup build

setup-test:
	@scripts/setup test

setup-check:
	@scripts/setup check

site:
	@cargo xtask site

build:
	@cargo build -p server

build-bench: setup-test site
	cargo build --release -p server
	cargo build --release --manifest-path $(BENCH_CRATE)

PRETTIER := end2end/node_modules/.bin/prettier
PRETTIER_FILES := '**/*.{js,mjs,ts,scss}'

check-text:
	@$(PRETTIER) --log-level warn --check $(PRETTIER_FILES)
	@end2end/node_modules/.bin/tsc --noEmit --project end2end
	@scripts/check-shell
	@scripts/check-words
	@node scripts/check-paths.mjs
	@node scripts/check-imports.mjs

# Cargo combines the features of all crates in one build, so the server's crates and the browser's are checked
# separately.
check-rust:
	cargo fmt --all --check
	cargo fmt --manifest-path $(BENCH_CRATE) --check
	cargo clippy --quiet --workspace --exclude xtask --exclude frontend --all-targets -- -D warnings
	cargo clippy --quiet -p app -p frontend --features app/hydrate --target wasm32-unknown-unknown -- -D warnings
	cargo clippy --quiet -p xtask --all-targets -- -D warnings
	cargo xtask queries --check

check-dependencies:
	@cargo deny --log-level error check bans licenses sources
	@if timeout 60 cargo deny --log-level off fetch db 2>/dev/null; then \
	  cargo deny --log-level error check --disable-fetch advisories; \
	else \
	  echo "check: the RustSec database cannot be downloaded, so advisories were NOT checked"; \
	fi

# xtask and frontend are excluded, because cargo would combine their features with the server's.
test-rust:
	@if command -v cargo-nextest >/dev/null; then \
	  status=0; \
	  cargo nextest run --no-fail-fast -p xtask || status=$$?; \
	  cargo nextest run --no-fail-fast --workspace --exclude xtask --exclude frontend || status=$$?; \
	  exit $$status; \
	else \
	  status=0; \
	  cargo test --no-fail-fast -p xtask || status=$$?; \
	  cargo test --no-fail-fast --workspace --exclude xtask --exclude frontend || status=$$?; \
	  exit $$status; \
	fi

# The development profile builds in seconds. The second build restores the binary without the site, which the
# other targets use. TENANTRY_DEB names another package to test, such as the one in dist/.
test-package:
ifndef TENANTRY_DEB
	cargo build -p server --features embedded-site
	@COMPRESSION_LEVEL=1 scripts/dist "$(BIN)" "$(CARGO_TARGET_DIR)/dist"
	@cargo build --quiet -p server
endif
	@deb="$(abspath $(TENANTRY_DEB))"; cd end2end && TENANTRY_DEB="$${deb:-$$(ls "$(CARGO_TARGET_DIR)"/dist/*.deb)}" \
	  npx --no-install playwright test --config package.config.ts

# Cargo locks its target directory, so parallel builds would not be faster and would mix their output.
.NOTPARALLEL:
