#!/bin/sh
# Installs the client and the Node that the end-to-end test runs with, exactly as pinned in
# client/package-lock.json, into .work/client (untracked). No install script of a package runs.
# Needs npm. Run again at any time: nothing happens when the pinned set is already there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../../.." && pwd)
target=${1:-$root/.work/client}

command -v npm >/dev/null 2>&1 || {
  echo "install-client: npm was not found on PATH; install Node.js with npm (any version from 18) and run this again" >&2
  exit 2
}
mkdir -p "$target"
if [ -f "$target/installed.json" ] && cmp -s "$here/client/package-lock.json" "$target/installed.json"; then
  echo "install-client: $target is up to date"
  exit 0
fi
rm -f "$target/installed.json"
cp "$here/client/package.json" "$here/client/package-lock.json" "$target/"
# engine-strict=false: npm may run on an older Node than the client names; the client is a native binary.
(cd "$target" && npm ci --ignore-scripts --no-audit --no-fund --engine-strict=false --loglevel=error)

# The native binary of the platform package is the client; the wrapper package is only its installer.
claude=
for candidate in "$target"/node_modules/@anthropic-ai/claude-code-*/claude; do
  if [ -x "$candidate" ] && "$candidate" --version >/dev/null 2>&1; then claude=$candidate; fi
done
node=
for candidate in "$target"/node_modules/node-*/bin/node; do
  if [ -x "$candidate" ] && "$candidate" --version >/dev/null 2>&1; then node=$candidate; fi
done
[ -n "$claude" ] && [ -n "$node" ] || {
  echo "install-client: the pinned packages hold no client or no Node for $(uname -s) $(uname -m); the test runs on Linux x64 and arm64" >&2
  exit 2
}
ln -sfn "$claude" "$target/claude"
ln -sfn "$node" "$target/node"
wanted=$(sed -n 's/.*"@anthropic-ai\/claude-code": "\([0-9.]*\)".*/\1/p' "$here/client/package.json")
found=$("$target/claude" --version | cut -d' ' -f1)
[ "$found" = "$wanted" ] || {
  echo "install-client: wanted client $wanted, found $found in $target; delete that folder and run this again" >&2
  exit 1
}
cp "$here/client/package-lock.json" "$target/installed.json"
echo "install-client: client $found, node $("$target/node" --version) in $target"
