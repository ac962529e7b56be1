#!/bin/sh
# Runs the client as another account in a network of loopback only, with a read-only seed; a script
# plays the model. Needs root, in a mount and a network namespace of its own: `unshare -mn`.
#
#   offline-client.sh CLIENT-DIR MOCK SEED WORK UID PROMPT [client arguments]
#
# WORK holds script.json and settings.json; record.jsonl is written there. Its home/ and project/
# belong to UID.
set -eu
client=$1 mock=$2 seed=$3 work=$4 uid=$5 prompt=$6
shift 6

ip link set lo up
mount --bind "$seed" "$seed"
mount -o remount,bind,ro "$seed"

rm -f "$work/port"
"$client/node" "$mock" "$work/script.json" "$work/record.jsonl" "$work/port" >"$work/mock.txt" 2>&1 &
model=$!
trap 'kill "$model" 2>/dev/null || true' EXIT
tries=0
until [ -s "$work/port" ]; do
  tries=$((tries + 1))
  [ "$tries" -le 500 ] || {
    echo "offline-client: the scripted model did not start: $(cat "$work/mock.txt")" >&2
    exit 70
  }
  sleep 0.02
done

cd "$work/project"
setpriv --reuid "$uid" --regid "$uid" --clear-groups --no-new-privs env -i \
  PATH=/usr/local/bin:/usr/bin:/bin HOME="$work/home" LANG=C.UTF-8 TERM=dumb \
  ANTHROPIC_API_KEY=sk-ant-dummy ANTHROPIC_BASE_URL="http://127.0.0.1:$(cat "$work/port")" \
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_TELEMETRY=1 DISABLE_ERROR_REPORTING=1 \
  DISABLE_AUTOUPDATER=1 DISABLE_BUG_COMMAND=1 \
  "$client/claude" -p "$prompt" --output-format stream-json --verbose \
  --settings "$work/settings.json" "$@"
