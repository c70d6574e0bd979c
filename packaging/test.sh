#!/usr/bin/env bash
# From a fresh Debian or Ubuntu to the result of every check and test. It stops at the first check that fails.
# Usage: bash packaging/test.sh [what pytest takes: tests/core, -k layers]
# shellcheck source=packaging/environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

use_a_writable_home
install_system_packages Xvfb=xvfb xauth=xauth
install_environment --group dev

check() {
    say "$*"
    "$environment/bin/$1" "${@:2}" || stop "$1 found something; its words stand above."
}

cd "$root"
export PATH=$environment/bin:$PATH QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen}
check ruff check
check ruff format --check
check mypy
check lint-imports
say "pytest $*"
# Several processes with one thread each: small networks gain nothing from more threads, and tests have to wait anyway.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
exec "$environment/bin/python" -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile "$@"
