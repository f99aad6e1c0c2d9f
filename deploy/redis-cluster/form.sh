#!/bin/sh
# Makes one cluster of redis, redis-2 and redis-3, each with a third of the slots, and again when a master came back as a
# stranger (its state lies in memory, so a stopped container forgets who it was). Sessions of that master are lost by then.
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

# Only what has no slots, or is known to nobody, is made new: the sessions of the others stay where they are.
form() {
  epoch=$(date +%s)
  first=0
  for node in redis redis-2 redis-3; do
    last=$((first + 5461))
    [ "$node" = redis-3 ] && last=16383
    at "$node" CLUSTER NODES | grep -q 'myself.* [0-9]\+-[0-9]\+' || {
      at "$node" CLUSTER ADDSLOTSRANGE "$first" "$last" || { at redis CLUSTER RESET SOFT; at "$node" CLUSTER RESET SOFT; }
    }
    first=$((last + 1))
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
