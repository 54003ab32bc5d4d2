//! Changes: how many users a file may change, in all or of each plan.

use super::guard::Guard;
use super::limits::{Limits, Shares};
use crate::model::Limit;
use crate::plan::summary::{Share, Tally};
use crate::plan::wording::plural;

pub(super) fn changes(tally: &Tally, limits: &Limits, is_online: bool) -> Option<Guard> {
    let limit = limits.changes;
    match limit {
        Limit::Count(most) => {
            let users = tally.users;
            (users > most).then(|| Guard {
                message: format!("the file would change {users} user{}, and --max-changes is {limit}", plural(users)),
                hint: format!("check that it is the right file; --max-changes {users} allows it"),
            })
        }
        Limit::Percent(_) => {
            let means_something = is_online && limits.shares == Shares::Count;
            tally.shares.iter().filter(|_| means_something).find_map(|share| beyond(*share, limit))
        }
    }
}

/// The guard that a share of a plan's users trips when it is above a limit, or cannot be told.
fn beyond(share: Share, limit: Limit) -> Option<Guard> {
    let Some(of) = share.of else {
        let plan = share.plan.map_or_else(|| "the plan".to_owned(), |plan| format!("plan {plan}"));
        return Some(Guard {
            message: format!("--max-changes is {limit} of a plan's users, and how many {plan} has was not read"),
            hint: match share.plan {
                Some(_) => "give --max-changes as a number, or leave --no-preflight out".to_owned(),
                None => "name the plan with --plan-id, or give --max-changes as a number".to_owned(),
            },
        });
    };
    limit.is_exceeded_by(share.users, of).then(|| {
        let enough = share.limit();
        Guard {
            message: format!("{}, and --max-changes is {limit}", would_change(share)),
            hint: format!("check that it is the right file; --max-changes {enough} allows it"),
        }
    })
}

pub(super) fn would_change(share: Share) -> String {
    let plan = share.plan.map(|plan| format!(" of plan {plan}")).unwrap_or_default();
    let of = share.of.map(|of| format!(" of the {of} users{plan}"));
    let per_cent = share.per_cent().map(|per_cent| format!(" ({per_cent:.1}%)")).unwrap_or_default();
    format!("the file would change {}{}{per_cent}", share.users, of.unwrap_or_else(|| format!(" users{plan}")))
}
