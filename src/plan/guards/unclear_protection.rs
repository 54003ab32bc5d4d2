//! Unclear protection: a row's user may be protected, and the address that would tell is not known.

use super::guard::Guard;
use crate::plan::account_state::Circumstances;
use crate::plan::checks::judge;
use crate::plan::protected::Protection;
use crate::plan::run_plan::Plan;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, Email, Job, UserId};
    use crate::plan::{Directory, Planned, Protected, Step};

    fn entries(patterns: &[&str]) -> Vec<Protected> {
        let numbered = (1..).zip(patterns);
        numbered
            .map(|(line, text)| Protected { pattern: text.parse().unwrap(), place: format!("etc.toml:{line}") })
            .collect()
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
