#!/bin/sh
# Entrypoint of the container: starts the daemon, then becomes the container's own command. The
# command comes either way: without the daemon a person must be able to look what is wrong.
set -u

# A volume of an earlier image, or of another engine, may belong to somebody else.
if [ "$(id -u)" -eq 0 ]; then
  chown skillwarden:skillwarden /var/lib/skillwarden/journal 2>/dev/null || true
  chmod 0700 /var/lib/skillwarden/journal 2>/dev/null || true
  # /run is often empty at each start of a container.
  mkdir -p /run/skillwarden && chown skillwarden:skillwarden /run/skillwarden 2>/dev/null && chmod 0755 /run/skillwarden
fi

sh "$(dirname "$0")/start-daemon.sh" /opt/skillwarden skillwarden /var/log/skillwarden/daemon.log 30 --system || true

[ "$#" -gt 0 ] || exit 0
exec "$@"
