#!/bin/sh
# Builds the Debian package from the tree that `mvn package` leaves in daemon/target/dist:
#   installer/build-deb.sh [--dist DIR] [--out DIR] [--revision N] [--key FILE] [--no-cache]
#   --key FILE    Ed25519 private key (PEM) that signs SHA256SUMS; without it nothing is signed
#   --no-cache    leave the start-up cache out: a smaller package that starts more slowly
# Wants JAVA_HOME (JDK 25 for this machine's platform), a C compiler, dpkg-deb, python3, openssl for --key, and what
# daemon/src/build/train.sh wants. SOURCE_DATE_EPOCH fixes the times of all files; default: the last commit's.
# Left in --out (default daemon/target/deb): the package, its SBOM (CycloneDX), SHA256SUMS, SHA256SUMS.sig.
set -eu
umask 022
installer=$(cd "$(dirname "$0")" && pwd)
project=$(dirname "$installer")
dist=$project/daemon/target/dist
out=$project/daemon/target/deb
revision=1
key=
cache=yes
fail() { echo "build-deb.sh: $*" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case $1 in
    --dist) dist=${2:?} ;;
    --out) out=${2:?} ;;
    --revision) revision=${2:?} ;;
    --key) key=${2:?} ;;
    --no-cache) cache=no; shift; continue ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift 2
done
case $revision in '' | *[!0-9]*) fail "--revision wants a number, found '$revision'" ;; esac
[ -x "${JAVA_HOME:-/nonexistent}/bin/jlink" ] || fail "no jlink in JAVA_HOME='${JAVA_HOME:-}'; set it to a JDK 25"
grep -q '^JAVA_VERSION="25[."]' "$JAVA_HOME/release" || fail "JAVA_HOME wants a JDK 25, found $(grep ^JAVA_VERSION= "$JAVA_HOME/release")"
[ -z "$key" ] || [ -r "$key" ] || fail "--key: cannot read '$key'"
program=$(ls "$dist"/lib/skillwarden-daemon-*.jar 2>/dev/null) || fail "no program in '$dist'; run mvn package first"
sbom=$dist/../skillwarden-sbom.json
[ -s "$sbom" ] || fail "no SBOM at '$sbom'; run mvn package without -o first"
version=$(basename "$program" .jar)
version=${version#skillwarden-daemon-}
case $version in *-SNAPSHOT) version=${version%-SNAPSHOT}~snapshot ;; esac
version=$version-$revision
architecture=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$project" log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
root=$work/root
opt=$root/opt/skillwarden
mkdir -p "$opt" "$root/usr/bin" "$root/usr/lib/systemd/system" "$root/usr/lib/sysusers.d" "$root/usr/lib/tmpfiles.d" \
  "$root/usr/share/doc/skillwarden" "$root/etc/skillwarden/conf.d" "$root/DEBIAN"

# The program. Configuration of the tree becomes the machine's; schemas stay beside the program.
cp -R "$dist/bin" "$dist/lib" "$dist/hooks" "$dist/config" "$opt/"
rm -f "$opt/lib/skillwarden.aot"
chmod 755 "$opt/bin/skillwarden" "$opt/hooks/skillwarden-relay"
ln -s /opt/skillwarden/bin/skillwarden "$root/usr/bin/skillwarden"
"$installer/resolver/build.sh" "$opt/bin/skillwarden-resolve" "$version"
strip --strip-unneeded "$opt/bin/skillwarden-resolve"
for file in skillwarden.yaml policy.yaml organization.yaml; do cp "$dist/config/$file" "$root/etc/skillwarden/$file"; done
cat >"$root/etc/skillwarden/conf.d/README" <<'TEXT'
Settings of this machine, as *.yaml, read in name order after ../skillwarden.yaml. Files here are never touched by the package.
TEXT

# Class files in jars and in the runtime are stored, not deflated: the package is compressed as a whole, which is half the size.
python3 "$installer/debian/store_jars.py" "$opt/lib"
"$JAVA_HOME/bin/jlink" --add-modules "$(sed '/^#/d' "$installer/runtime-modules" | paste -sd, -)" \
  --strip-debug --no-header-files --no-man-pages --compress zip-0 --vm server --output "$opt/runtime"
find "$root" -name '*.so' -path '*/runtime/*' -exec strip --strip-unneeded {} +

cp "$installer/systemd/skillwarden.service" "$installer/systemd/skillwarden-resolve.service" \
  "$installer/systemd/skillwarden-resolve.socket" "$root/usr/lib/systemd/system/"
cat "$installer/systemd/skillwarden.sysusers.conf" "$installer/systemd/skillwarden-resolve.sysusers.conf" \
  >"$root/usr/lib/sysusers.d/skillwarden.conf"
cp "$installer/systemd/skillwarden.tmpfiles.conf" "$root/usr/lib/tmpfiles.d/skillwarden.conf"
cp "$project/LICENSE" "$root/usr/share/doc/skillwarden/copyright"
cp "$project"/docs/*.md "$root/usr/share/doc/skillwarden/"
cp "$sbom" "$root/usr/share/doc/skillwarden/sbom.cdx.json"

find "$root" -type d -exec chmod 755 {} +
find "$root" -type f ! -perm /111 -exec chmod 644 {} +
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
# Last: the cache is for these jars with these times, and for this runtime.
if [ $cache = yes ]; then
  sh "$project/daemon/src/build/train.sh" "$opt" "$project/.claude/skills"
  [ -s "$opt/lib/skillwarden.aot" ] || fail "no start-up cache was made; say --no-cache to build without"
  chmod 644 "$opt/lib/skillwarden.aot"
fi

for script in preinst postinst prerm postrm; do
  sed "s/@VERSION@/$version/g" "$installer/debian/$script" >"$root/DEBIAN/$script"
  chmod 755 "$root/DEBIAN/$script"
done
(cd "$root" && find etc -type f -name '*.yaml' -printf '/%p\n' | sort) >"$root/DEBIAN/conffiles"
echo /etc/skillwarden/conf.d/README >>"$root/DEBIAN/conffiles"
(cd "$root" && find opt usr -type f -exec md5sum {} + | sort -k 2) >"$root/DEBIAN/md5sums"
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" \
  -e "s/@SIZE@/$(du -sk --apparent-size --exclude=DEBIAN "$root" | cut -f 1)/" "$installer/debian/control" >"$root/DEBIAN/control"
find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

mkdir -p "$out"
name=skillwarden_${version}_$architecture
dpkg-deb --root-owner-group -Zxz -z6 --build "$root" "$out/$name.deb" >/dev/null
cp "$sbom" "$out/$name.cdx.json"
(cd "$out" && sha256sum "$name.deb" "$name.cdx.json" >SHA256SUMS)
rm -f "$out/SHA256SUMS.sig"
if [ -n "$key" ]; then
  openssl pkeyutl -sign -rawin -inkey "$key" -in "$out/SHA256SUMS" -out "$out/SHA256SUMS.sig" ||
    fail "--key wants an Ed25519 private key in PEM, see openssl genpkey -algorithm ed25519"
else
  echo "build-deb.sh: not signed; give --key FILE" >&2
fi
size=$(wc -c <"$out/$name.deb")
echo "$out/$name.deb: $((size / 1048576)) MiB"
[ "$size" -le $((90 * 1000 * 1000)) ] || fail "the package is $size bytes, over 90 MB"
