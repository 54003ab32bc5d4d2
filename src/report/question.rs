//! The question: what a person agrees to, right above the prompt. It says what will not happen before what will.

use std::fmt::Write as _;

use super::money;
use super::review::{lasting, plan_name};
use super::summary::Counts;
use crate::model::{ActionName, Seat, Status};
use crate::plan::{AffectedShare, Reasons, Totals};

/// What a person agrees to.
#[derive(Debug, Clone, Copy)]
pub struct DecisionText<'a> {
    /// What would happen.
    pub totals: &'a Totals,
    /// How many rows would not be sent, by what would become of them.
    pub left_out: &'a Counts,
    /// Why.
    pub reasons: &'a Reasons,
    /// Where rows are approved: how many, and of how many.
    pub approved: Option<(u64, u64)>,
}

impl DecisionText<'_> {
    /// The lines right above the prompt; the last one is the question itself.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if let Some((approved, rows)) = self.approved {
            let _ = writeln!(text, "approved: {approved} of {rows} rows");
        }
        text.push_str(&self.left_out());
        text.push_str(&money::total_line(&self.totals.paid_seats));
        text.push_str(&lasting(self.totals));
        text.push_str(&sentence(self.totals));
        text
    }

    fn left_out(&self) -> String {
        let words = [
            (Status::Invalid, "not understood"),
            (Status::Blocked, "refused"),
            (Status::Unchanged, "already so"),
            (Status::Skipped, "left out"),
        ];
        let counts = words.into_iter().map(|(status, words)| (self.left_out.of(status), words));
        let said: Vec<_> =
            counts.filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect();
        if said.is_empty() {
            return String::new();
        }
        let mut text = format!("will not happen: {}\n", said.join(", "));
        for reason in self.reasons.most_frequent() {
            let _ = writeln!(text, "  {reason}");
        }
        text
    }
}

/// The question in one sentence, with the verb of the action.
fn sentence(totals: &Totals) -> String {
    let effects: Vec<_> = totals.effects.iter().filter(|(effect, _)| effect.action.changes()).collect();
    let mut actions: Vec<(ActionName, u64)> = Vec::new();
    for (effect, rows) in &effects {
        match actions.last_mut() {
            Some((action, count)) if *action == effect.action => *count += **rows,
            Some(_) | None => actions.push((effect.action, **rows)),
        }
    }
    let users = format!("{} user{}", totals.users, if totals.users == 1 { "" } else { "s" });
    let what = match actions.as_slice() {
        [(action, _)] => {
            let seat = effects.first().and_then(|(effect, _)| effect.to);
            let seat: Option<Seat> = seat.filter(|seat| effects.iter().all(|(effect, _)| effect.to == Some(*seat)));
            let to = seat.map(|seat| format!(" to {seat}")).unwrap_or_default();
            format!("{} {users}{to}", capitalized(action.name()))
        }
        several => {
            let each: Vec<_> = several.iter().map(|(action, rows)| format!("{action} {rows}")).collect();
            format!("Change {users} ({})", each.join(", "))
        }
    };
    let place = match totals.shares.as_slice() {
        [] => String::new(),
        [only] => {
            let plan = only.plan.map(|plan| format!(" in {}", plan_name(plan, totals))).unwrap_or_default();
            format!("{plan}{}", share(*only))
        }
        several => format!(" in {} plans", several.len()),
    };
    format!("{what}{place}?\n")
}

fn share(share: AffectedShare) -> String {
    match (share.of, share.per_cent()) {
        (Some(of), Some(per_cent)) if per_cent < 1.0 => format!(", less than 1% of {of}"),
        (Some(of), Some(per_cent)) => format!(", {per_cent:.0}% of {of}"),
        (Some(_) | None, _) => String::new(),
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Outcome, PlanId, ReportedSeat};
    use crate::plan::{Amount, PaidSeats, RowEffect};

    fn totals(effects: &[(ActionName, Option<Seat>, u64)], users: u64, of: Option<u64>) -> Totals {
        let plan = PlanId::new(484).unwrap();
        let from = Some(ReportedSeat::Known(Seat::Member));
        let effects = effects
            .iter()
            .map(|(action, to, rows)| (RowEffect { action: *action, from: from.clone(), to: *to }, *rows));
        Totals {
            effects: effects.collect(),
            users,
            shares: vec![AffectedShare { plan: Some(plan), users, of }],
            plan_names: [(plan, "Acme".to_owned())].into(),
            ..Totals::default()
        }
    }

    #[test]
    fn the_question_has_the_verb_of_the_action_and_the_number_of_users() {
        use ActionName::{Deactivate, Downgrade, Plans, Update};
        let table = [
            (
                totals(&[(Deactivate, None, 158)], 158, Some(766)),
                "Deactivate 158 users in plan Acme (484), 21% of 766?\n",
            ),
            (
                totals(&[(Downgrade, Some(Seat::Viewer), 1)], 1, Some(2000)),
                "Downgrade 1 user to VIEWER in plan Acme (484), less than 1% of 2000?\n",
            ),
            (
                totals(&[(Downgrade, Some(Seat::Viewer), 1), (Downgrade, Some(Seat::Guest), 2)], 3, None),
                "Downgrade 3 users in plan Acme (484)?\n",
            ),
            (
                totals(&[(Downgrade, Some(Seat::Viewer), 4), (Deactivate, None, 2)], 5, Some(10)),
                "Change 5 users (downgrade 4, deactivate 2) in plan Acme (484), 50% of 10?\n",
            ),
            (
                totals(&[(Update, None, 2), (Plans, None, 7)], 2, Some(10)),
                "Update 2 users in plan Acme (484), 20% of 10?\n",
            ),
        ];
        for (totals, expected) in table {
            assert_eq!(sentence(&totals), expected);
        }
    }

    #[test]
    fn what_will_not_happen_comes_first_and_the_question_last() {
        let (mut left_out, mut reasons) = (Counts::default(), Reasons::default());
        for (row, status) in [(2, Status::Invalid), (3, Status::Blocked), (4, Status::Unchanged), (5, Status::Skipped)]
        {
            left_out.add(status);
            reasons.add(row, status, &Outcome::of_row(status, "a reason"));
        }
        let mut totals = totals(&[(ActionName::Deactivate, None, 100)], 100, Some(766));
        totals.deactivations = 100;
        let freed = Amount { certain: 100, possible: 0 };
        for plan in [1, 2] {
            totals.paid_seats.plans.insert(PlanId::new(plan), PaidSeats { freed, ..PaidSeats::default() });
        }
        let question =
            DecisionText { totals: &totals, left_out: &left_out, reasons: &reasons, approved: Some((100, 137)) };
        let expected = "\
approved: 100 of 137 rows
will not happen: 1 not understood, 1 refused, 1 already so, 1 left out
  row 2: a reason
  row 3: a reason
paid seats: 200 freed
final after 30 days: 100 deactivations
Deactivate 100 users in plan Acme (484), 13% of 766?
";
        assert_eq!(question.text(), expected);
    }
}
