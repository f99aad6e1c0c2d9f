# Sourced by the benches beside it: one node of ours with its key service, in a directory of its own that goes at the end.
#
#   rig_start [EDGE-JSON-MEMBERS]      more members of the "Edge" object, as '"Loops": 1,'
#   rig_edge                           the node again, alone, as fresh as at the first
#
# Sets work (the directory), edge (its pid), edge_port; add what you start to pids. BENCH_EDGE names a Reprise.Edge to take in the place of one that
# is published for this run, as its image has it.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$root/src/Reprise.Cli/bin/Release/net10.0
base=${BENCH_PORT:-18600} # ports from here up
upstream_port=$base nginx_port=$((base + 1)) edge_port=$((base + 2)) keys_port=$((base + 3))
work=$(mktemp -d "${BENCH_TMP:-/dev/shm}/reprise-bench.XXXXXX")
chmod 755 "$work" # nginx drops root
pids=()

rig_finish() {
    local status=$?
    trap - EXIT
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait || true
    rm -rf -- "$work"
    exit "$status"
}
trap rig_finish EXIT
trap 'exit 130' INT TERM

# rig_wait LOG TEST...: until the test holds, or says what the log says
rig_wait() {
    local log=$1
    shift
    for _ in {1..300}; do "$@" 2>/dev/null && return; sleep 0.1; done
    tail -n 5 "$log" >&2
    return 1
}

rig_connects() { (: </dev/tcp/127.0.0.1/"$1") 2>/dev/null; }

rig_start() {
    if [[ -z ${BENCH_EDGE:-} ]]; then
        dotnet publish "$root/src/Reprise.Edge" -c Release --use-current-runtime --self-contained false -p:PublishReadyToRun=true -o "$work/edge" -v q --nologo >&2
        BENCH_EDGE=$work/edge/Reprise.Edge
    fi
    cd "$work"
    "$bin/reprise" certs init --out pki --edges 1 >/dev/null
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -keyout site.key -out site.crt 2>/dev/null
    cat >keys.json <<JSON
{ "KeyService": { "Name": "keys-1", "Grpc": "127.0.0.1:$keys_port", "Management": "127.0.0.1:0", "ReadyFile": "keys.ready",
  "Authority": "pki/ca.crt", "Certificate": "pki/keys-1.crt", "Key": "pki/keys-1.key" } }
JSON
    cat >edge.json <<JSON
{ "Edge": { "Node": "edge-1", "Listen": ["127.0.0.1:$edge_port"], "Management": "127.0.0.1:0", ${1:-} "ReadyFile": "edge.ready" },
  "KeyService": { "Addresses": ["https://127.0.0.1:$keys_port"], "Authority": "pki/ca.crt", "Certificate": "pki/edge-1.crt", "Key": "pki/edge-1.key" },
  "Profiles": { "bench": { "Certificates": [{ "Chain": "site.crt", "Key": "site.key" }], "IdleTimeout": "01:00:00",
    "Resumption": { "Stateful": false }, "Upstream": { "Http": ["http://127.0.0.1:$upstream_port"] } } } }
JSON
    dotnet "$bin/nodes/keyservice/Reprise.KeyService.dll" --config keys.json >keys.log 2>&1 &
    pids+=($!)
    rig_edge
}

rig_edge() {
    if [[ -n ${edge:-} ]]; then
        kill "$edge"
        wait "$edge" || true
    fi
    rm -f edge.ready
    "$BENCH_EDGE" --config edge.json >edge.log 2>&1 &
    edge=$!
    pids+=("$edge")
    rig_wait edge.log test -e edge.ready
}

# rig_nginx NAME PORT: an nginx with NAME.conf
rig_nginx() {
    mkdir -p "run-$1"
    nginx -p "$work/run-$1" -c "$work/$1.conf" >"$1.log" 2>&1 &
    pids+=($!)
    rig_wait "$1.log" rig_connects "$2"
}
