#!/bin/sh
# One session of the client in the lab, as an account; a script plays the model.
#
#   client.sh CLIENT NODE MOCK RUN HOME PROJECT [client arguments]
#
# RUN holds script.json and env (lines NAME=VALUE, more environment for the client); record.jsonl,
# stream.jsonl and stderr.txt are written there. RUN/stdin is the client's input.
set -eu
client=$1 node=$2 mock=$3 run=$4 home=$5 project=$6
shift 6
"$node" "$mock" "$run/script.json" "$run/record.jsonl" "$run/port" >"$run/mock.txt" 2>&1 &
model=$!
trap 'kill "$model" 2>/dev/null || true' EXIT
tries=0
until [ -s "$run/port" ]; do
  tries=$((tries + 1))
  [ "$tries" -le 500 ] || {
    echo "the scripted model did not start: $(cat "$run/mock.txt")" >&2
    exit 70
  }
  sleep 0.02
done
set -- "$client" "$@"
# The last of two assignments counts, so that an attack may set any of these.
while IFS= read -r line; do set -- "$line" "$@"; done <"$run/env"
cd "$project"
status=0
env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$home" LANG=C.UTF-8 TERM=dumb \
  ANTHROPIC_API_KEY=sk-ant-dummy ANTHROPIC_BASE_URL="http://127.0.0.1:$(cat "$run/port")" \
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_TELEMETRY=1 DISABLE_ERROR_REPORTING=1 \
  DISABLE_AUTOUPDATER=1 DISABLE_BUG_COMMAND=1 \
  "$@" <"$run/stdin" >"$run/stream.jsonl" 2>"$run/stderr.txt" || status=$?
exit "$status"
