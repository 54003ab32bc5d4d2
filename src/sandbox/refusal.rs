//! The error catalogue: which code has which HTTP status and which words.
//!
//! It decides how a refusal looks to a client. It must never decide when something is refused; that is for `rules` and
//! `call`. Codes, statuses and texts are those of the API's public error list and of `smartsheet-api.md`.

use serde::Serialize;

/// One refused request: a code, as a rule a documented one, and its text with the blanks filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    code: Option<u16>,
    status: u16,
    message: String,
}

impl Refusal {
    /// The refusal with this code and its text as documented, blanks dropped.
    pub(super) fn new(code: u16) -> Self {
        Self::about(code, &[])
    }

    /// The refusal with this code, `{0}`, `{1}` of its text replaced by `blanks`.
    pub(super) fn about(code: u16, blanks: &[&str]) -> Self {
        let (status, text) = entry(code).map_or((500, UNKNOWN_CODE), |entry| (entry.status, entry.text));
        Self { code: Some(code), status, message: filled(text, blanks) }
    }

    /// A 400 with this code or without any, whether or not a document names the code.
    pub(super) fn bad_request(code: Option<u16>, blanks: &[&str]) -> Self {
        let text = code.and_then(entry).map_or("{0} was not accepted for {1}.", |entry| entry.text);
        Self { code, status: 400, message: filled(text, blanks) }
    }

    /// The number a client sees as `errorCode`, where it sees one.
    pub(super) const fn code(&self) -> Option<u16> {
        self.code
    }

    /// The HTTP status that goes with the code.
    pub(super) const fn status(&self) -> u16 {
        self.status
    }

    /// The body of the answer, as JSON.
    pub(super) fn body(&self, ref_id: &str) -> Vec<u8> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct ErrorBody<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            error_code: Option<u16>,
            message: &'a str,
            ref_id: &'a str,
        }
        serde_json::to_vec(&ErrorBody { error_code: self.code, message: &self.message, ref_id }).unwrap_or_default()
    }
}

/// The text of a code that no document names.
const UNKNOWN_CODE: &str = "An unexpected error has occurred.";

fn filled(text: &str, blanks: &[&str]) -> String {
    let fill = |text: String, (index, blank): (usize, &&str)| text.replace(&format!("{{{index}}}"), blank);
    blanks.iter().enumerate().fold(text.to_owned(), fill)
}

/// Whether the documents name this code.
pub(super) fn is_documented(code: u16) -> bool {
    entry(code).is_some()
}

struct Entry {
    code: u16,
    status: u16,
    text: &'static str,
}

fn entry(code: u16) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.code == code)
}

const fn entry_of(code: u16, status: u16, text: &'static str) -> Entry {
    Entry { code, status, text }
}

