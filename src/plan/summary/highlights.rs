//! Highlights: the rows that a person should look at before agreeing, each with its reasons.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::history_warnings::RECENT;
use crate::model::{ActionName, Email, Job, Pattern, UserId};
use crate::plan::account_state::AccountState;
use crate::plan::directory::{Directory, Presence};
use crate::plan::protected::Protected;
use crate::plan::row_warning::RowWarning;
use crate::plan::run_plan::{PlannedRow, RunPlan};
use crate::plan::wording::ago;

/// A row worth a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Highlight {
    /// The row number that a spreadsheet shows for it.
    pub row: u64,
    /// The user, by address if it is known.
    pub who: String,
    /// What would be done.
    pub what: String,
    /// Why it is worth a look, the most severe reason first.
    pub reasons: Vec<String>,
}

/// The rows that would be sent and are most worth a look, at most `most` of them, the most severe first.
pub fn highlights(plan: &RunPlan, account_state: &AccountState, now: Timestamp, most: usize) -> Vec<Highlight> {
    let nothing = Directory::default();
    let directory = account_state.directory.as_ref().unwrap_or(&nothing);
    let rare = plan.row_warnings().into_iter().filter(|(_, warned)| warned.rows <= most as u64);
    let rare = rare.map(|(warning, _)| warning).collect();
    let scorer = HighlightScorer { directory, protected: &account_state.protected, rare, now };
    let mut found: Vec<_> = plan.rows.iter().filter_map(|planned| scorer.judge(planned)).collect();
    // Sorting keeps the order of the file among rows of the same score.
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().take(most).map(|(_, highlights)| highlights).collect()
}

/// How much a reason counts. The score of a row is the sum of its reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Severity {
    Admin = 100,
    NewAdmin = 90,
    NearlyProtected = 80,
    Removal = 60,
    GroupAdmin = 40,
    ChangedRecently = 30,
    Note = 20,
    External = 10,
}

struct HighlightScorer<'a> {
    directory: &'a Directory,
    protected: &'a [Protected],
    /// Warnings that only a few rows have; one that many rows have singles out none.
    rare: BTreeSet<RowWarning>,
    now: Timestamp,
}

impl HighlightScorer<'_> {
    fn judge(&self, planned: &PlannedRow) -> Option<(u32, Highlight)> {
        let job = planned.step.job().filter(|job| job.action.name().changes())?;
        let person = self.directory.person(job.user);
        let email = planned.email.as_ref().or_else(|| person?.email.as_ref());
        let mut reasons = self.of_user(job, email);
        reasons.extend(self.of_seat(job));
        reasons.extend(planned.notes.iter().map(|note| (Severity::Note, note.clone())));
        let rare = planned.row_warnings.iter().filter(|warning| self.rare.contains(warning));
        reasons.extend(rare.map(|warning| (Severity::Note, without_source(&warning.to_string()))));
        reasons.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let score = reasons.iter().map(|(score, _)| *score as u32).sum();
        if score == 0 {
            return None;
        }
        let highlights = Highlight {
            row: planned.row,
            who: email.map_or_else(|| format!("user {}", job.user), ToString::to_string),
            what: match job.action.seat() {
                Some(seat) => format!("{} to {seat}", job.action.name()),
                None => job.action.name().to_string(),
            },
            reasons: reasons.into_iter().map(|(_, reason)| reason).collect(),
        };
        Some((score, highlights))
    }

    fn of_user(&self, job: &Job, email: Option<&Email>) -> Vec<(Severity, String)> {
        let mut reasons = Vec::new();
        let attributes = self.directory.person(job.user).map(|person| &person.attributes);
        if attributes.is_some_and(|attributes| attributes.admin == Some(true)) {
            reasons.push((Severity::Admin, "a System Admin".to_owned()));
        }
        if attributes.is_some_and(|attributes| attributes.group_admin == Some(true)) {
            reasons.push((Severity::GroupAdmin, "a group admin".to_owned()));
        }
        if job.action.attributes().is_some_and(|wanted| wanted.admin == Some(true)) {
            reasons.push((Severity::NewAdmin, "becomes a System Admin".to_owned()));
        }
        if job.action.name() == ActionName::Remove {
            reasons.push((Severity::Removal, "removed for good".to_owned()));
        }
        if let Some(entry) = self.protected.iter().find(|entry| is_near_miss(&entry.pattern, job.user, email)) {
            let reason = format!("nearly `{}`, which {} protects", entry.pattern, entry.place);
            reasons.push((Severity::NearlyProtected, reason));
        }
        reasons
    }

    fn of_seat(&self, job: &Job) -> Vec<(Severity, String)> {
        let Some(plan) = job.action.plan().or_else(|| self.directory.default_plan()) else { return Vec::new() };
        let Presence::Holds(held) = self.directory.presence(plan, job.user) else { return Vec::new() };
        let mut reasons = Vec::new();
        let is_late = |at: &Timestamp| *at <= self.now && self.now.duration_since(*at) <= RECENT;
        if let Some(changed) = held.changed.filter(is_late) {
            reasons.push((Severity::ChangedRecently, format!("the seat was changed {}", ago(changed, self.now))));
        }
        if held.is_internal == Some(false) {
            reasons.push((Severity::External, "external".to_owned()));
        }
        reasons
    }
}

/// A sentence without the source at its end, which is named once for all rows.
fn without_source(text: &str) -> String {
    let before = text.strip_suffix(')').and_then(|text| text.rsplit_once(" (")).map(|(before, _)| before);
    before.unwrap_or(text).to_owned()
}

