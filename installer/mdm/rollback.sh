#!/bin/sh
# Takes the gate out of the client on this machine, in one command: rollback.sh [--remove]
#   The managed settings that this product wrote are moved aside, so that the client asks nobody any more; with --remove the
#   package goes too. In that order: hooks that nobody answers block every call.
# Settings that an MDM delivers come back until its profile is taken away; take that away first, see docs/deploy.md.
set -eu
[ "$(id -u)" = 0 ] || { echo "rollback.sh wants root" >&2; exit 2; }
case ${1:-} in '' | --remove) ;; *) echo "usage: rollback.sh [--remove]" >&2; exit 2 ;; esac
case $(uname -s) in
  Darwin) settings="/Library/Application Support/ClaudeCode" ;;
  *) settings=/etc/claude-code ;;
esac
settings=${SKILLWARDEN_SETTINGS:-$settings}
moved=0
for file in "$settings"/managed-settings.json "$settings"/managed-settings.d/*.json "$settings"/managed-mcp.json; do
  if [ -f "$file" ] && grep -qE 'skillwarden|127\.0\.0\.1:7717' "$file"; then
    mv "$file" "$file.rolled-back"
    echo "moved aside: $file"
    moved=$((moved + 1))
  fi
done
[ $moved -gt 0 ] || echo "no managed settings of Skillwarden in $settings"
[ "${1:-}" = --remove ] || exit 0
if [ "$(uname -s)" = Darwin ]; then
  /opt/skillwarden/bin/uninstall.sh
else
  dpkg --remove skillwarden
fi
