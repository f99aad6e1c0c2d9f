#!/bin/sh
# The one-shot `pki` service: makes the cluster's certificates and the password of Redis on the first start, and gives
# each part a folder of its own in the volume, with nothing in it that the part does not need. The authority's key stays
# in /pki/authority, which no other service mounts. Run again, it changes nothing.
set -eu
umask 077
cd /pki

/app/reprise certs init --if-missing --out /pki/authority --edges 3 --key-services 1

# give FOLDER FILE-IN-AUTHORITY NAME-THERE: whole or not at all, and only if it differs
give() {
  mkdir -p "$1"
  cmp -s "authority/$2" "$1/$3" && return
  cp -p "authority/$2" "$1/.$3"
  mv "$1/.$3" "$1/$3"
}

if [ ! -s authority/redis.password ]; then
  head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >authority/.redis.password
  mv authority/.redis.password authority/redis.password
fi
printf 'requirepass %s\n' "$(cat authority/redis.password)" >authority/redis-password.conf

# For the topologies under deploy/: replicas log in to their master, and edges are a user who may do what sessions need.
{
  printf 'masterauth %s\n' "$(cat authority/redis.password)"
  printf 'user edge on >%s ~reprise:* &* %s\n' "$(cat authority/redis.password)" \
    '+@connection +info +role +config|get +cluster +get +getdel +getrange +set +setex +psetex +unlink +scan +dbsize +memory|usage +subscribe +publish'
} >authority/redis-users.conf
printf 'requirepass %s\nsentinel auth-pass reprise %s\nsentinel sentinel-pass %s\n' \
  "$(cat authority/redis.password)" "$(cat authority/redis.password)" "$(cat authority/redis.password)" >authority/redis-sentinel.conf

give redis redis-password.conf password.conf
give redis redis-users.conf users.conf
give redis redis-sentinel.conf sentinel.conf

for part in admin keys-1 edge-1 edge-2 edge-3; do
  give "$part" ca.crt ca.crt
  give "$part" "$part.crt" node.crt
  give "$part" "$part.key" node.key
done

give admin redis.password redis.password # for sessions stats

for edge in edge-1 edge-2 edge-3; do
  give "$edge" site.crt site.crt
  give "$edge" site.key site.key
  give "$edge" redis.password redis.password
done
