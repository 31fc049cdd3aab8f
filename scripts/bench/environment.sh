# The release build that the benchmarks measure, and PostgreSQL's programs. Sourced in the root of the checkout.
# shellcheck shell=bash

bench_target="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/tenantry/target}"
export TENANTRY_BIN="${TENANTRY_BIN:-$bench_target/release/tenantry}"
export PIPELINE_BENCH="${PIPELINE_BENCH:-$bench_target/release/pipeline-bench}"
export PROVISIONING_LOAD="${PROVISIONING_LOAD:-$bench_target/release/provisioning-load}"
export TENANTRY_SITE_ROOT="${TENANTRY_SITE_ROOT:-$bench_target/site}"

. scripts/postgres.sh

die() { echo "bench: $*" >&2; exit 1; }
for bin in "$TENANTRY_BIN" "$PIPELINE_BENCH" "$PROVISIONING_LOAD"; do
  [ -x "$bin" ] || die "$bin does not exist; run make bench"
done
PG_BIN="$(postgres_bin_with pgbench)" || die "pgbench is missing; install the package postgresql-15"
export PG_BIN
