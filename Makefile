# Tenantry's chores. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Outside the checkout, so that a fresh clone builds only what changed.
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/tenantry
export CARGO_TARGET_DIR ?= $(CACHE)/target

# Where the server's binary and the browser tests find the site.
export TENANTRY_SITE_ROOT ?= $(CARGO_TARGET_DIR)/site
# Not exported: the server takes every TENANTRY_ variable for a setting.
BIN := $(CARGO_TARGET_DIR)/debug/tenantry
# A program outside the workspace: nothing but `bench` compiles what it compares with.
BENCH_CRATE := scripts/bench/pipeline/Cargo.toml

# Every recipe's shell reads which toolchain scripts/setup chose.
export BASH_ENV := $(CACHE)/env
export PATH := $(PATH):$(CACHE)/tools/bin

.PHONY: help setup serve site build test test-odoo check fmt queries bench watch clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'

serve: setup site build ## Install what is missing, build, and run the server (ARGS="--listen 0.0.0.0:8080")
	@exec "$(BIN)" serve $(ARGS)

test: setup-test test-rust site build test-browser ## Install what is missing and run every test

test-odoo: setup-test site build ## What talks to a real Odoo 19, which is fetched; fails where it cannot be had
	TENANTRY_DEMAND_ODOO=1 cargo nextest run -p engine --test odoo_steps
	@TENANTRY_DEMAND_ODOO=1 $(MAKE) --no-print-directory test-browser ARGS=tests/real-odoo.spec.ts

check: setup ## Formatting, lints for each feature set, dependencies, offline query data
	cargo fmt --all --check
	cargo fmt --manifest-path $(BENCH_CRATE) --check
	cargo clippy --quiet -p domain --all-targets -- -D warnings
	cargo clippy --quiet -p engine --all-targets -- -D warnings
	cargo clippy --quiet -p app --features ssr --all-targets -- -D warnings
	cargo clippy --quiet -p app --features hydrate --target wasm32-unknown-unknown -- -D warnings
	cargo clippy --quiet -p frontend --target wasm32-unknown-unknown -- -D warnings
	cargo clippy --quiet -p server --all-targets -- -D warnings
	cargo clippy --quiet -p xtask --all-targets -- -D warnings
	cargo xtask queries --check
	@scripts/setup check
	cargo deny --log-level error check bans licenses sources
	@if timeout 60 cargo deny --log-level off fetch db 2>/dev/null; then \
	  cargo deny --log-level error check --disable-fetch advisories; \
	else \
	  echo "check: RustSec's database cannot be fetched, so advisories were NOT checked"; \
	fi

fmt: setup ## Format the Rust code, and the views where leptosfmt is installed
	@if command -v leptosfmt >/dev/null; then leptosfmt -q app/src; fi
	cargo fmt --all
	cargo fmt --manifest-path $(BENCH_CRATE)

queries: setup ## Make .sqlx anew after a change of SQL
	cargo xtask queries

bench: setup-test site ## Release build, then the figures of docs/PERFORMANCE.md
	cargo build --release -p server
	cargo build --release --manifest-path $(BENCH_CRATE)
	TENANTRY_BIN="$(CARGO_TARGET_DIR)/release/tenantry" scripts/bench/run

watch: setup ## Rebuild and restart on every change
	@if command -v cargo-leptos >/dev/null; then exec cargo leptos watch; else exec scripts/watch "$(BIN)"; fi

clean: ## Remove what was built; installed tools stay
	rm -rf "$(CARGO_TARGET_DIR)" end2end/node_modules end2end/test-results end2end/playwright-report

# Parts of the above.
.PHONY: setup-test test-rust test-browser

setup:
	@scripts/setup build

setup-test:
	@scripts/setup test

site:
	@cargo xtask site

build:
	@cargo build -p server

# `frontend` is for browsers, and its features must not mix with the server's.
test-rust:
	@if command -v cargo-nextest >/dev/null; then \
	  cargo nextest run --workspace --exclude xtask --exclude frontend; \
	else \
	  cargo test --workspace --exclude xtask --exclude frontend; \
	fi

test-browser:
	@cd end2end && TENANTRY_BIN="$(BIN)" npx --no-install playwright test $(ARGS)

# One build at a time: cargo locks its folder anyway, and the output stays readable.
.NOTPARALLEL:
