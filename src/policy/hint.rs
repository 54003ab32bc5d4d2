//! Hints: what a person can do about an error that the API documents.

use crate::model::ActionName;

/// What to do about `code`, where the documents tell. It goes into `result_hint`.
pub const fn hint(code: i64, action: ActionName) -> Option<&'static str> {
    Some(match code {
        1001 | 1002 | 1003 | 1005 => "get a new access token, then `seatrun resume`",
        1132 | 1361..=1363 => "the account's sign-in or network policy bars this token: ask who manages it",
        1004 => "the user is outside the plan, or belongs to another account: check the id and the plan",
        1006 | 1020 => "no such user: check the id, which a spreadsheet may have rounded",
        1013 => "the user is not in this plan: check plan_id",
        1014 => "no licences left: free or buy seats first, then run the failed rows again",
        1031 => match action {
            ActionName::Downgrade | ActionName::Upgrade => {
                "the seat is not allowed for this user: GUEST is for external users, and a free seat cannot go lower"
            }
            ActionName::Deactivate
            | ActionName::Reactivate
            | ActionName::Remove
            | ActionName::Update
            | ActionName::Plans => "a value in this row is not allowed",
        },
        1049 | 1336 | 1355 => "nobody can do this to their own account: use another System Admin's token",
        1076 => "the user owns sheets and must stay licensed: transfer them first",
        1097 => "a resource viewer must stay licensed: take resource_viewer away first",
        1102 => "a group admin must be licensed: take group_admin away first, or license the user",
        1188 => "the account is not active: it may be pending, declined or deactivated already",
        1335 | 1354 => "the user is no member of this account",
        1356 => "not available in Smartsheet Gov",
        1359 => "addresses at an ISP's domain cannot be deactivated: remove the user from the plan instead",
        2109 => "seats are changed with upgrade or downgrade, not with update",
        4000 => "documented as not to be retried: give the ref id to Smartsheet's support",
        5697 | 5717 => "the user is managed by a directory: do it in the identity provider",
        _ => return None,
    })
}
