//! How many users a file may change, in all or as a share of each plan.

use super::guard::Guard;
use super::limits::{Limits, Shares};
use crate::model::Limit;
use crate::plan::summary::{AffectedShare, Totals};
use crate::plan::wording::counted;

pub(super) fn changes(totals: &Totals, limits: &Limits, is_online: bool) -> Option<Guard> {
    let limit = limits.changes;
    match limit {
        Limit::Count(most) => {
            let users = totals.users;
            (users > most).then(|| Guard {
                message: format!("the file would change {}, and --max-changes is {limit}", counted(users, "user")),
                hint: format!("check that it is the right file; --max-changes {users} allows it"),
            })
        }
        Limit::Percent(_) => {
            let means_something = is_online && limits.shares == Shares::Count;
            totals.shares.iter().filter(|_| means_something).find_map(|share| share_above(*share, limit))
        }
    }
}

/// The guard that is tripped by a share of a plan's users that is above the limit, or unknown.
fn share_above(share: AffectedShare, limit: Limit) -> Option<Guard> {
    let Some(of) = share.of else {
        let plan = share.plan.map_or_else(|| "the plan".to_owned(), |plan| format!("plan {plan}"));
        return Some(Guard {
            message: format!("--max-changes is a percentage, but the number of users in {plan} is unknown"),
            hint: match share.plan {
                Some(_) => "give --max-changes as a number, or run without --no-preflight".to_owned(),
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

pub(super) fn would_change(share: AffectedShare) -> String {
    let plan = share.plan.map(|plan| format!(" of plan {plan}")).unwrap_or_default();
    let of = share.of.map(|of| format!(" of the {of} users{plan}"));
    let per_cent = share.per_cent().map(|per_cent| format!(" ({per_cent:.1}%)")).unwrap_or_default();
    format!("the file would change {}{}{per_cent}", share.users, of.unwrap_or_else(|| format!(" users{plan}")))
}
