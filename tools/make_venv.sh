#!/bin/sh
# Make a virtual environment and install the project in it, editable, with what developing needs.
# usage: make_venv.sh DIRECTORY     PYTHON=/path/to/python chooses the interpreter.
set -eu
venv=$1

say() { printf '%s\n' "$*" >&2; }

# A name on the PATH may be a version manager's shim for a Python that is not there: ask each to run.
find_python() {
    for candidate in "${PYTHON:-python3}" python3 python3.13 python3.12 python3.11 python3.14 python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$candidate"
            return
        fi
    done
    say "Relève needs Python 3.11 or later, and found none."
    say "On Debian 12 or Ubuntu 24.04: sudo apt install python3 python3-venv"
    say "Or name one yourself: make PYTHON=/path/to/python3.12 ..."
    exit 1
}

if ! "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$(find_python)
    # Debian ships Python without what makes environments.
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        say "This Python ($python) cannot make a virtual environment: ensurepip is missing."
        say "On Debian or Ubuntu: sudo apt install python$version-venv"
        exit 1
    fi
    say "Making $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
fi

export PIP_DISABLE_PIP_VERSION_CHECK=1
# Dependency groups came with pip 25.1.
"$venv/bin/python" -m pip install --quiet 'pip>=25.1'
say "Installing Relève and its tools (the first time takes a minute or two)"
"$venv/bin/python" -m pip install --quiet --editable . --group dev --constraint constraints.txt
# An editable install that pip finds up to date builds nothing; the assets may still have changed.
"$venv/bin/python" hatch_build.py >&2
