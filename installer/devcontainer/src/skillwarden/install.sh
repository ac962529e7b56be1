#!/bin/sh
# Installs Skillwarden into an image. Runs as root while the image is built, with the options of
# devcontainer-feature.json as variables. What a company puts beside this file is used: the program
# archive, and config/ with skillwarden.yaml, policy.yaml, organization.yaml and conf.d/.
#
# Nothing here starts the daemon: its keys, its certificate and its journal must be made in each
# container, not in the image.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
archive=${ARCHIVE:-skillwarden.tar.gz}
sha256=${SHA256:-}
sync=${SYNC:-true}
seed=${SEED:-true}
profile=${PROFILE:-standard}
user=${_REMOTE_USER:-root}

program=/opt/skillwarden
seed_dir=/opt/skillwarden-seed
config=/etc/skillwarden
state=/var/lib/skillwarden
public=/var/lib/skillwarden-public
log=/var/log/skillwarden
scripts=/usr/local/share/skillwarden
client=/etc/claude-code

fail() {
  echo "skillwarden: $1" >&2
  exit 1
}

[ "$(id -u)" -eq 0 ] || fail "install.sh wants to run as root, while the image is built"
printf '%s' "$sha256" | grep -Eqx '[0-9a-f]{64}' || fail "the option sha256 wants the archive's SHA-256, 64 hex digits, found '$sha256'"
case $profile in none | monitor | standard | strict) ;; *) fail "the option profile wants none, monitor, standard or strict, found '$profile'" ;; esac
[ "$seed" != true ] || [ "$sync" = true ] || fail "the option seed needs sync: without it there are no skills in the image"

# Nothing of the image's environment reaches the program: JAVA_HOME may name a place that developers
# can write.
clean() {
  env -i PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 "$@"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

case $archive in
  https://*)
    command -v curl >/dev/null 2>&1 || fail "curl was not found; install it first, or put the archive beside install.sh"
    curl -q -fsSL --proto '=https' --proto-redir '=https' -o "$work/archive" -- "$archive" || fail "$archive cannot be had"
    ;;
  /*) cp -- "$archive" "$work/archive" || fail "there is no $archive in the image" ;;
  *) cp -- "$here/$archive" "$work/archive" || fail "there is no $archive beside install.sh" ;;
esac
found=$(sha256sum "$work/archive" | cut -d' ' -f1)
[ "$found" = "$sha256" ] || fail "the archive has the SHA-256 $found, wanted $sha256; nothing was installed"

mkdir "$work/tree"
tar -xzf "$work/archive" -C "$work/tree" --no-same-owner
tree=$work/tree
[ -f "$tree/bin/skillwarden" ] || tree=$(dirname "$(dirname "$(find "$work/tree" -path '*/bin/skillwarden' | head -n 1)")")
for part in bin/skillwarden lib hooks/skillwarden-relay; do
  [ -e "$tree/$part" ] || fail "the archive holds no $part; it wants the tree that the build leaves in dist/"
done
rm -rf "$program"
mkdir -p "$program"
cp -Rp "$tree/." "$program/" # with times: the start-up cache knows its jars by them
chown -R root:root "$program"
chmod -R u=rwX,go=rX "$program"
chmod 0755 "$program/bin/skillwarden" "$program/hooks/skillwarden-relay"
clean "$program/bin/skillwarden" version >/dev/null || fail "the program does not run in this image (see above): its runtime/ is for another system, or there is no Java 25"
ln -sfn "$program/bin/skillwarden" /usr/bin/skillwarden

if ! id -u skillwarden >/dev/null 2>&1; then
  if command -v useradd >/dev/null 2>&1; then
    useradd --system --user-group --home-dir "$state" --no-create-home --shell /usr/sbin/nologin skillwarden
  else
    addgroup -S skillwarden
    adduser -S -D -H -h "$state" -s /sbin/nologin -G skillwarden skillwarden
  fi
fi
[ "$user" != skillwarden ] || fail "remoteUser is skillwarden; the daemon's account must not be the developer's"
[ "$user" != root ] || echo "skillwarden: WARNING: remoteUser is root. Whoever is root can stop the daemon and read its files: what it says is advisory." >&2

mkdir -p "$config/conf.d" "$state/journal" "$public" "$log" "$scripts"
if [ -d "$here/config" ]; then
  cp -R "$here/config/." "$config/"
fi
chown -R root:root "$config"
chmod -R u=rwX,go=rX "$config"
chown -R skillwarden:skillwarden "$state" "$public" "$log"
chmod 0700 "$state" "$state/journal"
chmod 0755 "$public"
chmod 0750 "$log"

cp "$here/entrypoint.sh" "$here/start-daemon.sh" "$scripts/"
chown root:root "$scripts/entrypoint.sh" "$scripts/start-daemon.sh"
chmod 0755 "$scripts/entrypoint.sh" "$scripts/start-daemon.sh"

# Runs a verb as the daemon's account.
as_account() {
  if command -v setpriv >/dev/null 2>&1; then
    clean setpriv --reuid skillwarden --regid skillwarden --init-groups --no-new-privs "$@"
  else
    # shellcheck disable=SC2016 # expanded by the inner shell
    clean su -s /bin/sh -- skillwarden -c '"$@"' skillwarden "$@"
  fi
}

if [ "$sync" = true ]; then
  # The directory of the socket is made at each start of the container; the lock needs one now.
  mkdir -p /run/skillwarden
  chown skillwarden:skillwarden /run/skillwarden
  as_account "$program/bin/skillwarden" sync --once --system ||
    fail "the skills could not be fetched; put config/skillwarden.yaml beside install.sh, or set the option sync to false"
fi

if [ "$seed" = true ]; then
  rm -rf "$seed_dir"
  mkdir "$work/seed"
  chown skillwarden "$work" "$work/seed"
  # Made by the account that owns the store, kept by root: nobody changes it later.
  as_account "$program/bin/skillwarden" claude seed --system --out "$work/seed/made" >"$work/seed.json" ||
    fail "the skills could not be made into plugins"
  cp -R "$work/seed/made" "$seed_dir"
  chown -R root:root "$seed_dir"
  chmod -R u=rwX,go=rX "$seed_dir"
  mkdir -p "$client/managed-settings.d"
  sed "s|$work/seed/made|$seed_dir|" "$work/seed.json" >"$client/managed-settings.d/50-skillwarden-seed.json"
fi

if [ "$profile" != none ]; then
  mkdir -p "$client"
  clean "$program/bin/skillwarden" claude settings --profile "$profile" --delivery file --out "$client" ||
    fail "the settings of the profile $profile could not be made"
fi
if [ -d "$client" ]; then
  chown -R root:root "$client"
  chmod -R u=rwX,go=rX "$client"
fi
echo "skillwarden: installed; the daemon starts with the container"
