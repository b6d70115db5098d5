#!/bin/sh
# deps.sh - installs the Debian/Ubuntu packages that dlca needs.
#
#   tools/deps.sh [build|test|all]              install
#   tools/deps.sh --if-missing [build|test]     install only when a quick look finds something missing
#
# On another system, or without the right to install, it prints the list and exits 0: what is missing may well be there
# under another name, and the compiler says better than a script what it did not find. Leaves alone: everything that is
# no package (it changes no setting), and packages that are there already.
set -u
cd "$(dirname "$0")/.." || exit 1

build_packages="gcc libc6-dev make libstb-dev libgif-dev libcjson-dev libxxhash-dev"
test_packages="libcriterion-dev pkg-config python3 python3-numpy python3-pytest python3-xxhash python3-venv"
develop_packages="clang clang-format clang-tidy cppcheck libclang-rt-14-dev libomp-dev"

if_missing=no
if [ "${1:-}" = --if-missing ]; then
    if_missing=yes
    shift
fi
group=${1:-all}
case $group in
build) packages=$build_packages ;;
test) packages="$build_packages $test_packages" ;;
all) packages="$build_packages $test_packages $develop_packages" ;;
*)
    echo "deps.sh: unknown group '$group'; accepted: build, test, all" >&2
    exit 2
    ;;
esac

compiler=${CC:-gcc}

has_headers() {
    for header in "$@"; do
        printf '#include <%s>\n' "$header"
    done | sed '1i #include <stdio.h>' | "$compiler" -E -x c - >/dev/null 2>&1
}

# The Python of the tests: the system's own has the packages, another one on the PATH may not.
python_for_tests() {
    for candidate in .venv/bin/python /usr/bin/python3 python3; do
        if "$candidate" -c 'import numpy, pytest, xxhash' >/dev/null 2>&1; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

complete() {
    command -v "$compiler" >/dev/null 2>&1 || return 1
    has_headers omp.h stb/stb_image_write.h stb/stb_image.h gif_lib.h cjson/cJSON.h xxhash.h || return 1
    [ "$group" = build ] && return 0
    has_headers criterion/criterion.h && python_for_tests >/dev/null
}

if [ "$if_missing" = yes ] && complete; then
    exit 0
fi

print_list() {
    echo "deps: $1; dlca needs these Debian/Ubuntu packages (or what your system calls them):"
    echo "    $packages"
}

install_packages() {
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        # -n: never stop to ask for a password in the middle of make.
        if ! command -v sudo >/dev/null 2>&1 || ! sudo -n true >/dev/null 2>&1; then
            print_list "no right to install"
            return 1
        fi
        as_root="sudo -n"
    fi
    # A new machine has no package lists yet, and old lists name files that are gone: update, but only when it matters.
    if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages; then
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q || true
        if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages; then
            print_list "apt-get could not install"
            return 1
        fi
    fi
}

# One test opens model.safetensors with the Python package of that name, which Debian does not have. Optional: without
# it that test is skipped by name.
install_safetensors() {
    system_python=$(python_for_tests) || return 0
    "$system_python" -c 'import safetensors' >/dev/null 2>&1 && return 0
    [ -d .venv ] || "$system_python" -m venv --system-site-packages .venv >/dev/null 2>&1 || return 0
    .venv/bin/python -m pip install --quiet --disable-pip-version-check safetensors >/dev/null 2>&1 ||
        echo "deps: the Python package safetensors could not be installed; one test will be skipped"
}

if ! command -v apt-get >/dev/null 2>&1; then
    print_list "no apt-get here"
    exit 0
fi
install_packages || exit 0
[ "$group" = build ] || install_safetensors
exit 0
