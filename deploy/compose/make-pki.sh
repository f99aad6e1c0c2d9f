#!/bin/sh
# The one-shot `pki` service: makes the cluster's certificates and the password of Redis on the first start, and gives
# each part a folder of its own in the volume, with nothing in it that the part does not need. The authority's key stays
# in /pki/authority, which no other service mounts. Run again, it changes nothing.
set -eu
umask 077
cd /pki

/app/reprise certs init --if-missing --out /pki/authority --edges 3 --key-services 2
# In a volume of an earlier version.
[ -s authority/keys-2.crt ] || /app/reprise certs issue keyservice keys-2 --dir /pki/authority
[ -s authority/keys.kek ] || /app/reprise certs kek --out /pki/authority/keys.kek

# give FOLDER FILE-IN-AUTHORITY NAME-THERE: whole or not at all, and only if it differs
give() {
  mkdir -p "$1"
  cmp -s "authority/$2" "$1/$3" && return
  cp -p "authority/$2" "$1/.$3"
  mv "$1/.$3" "$1/$3"
}

# password FILE: makes one, if there is none
password() {
  [ ! -s "authority/$1" ] || return 0
  head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"authority/.$1"
  mv "authority/.$1" "authority/$1"
}

password dashboard.token # in a volume of an earlier version; else it is there
password redis.password
password redis-edge.password
password redis-keys.password
password redis-sentinel.password
printf 'requirepass %s\n' "$(cat authority/redis.password)" >authority/redis-password.conf

# Edges are a user who may do what sessions need, and key services one who may do what their ledger needs, so that neither can touch what is
# the other's, keys or channels: an edge in other hands must not be able to keep key services from removing it. The first line is for the
# topologies under deploy/, where replicas log in to their master.
{
  printf 'masterauth %s\n' "$(cat authority/redis.password)"
  printf 'user edge on >%s ~reprise:s:* ~reprise:sweep:* resetchannels %s\n' "$(cat authority/redis-edge.password)" \
    '+@connection +info +role +config|get +cluster +get +getdel +getrange +set +setex +psetex +unlink +scan +dbsize +memory|usage +subscribe +publish'
  printf 'user keys on >%s ~reprise:k:* resetchannels &reprise:k:* %s\n' "$(cat authority/redis-keys.password)" \
    '+@connection +@transaction +get +mget +set +setex +del +exists +expire +pexpire +hgetall +hset +hmset +xadd +xrange +xrevrange +publish +subscribe +unsubscribe +info +role +config|get +cluster'
} >authority/redis-users.conf
printf 'requirepass %s\nsentinel auth-pass reprise %s\nsentinel sentinel-pass %s\n' \
  "$(cat authority/redis-sentinel.password)" "$(cat authority/redis.password)" "$(cat authority/redis-sentinel.password)" >authority/redis-sentinel.conf

give redis redis-password.conf password.conf
give redis redis-users.conf users.conf
give redis redis-sentinel.conf sentinel.conf

for part in admin keys-1 keys-2 edge-1 edge-2 edge-3; do
  give "$part" ca.crt ca.crt
  give "$part" "$part.crt" node.crt
  give "$part" "$part.key" node.key
done

give admin redis.password redis.password # for sessions stats

for keys in keys-1 keys-2; do
  give "$keys" keys.kek keys.kek
  give "$keys" dashboard.token dashboard.token
  give "$keys" redis-sentinel.password redis-sentinel.password
  give "$keys" redis-keys.password redis-keys.password
done

for edge in edge-1 edge-2 edge-3; do
  give "$edge" site.crt site.crt
  give "$edge" site.key site.key
  give "$edge" redis-edge.password redis-edge.password
  give "$edge" redis-sentinel.password redis-sentinel.password
done
