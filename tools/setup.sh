#!/usr/bin/env bash
# Makes the development environment in $1: with uv where it is on the path, else with venv and pip.
set -euo pipefail
venv=${1:?the folder of the environment}
echo "Setting up $venv. This takes a minute or two, once." >&2

if command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; then
  UV_PROJECT_ENVIRONMENT=$venv uv sync --frozen --quiet && exit 0
  echo "uv could not make the environment; trying venv and pip." >&2
fi

python=
for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
  # Asked, not looked up: a version manager's stand-in may be on the path and refuse to run.
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "Accrete needs Python 3.11 or newer. Install it (Debian: apt install python3 python3-venv; macOS: brew install python) and run make again." >&2
  exit 1
fi

if ! "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
  rm -rf "$venv"
  "$python" -m venv "$venv" || { echo "Python's venv module is missing (Debian: apt install python3-venv). Run make again after that." >&2; exit 1; }
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable '.[server]' --group dev
