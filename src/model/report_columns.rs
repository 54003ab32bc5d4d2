//! The columns of what seatrun writes and reads again: who writes them and who reads them must agree on their names.

/// The columns that a report adds behind those of its input, in its order (interface, "Report"). A report that is read
/// again gives them up to the next report.
pub const REPORT_COLUMNS: [&str; 15] = [
    "result_row",
    "result_status",
    "result_code",
    "result_message",
    "result_hint",
    "result_http_status",
    "result_error_code",
    "result_ref_id",
    "result_attempts",
    "result_seat_before",
    "result_seat_after",
    "result_started_at",
    "result_finished_at",
    "result_run_id",
    "result_key",
];

/// The column that a review has behind those of a report.
pub const SIGNATURE_COLUMN: &str = "result_signature";

/// The columns of the list that `seatrun users` writes.
pub const USER_LIST_COLUMNS: [&str; 11] = [
    "user_id",
    "email",
    "name",
    "seat_type",
    "status",
    "is_internal",
    "admin",
    "group_admin",
    "licensed_sheet_creator",
    "last_login",
    "plan_id",
];
