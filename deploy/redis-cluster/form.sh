#!/bin/sh
# Makes one cluster of redis, redis-2 and redis-3, each with a third of the slots, and makes it anew, empty, when it stays broken with
# all three there: a new container is a stranger to the others. A master that is only restarted or away for a while is left to itself.
set -u
REDISCLI_AUTH=$(sed 's/^requirepass //' /run/reprise/password.conf)
export REDISCLI_AUTH

at() { node=$1; shift; redis-cli -e -h "$node" "$@"; }
address() { getent hosts "$1" | awk '{ print $1 }'; }

# Every master knows three, and all slots are served.
formed() {
  for node in redis redis-2 redis-3; do
    info=$(at "$node" CLUSTER INFO) || return 1
    echo "$info" | grep -q 'cluster_known_nodes:3' || return 1
    echo "$info" | grep -q 'cluster_slots_ok:16384' || return 1
  done
}

create() {
  for node in redis redis-2 redis-3; do
    at "$node" FLUSHALL || return 1
    at "$node" CLUSTER RESET HARD || return 1
  done
  redis-cli --cluster create "$(address redis):6379" "$(address redis-2):6379" "$(address redis-3):6379" --cluster-yes
}

while :; do
  missing=0
  until formed; do
    rm -f /data/formed
    missing=$((missing + 1))
    if [ "$missing" -gt 5 ]; then create && missing=0; fi
    sleep 2
  done
  [ -e /data/formed ] || echo "the cluster is formed"
  : >/data/formed
  sleep 5
done
