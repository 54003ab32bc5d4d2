//! seatrun changes Smartsheet seats in bulk: a CSV of users and actions becomes typed jobs, a rate-limited concurrent
//! engine sends them, and every row gets its result in a report.
//!
//! A pure core decides ([`model`], [`policy`], [`tabular`], [`input`], [`plan`], [`undo`], [`report`]), a thin shell does
//! ([`api`], [`ledger`], [`engine`], [`console`]), [`app`] joins them for [`commands`], and the engine's dispatcher is the
//! only place where the two meet while a run is under way.
//!
//! # The way of one row from bytes to report
//!
//! ```text
//! bytes ─tabular→ cells ─input→ Job | errors ─plan, with what users hold now→ RunPlan ─console→ "Downgrade 212 users?"
//!                                                                               │ yes
//!      signals, deadline ─▶ Dispatcher ⇄ Executor ─Pace─▶ api ─▶ Smartsheet
//!                              │ 1. JobState::next   (pure; refuses what cannot happen)
//!                              │ 2. ledger commit    (durable)
//!                              │ 3. only now may the executor send
//!                              └ 4. Observer         (progress, log)
//!                                       ▼
//!                       ledger ─report→ CSV, workbook, page, summary; history, resume and undo
//! ```
//!
//! A tour for newcomers. It follows row 2 of a file that says `48569348493402016,downgrade,VIEWER`.
//!
//! 1. **What was typed.** `main.rs` parses the command line into [`cli::Cli`] and hands it to `commands/mod.rs`, which
//!    calls `commands/run.rs`. `app/context.rs` reads the settings; `settings/table.rs` lists them.
//! 2. **Bytes become cells.** `app/source.rs` reads the file. `tabular/read` finds the encoding and the delimiter, splits
//!    the text into records with the `csv` crate (a workbook goes through `calamine`), and numbers the rows as a
//!    spreadsheet does. It knows nothing of users.
//! 3. **Cells become a job.** `input/sheet.rs` finds the header, and `input/columns.rs` says which column holds which
//!    field. `input/row_parser.rs` makes the row a [`model::Job`], or collects every reason why it cannot. No row stops
//!    the others, and no id is trusted that a spreadsheet may have rounded (`input/rounding.rs`).
//! 4. **The account is read.** `app/prepare.rs` takes the stages from here to the plan, in one line, for a dry run and a
//!    run alike. It asks whose token it is and locks the account (`app/account/lock.rs`). `app/preflight/survey.rs` reads
//!    what the users hold, by pages or one by one, whichever takes fewer requests (`app/preflight/costs.rs`).
//!    `plan/directory.rs` keeps it.
//! 5. **The job becomes a step.** `app/preflight/planning.rs` gives all rows to `plan/builder.rs`. `plan/conflicts.rs`
//!    finds repeats and contradictions, `plan/checks` finds what is so already and what the API would certainly refuse, and
//!    `plan/guards` says what the file as a whole may not do. The result is a [`plan::RunPlan`]. A dry run ends here, in
//!    `app/review/dry_run.rs`.
//! 6. **The question.** `app/review/confirmation.rs` shows what will happen and asks, through `console/confirm.rs`.
//! 7. **The run begins.** `app/runs/start.rs` makes the run, and `ledger/write.rs` commits it with all its rows before the
//!    first change leaves.
//! 8. **The row is sent.** `engine/dispatcher.rs` asks [`JobState::next`](model::JobState::next) whether the attempt may
//!    begin, and has the ledger commit it. Only then does `engine/executor.rs` send it, when `engine/rate_limit.rs` and
//!    `engine/in_flight.rs` say so. `api/request.rs` writes the request and `api/client.rs` sends it.
//! 9. **The answer is judged.** `api/wire.rs` reads what came back as a [`model::Answer`], `policy/classify.rs` says what
//!    it means, and `policy/retry.rs` whether to try again. Where the answer was lost, the row is in doubt, and
//!    `engine/read_back.rs` reads the user. The outcome is committed as the attempt was.
//! 10. **The report.** `app/runs/recorded_rows.rs` reads the outcome of each row from the ledger, with the cells that came
//!     in, as a [`report::ReportRow`]. The same rows become the report, the page and the totals of the summary
//!     (`app/output/report_rows.rs`); `tabular/write` writes cells in the form of the input. `app/exit.rs` turns the counts
//!     into the exit code.
//!
//! The order 1-2-3 in the picture is the whole safety argument: **no request leaves before its attempt is on disk.** After
//! a crash the same [`JobState::next`](model::JobState::next) reads the ledger back; a job that was sent and has no answer
//! on record is *in doubt*, and its user's state is read from the API before anything is sent again. The ledger is the one
//! source: report, history, resume and undo are views of it.
//!
//! # Words
//!
//! | word | meaning |
//! |---|---|
//! | row | a record of the input, and where it stands |
//! | job | one wanted effect: a user, an action, its arguments |
//! | directory | what the API says of the users now |
//! | account state | the directory, and what else is known of the account before a run |
//! | run plan, step | what will happen to each row; what a dry run shows and a run does |
//! | preflight | reading what the users of a file hold, before anything is changed |
//! | certain refusal | the API would certainly refuse the row, so it is not sent |
//! | row warning | the API may refuse the row; the warning is shown, and the row is sent |
//! | guard | a limit that refuses a plan |
//! | expectation | a guard of the settings: the account and the plans that are meant |
//! | review | a dry run that was written down, for somebody to approve rows of it |
//! | signature | what a row of a review is known by when it comes back |
//! | drift | a seat that is no longer what was reviewed, exported or found before |
//! | attempt | one HTTP try of a job |
//! | outcome | how a job ended; a failure is data, never an `Err` |
//! | in doubt | sent, and it is not known whether it was done |
//! | ledger | the durable record of runs, jobs and attempts |
//! | dispatcher, executor | decides and records; does |
//! | pace | the rate, and the pauses that the server asks for |
//! | read back | read a user after a change, to settle a job in doubt or to verify it |
//! | drain, abort | finish what is in flight; drop it |
//! | observer | is told; can change nothing |
//! | origin, layer | where a setting was said; all that one such place says |
//! | fault | a scripted misbehaviour of the sandbox |
//!
//! # Sources
//!
//! What the API does is said with its source. `seed 000` to `seed 003` are pages of Smartsheet's public API
//! documentation: Downgrade user, Deactivate user, List user plans, Update user. The `API notes` sum up its other pages,
//! its changelog, its list of errors, and the official SDKs with their tests.
//!
//! # Rooms
//!
//! In reading order; each has its own documentation.
//!
//! | room | decides |
//! |---|---|
//! | [`model`] | the words as types: ids, seats, actions, jobs, outcomes, states |
//! | [`policy`] | what an answer means, retries, the breaker |
//! | `tabular` | bytes to cells and back: encodings, the `csv` crate, workbooks |
//! | [`input`] | cells to jobs, or every reason why not |
//! | [`plan`] | what will happen to each row, and whether the file may run |
//! | [`undo`] | the input that reverses a run |
//! | [`report`] | what readers get: rows, page, summary |
//! | [`settings`] | every setting, with its origin |
//! | [`api`] | requests, answers, paging |
//! | [`ledger`] | the record on disk, and the lock of an account |
//! | [`sandbox`] | the simulated API |
//! | [`engine`] | a run: dispatcher, executor, pace, reading back |
//! | [`console`] | the terminal: lines, progress, the question, the log |
//! | [`cli`] | what can be typed |
//! | [`app`] | what commands have in common; the only layer that joins rooms |
//! | [`commands`] | one file a command |
//!
//! A room uses only those above it; [`sandbox`] uses none and shares no type with [`api`], so that a wrong field cannot
//! agree with itself; only [`app`] and [`commands`] see it. `tests/tidy` holds this.

pub mod model;
pub mod policy;

pub mod tabular;

pub mod input;
pub mod plan;
pub mod report;
pub mod undo;

pub mod settings;

pub mod api;
pub mod ledger;

pub mod sandbox;

pub mod engine;

pub mod console;

pub mod cli;

pub mod app;
pub mod commands;
