//! Protected users: their rows are skipped, and so are rows whose users may be protected.

use crate::model::Job;
use crate::plan::account_state::{Addresses, Circumstances};
use crate::plan::protected::{Protection, protection};
use crate::plan::run_plan::{Planned, Step};

/// Leaves out the rows of protected users, and of those who may be protected although their addresses were read.
pub(in crate::plan) fn spare(rows: &mut [Planned], circumstances: &Circumstances) {
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

/// Whether the user of a row is protected, if the row would change them.
pub(in crate::plan) fn judge<'a>(
    planned: &'a Planned,
    circumstances: &'a Circumstances,
) -> Option<(Protection<'a>, Option<&'a Job>)> {
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
}
