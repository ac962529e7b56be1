#!/bin/sh
# Runs the server scenarios of @modelcontextprotocol/conformance that apply to a stateless server of
# tools against the packaged daemon. Needs npm, and the Node that install-client.sh brings; the
# package goes into .work/conformance (untracked). Nothing but loopback is asked while it runs.
#
# The others do not apply: tools-call-* and json-schema-2020-12 call tools of the reference server;
# resources-*, prompts-*, logging-set-level and completion-complete want capabilities that are not
# declared; server-sse-*, elicitation-*, tools-call-sampling and tools-call-elicitation want sessions.
set -eu
version=0.1.16
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../../.." && pwd)
dist=$root/daemon/target/dist
node=$root/.work/client/node
target=$root/.work/conformance
[ -x "$dist/bin/skillwarden" ] || { echo "mcp-conformance: no program in $dist; run mvn package" >&2; exit 2; }
[ -x "$node" ] || { echo "mcp-conformance: no Node; run $here/install-client.sh" >&2; exit 2; }
npm install --prefix "$target" --ignore-scripts --no-audit --no-fund --engine-strict=false --loglevel=error \
  "@modelcontextprotocol/conformance@$version" >&2

home=$(mktemp -d /tmp/sw-mcpXXXXXX)
trap '"$dist/bin/skillwarden" stop --home "$home" >/dev/null 2>&1 || true; rm -rf "$home"' EXIT
mkdir -p "$home/config" "$home/remote"
cp -r "$root/.claude" "$home/remote/"
git -C "$home/remote" init -q -b main
git -C "$home/remote" add -A
git -C "$home/remote" -c user.name=e2e -c user.email=e2e@localhost -c commit.gpgsign=false commit -qm skills
printf 'server: {port: 0}\nsearch: {model: false}\nsync:\n  remote: file://%s\n  pin: {sha: %s}\n' \
  "$home/remote" "$(git -C "$home/remote" rev-parse HEAD)" >"$home/config/skillwarden.yaml"
cp "$dist/config/organization.yaml" "$home/config/"
"$dist/bin/skillwarden" start --home "$home" >&2
port=$(sed -n 's/.*"port" *: *\([0-9]*\).*/\1/p' "$home/run/daemon.json")

failed=0
for scenario in server-initialize ping tools-list dns-rebinding-protection; do
  if (cd "$home" && "$node" "$target/node_modules/@modelcontextprotocol/conformance/dist/index.js" server \
    --url "http://localhost:$port/mcp" --scenario "$scenario" >"$home/$scenario.txt" 2>&1); then
    echo "$scenario: $(grep '^Passed' "$home/$scenario.txt")"
  else
    failed=1
    cat "$home/$scenario.txt"
  fi
done
exit "$failed"
