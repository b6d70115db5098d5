#!/bin/sh
# include_direction.sh - checks that includes point one way: gates <- src <- train, src <- gpu; tools and tests on top.
#
# Prints every line that breaks the rule, exit code 1 then. Leaves alone: system headers.
cd "$(dirname "$0")/.." || exit 1
bad=0

# allow FOLDER PATTERN: quoted includes of FOLDER that leave it must match PATTERN
allow() {
    found=$(find "$1" -name '*.[ch]' -exec grep -nH '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' {} + |
        grep -E '"[^"]*/' | grep -vE "\"($2)/")
    if [ -n "$found" ]; then
        echo "include direction: $1/ may not include this:"
        echo "$found"
        bad=1
    fi
}

allow gates '\.\./gates'
allow src '\.\./src|\.\./gates'
allow train '\.\./train|\.\./src|\.\./gates'
allow gpu '\.\./gpu|\.\./src|\.\./gates'
exit $bad
