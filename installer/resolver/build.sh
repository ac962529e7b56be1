#!/bin/sh
# Builds the path resolver: installer/resolver/build.sh OUTPUT [VERSION]. Wants a C compiler (CC, else cc).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
output=${1:?usage: build.sh OUTPUT [VERSION]}
version=${2:-development}
case $version in *[!A-Za-z0-9.+~-]*) echo "build.sh: VERSION wants letters, digits and .+~-, found '$version'" >&2; exit 2 ;; esac
control=
[ "$(uname -m)" != x86_64 ] || control=-fcf-protection=full
exec "${CC:-cc}" -std=c17 -O2 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror \
  -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection $control -fPIE -pie \
  -Wl,-z,relro,-z,now,-z,noexecstack -DVERSION="\"$version\"" \
  -o "$output" "$here/skillwarden-resolve.c"
