#!/bin/sh
# A server under Sentinel, by its own name. Which one is master is the Sentinels' to say: if they are there, they are asked, so that
# a former master that comes back empty begins as a replica of the one there is. Without them `redis` is the first master.
set -eu
name=$1
password=$(sed -n 's/^requirepass //p' /run/reprise/sentinel.conf)

master=$(for sentinel in sentinel-1 sentinel-2 sentinel-3; do
  REDISCLI_AUTH=$password timeout 2 redis-cli -e -h "$sentinel" -p 26379 SENTINEL GET-MASTER-ADDR-BY-NAME reprise 2>/dev/null | head -n 1 || true
done | grep . | head -n 1 || true)
[ -n "$master" ] || master=redis

set -- redis-server /etc/reprise/redis.conf --replica-announce-ip "$name" --repl-diskless-sync-delay 0
[ "$master" = "$name" ] || set -- "$@" --replicaof "$master" 6379
exec "$@"
