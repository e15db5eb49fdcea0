#!/bin/sh
# symbols.sh NM LIBRARY HEADER: fails unless the library exports the functions of the header, all and only, and needs nothing.
set -eu
nm=$1 library=$2 header=$3

declared=$(sed -n 's/^[a-z].*[ *]\(emcache_[a-z0-9_]*\)(.*/\1/p' "$header" | sort)
exported=$("$nm" -D --defined-only "$library" | awk '{print $3}' | sort)
undefined=$("$nm" -D --undefined-only "$library")

if [ "$declared" != "$exported" ]; then
    printf 'declared:\n%s\nexported:\n%s\n' "$declared" "$exported" >&2
    exit 1
fi
if [ -n "$undefined" ]; then
    printf 'the library needs:\n%s\n' "$undefined" >&2
    exit 1
fi
echo "exports as declared, needs nothing"
