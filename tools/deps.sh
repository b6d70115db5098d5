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

build_packages="gcc libc6-dev make libstb-dev libgif-dev libcjson-dev libxxhash-dev zlib1g-dev"
test_packages="libcriterion-dev pkg-config python3 python3-numpy python3-pytest python3-xxhash python3-venv libcadical-dev g++"
# Programs that judge what dlca writes for them; without one, the tests that need it are skipped by name.
circuit_packages="berkeley-abc yosys iverilog graphviz"
develop_packages="clang clang-format clang-tidy cppcheck libclang-rt-dev libomp-dev"

if_missing=no
if [ "${1:-}" = --if-missing ]; then
    if_missing=yes
    shift
fi
group=${1:-all}
optional_packages=
case $group in
build) packages=$build_packages ;;
test) packages="$build_packages $test_packages" ;;
all)
    packages="$build_packages $test_packages"
    optional_packages="$develop_packages $circuit_packages"
    ;;
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
    has_headers omp.h stb/stb_image_write.h stb/stb_image.h gif_lib.h cjson/cJSON.h xxhash.h zlib.h || return 1
    [ "$group" = build ] && return 0
    has_headers criterion/criterion.h ccadical.h && python_for_tests >/dev/null
}

print_list() {
    echo "deps: $1; dlca needs these Debian/Ubuntu packages (or what your system calls them):"
    echo "    $packages"
}

# The right to install, as a command to put in front; an error when there is none. -n: never stop in the middle of make
# to ask for a password.
as_root=
may_install() {
    [ "$(id -u)" -eq 0 ] && return 0
    as_root="sudo -n"
    command -v sudo >/dev/null 2>&1 && sudo -n true >/dev/null 2>&1
}

install() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

install_packages() {
    if ! may_install; then
        print_list "no right to install"
        return 1
    fi
    echo "deps: installing what is missing of: $packages"
    # A new machine has no package lists yet, and old lists name files that are gone: update, but only when it matters.
    if ! install $packages 2>/dev/null; then
        $as_root apt-get update -qq || true
        if ! install $packages; then
            print_list "apt-get could not install"
            return 1
        fi
    fi
    # One by one: a release that lacks one of them, or names it otherwise, still gets the others.
    for package in $optional_packages; do
        install "$package" 2>/dev/null || echo "deps: $package could not be installed; make lint, asan, tsan or a test may need it"
    done
}

# One test opens model.safetensors with the Python package of that name, which Debian does not have. Optional: without
# it that test is skipped by name. Tried once: .venv stays, with the package or without.
install_safetensors() {
    system_python=$(python_for_tests) || return 0
    "$system_python" -c 'import safetensors' >/dev/null 2>&1 && return 0
    "$system_python" -m venv --system-site-packages .venv >/dev/null 2>&1 || return 0
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --timeout 10 safetensors >/dev/null 2>&1 ||
        echo "deps: the Python package safetensors could not be installed; one test will be skipped"
}

if [ "$if_missing" = yes ] && complete; then
    [ "$group" = build ] || [ -d .venv ] || install_safetensors
    exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
    print_list "no apt-get here"
    exit 0
fi
install_packages || exit 0
[ "$group" = build ] || install_safetensors
exit 0
