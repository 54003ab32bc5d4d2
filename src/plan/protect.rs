//! Protection: users whom no run changes, whatever a file says.

use super::build::{Addresses, Circumstances, Plan, Planned, Step};
use super::guard::Guard;
use super::predict::Prediction;
use crate::model::{Email, Job, Outcome, Pattern, Status, UserId};

/// An entry of the list of protected users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protected {
    /// Whom it means.
    pub pattern: Pattern,
    /// Where it stands, as a person would look it up.
    pub place: String,
}

/// Whether a user is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection<'p> {
    /// No entry means this user.
    Open,
    /// This entry does.
    By(&'p Protected),
    /// This entry may: it goes by the address, which is not known.
    Unclear(&'p Protected),
}

/// Whether a user is protected by one of `entries`, as far as the id and the address that are known tell.
pub fn protection<'p>(entries: &'p [Protected], user: Option<UserId>, email: Option<&Email>) -> Protection<'p> {
    let judged = || entries.iter().map(|entry| (entry, entry.pattern.matches(user, email)));
    match judged().find(|(_, is_meant)| *is_meant == Some(true)) {
        Some((entry, _)) => Protection::By(entry),
        None => judged()
            .find(|(_, is_meant)| is_meant.is_none())
            .map_or(Protection::Open, |(entry, _)| Protection::Unclear(entry)),
    }
}

impl Protected {
    /// How a row of a protected user ends.
    pub fn outcome(&self) -> Outcome {
        let message = format!("protected user: `{}` in {} protects them", self.pattern, self.place);
        let mut outcome = Outcome::of_row(Status::Skipped, message);
        outcome.hint = Some("take the entry out there, if this user is to be changed all the same".to_owned());
        outcome
    }

    /// Why a row is not sent whose user this may protect, because the API does not show the address.
    pub fn doubt(&self) -> Prediction {
        Prediction {
            message: format!(
                "`{}` in {} protects users by their address, and the API does not show this one's",
                self.pattern, self.place
            ),
            hint: "give the user's address in a column `email`".to_owned(),
        }
    }
}

/// Leaves out the rows of protected users, and of those who may be protected although their addresses were read.
pub(super) fn spare(rows: &mut [Planned], circumstances: &Circumstances) {
    if circumstances.protected.is_empty() {
        return;
    }
    for planned in rows {
        planned.step = match judge(planned, circumstances) {
            Some((Protection::By(entry), job)) => Step::Ended(job.cloned(), Box::new(entry.outcome())),
            Some((Protection::Unclear(entry), Some(job))) if circumstances.addresses == Addresses::Read => {
                Step::Blocked(job.clone(), Box::new(entry.doubt()))
            }
            Some((Protection::Open | Protection::Unclear(_), _)) | None => continue,
        };
    }
}

/// The guard that a row trips whose user may be protected, because nobody knows the address. Without a network, nothing
/// is judged: the run will know.
pub(super) fn unclear(plan: &Plan, circumstances: &Circumstances) -> Option<Guard> {
    circumstances.directory.as_ref()?;
    refused(plan.rows.iter().filter_map(|planned| Some((planned.row, judge(planned, circumstances)?.0))))
}

/// The guard that rows trip whose users may be protected, because nobody knows their addresses.
pub fn refused<'p>(rows: impl Iterator<Item = (u64, Protection<'p>)>) -> Option<Guard> {
    let unclear = rows.filter_map(|(row, protection)| match protection {
        Protection::Unclear(entry) => Some((row, entry)),
        Protection::Open | Protection::By(_) => None,
    });
    let unclear: Vec<_> = unclear.collect();
    let (row, entry) = unclear.first()?;
    let whose = match unclear.len() {
        1 => "the address of 1 user is".to_owned(),
        count => format!("the addresses of {count} users are"),
    };
    Some(Guard {
        message: format!(
            "{whose} not known (the first in row {row}), and `{}` in {} protects users by their address",
            entry.pattern, entry.place
        ),
        hint: "give the addresses in a column `email`, or leave --no-preflight out so that they are read".to_owned(),
    })
}

