#!/usr/bin/env bash
# Makes .venv. Debian keeps ensurepip, which `python3 -m venv` needs, in a package of its own.
set -euo pipefail

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Fieldbook needs Python 3.11 or newer; python3 is $(python3 --version)." >&2
  exit 1
fi

if ! python3 -c 'import ensurepip' 2>/dev/null; then
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    echo "Python's venv module is missing. Run this line, then make again:" >&2
    echo "  sudo apt-get update && sudo apt-get install -y python3-venv" >&2
    exit 1
  fi
  apt-get update
  apt-get install -y --no-install-recommends python3-venv
fi

exec python3 -m venv --clear .venv
