//! Hints: what a person can do about an error that the API documents.

use crate::model::{ActionName, error_code as code};

/// What to do about `code`, where the documents tell. It goes into `result_hint`.
pub const fn hint(code: i64, action: ActionName) -> Option<&'static str> {
    Some(match code {
        code::TOKEN_MISSING | code::TOKEN_INVALID | code::TOKEN_EXPIRED | code::SSO_REQUIRED => {
            "get a new access token, then `seatrun resume`"
        }
        code::TOKEN_REVOKED | code::SSO_POLICY | code::MFA_POLICY | code::EGRESS_POLICY => {
            "the account's sign-in or network policy bars this token: ask who manages it"
        }
        code::NOT_AUTHORIZED => {
            "the user is outside the plan, or belongs to another account: check the id and the plan"
        }
        code::NOT_FOUND | code::USER_NOT_FOUND => "no such user: check the id, which a spreadsheet may have rounded",
        code::NOT_IN_PLAN => "the user is not in this plan: check plan_id",
        code::NO_LICENCE_LEFT => "no licences left: free or buy seats first, then run the failed rows again",
        code::ATTRIBUTE_VALUE_INVALID => match action {
            ActionName::Downgrade | ActionName::Upgrade => {
                "the seat is not allowed for this user: GUEST is for external users, and a free seat cannot go lower"
            }
            ActionName::Deactivate
            | ActionName::Reactivate
            | ActionName::Remove
            | ActionName::Update
            | ActionName::Plans => "a value in this row is not allowed",
        },
        code::OWN_ADMIN_RIGHT | code::DEACTIVATE_SELF | code::REACTIVATE_SELF => {
            "nobody can do this to their own account: use another System Admin's token"
        }
        code::SHEET_OWNER => "the user owns sheets and must stay licensed: transfer them first",
        code::RESOURCE_VIEWER_LICENSED => "a resource viewer must stay licensed: take resource_viewer away first",
        code::GROUP_ADMIN_LICENSED => {
            "a group admin must be licensed: take group_admin away first, or license the user"
        }
        code::NOT_ACTIVE => "the account is not active: it may be pending, declined or deactivated already",
        code::DEACTIVATE_NO_MEMBER | code::REACTIVATE_NO_MEMBER => "the user is no member of this account",
        code::NOT_IN_GOV => "not available in Smartsheet Gov",
        code::ISP_DOMAIN => "addresses at an ISP's domain cannot be deactivated: remove the user from the plan instead",
        code::SEAT_BY_UPDATE => "seats are changed with upgrade or downgrade, not with update",
        code::UNEXPECTED => "documented as not to be retried: give the ref id to Smartsheet's support",
        code::DEACTIVATE_DIRECTORY_MANAGED | code::REACTIVATE_DIRECTORY_MANAGED => {
            "the user is managed by a directory: do it in the identity provider"
        }
        _ => return None,
    })
}
