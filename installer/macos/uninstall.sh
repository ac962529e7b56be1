#!/bin/sh
# Untested on macOS. Removes the program: uninstall.sh [--purge]. Journal, keys and configuration stay unless --purge is given.
# Take the settings profile away first: a client whose hooks nobody answers blocks its calls.
set -eu
[ "$(id -u)" = 0 ] || { echo "uninstall.sh wants root" >&2; exit 2; }
case ${1:-} in '' | --purge) ;; *) echo "usage: uninstall.sh [--purge]" >&2; exit 2 ;; esac
library="/Library/Application Support/Skillwarden"
/opt/skillwarden/bin/skillwarden stop --system --reason "uninstall" ||
  echo "skillwarden: no daemon answered, so this removal is not in the journal" >&2
for label in dev.skillwarden.daemon dev.skillwarden.run; do
  launchctl bootout "system/$label" 2>/dev/null || true
  rm -f "/Library/LaunchDaemons/$label.plist"
done
[ ! -L /usr/local/bin/skillwarden ] || rm -f /usr/local/bin/skillwarden
rm -rf /opt/skillwarden /var/run/skillwarden
rm -f /etc/newsyslog.d/skillwarden.conf
pkgutil --forget dev.skillwarden
if [ "${1:-}" = --purge ]; then
  echo "skillwarden: deleting the journal and its keys: what was not sent is lost" >&2
  rm -rf "$library" /Library/Logs/Skillwarden
else
  echo "skillwarden: the journal and its keys stay in $library/state" >&2
fi
