//! Unclear protection: users who may be protected, and whose addresses, which would tell, are unknown.

use super::guard::Guard;
use crate::plan::account_state::AccountState;
use crate::plan::checks::protection_of;
use crate::plan::protected::Protection;
use crate::plan::run_plan::RunPlan;

/// The guard that is tripped by rows whose users may be protected, because their addresses are unknown. Without a
/// network it is not judged: the run will know.
pub(super) fn unclear(plan: &RunPlan, account_state: &AccountState) -> Option<Guard> {
    account_state.directory.as_ref()?;
    refused(plan.rows.iter().filter_map(|planned| Some((planned.row, protection_of(planned, account_state)?.0))))
}

/// The guard that is tripped by rows whose users may be protected, because their addresses are unknown.
pub fn refused<'p>(rows: impl Iterator<Item = (u64, Protection<'p>)>) -> Option<Guard> {
    let unclear = rows.filter_map(|(row, protection)| match protection {
        Protection::Undetermined(entry) => Some((row, entry)),
        Protection::NotProtected | Protection::ProtectedBy(_) => None,
    });
    let unclear: Vec<_> = unclear.collect();
    let (row, entry) = unclear.first()?;
    let (users, are, unknown) = match unclear.len() {
        1 => (format!("1 user (row {row})"), "is", "the address is"),
        count => (format!("{count} users (first: row {row})"), "are", "their addresses are"),
    };
    Some(Guard {
        message: format!(
            "cannot tell whether {users} {are} protected by `{}` ({}): {unknown} unknown",
            entry.pattern, entry.place
        ),
        hint: "add the addresses in a column `email`, or run without --no-preflight so that they are read".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, Email, Job, UserId};
    use crate::plan::{Directory, PlannedRow, Protected, Step};

    fn entries(patterns: &[&str]) -> Vec<Protected> {
        let numbered = (1..).zip(patterns);
        numbered
            .map(|(line, text)| Protected { pattern: text.parse().unwrap(), place: format!("etc.toml:{line}") })
            .collect()
    }

    #[test]
    fn a_plan_is_refused_where_only_an_unknown_address_would_tell_who_is_protected() {
        let send = |user| Step::Send(Job { user: UserId::new(user).unwrap(), action: Action::Deactivate });
        let row = |row, email, step| PlannedRow { email, ..PlannedRow::new(row, step) };
        let plan = || RunPlan::new([row(2, Email::new("joe@acme.example"), send(5)), row(3, None, send(6))]);
        let online = Some(Directory::default());
        let table = [
            (
                entries(&["*@board.example"]),
                online.clone(),
                Some("whether 1 user (row 3) is protected by `*@board.example` (etc.toml:1): the address is unknown"),
            ),
            (entries(&["8", "ceo@acme.example"]), online.clone(), Some("`ceo@acme.example` (etc.toml:2)")),
            (entries(&["8"]), online, None),
            (entries(&["*@board.example"]), None, None),
        ];
        for (protected, directory, expected) in table {
            let account_state = AccountState { protected, directory, ..AccountState::default() };
            let guard = unclear(&plan(), &account_state);
            assert_eq!(guard.is_some(), expected.is_some(), "{account_state:?}");
            if let (Some(guard), Some(expected)) = (guard, expected) {
                assert!(guard.message.contains(expected) && guard.hint.contains("`email`"), "{guard:?}");
            }
        }
    }
}
