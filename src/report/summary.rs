//! The summary: what became of all rows together, for people and for machines.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::money;
use crate::model::{PlanId, RunTraffic, Status, StopReason, UserId};
use crate::plan::{PaidSeatsByPlan, Reasons};

/// How many rows ended in which status. They add up to the rows read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts([u64; Status::ALL.len()]);

impl Counts {
    /// Counts one row.
    pub fn add(&mut self, status: Status) {
        for (at, known) in Status::ALL.into_iter().enumerate() {
            self.0[at] += u64::from(known == status);
        }
    }

    /// Every status with its number, zeros included.
    pub fn each(&self) -> impl Iterator<Item = (Status, u64)> + use<> {
        Status::ALL.into_iter().zip(self.0)
    }

    /// The rows of one status.
    pub fn of(&self, status: Status) -> u64 {
        self.each().filter(|(known, _)| *known == status).map(|(_, count)| count).sum()
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Whether no row is left for a person to look at.
    pub fn are_fine(&self) -> bool {
        self.each().all(|(status, count)| count == 0 || status.is_fine())
    }

    /// Whether anything was changed, or may have been.
    pub fn show_changes(&self) -> bool {
        [Status::Success, Status::PartialSuccess, Status::Unknown].into_iter().any(|status| self.of(status) > 0)
    }
}

/// What is learnt for the summary while a command goes on.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// Whose token it is.
    pub user_id: Option<UserId>,
    /// The plans that rows are about.
    pub plan_ids: BTreeSet<PlanId>,
    /// Why the command ended as it did, unless all is well.
    pub stop: Option<StopNotice>,
}

/// Why a command ended as it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopNotice {
    /// What is wrong.
    pub reason: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The guards that were tripped, in their own words.
    pub guard: Option<String>,
}

/// Whether what is quoted keeps the addresses of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuotedAddresses {
    /// It does.
    Shown,
    /// They are left out.
    Hidden,
}

impl RunFacts {
    /// Nothing is known yet.
    pub const NONE: Self = Self { user_id: None, plan_ids: BTreeSet::new(), stop: None };

    /// The form of the summary: a change that breaks readers raises it.
    const SCHEMA: u32 = 1;

    /// What stands in the place of the summary while a command goes on.
    pub fn running_json(started: Timestamp) -> Value {
        json!({ "schema": Self::SCHEMA, "state": "running", "started_at": started.to_string() })
    }
}

/// What became of a run.
#[derive(Debug, Clone)]
pub struct Summary<'a> {
    /// The run; none for a dry run or a refusal.
    pub run: Option<&'a str>,
    /// The input's name.
    pub input: &'a str,
    /// Where the report is; none when it could not be written, or went to standard output.
    pub report: Option<&'a str>,
    /// How the rows ended.
    pub counts: Counts,
    /// Why rows did not end well.
    pub reasons: &'a Reasons,
    /// How many of them nobody in the account has the address of.
    pub missing_users: u64,
    /// The paid seats that were freed and taken; in a dry run, that would be.
    pub money: &'a PaidSeatsByPlan,
    /// What was sent, and what held it up; none for a dry run or a refusal.
    pub traffic: Option<&'a RunTraffic>,
    /// Why the run ended; none for a dry run or a refusal.
    pub ending: Option<&'a StopReason>,
    /// When it was started.
    pub started: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// The program's exit code.
    pub exit_code: u8,
}

impl Summary<'_> {
    /// For people, a few lines.
    pub fn text(&self) -> String {
        let run = self.run.map(|run| format!("run {run}: ")).unwrap_or_default();
        let rows = self.counts.rows();
        let plural = if rows == 1 { "" } else { "s" };
        let mut text = format!("{run}{rows} row{plural} of {} in {}\n", self.input, seconds(self.took));
        for (status, count) in self.counts.each().filter(|(_, count)| *count > 0) {
            let _ = writeln!(text, "  {status:<15} {count:>7}");
            for reason in self.reasons(status) {
                let _ = writeln!(text, "    {reason}");
            }
        }
        if self.missing_users > 0 {
            let _ = writeln!(text, "of these, without an account: {}", self.missing_users);
        }
        // Of a dry run, the review has said it.
        if self.run.is_some() {
            text.push_str(&money::lines(self.money));
        }
        if let Some(traffic) = self.traffic.filter(|traffic| traffic.is_worth_a_line()) {
            let _ = writeln!(text, "{}", traffic_line(traffic));
        }
        if let Some(report) = self.report {
            let _ = writeln!(text, "report: {report}");
        }
        text
    }

    fn reasons(&self, status: Status) -> Vec<String> {
        // Why a run was refused, its error has said.
        let is_said = self.run.is_none() && status == Status::NotAttempted;
        if is_said { Vec::new() } else { self.reasons.lines(status) }
    }

    /// For machines, one object (`--summary-json`). It names nobody but the token's own user, and that by the id, unless
    /// addresses are asked for.
    pub fn json(&self, facts: &RunFacts, finished: Timestamp, addresses: QuotedAddresses) -> Value {
        let quoted = |text: &str| match addresses {
            QuotedAddresses::Hidden => without_addresses(text),
            QuotedAddresses::Shown => text.to_owned(),
        };
        let counted = self.counted_reason();
        let reason = facts.stop.as_ref().map(|stop| stop.reason.as_str()).or(counted.as_deref());
        let stop = facts.stop.as_ref();
        let counts: Map<_, _> =
            self.counts.each().map(|(status, count)| (status.name().to_owned(), Value::from(count))).collect();
        json!({
            "schema": RunFacts::SCHEMA,
            "version": env!("CARGO_PKG_VERSION"),
            "state": "finished",
            "exit_code": self.exit_code,
            "reason": reason.map(quoted),
            "hint": stop.and_then(|stop| stop.hint.as_deref()).map(quoted),
            "guard": stop.and_then(|stop| stop.guard.as_deref()).map(quoted),
            "user_id": facts.user_id.map(|id| id.to_string()),
            "plan_ids": facts.plan_ids.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "run": self.run,
            "input": self.input,
            "report": self.report,
            "rows": self.counts.rows(),
            "counts": counts,
            "paid_seats": money::json(self.money),
            "traffic": self.traffic.map(traffic_json),
            "ending": self.ending,
            "ending_text": self.ending.map(StopReason::describe),
            "started_at": self.started.to_string(),
            "finished_at": finished.to_string(),
            "seconds": self.took.as_secs_f64(),
        })
    }

    /// Which rows are not well, where nothing else is wrong.
    fn counted_reason(&self) -> Option<String> {
        let not_well = self.counts.each().filter(|(status, count)| *count > 0 && !status.is_fine());
        let listed: Vec<_> = not_well.map(|(status, count)| format!("{count} {status}")).collect();
        (!listed.is_empty()).then(|| format!("rows that are not done: {}", listed.join(", ")))
    }
}

