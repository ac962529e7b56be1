#!/bin/sh
# The machine of the attack suite, in a mount and a network namespace of its own: loopback only, an
# /etc with three accounts more, and the managed settings of WORK/managed where the client seeks them.
# Holds the namespaces until it is killed.
#
#   unshare -mn sh lab.sh WORK
set -eu
work=$1
ip link set lo up
mkdir -p "$work/etc-copy" "$work/managed"
mount -t tmpfs -o mode=755 tmpfs "$work/etc-copy"
cp -a /etc/. "$work/etc-copy/"
mount --move "$work/etc-copy" /etc
cat >>/etc/passwd <<EOF
wardenlab:x:64001:64001::$work:/usr/sbin/nologin
ana:x:64002:64002::$work/home/ana:/bin/bash
bo:x:64003:64003::$work/home/bo:/bin/bash
EOF
cat >>/etc/group <<EOF
wardenlab:x:64001:
ana:x:64002:
bo:x:64003:
EOF
mkdir -p /etc/claude-code
mount --bind "$work/managed" /etc/claude-code
echo ready >"$work/lab.ready"
exec sleep 14400
