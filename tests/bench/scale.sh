#!/bin/sh
# Holds seatrun on large files against Python's csv module, which does nothing but copy the same file, in turn:
#
# - the review of a file of a million rows, without a network;
# - what a run of 200,000 rows does beside sending: from its start to its first request, and from the last answer to its
#   end. An nginx on this machine, to which every change is a success at once, tells when these were.
#
# Needs python3, GNU time (Debian: time) and nginx (Debian: nginx-light) in PATH, and a release build of seatrun.
#
#     tests/bench/scale.sh [SEATRUN]        SEATRUN is target/release/seatrun unless given
#
# Environment: REVIEWED (1000000), RUN (200000), PAIRS (5), CONCURRENCY (64), PORT (18081).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
seatrun=${1:-$here/../../target/release/seatrun}
reviewed=${REVIEWED:-1000000}
run=${RUN:-200000}
pairs=${PAIRS:-5}
concurrency=${CONCURRENCY:-64}
port=${PORT:-18081}
base=http://127.0.0.1:$port/2.0

for program in python3 nginx curl awk; do
    command -v "$program" >/dev/null || { echo "$program is not installed" >&2; exit 1; }
done
[ -x /usr/bin/time ] || { echo "GNU time is not installed" >&2; exit 1; }

scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/seatrun-scale.XXXXXX")
server=
cleanup() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

# Ids as Smartsheet's, in no order, and columns that are only carried.
sheet() {
    python3 - "$1" "$2" <<'END'
import random, sys
draw = random.Random(5)
with open(sys.argv[2], "w") as sheet:
    sheet.write("user_id,action,plan_id,seat_type,department,name\n")
    for row in range(int(sys.argv[1])):
        user = draw.randrange(10**15, 9 * 10**15) * 10 + draw.randrange(1, 10)
        sheet.write(f"{user},downgrade,4843937635559300,CONTRIBUTOR,Dept {row % 40},Person {row:07}\n")
END
}

cat >"$scratch/copy.py" <<'END'
import csv, sys
with open(sys.argv[1], newline="") as source, open(sys.argv[2], "w", newline="") as copy:
    writer = csv.writer(copy)
    for row in csv.reader(source):
        writer.writerow(row)
END

# Runs a command and prints its seconds and its peak of memory in kilobytes of 1,000 bytes. What it says is put aside.
measured() {
    /usr/bin/time -q -f '%e %M' -o "$scratch/time" "$@" >"$scratch/said" 2>&1 || true
    awk '{ printf "%s %.0f\n", $1, $2 * 1.024 }' "$scratch/time"
}

median() { sort -n | awk '{ value[NR] = $1 } END { printf "%.3f", value[int((NR + 1) / 2)] }'; }

sheet "$reviewed" "$scratch/reviewed.csv"
echo "review of $reviewed rows ($(wc -c <"$scratch/reviewed.csv") bytes) against a copy by Python"
pair=1
while [ "$pair" -le "$pairs" ]; do
    copy=$(measured python3 "$scratch/copy.py" "$scratch/reviewed.csv" "$scratch/copy.csv")
    rm -f "$scratch/review.csv"
    ours=$(measured "$seatrun" run "$scratch/reviewed.csv" --dry-run --offline \
        --state-dir "$scratch/state" -o "$scratch/review.csv")
    [ "$(wc -l <"$scratch/review.csv")" -gt "$reviewed" ] || { cat "$scratch/said" >&2; exit 1; }
    echo "$pair $copy $ours" | awk -v ratios="$scratch/ratios" '{
        printf "pair %d: copy %.2f s, review %.2f s and %.0f MB, ratio %.3f\n", $1, $2, $4, $5 / 1000, $4 / $2
        print $4 / $2 >> ratios
    }'
    pair=$((pair + 1))
done
echo "ratio: median $(median <"$scratch/ratios")"
rm -rf "$scratch/ratios" "$scratch/state" "$scratch/review.csv" "$scratch/copy.csv" "$scratch/reviewed.csv"

# Of the changes, the server notes when each came.
chmod 755 "$scratch"
sed -e "s/@PORT@/$port/" -e "s|access_log off;|log_format when '\$msec \$request_method'; access_log when.log when buffer=1m;|" \
    "$here/nginx.conf" >"$scratch/nginx.conf"
nginx -p "$scratch/" -c nginx.conf &
server=$!
tries=0
until curl -sf "$base/users/me" >"$scratch/me.json"; do
    tries=$((tries + 1))
    [ "$tries" -lt 50 ] || { echo "nginx does not answer on port $port" >&2; exit 1; }
    sleep 0.1
done

sheet "$run" "$scratch/run.csv"
echo "what a run of $run rows does beside sending, against a copy by Python"
pair=1
while [ "$pair" -le "$pairs" ]; do
    copy=$(measured python3 "$scratch/copy.py" "$scratch/run.csv" "$scratch/copy.csv")
    rm -rf "$scratch/state" "$scratch/report.csv"
    : >"$scratch/when.log"
    began=$(date +%s.%N)
    ours=$(SMARTSHEET_ACCESS_TOKEN=x measured "$seatrun" run "$scratch/run.csv" --api-url "$base" --yes --rate 0 \
        --concurrency "$concurrency" --max-changes "$run" --state-dir "$scratch/state" -o "$scratch/report.csv" -q)
    kill -USR1 "$server" && sleep 0.2
    [ "$(wc -l <"$scratch/report.csv")" -gt "$run" ] || { cat "$scratch/said" >&2; exit 1; }
    sending=$(awk '$2 == "POST" { if (!first || $1 < first) first = $1; if ($1 > last) last = $1 }
        END { printf "%.3f %.3f", first, last }' "$scratch/when.log")
    echo "$pair $copy $ours $began $sending" | awk -v ratios="$scratch/ratios" '{
        before = $7 - $6; after = $6 + $4 - $8
        printf "pair %d: copy %.2f s, before %.2f s, after %.2f s, %.0f MB, ratio %.3f; sending %.2f s\n",
            $1, $2, before, after, $5 / 1000, (before + after) / $2, $8 - $7
        print (before + after) / $2 >> ratios
    }'
    pair=$((pair + 1))
done
echo "ratio: median $(median <"$scratch/ratios")"
