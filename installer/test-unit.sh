#!/bin/sh
# Runs test-hooks-under-unit.sh with a packaged tree, in namespaces of its own, on a copy of this machine's root that is
# thrown away: test-unit.sh DIST EMPTY-DIRECTORY. Wants root, a JDK 25 where bin/skillwarden finds one, and a C compiler.
set -eu
if [ -z "${TEST_UNIT_INSIDE:-}" ]; then
  dist=$(readlink -f "${1:?usage: test-unit.sh DIST EMPTY-DIRECTORY}")
  work=$(readlink -f "${2:?usage: test-unit.sh DIST EMPTY-DIRECTORY}")
  here=$(cd "$(dirname "$0")" && pwd)
  export TEST_UNIT_INSIDE=1
  exec unshare --mount --net --pid --ipc --uts --fork -- "$here/test-unit.sh" "$dist" "$work" "$here"
fi
dist=$1
work=$2
here=$3
mount --make-rprivate /
mount -t tmpfs -o size=2g tmpfs "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" overlay "$work/root"
root=$work/root
mkdir -p "$root/opt/skillwarden" "$root/test" "$root/etc/skillwarden/conf.d"
cp -R "$dist/." "$root/opt/skillwarden/"
"$here/resolver/build.sh" "$root/opt/skillwarden/bin/skillwarden-resolve"
cp "$dist"/config/*.yaml "$root/etc/skillwarden/"
cp "$here"/systemd/* "$here/test-hooks-under-unit.sh" "$root/test/"
chmod +x "$root/opt/skillwarden/bin/skillwarden" "$root/test"/*.sh
rm -rf "$root/var/lib/skillwarden" "$root/var/lib/skillwarden-public"
cd "$root"
mount -t proc proc proc
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t sysfs -o ro sysfs sys
mount --rbind /dev dev
python3 -c 'import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh", b"lo", 0x41) + bytes(14))'
mkdir -p .old
pivot_root . .old
umount -l /.old
cd /
for account in skillwarden skillwarden-resolve; do
  getent passwd $account >/dev/null || useradd --system --user-group --no-create-home --shell /usr/sbin/nologin $account
done
install -d -m 0700 -o skillwarden -g skillwarden /var/lib/skillwarden
install -d -m 0755 -o skillwarden -g skillwarden /var/lib/skillwarden-public
env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root /test/test-hooks-under-unit.sh /test
