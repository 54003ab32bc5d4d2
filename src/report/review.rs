//! The review: what a plan would do, as a small table that a person reads before agreeing.

use std::fmt::Write as _;
use std::time::Duration;

use super::money;
use super::summary::seconds;
use crate::model::PlanId;
use crate::plan::{AffectedShare, Guard, Highlight, RowEffect, Totals};

/// Requests a second inside the limit (the engine's smoothing).
const SMOOTHING: u64 = 20;

/// How long a number of requests takes.
#[derive(Debug, Clone, Copy)]
pub struct Estimate {
    /// Requests.
    pub requests: u64,
    /// Requests allowed in any 60 seconds; `None` without a limit.
    pub limit: Option<u32>,
}

impl Estimate {
    /// At the set rate, if nothing is repeated; `None` without a limit, when the server alone sets the pace.
    pub fn duration(self) -> Option<Duration> {
        let limit = u64::from(self.limit?.max(1));
        // All full windows but the last, which goes out as fast as the smoothing lets it.
        let windows = self.requests.saturating_sub(1) / limit;
        let rest = self.requests - windows * limit;
        Some(Duration::from_secs(windows * 60 + rest.div_ceil(SMOOTHING)))
    }

    fn words(self) -> String {
        let requests = self.requests;
        let plural = if requests == 1 { "" } else { "s" };
        match (self.limit, self.duration()) {
            (Some(limit), Some(duration)) => {
                format!("{requests} request{plural}, about {} at {limit} a minute", seconds(duration))
            }
            (Some(_) | None, _) => format!("{requests} request{plural}, without a limit"),
        }
    }
}

/// What a person should know of a plan before it is carried out.
#[derive(Debug, Clone, Copy)]
pub struct PlanOverview<'a> {
    /// As whom and in which account; none without a network.
    pub who: Option<&'a str>,
    /// What the plan comes to.
    pub totals: &'a Totals,
    /// What it costs.
    pub estimate: Estimate,
    /// The rows to look at first.
    pub highlights: &'a [Highlight],
    /// What should be known of the plan as a whole, in sentences.
    pub warnings: &'a [String],
    /// What nothing shows beforehand, in sentences.
    pub unchecked_risks: &'a [&'a str],
    /// The guards that it trips.
    pub guards: &'a [Guard],
}

impl PlanOverview<'_> {
    /// The review as lines that end, for a dry run and above a question.
    pub fn text(&self) -> String {
        let mut text = self.who.map(|who| headline(who, self.totals)).unwrap_or_default();
        text.push_str(&table(self.totals));
        text.push_str(&money::lines(&self.totals.paid_seats));
        text.push_str(&lasting(self.totals));
        if self.estimate.requests > 0 {
            let _ = writeln!(text, "{}", self.estimate.words());
        }
        if !self.highlights.is_empty() {
            text.push_str("look at these first:\n");
        }
        for Highlight { row, who, what, reasons } in self.highlights {
            let _ = writeln!(text, "  row {row}: {who}, {what}: {}", reasons.join("; "));
        }
        for warning in self.warnings {
            let _ = writeln!(text, "warning: {warning}");
        }
        for remark in self.unchecked_risks {
            let _ = writeln!(text, "not checked in advance: {remark}");
        }
        for guard in self.guards {
            let _ = writeln!(text, "a run would be refused: {}\n  hint: {}", guard.message, guard.hint);
        }
        text
    }
}

/// As whom, in which account and plan, and how many of its users.
fn headline(who: &str, totals: &Totals) -> String {
    let named = |plan: PlanId| match totals.plan_names.get(&plan) {
        Some(name) => format!("plan {name} ({plan})"),
        None => format!("plan {plan}"),
    };
    match totals.shares.as_slice() {
        [] => format!("as {who}\n"),
        [only @ AffectedShare { plan: None, .. }] => format!("as {who}, {}\n", users(*only)),
        [only @ AffectedShare { plan: Some(plan), .. }] => format!("as {who}, {}, {}\n", named(*plan), users(*only)),
        several => several.iter().fold(format!("as {who}\n"), |mut text, share| {
            let plan = share.plan.map_or_else(|| "rows about no plan".to_owned(), named);
            let _ = writeln!(text, "  {plan}: {}", users(*share));
            text
        }),
    }
}

fn users(share: AffectedShare) -> String {
    let plural = if share.users == 1 { "" } else { "s" };
    match (share.of, share.per_cent()) {
        (Some(of), Some(per_cent)) if per_cent < 1.0 => format!("{} of {of} users, less than 1%", share.users),
        (Some(of), Some(per_cent)) => format!("{} of {of} users, {per_cent:.0}%", share.users),
        (Some(_) | None, _) => format!("{} user{plural}", share.users),
    }
}

/// What would be sent, by action, the seat before and the seat asked for.
fn table(totals: &Totals) -> String {
    if totals.effects.is_empty() {
        return "nothing would be sent\n".to_owned();
    }
    let seats = |effect: &RowEffect| match (&effect.from, effect.to) {
        (Some(from), Some(to)) => format!("{from} → {to}"),
        (None, Some(to)) => format!("to {to}"),
        (Some(from), None) => format!("from {from}"),
        (None, None) => String::new(),
    };
    let rows: Vec<_> = totals.effects.iter().map(|(effect, rows)| (effect.action, seats(effect), rows)).collect();
    let widest = rows.iter().map(|(_, seats, _)| seats.chars().count()).max().unwrap_or_default();
    rows.iter().fold("would be sent:\n".to_owned(), |mut text, (action, seats, rows)| {
        let _ = writeln!(text, "  {action:<11} {seats:<widest$} {rows:>7}");
        text
    })
}

