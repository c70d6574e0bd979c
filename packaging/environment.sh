# shellcheck shell=bash
# Read by start.sh and test.sh: the steps from a fresh Debian or Ubuntu to the locked environment. Each step first looks
# whether there is anything to do, and a step that cannot be done says in one sentence what to do about it.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin # where Debian keeps ldconfig, out of a plain user's path
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=$root/.tools
environment=$root/.venv
export UV_PROJECT_ENVIRONMENT=$environment
export UV_PYTHON_DOWNLOADS=${UV_PYTHON_DOWNLOADS:-never} # a Python comes from the system, not from somewhere else
export UV_HTTP_TIMEOUT=${UV_HTTP_TIMEOUT:-180}
unset VIRTUAL_ENV
progress_every=15 # seconds
log= # what apt-get, pip or uv says, until it is known whether it did its work; all of it that helps has been shown then
trap 'rm -f "$log"; exit 130' INT

say() { printf '· %s\n' "$*"; }

stop() {
    rm -f "$log"
    printf 'Stopped: %s\n' "$*" >&2
    exit 1
}

# Whether a file can be made in a folder; the folder itself is made where it is missing.
writable() { mkdir -p "$1" 2>/dev/null && (: >"$1/.cnnviz-$$") 2>/dev/null && rm -f "$1/.cnnviz-$$"; }

keep_out_of_git() { writable "$1" && printf '*\n' >"$1/.gitignore"; }

# Settings and caches go beside the program where the home folder takes none.
use_a_writable_home() {
    local home=${HOME:-/nonexistent}
    if writable "${XDG_CACHE_HOME:-$home/.cache}" && writable "${XDG_CONFIG_HOME:-$home/.config}"; then return; fi
    keep_out_of_git "$tools" ||
        stop "neither your home folder ($home) nor $root can be written to; copy $root to a folder of yours and start there."
    say "Your home folder ($home) cannot be written to, so settings and caches are kept in $tools/home."
    mkdir -p "$tools/home"
    export HOME=$tools/home XDG_CACHE_HOME=$tools/home/.cache XDG_CONFIG_HOME=$tools/home/.config
    export XDG_DATA_HOME=$tools/home/.local/share XDG_STATE_HOME=$tools/home/.local/state
}

# --- system packages ---

missing_qt_packages() {
    local loadable library package
    loadable=$(ldconfig -p)
    while read -r library package _; do
        [[ $library == '#'* || $loadable == *"	$library ("* ]] || printf '%s\n' "$package"
    done <"$root/resources/qt_libraries.txt"
}

can_bring_uv() { uv_is_recent uv || python3 -c 'import ensurepip' 2>/dev/null || python3 -m pip --version >/dev/null 2>&1; }

missing_fonts() {
    if command -v fc-list >/dev/null; then
        [[ -n $(fc-list :lang=en family) ]] || printf 'fonts-dejavu-core\n'
        [[ -n $(fc-list :lang=zh family) ]] || printf 'fonts-wqy-microhei\n' # 1.6 MB; fonts-noto-cjk is 57 MB
    elif command -v dpkg-query >/dev/null; then
        dpkg-query -W fonts-dejavu-core >/dev/null 2>&1 || printf 'fonts-dejavu-core\n'
        dpkg-query -W fonts-wqy-microhei >/dev/null 2>&1 || printf 'fonts-wqy-microhei\n'
    fi
}

as_root() { if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi; }

may_become_root() {
    [[ $(id -u) == 0 ]] && return
    command -v sudo >/dev/null || return
    [[ -t 0 ]] || sudo -n true 2>/dev/null # without a terminal nobody can type the password
}

