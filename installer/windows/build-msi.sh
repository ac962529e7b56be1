#!/bin/sh
# Untested on Windows. Builds the MSI from a tree packaged with -Ddist.platform=win-x64, on Linux with msitools:
#   installer/windows/build-msi.sh DIST SERVICE.exe [OUT.msi]
# DIST holds runtime\ of a Windows JDK 25. SERVICE.exe is a service host (such as WinSW or procrun) set up to run the program:
# the daemon is no Windows service by itself. Sign the result with signtool or osslsigncode.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dist=$(readlink -f "${1:?usage: build-msi.sh DIST SERVICE.exe [OUT.msi]}")
service=$(readlink -f "${2:?usage: build-msi.sh DIST SERVICE.exe [OUT.msi]}")
out=${3:-skillwarden.msi}
[ -x "$dist/runtime/bin/java.exe" ] || [ -f "$dist/runtime/bin/java.exe" ] || { echo "build-msi.sh: no Windows runtime in '$dist/runtime'" >&2; exit 1; }
program=$(ls "$dist"/lib/skillwarden-daemon-*.jar) || { echo "build-msi.sh: no program in '$dist'" >&2; exit 1; }
version=$(basename "$program" .jar)
version=${version#skillwarden-daemon-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
find "$dist" -type f ! -name '*.aot' | sort |
  wixl-heat --prefix "$dist/" --directory-ref INSTALLDIR --component-group ProgramFiles --win64 --var var.Dist >"$work/files.wxs"
wixl --arch x64 -D "Version=${version%%-*}" -D "Dist=$dist" -D "ServiceExe=$service" --output "$out" "$here/skillwarden.wxs" "$work/files.wxs"
sha256sum "$out"