/// Whether the user of a row is protected, if the row would change them.
fn judge<'a>(planned: &'a Planned, circumstances: &'a Circumstances) -> Option<(Protection<'a>, Option<&'a Job>)> {
    let (user, email, job) = match &planned.step {
        Step::Send(job) if job.action.name().changes() => (Some(job.user), planned.email.as_ref(), Some(job)),
        Step::SendTo(email, action) if action.name().changes() => (None, Some(email), None),
        Step::SendSomewhere(action) if action.changes() => (None, planned.email.as_ref(), None),
        Step::Send(_) | Step::SendTo(..) | Step::SendSomewhere(_) | Step::Blocked(..) | Step::Ended(..) => return None,
    };
    let read = || circumstances.directory.as_ref()?.person(user?)?.email.as_ref();
    Some((protection(&circumstances.protected, user, email.or_else(read)), job))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Action;
    use crate::plan::{Directory, Person};

    fn entries(patterns: &[&str]) -> Vec<Protected> {
        let numbered = (1..).zip(patterns);
        numbered
            .map(|(line, text)| Protected { pattern: text.parse().unwrap(), place: format!("etc.toml:{line}") })
            .collect()
    }

    #[test]
    fn a_protected_user_is_skipped_with_the_entry_and_its_place() {
        let email = |text: &str| Email::new(text);
        let row = |user: u64, email: Option<Email>, action: Action| {
            let step = Step::Send(Job { user: UserId::new(user).unwrap(), action });
            Planned { email, ..Planned::new(2, step) }
        };
        let mut directory = Directory::default();
        let person = Person { email: email("jane@board.example"), ..Person::default() };
        directory.note_person(UserId::new(5).unwrap(), person);
        // entries, user, address in the row, what is done, the entry that protects
        let table = [
            (vec!["5"], 5, None, Action::Deactivate, Some("`5` in etc.toml:1")),
            (vec!["*@board.example"], 5, None, Action::Deactivate, Some("`*@board.example` in etc.toml:1")),
            (vec!["7", "Jane@Board.example"], 5, None, Action::Deactivate, Some("`jane@board.example` in etc.toml:2")),
            (vec!["*@acme.example", "6"], 6, email("joe@acme.example"), Action::Deactivate, Some("`*@acme.example`")),
            (vec!["*@board.example"], 5, None, Action::Plans, None),
            (vec!["6", "joe@board.example", "*@acme.example"], 5, None, Action::Deactivate, None),
            (vec!["*@board.example"], 6, None, Action::Deactivate, None),
        ];
        for (patterns, user, address, action, expected) in table {
            let protected = entries(&patterns);
            let circumstances =
                Circumstances { protected, directory: Some(directory.clone()), ..Circumstances::default() };
            let mut rows = [row(user, address, action)];
            spare(&mut rows, &circumstances);
            let Step::Ended(Some(_), outcome) = &rows[0].step else {
                assert_eq!(expected, None, "{patterns:?}");
                continue;
            };
            assert_eq!(outcome.status, Status::Skipped);
            let expected = expected.unwrap_or("nothing");
            assert!(outcome.message.contains("protected user") && outcome.message.contains(expected), "{outcome:?}");
        }
    }

    #[test]
    fn whose_address_the_api_does_not_show_is_not_changed_where_it_might_be_protected() {
        let job = Job { user: UserId::new(5).unwrap(), action: Action::Deactivate };
        let step = || Step::Send(job.clone());
        let row = || Planned::new(2, step());
        for (addresses, is_blocked) in [(Addresses::Unread, false), (Addresses::Read, true)] {
            let protected = entries(&["*@board.example"]);
            let mut rows = [row()];
            spare(&mut rows, &Circumstances { protected, addresses, ..Circumstances::default() });
            assert_eq!(matches!(rows[0].step, Step::Blocked(..)), is_blocked, "{addresses:?}");
        }
    }

    #[test]
    fn where_only_the_address_would_tell_and_nobody_knows_it_the_plan_is_refused() {
        let send = |user| Step::Send(Job { user: UserId::new(user).unwrap(), action: Action::Deactivate });
        let row = |row, email, step| Planned { email, ..Planned::new(row, step) };
        let plan = || Plan::of([row(2, Email::new("joe@acme.example"), send(5)), row(3, None, send(6))]);
        let online = Some(Directory::default());
        let table = [
            (entries(&["*@board.example"]), online.clone(), Some("1 user is not known (the first in row 3)")),
            (entries(&["8", "ceo@acme.example"]), online.clone(), Some("`ceo@acme.example` in etc.toml:2")),
            (entries(&["8"]), online, None),
            (entries(&["*@board.example"]), None, None),
        ];
        for (protected, directory, expected) in table {
            let circumstances = Circumstances { protected, directory, ..Circumstances::default() };
            let guard = unclear(&plan(), &circumstances);
            assert_eq!(guard.is_some(), expected.is_some(), "{circumstances:?}");
            if let (Some(guard), Some(expected)) = (guard, expected) {
                assert!(guard.message.contains(expected) && guard.hint.contains("`email`"), "{guard:?}");
            }
        }
    }
}
