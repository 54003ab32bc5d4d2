//! The error codes of the API that a decision depends on, by name (API notes, "Errors worth knowing").
//!
//! A code is a number of the API and not of ours, so it stays an `i64`: an unknown one is carried like a known one.

/// 401: no access token was sent.
pub const TOKEN_MISSING: i64 = 1001;
/// 401: the access token is not valid.
pub const TOKEN_INVALID: i64 = 1002;
/// 401: the access token has expired.
pub const TOKEN_EXPIRED: i64 = 1003;
/// 403: the caller is not a System Admin, or the user is outside the plan.
pub const NOT_AUTHORIZED: i64 = 1004;
/// 401: the account requires single sign-on.
pub const SSO_REQUIRED: i64 = 1005;
/// 404: there is no such object.
pub const NOT_FOUND: i64 = 1006;
/// 400: the body cannot be parsed.
pub const UNPARSABLE: i64 = 1008;
/// 400: a parameter is missing.
pub const PARAMETER_MISSING: i64 = 1009;
/// 405: the method is not supported.
pub const METHOD_UNSUPPORTED: i64 = 1010;
/// 400: a header is missing or wrong.
pub const HEADER_INVALID: i64 = 1011;
/// 400: an attribute is missing.
pub const ATTRIBUTE_MISSING: i64 = 1012;
/// 403: the user is not in the plan.
pub const NOT_IN_PLAN: i64 = 1013;
/// 403: no licence is left.
pub const NO_LICENCE_LEFT: i64 = 1014;
/// 400: the value of a parameter is not allowed.
pub const PARAMETER_INVALID: i64 = 1018;
/// 404: there is no such user.
pub const USER_NOT_FOUND: i64 = 1020;
/// 400: a body is required.
pub const BODY_REQUIRED: i64 = 1024;
/// 400: the address and the body do not agree.
pub const URI_BODY_MISMATCH: i64 = 1029;
/// 400: the value of an attribute is not allowed.
pub const ATTRIBUTE_VALUE_INVALID: i64 = 1031;
/// 400: an attribute is not allowed here.
pub const ATTRIBUTE_NOT_ALLOWED: i64 = 1032;
/// 403: nobody can take the admin right from themselves.
pub const OWN_ADMIN_RIGHT: i64 = 1049;
/// 406: the `Accept` header is not supported.
pub const ACCEPT_UNSUPPORTED: i64 = 1052;
/// 403: the user owns sheets and must stay licensed.
pub const SHEET_OWNER: i64 = 1076;
/// 400: the content type is not supported.
pub const CONTENT_TYPE_INVALID: i64 = 1091;
/// 403: a resource viewer must stay licensed.
pub const RESOURCE_VIEWER_LICENSED: i64 = 1097;
/// 403: a group admin must be licensed.
pub const GROUP_ADMIN_LICENSED: i64 = 1102;
/// 405: the method is not supported at this address.
pub const METHOD_NOT_ALLOWED: i64 = 1122;
/// 415: the media type is not supported.
pub const MEDIA_TYPE_UNSUPPORTED: i64 = 1124;
/// 400: the access token was revoked.
pub const TOKEN_REVOKED: i64 = 1132;
/// 403: the account is not active.
pub const NOT_ACTIVE: i64 = 1188;
/// 400: a name has characters that are not allowed.
pub const NAME_INVALID: i64 = 1329;
/// 403, deactivate: the user is no member of the account.
pub const DEACTIVATE_NO_MEMBER: i64 = 1335;
/// 403, deactivate: nobody can deactivate themselves.
pub const DEACTIVATE_SELF: i64 = 1336;
/// 403, reactivate: the user is no member of the account.
pub const REACTIVATE_NO_MEMBER: i64 = 1354;
/// 403, reactivate: nobody can reactivate themselves.
pub const REACTIVATE_SELF: i64 = 1355;
/// 403: not available in Smartsheet Gov.
pub const NOT_IN_GOV: i64 = 1356;
/// 403: the address belongs to an ISP's domain.
pub const ISP_DOMAIN: i64 = 1359;
/// 403: the account's SSO policy bars the token.
pub const SSO_POLICY: i64 = 1361;
/// 403: the account's MFA policy bars the token.
pub const MFA_POLICY: i64 = 1362;
/// 403: the account's data egress policy bars the token.
pub const EGRESS_POLICY: i64 = 1363;
/// 400: seats are not changed by an update.
pub const SEAT_BY_UPDATE: i64 = 2109;
/// 500: an unexpected error, documented as not to be retried.
pub const UNEXPECTED: i64 = 4000;
/// 503: Smartsheet is under maintenance.
pub const MAINTENANCE: i64 = 4001;
/// 500: the server timed out.
pub const SERVER_TIMEOUT: i64 = 4002;
/// 429: the rate limit is exceeded.
pub const RATE_LIMITED: i64 = 4003;
/// 500: an unexpected error, or another update at the same time.
pub const CONCURRENT_UPDATE: i64 = 4004;
/// 410: this version of the API is retired.
pub const API_RETIRED: i64 = 4005;
/// The first code of conditions of an account, whose text is meant for the reader.
pub const ACCOUNT_CONDITION_FIRST: i64 = 5000;
/// 400, deactivate: a directory service manages the user.
pub const DEACTIVATE_DIRECTORY_MANAGED: i64 = 5697;
/// 400, reactivate: a directory service manages the user.
pub const REACTIVATE_DIRECTORY_MANAGED: i64 = 5717;
/// The last code of conditions of an account.
pub const ACCOUNT_CONDITION_LAST: i64 = 5999;
