#!/bin/sh
# Runs a unit's program as systemd would, where there is no systemd, as far as the kernel lets a script:
#   run-as-unit.sh UNIT.service [ARGUMENT...]     as root; arguments are added to those of ExecStart
# Applied: account, capabilities, no new privileges, limits, environment, mount view (ProtectSystem=strict, PrivateDevices,
# ProtectProc, kernel tunables, control groups), private network, IPC and host name, system call filter, address
# families, namespaces, memory that is written and run. A UNIT.socket beside it is opened and passed on.
# Not applied: weights and limits of control groups, device policy, restart, RestrictSUIDSGID, RestrictRealtime, LockPersonality.
# It is for tests. A setting of the unit that this script cannot apply stops it.
set -eu
unit=$(readlink -f "${1:?usage: run-as-unit.sh UNIT.service [ARGUMENT...]}")
shift
here=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" = 0 ] || { echo "run-as-unit.sh wants root" >&2; exit 2; }

values() { sed -n "s/^$1=//p" "$unit"; }
value() { values "$1" | tail -n 1; }
is() { [ "$(value "$1")" = yes ]; }
user=$(value User)
group=$(value Group)

if [ -z "${RUN_AS_UNIT:-}" ]; then
  socket=${unit%.service}.socket
  apart="--mount --propagation slave"
  ! is PrivateIPC || apart="$apart --ipc"
  ! is PrivateNetwork || apart="$apart --net"
  ! is ProtectHostname || apart="$apart --uts"
  export RUN_AS_UNIT=1
  # shellcheck disable=SC2086 # a list of options
  set -- unshare $apart -- "$here/run-as-unit.sh" "$unit" "$@"
  if [ -e "$socket" ]; then
    exec python3 "$here/unit-exec.py" listen "$socket" -- "$@"
  fi
  exec "$@"
fi

own() { # own DIR MODE: a directory of the service
  mkdir -p "$1"
  chown "$user:$group" "$1"
  chmod "$2" "$1"
  mount --bind "$1" "$1"
  writable="$writable $1"
}
writable=
for name in $(value StateDirectory); do own "/var/lib/$name" "$(value StateDirectoryMode)"; done
for name in $(value RuntimeDirectory); do own "/run/$name" "$(value RuntimeDirectoryMode)"; done
for path in $(value ReadWritePaths); do
  mount --bind "$path" "$path"
  writable="$writable $path"
done

if is PrivateDevices; then
  devices=$(mktemp -d)
  mount -t tmpfs -o mode=755,nosuid tmpfs "$devices"
  mkdir -m 1777 "$devices/shm"
  for node in null zero full random urandom tty; do
    : >"$devices/$node"
    mount --bind "/dev/$node" "$devices/$node"
  done
  mount --rbind "$devices" /dev
fi
[ "$(value ProtectProc)" != invisible ] || mount -t proc -o nosuid,nodev,noexec,hidepid=invisible proc /proc
read_only() { mount -o remount,bind,ro "$1"; }
if [ "$(value ProtectSystem)" = strict ]; then
  while read -r _ _ _ _ point _; do
    point=$(printf '%b' "$point")
    case $point in /dev | /dev/* | /proc | /proc/* | /sys | /sys/*) continue ;; esac
    case " $writable " in *" $point "*) continue ;; esac
    read_only "$point"
  done </proc/self/mountinfo
fi
if is ProtectKernelTunables || is ProtectControlGroups; then
  for path in /proc/sys /sys; do
    [ ! -d "$path" ] || { mount --rbind "$path" "$path" && read_only "$path"; }
  done
fi

limits=
for name in CORE NOFILE; do
  limit=$(value "Limit$name")
  [ -z "$limit" ] || limits="$limits --$(echo "$name" | tr '[:upper:]' '[:lower:]')=$limit:$limit"
done
bounding=-all
ambient=-all
for capability in $(value CapabilityBoundingSet | tr '[:upper:]' '[:lower:]'); do bounding="$bounding,+${capability#cap_}"; done
for capability in $(value AmbientCapabilities | tr '[:upper:]' '[:lower:]'); do ambient="$ambient,+${capability#cap_}"; done
privileges=
! is NoNewPrivileges || privileges=--no-new-privs

umask "$(value UMask)"
directory=$(value WorkingDirectory)
cd "${directory:-/}"
# shellcheck disable=SC2046,SC2086 # lists of words, as in the unit
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin USER="$user" LOGNAME="$user" HOME=/ \
  $(values Environment) \
  prlimit $limits \
  setpriv --reuid "$user" --regid "$group" --init-groups $privileges \
  --inh-caps "$ambient" --ambient-caps "$ambient" --bounding-set "$bounding" \
  python3 "$here/unit-exec.py" filter "$unit" -- $(value ExecStart) "$@"
