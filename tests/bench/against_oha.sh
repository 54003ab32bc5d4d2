#!/bin/sh
# Compares seatrun with oha, which does nothing but send: both send as many downgrades over as many connections to the
# same static nginx on this machine, in turn, and the ratio of their requests a second is told pair by pair.
#
# seatrun's time is that of its engine's work and of everything around it: start, reading, plan, ledger, report, end.
# Needs nginx (Debian: nginx-light) and oha (`cargo install oha --locked`) in PATH, and a release build of seatrun.
#
#     tests/bench/against_oha.sh [SEATRUN]        SEATRUN is target/release/seatrun unless given
#
# Environment: ROWS (20000), CONCURRENCY (64), PAIRS (7), PORT (18080).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
seatrun=${1:-$here/../../target/release/seatrun}
rows=${ROWS:-20000}
concurrency=${CONCURRENCY:-64}
pairs=${PAIRS:-7}
port=${PORT:-18080}
base=http://127.0.0.1:$port/2.0

for program in nginx oha curl awk; do
    command -v "$program" >/dev/null || { echo "$program is not installed" >&2; exit 1; }
done

scratch=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

# The worker of an nginx that was started by root is another user.
chmod 755 "$scratch"
sed "s/@PORT@/$port/" "$here/nginx.conf" >"$scratch/nginx.conf"
nginx -p "$scratch/" -c nginx.conf &
server=$!
tries=0
until curl -sf "$base/users/me" >"$scratch/me.json"; do
    tries=$((tries + 1))
    [ "$tries" -lt 50 ] || { echo "nginx does not answer on port $port" >&2; exit 1; }
    sleep 0.1
done

awk -v rows="$rows" 'BEGIN {
    print "user_id,action,plan_id,seat_type"
    for (row = 0; row < rows; row++) printf "48569348%09d,downgrade,4843937635559300,VIEWER\n", row
}' >"$scratch/input.csv"

now() { date +%s%N; }

oha_rate() {
    oha --no-tui --output-format json -n "$rows" -c "$concurrency" -m POST -T application/json \
        -H 'Authorization: Bearer x' -d '{"seatType":"VIEWER"}' \
        "$base/users/48569348493401201/plans/4843937635559300/downgrade" |
        sed -n 's/^ *"requestsPerSec": *\([0-9.]*\).*/\1/p'
}

seatrun_rate() {
    state=$(mktemp -d "$scratch/state.XXXXXX")
    began=$(now)
    SMARTSHEET_ACCESS_TOKEN=x "$seatrun" run "$scratch/input.csv" --api-url "$base" --yes --rate 0 \
        --concurrency "$concurrency" --max-changes "$rows" --state-dir "$state" -o "$state/report.csv" -q >&2
    ended=$(now)
    rm -rf "$state"
    echo "$rows $began $ended" | awk '{ printf "%.1f\n", $1 * 1e9 / ($3 - $2) }'
}

oha_rate >/dev/null
seatrun_rate >/dev/null
pair=1
while [ "$pair" -le "$pairs" ]; do
    oha=$(oha_rate)
    ours=$(seatrun_rate)
    echo "$pair $oha $ours" |
        awk -v ratios="$scratch/ratios" '{
            printf "pair %d: oha %.0f/s, seatrun %.0f/s, ratio %.3f\n", $1, $2, $3, $3 / $2
            print $3 / $2 >> ratios
        }'
    pair=$((pair + 1))
done
sort -n "$scratch/ratios" | awk '{ ratio[NR] = $1 } END {
    printf "ratio: median %.3f (from %.3f to %.3f)\n", ratio[int((NR + 1) / 2)], ratio[1], ratio[NR]
}'