/// The text with each address left out: a summary is readable by everybody.
fn without_addresses(text: &str) -> String {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '`' | '"' | ',' | ';' | ':');
    let part = |part: &str| {
        let word = part.trim_end_matches(is_end);
        let is_address = word.split_once('@').is_some_and(|(local, _)| !local.is_empty() && local != "*");
        if is_address { format!("[address]{}", &part[word.len()..]) } else { part.to_owned() }
    };
    text.split_inclusive(is_end).map(part).collect()
}

/// What was sent, and what held it up, as a person reads it.
fn traffic_line(traffic: &RunTraffic) -> String {
    let RunTraffic { requests, most_in_flight, throttles, is_token_shared, waited } = traffic;
    let mut line = format!("requests: {requests}, at most {most_in_flight} in flight");
    match throttles {
        0 => {}
        1 => line.push_str(", throttled once"),
        2 => line.push_str(", throttled twice"),
        times => _ = write!(line, ", throttled {times} times"),
    }
    if *throttles > 0 {
        let _ = write!(line, ", {} waiting", seconds(*waited));
    }
    if *is_token_shared {
        line.push_str("; another client seems to share this token");
    }
    line
}

fn traffic_json(traffic: &RunTraffic) -> Value {
    json!({
        "requests": traffic.requests,
        "most_in_flight": traffic.most_in_flight,
        "throttles": traffic.throttles,
        "token_seems_shared": traffic.is_token_shared,
        "waited_seconds": traffic.waited.as_secs_f64(),
    })
}

/// A span as a person reads it.
pub(super) fn seconds(span: Duration) -> String {
    let whole = span.as_secs();
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, seconds) if seconds < 10 => format!("{:.1} s", span.as_secs_f64()),
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_and_zeros_are_named_for_machines() {
        let mut counts = Counts::default();
        for status in [Status::Success, Status::Success, Status::Unknown] {
            counts.add(status);
        }
        let summary = Summary {
            run: Some("r1"),
            input: "leavers.csv",
            report: Some("leavers.report.csv"),
            counts,
            reasons: &Reasons::default(),
            missing_users: 2,
            money: &PaidSeatsByPlan::default(),
            traffic: Some(&RunTraffic {
                requests: 3,
                most_in_flight: 2,
                throttles: 2,
                is_token_shared: true,
                waited: Duration::from_secs(124),
            }),
            ending: Some(&StopReason::Deadline),
            started: Timestamp::UNIX_EPOCH,
            took: Duration::from_secs(75),
            exit_code: 4,
        };
        let json = summary.json(&RunFacts::NONE, Timestamp::UNIX_EPOCH, QuotedAddresses::Hidden);
        assert_eq!(json["rows"], 3);
        let sum: u64 = json["counts"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!((sum, json["counts"]["FAILED"].as_u64()), (3, Some(0)));
        let text = summary.text();
        assert!(text.contains("3 rows of leavers.csv in 1 min 15 s"), "{text}");
        assert!(text.contains("\nof these, without an account: 2\n"), "{text}");
        assert!(
            text.contains("requests: 3, at most 2 in flight, throttled twice, 2 min 4 s waiting; another client"),
            "{text}"
        );
    }

    #[test]
    fn no_address_is_in_a_summary() {
        let table = [
            ("jane@acme.example is not a System Admin", "[address] is not a System Admin"),
            ("Jane (jane@acme.example), `j.d@x.org`: no", "Jane ([address]), `[address]`: no"),
            ("protected by `*@acme.example`; nobody @ home", "protected by `*@acme.example`; nobody @ home"),
        ];
        for (text, expected) in table {
            assert_eq!(without_addresses(text), expected);
        }
    }

    #[test]
    fn spans_read_as_people_say_them() {
        let table = [(2_340, "2.3 s"), (59_000, "59 s"), (61_000, "1 min 1 s"), (7_260_000, "2 h 1 min")];
        for (milliseconds, expected) in table {
            assert_eq!(seconds(Duration::from_millis(milliseconds)), expected);
        }
    }
}
