//! The table of the settings: a setting is one row of it.
//!
//! A row says what the setting is for, its name, and how many values it has: `Setting` has always one, because
//! `config/default.toml` gives it a default, `Option` has one or none, and `Vec` has any number. The type of the value
//! says how its text is read ([`Value`]). From a row follow the key of the settings files, the
//! variable `SEATRUN_NAME`, the field of [`Settings`] and of [`Flags`], the lines of `config show`, and the origin of
//! each value. Beside its row, a setting needs a paragraph in `config/default.toml` and, if it is a flag as well, its
//! argument in [`cli`](crate::cli).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::declare::{self, Arity, declare_settings};
use super::value::Value;
use super::{
    ApiUrl, Concurrency, Delimiter, Encoding, IntegrationSource, Key, LockWait, LogFormat, Mapping, Rate, Setting,
    SettingsError, SignalUrl, SizeLimit, Stream, TimeZoneName, TokenCommand, Tolerance, WebhookFormat,
};
use crate::model::{ActionName, ExpectedAccount, FreeSeatName, Limit, MissingUserPolicy, Pattern, PlanId, Seat};

declare_settings! {
    /// Where the API is.
    api_url: Setting<ApiUrl>,
    /// A file with more certificates of authorities that the API's own may come from, as PEM.
    ca_file: Option<Setting<PathBuf>>,
    /// The file that holds the token.
    token_file: Option<Setting<PathBuf>>,
    /// Whether the token file is meant to be readable by everybody on the machine.
    token_file_shared: Setting<bool>,
    /// The command that prints the token.
    token_command: Option<Setting<TokenCommand>>,
    /// The plan of rows that name none.
    plan_id: Option<Setting<PlanId>>,
    /// The action of rows that name none.
    action: Option<Setting<ActionName>>,
    /// The seat of rows that name none; never a provisional one.
    seat_type: Option<Setting<Seat>>,
    /// The seats of which the user of a row has to hold one now; empty when any will do.
    if_seat: Vec<Setting<Seat>>,
    /// The time zone in which days begin; that of the computer when absent.
    timezone: Option<Setting<TimeZoneName>>,
    /// The encoding of the input.
    encoding: Option<Setting<Encoding>>,
    /// What separates the cells of the input.
    delimiter: Option<Setting<Delimiter>>,
    /// The sheet of a workbook to read.
    sheet: Option<Setting<String>>,
    /// The row of the input that holds the header.
    header_row: Option<Setting<u64>>,
    /// The most bytes of an input.
    max_input_size: Setting<SizeLimit>,
    /// The most bytes of an input that is not a file.
    max_stream_size: Setting<SizeLimit>,
    /// The most bytes to which a workbook may unpack.
    max_unpacked_size: Setting<SizeLimit>,
    /// The most different texts of a workbook.
    max_different_texts: Setting<SizeLimit>,
    /// The most cells of a sheet.
    max_cells: Setting<SizeLimit>,
    /// The most bytes of text in a sheet.
    max_text_size: Setting<SizeLimit>,
    /// Whether a night is a good one whose input has no rows.
    if_empty: Setting<Tolerance>,
    /// Whether a night is a good one that has no input.
    if_missing: Setting<Tolerance>,
    /// How long ago an input may have been last changed.
    max_age: Option<Setting<Duration>>,
    /// The folder that an input is moved to once its run has finished.
    archive_to: Option<Setting<PathBuf>>,
    /// The most requests in any 60 seconds.
    rate: Setting<Rate>,
    /// The requests in any 60 seconds that are sent however often the API throttles.
    lowest_rate: Setting<Rate>,
    /// The most requests in flight; without it, as many as the rate needs.
    concurrency: Option<Setting<Concurrency>>,
    /// The most users that a run may change.
    max_changes: Setting<Limit>,
    /// The failures after which a run stops.
    max_errors: Setting<Limit>,
    /// The most invalid rows that an input may have.
    max_invalid: Setting<Limit>,
    /// What becomes of rows whose users have no account.
    missing_users: Setting<MissingUserPolicy>,
    /// How long after its start a run may still send something.
    deadline: Option<Setting<Duration>>,
    /// How long to wait for another run of the account to end.
    wait: Setting<LockWait>,
    /// Whether each changed user is read back.
    verify: Setting<bool>,
    /// Users whom no run changes: what every place says, because these lists add up.
    protected: Vec<Setting<Pattern>>,
    /// The only account in which anything is changed.
    expect_account: Option<Setting<ExpectedAccount>>,
    /// The only plans in which anything is changed; empty when any will do.
    expect_plan: Vec<Setting<PlanId>>,
    /// How long a review can be run once it was written.
    review_valid_for: Setting<Duration>,
    /// Whether only rows of a signed review may be approved.
    require_signed_approval: Setting<bool>,
    /// How long a connection may take to be made.
    connect_timeout: Setting<Duration>,
    /// How long a request may take in all, its answer included.
    request_timeout: Setting<Duration>,
    /// How long a run waits without one request let through.
    longest_silence: Setting<Duration>,
    /// How long after it was written a request may still be carried out whose answer is lost.
    landing_time: Setting<Duration>,
    /// How the program introduces itself to Smartsheet.
    integration_source: Setting<IntegrationSource>,
    /// By which name the free seat is asked for.
    free_seat_name: Setting<FreeSeatName>,
    /// Where the report is written.
    report: Option<Setting<Stream>>,
    /// Where a page to look at is written.
    html: Option<Setting<Stream>>,
    /// Where a summary for machines is written.
    summary_json: Option<Setting<Stream>>,
    /// The address that is called at the start and the end of a run.
    ping_url: Option<Setting<SignalUrl>>,
    /// The address that is sent a message at the end of a run.
    webhook_url: Option<Setting<SignalUrl>>,
    /// The form of that message.
    webhook_format: Setting<WebhookFormat>,
    /// Whether that message may hold addresses of people.
    webhook_names: Setting<bool>,
    /// The folder of ledgers and locks; it need not be there yet.
    state_dir: Setting<PathBuf>,
    /// How lines on standard error are written.
    log_format: Setting<LogFormat>,
    /// How much more is said on standard error.
    verbose: Option<Setting<u8>>,
    /// How much less is said on standard error.
    quiet: Option<Setting<u8>>,
    /// Whether progress is kept from standard error.
    no_progress: Setting<bool>,
}
