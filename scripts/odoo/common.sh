# Part of scripts/odoo: the paths of the installed Odoo, and the user that runs it.
# shellcheck shell=bash
# The scripts that source this file use its variables.
# shellcheck disable=SC2034

readonly VERSION=19.0.0+dfsg-1
readonly SHA256=9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf
# If root runs this script, another user runs Odoo. That user must be able to read the directory.
if [ "$(id -u)" = 0 ]; then ODOO_CACHE=/var/cache/tenantry/odoo; else ODOO_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/tenantry/odoo"; fi
readonly ODOO_CACHE
readonly PYTHON=/usr/bin/python3

. ../postgres.sh

digest() { sha256sum | cut -c1-16; }

# A new Python or new requirements need a new virtual environment; a changed add-on needs a new dump.
readonly PACKAGE="$ODOO_CACHE/package-$VERSION"
VENV="$ODOO_CACHE/venv-$({ "$PYTHON" --version; cat requirements.txt; } 2>&1 | digest)"
DUMP="$ODOO_CACHE/dump-$({
  echo "$VERSION"
  cat setup create-api-key.py odoo.conf
  find addons -name '*.py' -o -name '*.csv' | LC_ALL=C sort | xargs cat
} | digest)"
readonly VENV DUMP

report() { echo "odoo: $*" >&2; }
die() { report "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

is_ready() { [ -d "$PACKAGE" ] && [ -d "$VENV" ] && [ -d "$DUMP" ]; }

# Prints the user that runs PostgreSQL and Odoo. PostgreSQL refuses to run as root, and Odoo prints a
# warning.
run_user() {
  if [ "$(id -u)" != 0 ]; then
    id -un
  elif id postgres >/dev/null 2>&1; then
    echo postgres
  else
    echo nobody
  fi
}

# Sets AS to a command prefix that runs a program as the user that run_user prints. The prefix is empty if
# that is the current user.
set_run_user_prefix() {
  AS=()
  [ "$(id -u)" = 0 ] || return 0
  local user
  user="$(run_user)"
  AS=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups --)
}

# Sets the variables that PostgreSQL's programs and Odoo read.
use_database_server() {
  export PGHOST="${ODOO_PGHOST:-127.0.0.1}" PGPORT="${ODOO_PGPORT:-5432}" PGUSER="${ODOO_PGUSER:-odoo}"
  unset PGDATABASE PGPASSWORD
  [ -z "${ODOO_PGPASSWORD:-}" ] || export PGPASSWORD="$ODOO_PGPASSWORD"
}

# The data directory holds sessions and, in a directory for each database, attachments. It belongs to the user
# that runs Odoo.
use_data_directory() {
  ODOO_DATA="${ODOO_DATA:-$ODOO_CACHE/data}"
  mkdir -p -m 0700 "$ODOO_DATA"
  [ "$(id -u)" != 0 ] || chown "$(run_user):" "$ODOO_DATA"
}

use_python() { export PYTHONPATH="$PACKAGE/usr/lib/python3/dist-packages" PYTHONDONTWRITEBYTECODE=1; }
