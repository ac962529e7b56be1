#!/bin/sh
# Reports whether the gate on this machine is sound, for an MDM: "healthy: ...", "unhealthy: ..." or "absent", one line.
# Jamf wants it within <result>; --plain leaves that away (Intune, Mosyle, Kandji). Run as root.
# Where the client has no managed settings yet, only the daemon is looked at: the group that gets them is made from that.
# Exit code 0 when healthy, else 1; Jamf reads the line alone.
set -u
program=${SKILLWARDEN_PROGRAM:-/opt/skillwarden/bin/skillwarden}
code=1
scope=
case $(uname -s) in
  Darwin) settings='/Library/Application Support/ClaudeCode' ;;
  *) settings=/etc/claude-code ;;
esac
[ -e "/Library/Managed Preferences/com.anthropic.claudecode.plist" ] || [ -e "$settings/managed-settings.json" ] ||
  [ -d "$settings/managed-settings.d" ] || scope=--daemon
if [ ! -x "$program" ]; then
  line=absent
elif said=$("$program" claude verify --oneline $scope 2>&1 </dev/null); then
  line="healthy: $(echo "$said" | head -n 1)"
  code=0
else
  line="unhealthy: $(echo "$said" | head -n 1)"
fi
if [ "${1:-}" = --plain ]; then
  echo "$line"
else
  echo "<result>$(echo "$line" | sed 's/&/\&amp;/g; s/</\&lt;/g')</result>"
fi
exit $code
