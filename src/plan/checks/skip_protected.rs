//! Protected users: their rows are skipped, and so are rows whose users may be protected.

use crate::model::Job;
use crate::plan::account_state::{AccountState, Addresses};
use crate::plan::protected::{Protection, protection};
use crate::plan::run_plan::{PlannedRow, Step};

/// Skips the rows of protected users, and blocks the rows of users who may be protected although addresses were read.
pub(in crate::plan) fn skip_protected(rows: &mut [PlannedRow], account_state: &AccountState) {
    if account_state.protected.is_empty() {
        return;
    }
    for planned in rows {
        planned.step = match protection_of(planned, account_state) {
            Some((Protection::ProtectedBy(entry), job)) => Step::Final(job.cloned(), Box::new(entry.outcome())),
            Some((Protection::Undetermined(entry), Some(job))) if account_state.addresses == Addresses::Read => {
                Step::Blocked(job.clone(), Box::new(entry.doubt()))
            }
            Some((Protection::NotProtected | Protection::Undetermined(_), _)) | None => continue,
        };
    }
}

/// Whether the user of a row is protected, if the row would change them.
pub(in crate::plan) fn protection_of<'a>(
    planned: &'a PlannedRow,
    account_state: &'a AccountState,
) -> Option<(Protection<'a>, Option<&'a Job>)> {
    planned.step.sends().filter(|action| action.changes())?;
    let job = planned.step.job();
    let user = job.map(|job| job.user);
    let read = || account_state.directory.as_ref()?.person(user?)?.email.as_ref();
    let email = planned.step.address().or(planned.email.as_ref()).or_else(read);
    Some((protection(&account_state.protected, user, email), job))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, Email, Status, UserId};
    use crate::plan::{Directory, Person, Protected};

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
            PlannedRow { email, ..PlannedRow::new(2, step) }
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
            let account_state =
                AccountState { protected, directory: Some(directory.clone()), ..AccountState::default() };
            let mut rows = [row(user, address, action)];
            skip_protected(&mut rows, &account_state);
            let Step::Final(Some(_), outcome) = &rows[0].step else {
                assert_eq!(expected, None, "{patterns:?}");
                continue;
            };
            assert_eq!(outcome.status, Status::Skipped);
            let expected = expected.unwrap_or("nothing");
            assert!(outcome.message.contains("protected user") && outcome.message.contains(expected), "{outcome:?}");
        }
    }

    #[test]
    fn a_user_who_may_be_protected_and_whose_address_the_api_does_not_show_is_blocked() {
        let job = Job { user: UserId::new(5).unwrap(), action: Action::Deactivate };
        let step = || Step::Send(job.clone());
        let row = || PlannedRow::new(2, step());
        for (addresses, is_blocked) in [(Addresses::Unread, false), (Addresses::Read, true)] {
            let protected = entries(&["*@board.example"]);
            let mut rows = [row()];
            skip_protected(&mut rows, &AccountState { protected, addresses, ..AccountState::default() });
            assert_eq!(matches!(rows[0].step, Step::Blocked(..)), is_blocked, "{addresses:?}");
        }
    }
}
