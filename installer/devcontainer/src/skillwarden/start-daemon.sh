#!/bin/sh
# Starts the daemon where no service manager does, and waits until it answers.
#
#   start-daemon.sh PROGRAM ACCOUNT LOG SECONDS [--system | --home DIR]
#
# Runs as root, and the daemon as ACCOUNT without any privilege; or as ACCOUNT itself. A daemon that
# ends otherwise than told is started again. Exit code 0: it answers; 1: it does not, told on
# standard error.
set -u
program=$1 account=$2 log=$3 patience=$4
shift 4

fail() {
  {
    echo "skillwarden: ============================================================"
    echo "skillwarden: THE DAEMON IS NOT RUNNING: $1"
    echo "skillwarden: Claude Code blocks every tool call until it runs, where its settings say so."
    echo "skillwarden: Log: $log"
    echo "skillwarden: ============================================================"
  } >&2
  exit 1
}

# Nothing of the image's environment reaches the program: JAVA_HOME may name a place that developers
# can write, and the rest would too.
clean() {
  env -i PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 "$@"
}

# Exit code 1 of status means that it answers and has alarms.
answers() {
  clean "$program/bin/skillwarden" status "$@" >/dev/null 2>&1
  [ $? -le 1 ]
}

[ -x "$program/bin/skillwarden" ] || fail "there is no program in $program"
id -u "$account" >/dev/null 2>&1 || fail "there is no account $account"
! answers "$@" || exit 0

# The loop runs as the account too: root keeps nothing running.
# shellcheck disable=SC2016 # expanded by the shell that runs it
loop='
while :; do
  "$@"
  code=$?
  case $code in
    0) exit 0 ;;                       # told to stop
    1 | 2) exit "$code" ;;             # another one runs, or its configuration is refused
  esac
  echo "skillwarden: the daemon ended with exit code $code; it is started again in 2 s" >&2
  sleep 2
done'
set -- "$program/bin/skillwarden" start --foreground "$@"
touch "$log" 2>/dev/null || fail "the log cannot be written"
if [ "$(id -u)" = "$(id -u "$account")" ]; then
  clean setsid sh -c "$loop" skillwarden-loop "$@" </dev/null >>"$log" 2>&1 &
elif [ "$(id -u)" -ne 0 ]; then
  fail "this container starts as $(id -un); it has to start as root (containerUser), only then can the daemon have an account of its own"
elif command -v setpriv >/dev/null 2>&1; then
  clean setsid setpriv --reuid "$account" --regid "$account" --init-groups --no-new-privs --inh-caps=-all \
    --bounding-set=-all sh -c "$loop" skillwarden-loop "$@" </dev/null >>"$log" 2>&1 &
else
  clean setsid su -s /bin/sh -- "$account" -c "$loop" skillwarden-loop "$@" </dev/null >>"$log" 2>&1 &
fi
daemon=$!

shift 3
waited=0
while [ "$waited" -lt "$patience" ]; do
  ! answers "$@" || exit 0
  kill -0 "$daemon" 2>/dev/null || fail "it ended: $(tail -n 1 "$log")"
  sleep 1
  waited=$((waited + 1))
done
fail "it does not answer after $patience s"
