#!/bin/sh
# Turns the summary of a run into metrics for the textfile collector of node_exporter:
#   prometheus.sh /var/lib/seatrun/summary.json > /var/lib/node_exporter/textfile/seatrun.prom
# A run that was killed leaves `state: running`, of which seatrun_exit_code is -1.
jq -r '
  "seatrun_exit_code \(.exit_code // -1)",
  "seatrun_started_timestamp_seconds \(.started_at | sub("\\.[0-9]+"; "") | fromdate)",
  (select(.seconds) | "seatrun_duration_seconds \(.seconds)"),
  ((.counts // {}) | to_entries[] | "seatrun_rows{status=\"\(.key)\"} \(.value)")
' "${1:?the summary, as of --summary-json}"