/// What cannot be undone, or not for long.
fn lasting(totals: &Totals) -> String {
    let counts = [
        (totals.removals, "cannot be undone", "removal"),
        (totals.trials_ended, "cannot be given back", "provisional seat"),
        (totals.deactivations, "final after 30 days", "deactivation"),
    ];
    counts.into_iter().filter(|(count, ..)| *count > 0).fold(String::new(), |mut text, (count, how, what)| {
        let plural = if count == 1 { "" } else { "s" };
        let _ = writeln!(text, "{how}: {count} {what}{plural}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ActionName, PlanId, ReportedSeat, Seat};
    use crate::plan::{Amount, PaidSeats};

    #[test]
    fn the_review_says_as_whom_what_and_what_for_good() {
        let (plan, seen) = (PlanId::new(4_843_937_635_559_300), |seat| Some(ReportedSeat::Known(seat)));
        let mut totals = Totals {
            requests: 212,
            users: 212,
            shares: vec![AffectedShare { plan, users: 212, of: Some(812) }],
            removals: 2,
            deactivations: 1,
            trials_ended: 9,
            ..Totals::default()
        };
        let effect = |action, from, to| RowEffect { action, from, to };
        totals.effects = [
            (effect(ActionName::Downgrade, seen(Seat::Member), Some(Seat::Viewer)), 200),
            (effect(ActionName::Downgrade, seen(Seat::ProvisionalMember), Some(Seat::Viewer)), 9),
            (effect(ActionName::Deactivate, seen(Seat::Member), None), 1),
            (effect(ActionName::Remove, None, None), 2),
        ]
        .into();
        let freed = Amount { certain: 201, possible: 2 };
        totals.paid_seats.plans.insert(plan, PaidSeats { freed, ..PaidSeats::default() });
        let highlights = Highlight {
            row: 7,
            who: "jane@acme.example".into(),
            what: "remove".into(),
            reasons: vec!["a System Admin".into(), "removed for good".into()],
        };
        let guard = Guard { message: "too many".into(), hint: "fewer".into() };
        let review = PlanOverview {
            who: Some("joe@acme.example in Acme"),
            totals: &totals,
            estimate: Estimate { requests: 212, limit: Some(270) },
            highlights: &[highlights],
            warnings: &["that is a lot".to_owned()],
            unchecked_risks: &["the weather"],
            guards: &[guard],
        };
        let expected = "\
as joe@acme.example in Acme, plan 4843937635559300, 212 of 812 users, 26%
would be sent:
  downgrade   MEMBER → VIEWER                 200
  downgrade   PROVISIONAL_MEMBER → VIEWER       9
  deactivate  from MEMBER                       1
  remove                                        2
paid seats: up to 203 freed
cannot be undone: 2 removals
cannot be given back: 9 provisional seats
final after 30 days: 1 deactivation
212 requests, about 11 s at 270 a minute
look at these first:
  row 7: jane@acme.example, remove: a System Admin; removed for good
warning: that is a lot
not checked in advance: the weather
a run would be refused: too many
  hint: fewer
";
        assert_eq!(review.text(), expected);
        let nothing = PlanOverview {
            who: None,
            totals: &Totals::default(),
            estimate: Estimate { requests: 0, limit: None },
            highlights: &[],
            warnings: &[],
            unchecked_risks: &[],
            guards: &[],
        };
        assert_eq!(nothing.text(), "nothing would be sent\n");
    }

    #[test]
    fn the_headline_names_every_plan_and_its_share() {
        let share = |plan, users, of| AffectedShare { plan: PlanId::new(plan), users, of };
        let names: std::collections::BTreeMap<_, _> =
            PlanId::new(7).map(|plan| (plan, "Acme".to_owned())).into_iter().collect();
        let table = [
            (vec![share(7, 3, Some(4))], "as jane, plan Acme (7), 3 of 4 users, 75%\n"),
            (vec![], "as jane\n"),
            (vec![share(9, 1, None)], "as jane, plan 9, 1 user\n"),
            (vec![share(0, 2, None)], "as jane, 2 users\n"),
            (vec![share(9, 3, Some(10_000))], "as jane, plan 9, 3 of 10000 users, less than 1%\n"),
            (
                vec![share(8, 1, Some(2)), share(9, 2, None)],
                "as jane\n  plan 8: 1 of 2 users, 50%\n  plan 9: 2 users\n",
            ),
        ];
        for (shares, expected) in table {
            let totals = Totals { shares, plan_names: names.clone(), ..Totals::default() };
            assert_eq!(headline("jane", &totals), expected);
        }
    }

    #[test]
    fn the_time_is_what_the_pace_takes() {
        let table = [(0, 0), (1, 1), (200, 10), (270, 14), (271, 61), (5_000, 18 * 60 + 7)];
        for (requests, expected) in table {
            let estimate = Estimate { requests, limit: Some(270) };
            assert_eq!(estimate.duration(), Some(Duration::from_secs(expected)), "{requests}");
        }
    }
}
