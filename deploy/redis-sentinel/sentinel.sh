#!/bin/sh
# A Sentinel writes what it learns into its configuration, so it gets one of its own, in memory. Servers go by their names here:
# a container that comes back has another address.
set -eu
umask 077
{
  echo 'port 26379'
  echo 'sentinel resolve-hostnames yes'
  echo 'sentinel announce-hostnames yes'
  echo "sentinel announce-ip $(hostname -i)"
  echo 'sentinel monitor reprise redis 6379 2'
  echo 'sentinel down-after-milliseconds reprise 3000'
  echo 'sentinel failover-timeout reprise 10000'
  cat /run/reprise/sentinel.conf
} >/data/sentinel.conf
exec redis-server /data/sentinel.conf --sentinel
