# Finds the programs of PostgreSQL. Searches the same directories in the same order as `Programs::find` in
# crates/private-postgres/src/programs.rs; the test `the_scripts_find_the_same_programs` there compares both.
# shellcheck shell=bash

readonly POSTGRES_OLDEST_VERSION=15
# Directories with one subdirectory for each major version.
readonly POSTGRES_VERSIONED=(/usr/lib/postgresql /opt/homebrew/opt /usr/local/opt)
readonly POSTGRES_PLAIN=(/usr/local/pgsql/bin /opt/homebrew/bin /usr/local/bin)

# Prints the directory of a supported version. PG_BIN, if set, is the only directory searched.
postgres_bin() { postgres_bin_with initdb; }

# Like postgres_bin, for a version that also has the programs that the arguments name.
postgres_bin_with() {
  local bin
  while read -r bin; do
    has_postgres_programs "$bin" initdb pg_ctl postgres "$@" && is_supported_postgres "$bin" && echo "$bin" && return
  done < <(postgres_directories)
  return 1
}

postgres_directories() {
  local parent
  [ -z "${PG_BIN:-}" ] || { echo "$PG_BIN"; return; }
  pg_config --bindir 2>/dev/null || true
  for parent in "${POSTGRES_VERSIONED[@]}"; do postgres_versions "$parent"; done
  printf '%s\n' "${POSTGRES_PLAIN[@]}"
  tr : '\n' <<<"$PATH"
}

# Prints <parent>/<version>/bin and <parent>/postgresql@<version>/bin, newest version first.
postgres_versions() {
  local entry name
  for entry in "$1"/*; do
    name="${entry##*/}"
    if [[ "${name#postgresql@}" =~ ^[0-9]+$ ]]; then echo "${name#postgresql@} $entry/bin"; fi
  done | sort -k1,1nr | cut -d' ' -f2-
}

has_postgres_programs() {
  local bin="$1" program
  for program in "${@:2}"; do [ -x "$bin/$program" ] || return 1; done
}

# Parses the output of `postgres --version`, such as "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)".
is_supported_postgres() {
  local text
  text="$("$1/postgres" --version 2>/dev/null)" || return 1
  [[ "$text" =~ \(PostgreSQL\)\ ([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -ge "$POSTGRES_OLDEST_VERSION" ]
}
