# Part of scripts/odoo: where the kept Odoo is, and whom it runs as.
# shellcheck shell=bash

readonly VERSION=19.0.0+dfsg-1
readonly SHA256=9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf
# Root keeps it where the user that it runs as can read it.
if [ "$(id -u)" = 0 ]; then KEEP=/var/cache/tenantry/odoo; else KEEP="${XDG_CACHE_HOME:-$HOME/.cache}/tenantry/odoo"; fi
readonly KEEP
readonly PYTHON=/usr/bin/python3

digest() { sha256sum | cut -c1-16; }

# Another Python or other requirements make a new environment, a changed add-on a new dump.
readonly PACKAGE="$KEEP/package-$VERSION"
VENV="$KEEP/venv-$({ "$PYTHON" --version; cat requirements.txt; } 2>&1 | digest)"
DUMP="$KEEP/dump-$({
  echo "$VERSION"
  cat setup build-dump.py odoo.conf
  find addons -name '*.py' -o -name '*.csv' | LC_ALL=C sort | xargs cat
} | digest)"
readonly VENV DUMP

say() { echo "odoo: $*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

is_ready() { [ -d "$PACKAGE" ] && [ -d "$VENV" ] && [ -d "$DUMP" ]; }

# PostgreSQL refuses to run as root, and Odoo warns: root hands both to this user.
run_user() {
  if [ "$(id -u)" != 0 ]; then
    id -un
  elif id postgres >/dev/null 2>&1; then
    echo postgres
  else
    echo nobody
  fi
}

# Fills AS with the words that run a command as that user: none when we are that user already.
become_run_user() {
  AS=()
  [ "$(id -u)" = 0 ] || return 0
  local user
  user="$(run_user)"
  AS=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups --)
}

postgres_bin() {
  local bin
  for bin in "${PG_BIN:-}" "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin; do
    [ -x "$bin/initdb" ] && [ -x "$bin/pg_restore" ] && echo "$bin" && return
  done
  have pg_restore && dirname "$(command -v pg_restore)"
}

# PostgreSQL's programs and Odoo both go by these.
use_database_server() {
  export PGHOST="${ODOO_PGHOST:-127.0.0.1}" PGPORT="${ODOO_PGPORT:-5432}" PGUSER="${ODOO_PGUSER:-odoo}"
  unset PGDATABASE PGPASSWORD
  [ -z "${ODOO_PGPASSWORD:-}" ] || export PGPASSWORD="$ODOO_PGPASSWORD"
}

# Attachments, in a folder for each database, and sessions; given to the user that Odoo runs as.
use_data_folder() {
  ODOO_DATA="${ODOO_DATA:-$KEEP/data}"
  mkdir -p -m 0700 "$ODOO_DATA"
  [ "$(id -u)" != 0 ] || chown "$(run_user):" "$ODOO_DATA"
}

use_python() { export PYTHONPATH="$PACKAGE/usr/lib/python3/dist-packages" PYTHONDONTWRITEBYTECODE=1; }
