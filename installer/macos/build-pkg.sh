#!/bin/sh
# Untested on macOS. Builds the installer package on a Mac from daemon/target/dist of that Mac:
#   installer/macos/build-pkg.sh [--sign "Developer ID Installer: ..."] [--sign-code "Developer ID Application: ..."]
# Wants JAVA_HOME (JDK 25) and Xcode's command line tools. Notarise what it leaves: xcrun notarytool submit --wait, xcrun stapler staple.
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
dist=$project/daemon/target/dist
out=$project/daemon/target/pkg
sign=
sign_code=
while [ $# -gt 0 ]; do
  case $1 in
    --sign) sign=${2:?} ;;
    --sign-code) sign_code=${2:?} ;;
    *) sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift 2
done
program=$(ls "$dist"/lib/skillwarden-daemon-*.jar) || { echo "build-pkg.sh: run mvn package first" >&2; exit 1; }
version=$(basename "$program" .jar)
version=${version#skillwarden-daemon-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
root=$work/root
opt=$root/opt/skillwarden
mkdir -p "$opt" "$root/Library/LaunchDaemons" "$root/etc/newsyslog.d" "$out"
cp -R "$dist/bin" "$dist/lib" "$dist/hooks" "$dist/config" "$opt/"
cp "$here/uninstall.sh" "$opt/bin/uninstall.sh"
chmod 755 "$opt/bin/skillwarden" "$opt/bin/uninstall.sh" "$opt/hooks/skillwarden-relay"
rm -f "$opt/lib/skillwarden.aot"
"$JAVA_HOME/bin/jlink" --add-modules "$(sed '/^#/d' "$here/../runtime-modules" | paste -sd, -)" \
  --strip-debug --no-header-files --no-man-pages --compress zip-6 --output "$opt/runtime"
cp "$here"/dev.skillwarden.*.plist "$root/Library/LaunchDaemons/"
cp "$here/newsyslog.conf" "$root/etc/newsyslog.d/skillwarden.conf"
if [ -n "$sign_code" ]; then
  # Java compiles as it runs and loads native code that it unpacks.
  find "$opt/runtime" -type f \( -name '*.dylib' -o -perm -111 \) -exec \
    codesign --force --timestamp --options runtime --entitlements "$here/entitlements.plist" --sign "$sign_code" {} +
fi
mkdir "$work/scripts"
install -m 755 "$here/preinstall" "$here/postinstall" "$work/scripts/"
pkgbuild --root "$root" --scripts "$work/scripts" --identifier dev.skillwarden --version "$version" --ownership recommended \
  --install-location / "$work/component.pkg"
productbuild --distribution "$here/Distribution.xml" --package-path "$work" ${sign:+--sign "$sign"} "$out/skillwarden-$version.pkg"
(cd "$out" && shasum -a 256 "skillwarden-$version.pkg" >SHA256SUMS)
