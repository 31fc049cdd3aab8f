# Part of scripts/setup: finds or installs a Rust toolchain that builds for the host and for browsers.
# shellcheck shell=bash

readonly WASM=wasm32-unknown-unknown

# Compiles and links a small program for browsers. Fails if the standard library belongs
# to an older rustc.
builds_wasm() {
  local out="$CACHE/probe.$$.wasm" status=0
  have rustc && is_new_enough || return 1
  echo '#[unsafe(no_mangle)] pub extern "C" fn f() -> usize { String::from("x").len() }' |
    rustc --edition 2024 --target "$WASM" --crate-type cdylib -C panic=abort -C lto -o "$out" - 2>/dev/null || status=1
  rm -f "$out"
  return $status
}

is_new_enough() {
  local wanted found
  wanted="$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)"
  found="$(rustc --version | cut -d' ' -f2)"
  [ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n1)" = "$wanted" ]
}

choose_toolchain() {
  # shellcheck source=/dev/null
  [ -e "$ENV_FILE" ] && . "$ENV_FILE"
  if builds_wasm; then
    [ -e "$ENV_FILE" ] || : >"$ENV_FILE"
  else
    add_rustup_target || use_debian_toolchain
  fi
  has_std_source || install_std_source
}

has_std_source() { [ -e "$(rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock" ]; }

# The site's build compiles the standard library for size. Without the source, downloads are larger.
install_std_source() {
  if [ "$(rustc --print sysroot)" = /usr ]; then
    apt_install rust-web-src
  else
    report "adding the standard library's source with rustup"
    { have rustup && timeout 120 rustup component add rust-src >/dev/null 2>&1; } ||
      report "the standard library's source cannot be downloaded; the site will be larger"
  fi
}

add_rustup_target() {
  have rustup && is_new_enough || return 1
  report "adding the target $WASM with rustup"
  timeout 60 rustup target add "$WASM" >/dev/null 2>&1 && builds_wasm || return 1
  : >"$ENV_FILE"
}

# Used if rustup cannot add the target. Installs Debian's compiler, and builds its standard library for
# browsers from source, optimised for size and with bitcode for link-time optimisation.
use_debian_toolchain() {
  PATH="/usr/bin:$PATH"
  hash -r
  [ -e /usr/lib/rustlib/src/rust/library ] && have cargo-clippy && have cargo-fmt && have rust-lld && is_new_enough ||
    apt_install "${DEBIAN_RUST[@]}"
  hash -r
  builds_wasm || build_wasm_std
  builds_wasm || die "no toolchain for $WASM; try: rustup target add $WASM"
  echo 'case "$PATH" in /usr/bin:*) ;; *) export PATH="/usr/bin:$PATH" ;; esac' >"$ENV_FILE"
}

build_wasm_std() {
  local into work log="$CACHE/wasm-std.log"
  into="$(rustc --print sysroot)/lib/rustlib/$WASM/lib"
  [ "$(id -u)" = 0 ] || die "the standard library for $WASM must be installed in $into; as root, run: scripts/setup build"
  report "building the standard library for $WASM (under a minute)"
  work="$(mktemp -d)"
  mkdir "$work/src"
  echo '#![no_std]' >"$work/src/lib.rs"
  cat >"$work/Cargo.toml" <<'TOML'
[package]
name = "empty"
edition = "2024"
[profile.release]
opt-level = "z"
codegen-units = 1
panic = "abort"
TOML
  (cd "$work" && RUSTC_BOOTSTRAP=1 RUSTFLAGS="-C embed-bitcode=yes" CARGO_TARGET_DIR="$work/target" cargo build --release --target "$WASM" \
    -Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size) >"$log" 2>&1 </dev/null ||
    { tail -n 20 "$log" >&2; rm -rf "$work"; die "could not build the standard library"; }
  rm -f "$work/target/$WASM"/release/deps/libempty-*
  rm -rf "$into"
  mkdir -p "$into"
  cp "$work/target/$WASM"/release/deps/lib*.rlib "$into/"
  rm -rf "$work"
}
