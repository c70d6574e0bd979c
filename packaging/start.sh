#!/usr/bin/env bash
# From a fresh Debian or Ubuntu to the window with the sample open; without a screen, to the sample's figure set.
# Usage: bash packaging/start.sh [what the command cnnviz takes]
# shellcheck source=packaging/environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

use_a_writable_home
# shellcheck disable=SC2119 # the arguments are for cnnviz
install_system_packages
install_environment --no-dev --all-extras --inexact # inexact: the test command's packages may stay

problem=$("$environment/bin/python" -c 'from cnnviz_desktop import system; print(system.display_problem())')
if [[ -z $problem || $# -gt 0 ]]; then
    exec "$environment/bin/cnnviz" "$@"
fi
say "$problem"
say "Writing the sample's figure set to $root/build/demo"
exec "$environment/bin/cnnviz" demo --output "$root/build/demo"
