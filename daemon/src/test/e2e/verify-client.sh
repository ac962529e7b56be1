#!/bin/sh
# A machine with managed settings, its daemon and the client, made of namespaces: the settings lie in
# the real place, the daemon listens on the real port. Needs root and `unshare -mn`.
#
#   verify-client.sh DIST CLIENT-DIR WORK PROFILE TAMPER [arguments of verify]
#
# TAMPER is shell text that runs when all is good; $settings, $root, $daemon and the function
# start_daemon ROOT are there for it. Prints what verify prints; its exit code is verify's.
set -eu
dist=$1 client=$2 work=$3 profile=$4 tamper=$5
shift 5
settings=/etc/claude-code root=$work/machine

ip link set lo up
mkdir -p "$work/etc"
mount -t tmpfs none "$work/etc"
mkdir "$work/etc/upper" "$work/etc/work"
mount -t overlay -o "lowerdir=/etc,upperdir=$work/etc/upper,workdir=$work/etc/work" overlay /etc
rm -rf "$settings"

start_daemon() {
  mkdir -p "$1/etc/skillwarden" "$1/var/lib/skillwarden" "$1/var/lib/skillwarden-public" "$1/run/skillwarden"
  chown daemon:daemon "$1/var/lib/skillwarden" "$1/var/lib/skillwarden-public" "$1/run/skillwarden"
  printf 'server: {port: 7717}\nsearch: {model: false}\n' >"$1/etc/skillwarden/skillwarden.yaml"
  setpriv --reuid=daemon --regid=daemon --init-groups --inh-caps=-all \
    "$dist/bin/skillwarden" start --foreground --root "$1" >"$1/log" 2>&1 &
  daemon=$!
  tries=0
  until [ -S "$1/run/skillwarden/control.sock" ]; do
    tries=$((tries + 1))
    [ "$tries" -le 300 ] || { cat "$1/log" >&2; exit 70; }
    sleep 0.1
  done
}
stop_daemon() {
  kill "$daemon"
  wait "$daemon" || true
}

start_daemon "$root"
trap 'kill "$daemon" 2>/dev/null || true; wait || true' EXIT
"$dist/bin/skillwarden" claude settings --profile "$profile" --root "$root" --out "$settings" 2>"$work/made"
eval "$tamper"
# Root runs a client only where nobody else can put another in its place.
mount -t tmpfs -o mode=755 none /mnt
cp "$client/claude" /mnt/claude
chmod 755 /mnt/claude
PATH=/mnt:$PATH "$dist/bin/skillwarden" claude verify --root "$root" --managed "$settings" "$@"