/// The users and seats part of the public list, and what any request can meet. 5697 and 5717 are documented by number
/// only, so their words are ours.
const CATALOGUE: &[Entry] = &[
    entry_of(1001, 401, "An Access Token is required."),
    entry_of(1002, 401, "Your Access Token is invalid."),
    entry_of(1003, 401, "Your Access Token has expired."),
    entry_of(1004, 403, "You are not authorized to perform this action."),
    entry_of(1005, 401, "Single Sign-On is required for this account."),
    entry_of(1006, 404, "Not Found."),
    entry_of(1007, 404, "Version not supported."),
    entry_of(1008, 400, "Unable to parse request. The following error occurred: {0}"),
    entry_of(1009, 400, "A required parameter is missing from your request: {0}."),
    entry_of(1010, 405, "HTTP Method not supported."),
    entry_of(1011, 400, "A required header was missing or invalid: {0}"),
    entry_of(1012, 400, "A required object attribute is missing from your request: {0}."),
    entry_of(1013, 403, "The operation you are attempting to perform is not supported by your plan."),
    entry_of(1014, 403, "There are no licenses available on your account."),
    entry_of(1015, 403, "The user exists in another account. The user must be removed from that account first."),
    entry_of(1016, 403, "The user is already a member of your account."),
    entry_of(1017, 403, "The user already has a paid account."),
    entry_of(1018, 400, "The value {0} was not valid for the parameter {1}."),
    entry_of(1020, 404, "User not found."),
    entry_of(1022, 403, "Cannot delete the user specified. They are not a member of your account."),
    entry_of(1024, 400, "The HTTP request body is required for this Method."),
    entry_of(1029, 400, "The parameter in the URI does not match the object in the request body."),
    entry_of(1030, 401, "You are unable to assume the user specified."),
    entry_of(1031, 400, "The value {0} was not valid for the attribute {1}."),
    entry_of(1032, 400, "The attribute(s) {0} are not allowed for this operation."),
    entry_of(1041, 400, "The value for {0} must be {1} characters in length or less, but was {2}."),
    entry_of(1047, 403, "You cannot remove yourself from the account through the API."),
    entry_of(
        1048,
        403,
        "The user specified has declined the invitation to join your organization. You cannot modify declined \
         invitations.",
    ),
    entry_of(1049, 403, "You cannot remove admin permissions from yourself through the API."),
    entry_of(1052, 406, "Invalid Accept header. Media type not supported."),
    entry_of(1076, 403, "The user has created sheets and must be added as a licensed user."),
    entry_of(1091, 400, "Invalid Content-Type: {0}."),
    entry_of(1097, 403, "A user must be a licensed sheet creator to be a resource viewer."),
    entry_of(1102, 403, "A user must be a licensed sheet creator to be a group administrator."),
    entry_of(1122, 405, "Requested URL does not support this method: {0}."),
    entry_of(1124, 415, "Invalid Content-Type header. Media type not supported."),
    entry_of(1132, 400, "The token provided has previously been revoked."),
    entry_of(1140, 403, "The user must be added as a licensed user."),
    entry_of(1146, 400, "Unsupported operation: {0}."),
    entry_of(1186, 403, "User's primary email address must be a validated domain."),
    entry_of(1188, 403, "The account status of the user specified is not active."),
    entry_of(1269, 403, "The group admin owns groups and cannot be removed."),
    entry_of(1329, 400, "Invalid characters in first or last name."),
    entry_of(1335, 403, "Cannot deactivate the user specified. They are not a member of your account."),
    entry_of(1336, 403, "You cannot deactivate yourself from the account through the API."),
    entry_of(1354, 403, "Cannot reactivate the user specified. They are not a member of your account."),
    entry_of(1355, 403, "You cannot reactivate yourself from the account through the API."),
    entry_of(1356, 403, "The operation you are attempting to perform is not supported in Smartsheet Gov."),
    entry_of(
        1359,
        403,
        "User account with a common ISP domain email cannot be deactivated. You can only remove them from the Org.",
    ),
    entry_of(1361, 403, "This action is restricted by an SSO Policy. Please reach out to the workspace admin."),
    entry_of(1362, 403, "This action is restricted by an MFA Policy. Please reach out to the workspace admin."),
    entry_of(1363, 403, "This action is restricted by this organization's Data Egress Policy."),
    entry_of(
        2109,
        400,
        "User subscription updates (upgrade/downgrade) cannot be performed through this method. Please use the bulk \
         upgrade/downgrade API.",
    ),
    entry_of(4000, 500, "An unexpected error has occurred. Please contact api@smartsheet.com for assistance."),
    entry_of(4001, 503, "Smartsheet.com is currently offline for system maintenance. Please check back again shortly."),
    entry_of(4002, 500, "Server timeout exceeded. Request has failed."),
    entry_of(4003, 429, "Rate limit exceeded."),
    entry_of(4004, 500, "An unexpected error has occurred. Please retry your request."),
    entry_of(4005, 410, "API version retired."),
    entry_of(5151, 500, "The action could not be completed: outside of the approved domain sharing list."),
    entry_of(5697, 400, "The user is managed by a directory service and can be deactivated only there."),
    entry_of(5717, 400, "The user is managed by a directory service and can be reactivated only there."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_listed_once_and_in_order() {
        let codes: Vec<u16> = CATALOGUE.iter().map(|entry| entry.code).collect();
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{codes:?}");
    }

    #[test]
    fn the_error_table_of_the_notes_has_these_statuses() {
        let table = [
            (401, &[1001, 1002, 1003, 1005][..]),
            (400, &[1132, 5697, 5717, 2109, 1008, 1009, 1012, 1018, 1024, 1029, 1031, 1032, 1329][..]),
            (403, &[1361, 1362, 1363, 1004, 1013, 1188, 1359, 1335, 1354, 1336, 1355, 1049, 1356][..]),
            (403, &[1102, 1097, 1076, 1014][..]),
            (404, &[1006, 1020][..]),
            (410, &[4005][..]),
            (429, &[4003][..]),
            (503, &[4001][..]),
            (500, &[4000, 4002, 4004][..]),
        ];
        for (status, codes) in table {
            for code in codes {
                assert_eq!(Refusal::new(*code).status(), status, "{code}");
            }
        }
    }

    #[test]
    fn blanks_are_filled_in_order() {
        let refusal = Refusal::about(1031, &["OWNER", "seatType"]);
        let body: serde_json::Value = serde_json::from_slice(&refusal.body("abc")).unwrap();
        assert_eq!(body["message"], "The value OWNER was not valid for the attribute seatType.");
        assert_eq!((&body["errorCode"], &body["refId"]), (&1031.into(), &"abc".into()));
    }
}