/// Whether an entry that does not protect a user may be meant to: the same name at another domain, a domain below the
/// protected one, an id that is the same up to where spreadsheets round.
fn is_near_miss(pattern: &Pattern, user: UserId, email: Option<&Email>) -> bool {
    match (pattern, email) {
        (Pattern::User(meant), _) => is_rounded_alike(meant.get(), user.get()),
        (Pattern::Address(meant), Some(email)) => {
            meant != email && email.as_str().split('@').next() == meant.as_str().split('@').next()
        }
        (Pattern::Domain(meant), Some(email)) => meant.is_above(email),
        (Pattern::Address(_) | Pattern::Domain(_), None) => false,
    }
}

/// Whether two ids agree in the fifteen digits that a spreadsheet keeps.
fn is_rounded_alike(one: u64, other: u64) -> bool {
    let kept = |id: u64| id.checked_ilog10().filter(|digits| *digits >= 15).map(|digits| id / 10_u64.pow(digits - 14));
    one != other && one.checked_ilog10() == other.checked_ilog10() && kept(one).is_some() && kept(one) == kept(other)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::model::{Action, Attributes, PlanId, ReportedSeat, Seat};
    use crate::plan::{Person, SeatRecord, Step};

    const PLAN: PlanId = PlanId::new(9).unwrap();

    fn user(id: u64) -> UserId {
        UserId::new(id).unwrap()
    }

    fn row(row: u64, id: u64, action: Action) -> PlannedRow {
        PlannedRow::new(row, Step::Send(Job { user: user(id), action }))
    }

    #[test]
    fn the_most_severe_rows_come_first_each_with_its_reasons() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let person = |email: &str, admin, group_admin| Person {
            email: Email::new(email),
            attributes: Attributes { admin: Some(admin), group_admin: Some(group_admin), ..Attributes::default() },
            ..Person::default()
        };
        let mut directory = Directory::default();
        directory.note_default_plan(PLAN);
        directory.note_person(user(1), person("jane@acme.example", true, false));
        directory.note_person(user(2), person("joe@acme.example", false, true));
        directory.note_person(user(3), person("plain@acme.example", false, false));
        directory.note_person(user(4), person("ceo@acme.test", false, false));
        let held = |is_internal, days: i64| SeatRecord {
            changed: Some(now - SignedDuration::from_hours(24 * days)),
            is_internal: Some(is_internal),
            ..SeatRecord::seat(ReportedSeat::Known(Seat::Member))
        };
        directory.note_seat(PLAN, user(2), held(true, 2));
        directory.note_seat(PLAN, user(3), held(true, 20));
        directory.note_seat(PLAN, user(5), held(false, 20));
        let protected = vec![Protected { pattern: "ceo@acme.example".parse().unwrap(), place: "etc.toml:3".into() }];
        let account_state = AccountState { directory: Some(directory), protected, ..AccountState::default() };
        let new_admin = Action::Update(Box::new(Attributes { admin: Some(true), ..Attributes::default() }));
        let noted = PlannedRow { notes: Box::new(["probably refused".into()]), ..row(9, 7, Action::Deactivate) };
        let plan = RunPlan::new([
            row(2, 3, Action::Deactivate),
            row(3, 5, Action::Deactivate),
            row(4, 2, Action::Deactivate),
            row(5, 1, Action::Deactivate),
            row(6, 4, Action::Deactivate),
            row(7, 6, new_admin),
            row(8, 1, Action::Plans),
            noted,
            row(10, 8, Action::Remove { plan: PLAN }),
        ]);
        let found = highlights(&plan, &account_state, now, 10);
        let words: Vec<_> =
            found.iter().map(|it| format!("{} {} {}: {}", it.row, it.who, it.what, it.reasons.join("; "))).collect();
        let expected = [
            "5 jane@acme.example deactivate: a System Admin",
            "7 user 6 update: becomes a System Admin",
            "6 ceo@acme.test deactivate: nearly `ceo@acme.example`, which etc.toml:3 protects",
            "4 joe@acme.example deactivate: a group admin; the seat was changed 2 days ago, on 2026-11-19",
            "10 user 8 remove: removed for good",
            "9 user 7 deactivate: probably refused",
            "3 user 5 deactivate: external",
        ];
        assert_eq!(words, expected);
        assert_eq!(highlights(&plan, &account_state, now, 3), found[..3]);
    }

    #[test]
    fn a_user_who_is_nearly_protected_is_a_near_miss() {
        let table = [
            ("ceo@acme.example", 1, Some("ceo@acme.test"), true),
            ("ceo@acme.example", 1, Some("ceo@acme.example"), false),
            ("ceo@acme.example", 1, Some("cfo@acme.example"), false),
            ("ceo@acme.example", 1, None, false),
            ("*@acme.example", 1, Some("jane@board.acme.example"), true),
            ("*@acme.example", 1, Some("jane@notacme.example"), false),
            ("48569348493401201", 48_569_348_493_401_200, None, true),
            ("48569348493401201", 48_569_348_493_401_201, None, false),
            ("48569348493401201", 48_569_348_493_402_201, None, false),
            ("48569348493401201", 485_693_484_934_012, None, false),
            ("123", 124, None, false),
        ];
        for (pattern, id, email, expected) in table {
            let email = email.and_then(Email::new);
            assert_eq!(is_near_miss(&pattern.parse().unwrap(), user(id), email.as_ref()), expected, "{pattern} {id}");
        }
    }
}