# Arguments: programs that are wanted too, as PROGRAM=PACKAGE.
install_system_packages() {
    [[ $(uname) == Linux ]] || return 0
    local packages=() fonts=() wanted
    mapfile -t packages < <(missing_qt_packages)
    mapfile -t fonts < <(missing_fonts)
    can_bring_uv || packages+=(python3 python3-venv)
    for wanted in "$@"; do
        command -v "${wanted%=*}" >/dev/null || packages+=("${wanted#*=}")
    done
    if ((${#packages[@]} == 0 && (${#fonts[@]} == 0 || $(id -u) != 0))); then
        ((${#fonts[@]} == 0)) || say "Some characters may show as boxes until you run: sudo apt-get install -y ${fonts[*]}"
        return
    fi
    packages+=("${fonts[@]}")
    command -v apt-get >/dev/null ||
        stop "these Debian packages are missing, and there is no apt-get here; install what your system calls them: ${packages[*]}"
    may_become_root ||
        stop "system packages are missing; run this, or have it run, and start again: sudo apt-get install -y ${packages[*]}"
    say "Installing system packages: ${packages[*]}"
    log=$(mktemp)
    if ! { as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${packages[@]}"; } >"$log" 2>&1 </dev/null; then
        tail -n 15 "$log" >&2
        stop "apt-get could not install them (its words stand above); mend that, or run it yourself: sudo apt-get install -y ${packages[*]}"
    fi
    rm -f "$log"
}

# --- uv and the locked environment ---

# Whether a command is a uv that reads this project's lock file and can check an environment.
uv_is_recent() {
    local version
    version=$("$1" --version 2>/dev/null | cut -d' ' -f2) && [[ -n $version ]] &&
        [[ $(printf '0.8.0\n%s\n' "$version" | sort -V | head -n 1) == 0.8.0 ]]
}

find_uv() {
    uv=uv
    uv_is_recent uv && return
    uv=$tools/uv/bin/uv
    uv_is_recent "$uv" && return
    keep_out_of_git "$tools" || stop "$root cannot be written to; copy it to a folder of yours and start there."
    say "Getting uv, which makes the environment, into $tools/uv"
    log=$(mktemp)
    fetch_uv >"$log" 2>&1 || { tail -n 5 "$log" >&2 && explain_failure; }
    rm -f "$log"
}

fetch_uv() {
    rm -rf "$tools/uv"
    if python3 -c 'import ensurepip'; then
        python3 -m venv "$tools/uv" && "$tools/uv/bin/python" -m pip install --quiet 'uv>=0.8'
    else
        python3 -m pip install --quiet --target "$tools/uv" 'uv>=0.8'
    fi
}

find_python() {
    "$uv" python find --quiet --no-project '>=3.11' >/dev/null 2>&1 ||
        stop "Python 3.11 or newer is needed and was not found (python3 is $(python3 --version 2>&1 | cut -d' ' -f2)). Install one: Debian 12 and Ubuntu 24.04 have it (sudo apt-get install python3); elsewhere UV_PYTHON_DOWNLOADS=automatic lets uv fetch it."
}

# Stops where less than 8 GB are free for a new environment (7 GB with the CUDA libraries that PyTorch brings).
ask_for_space() {
    local folder=$1 free
    mkdir -p "$folder" 2>/dev/null || return 0
    free=$(df -Pk "$folder" | awk 'NR == 2 { print int($4 / 1000000) }')
    ((free >= 8)) || stop "the disk that holds $folder has $free GB free, and PyTorch with its CUDA libraries takes 7 GB; free 8 GB there and start again."
}

# Stops with the sentence that fits what pip or uv wrote into the log.
explain_failure() {
    if grep -qiE 'no space left|disk quota' "$log"; then
        stop "the disk is full; free 8 GB where $root, your home folder and ${TMPDIR:-/tmp} lie, and start again."
    elif grep -qiE 'permission denied|read-only file system' "$log"; then
        stop "a file could not be written (the words above name it); make it yours or copy $root to a folder of yours, and start again."
    elif grep -qi 'certificate' "$log"; then
        stop "the Python package index's certificate is not trusted here; behind a company's proxy set SSL_CERT_FILE and PIP_CERT to its certificates and start again."
    elif grep -qiE 'dns error|error sending request|failed to fetch|connection|timed out|network' "$log"; then
        stop "the Python package index could not be reached; see to the network (HTTPS_PROXY names a proxy) and start again: what was fetched is kept."
    fi
    stop "pip or uv failed; its own words stand above."
}

# Tells every now and then for how long uv has been at work and how much it has written, as long as this script lives.
tell_progress() {
    local folder=$1 before seconds=0
    before=$(megabytes_used "$folder")
    while sleep "$progress_every" >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
        ((seconds += progress_every))
        say "$seconds s, $(($(megabytes_used "$folder") - before)) MB written so far"
    done
}

megabytes_used() {
    mkdir -p "$1" 2>/dev/null || true
    df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print int($3 / 1000) }'
}

# Arguments: options of `uv sync` that say which packages are wanted.
install_environment() {
    find_uv
    if "$uv" sync --quiet --project "$root" --locked --offline --check "$@" >/dev/null 2>&1; then return; fi
    find_python
    writable "$root" || stop "$root cannot be written to and holds no complete environment; copy it to a folder of yours and start there."
    if [[ ! -d $environment ]]; then
        ask_for_space "$root"
        ask_for_space "$("$uv" cache dir)"
        say "Making the environment in $environment; the first time some 3 GB are fetched"
    else
        say "Bringing the environment in $environment up to date"
    fi
    local status=0 watcher
    log=$(mktemp)
    tell_progress "$("$uv" cache dir)" &
    watcher=$!
    "$uv" sync --project "$root" --locked "$@" 2>&1 | tee "$log" | { grep --line-buffered -vE '^ [-+~] ' || true; } || status=$?
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
    ((status == 0)) || explain_failure
    rm -f "$log" # whoever goes on with exec leaves without the trap
}
