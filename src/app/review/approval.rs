//! Approval: which rows of a review that comes back are still what was reviewed, and may run.
//!
//! Each row is judged by its own signature and the review that it names, so that rows of several reviews may stand in one
//! sheet. When nothing could run because no review in it holds good, the whole file is refused.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use secrecy::SecretBox;

use crate::app::context::Context;
use crate::app::review::dry_run_report::ReportFile;
use crate::app::review::objections::{ApprovalContext, misdirected, spent, stale, unknown, unsigned};
use crate::app::review::signed_rows::{ReviewedRow, SignedRows};
use crate::app::review::verdict::{Prefill, ReviewSigner};
use crate::app::runs::start::new_name;
use crate::app::source::Source;
use crate::app::{CommandError, Exit};
use crate::cli;
use crate::input::{ParsedRow, Row, RowError, Sheet, Subject};
use crate::ledger::Ledger;
use crate::model::{Action, Job, Outcome, Reason, Review, Secret, Signature, Signer, Status};
use crate::plan::Guard;
use crate::settings::ApiTarget;

/// What is known of the reviews that approved rows name.
#[derive(Debug, Default)]
pub(crate) enum Approvals {
    /// Nothing: rows are taken as they read, signed or not.
    #[default]
    Unchecked,
    /// As nothing, because nobody can tell whether what is approved was reviewed, and it may not run.
    Refused(Guard),
    /// They are judged by their reviews.
    Checked(Reviews),
}

/// The reviews whose rows are approved.
#[derive(Debug)]
pub(crate) struct Reviews {
    /// Each, by name, the oldest first.
    known: BTreeMap<String, Known>,
    /// The rows that have signatures.
    signed: SignedRows,
    /// Whether a row says yes that cannot run.
    has_unsound: bool,
    /// Why nothing in the sheet may run, if none of them holds good.
    objection: Option<Guard>,
}

/// What is known of a review.
#[derive(Debug)]
pub(crate) struct Known {
    /// By what its rows are known; none where it was not made with this state folder.
    seal: Option<Signer>,
    /// Whether somebody has looked at the account when it was made.
    look: ReviewBasis,
    /// Why nothing of it may run.
    objection: Option<Guard>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReviewBasis {
    Taken,
    Untaken,
}

/// Looks up the reviews whose rows are approved in a sheet, and says what is to be known of them. `account` is the one
/// that would be changed, as [`lock::account_name`](crate::app::account::lock::account_name) names it; none without a network.
pub(crate) fn look(context: &Context, sheet: &Sheet, account: Option<&str>) -> Result<Approvals, CommandError> {
    if sheet.is_signed() && !sheet.is_approvable() {
        let message =
            "the rows of a review are signed, and its column `approved` is missing: nobody knows which may run";
        return Err(CommandError::refused(message)
            .hint("put the column back, or say which one it is: --map approved=COLUMN; or review the input again"));
    }
    let target = if context.is_sandbox_run() { ApiTarget::Sandbox } else { ApiTarget::Configured };
    let settings = &context.settings;
    let required = &settings.require_signed_approval;
    let bench = ApprovalContext {
        account,
        target,
        now: Timestamp::now(),
        valid_for: settings.review_valid_for.value,
        requires_signature: required.value.then_some(&required.origin),
    };
    let approvals = Approvals::of(sheet, context.written_files().as_ref(), &bench)?;
    for warning in approvals.warnings() {
        context.console.warn(&warning);
    }
    Ok(approvals)
}

impl Approvals {
    fn of(sheet: &Sheet, ledger: Option<&Ledger>, bench: &ApprovalContext<'_>) -> Result<Self, CommandError> {
        let mut reviews = BTreeMap::new();
        if !sheet.is_signed() {
            return Ok(unsigned(sheet, bench).map_or(Self::Unchecked, Self::Refused));
        }
        let (mut signed, mut has_unsound) = (SignedRows::default(), false);
        for row in sheet.rows() {
            let Ok(signature) = Signature::read(sheet.signature(&row)) else { continue };
            let entry = sheet.parse(&row);
            signed.add(sheet, &row, &signature, &entry);
            match entry {
                ParsedRow::Job { .. } if !reviews.contains_key(signature.review) => {
                    reviews.insert(signature.review.to_owned(), look_up(signature.review, ledger, bench)?);
                }
                ParsedRow::Job { .. } | ParsedRow::Skipped { .. } => {}
                ParsedRow::MissingPlan { .. } | ParsedRow::Invalid { .. } => has_unsound = true,
            }
        }
        let objections = reviews.values().filter_map(|known: &Known| known.objection.as_ref());
        let objection = objections.clone().next().filter(|_| objections.count() == reviews.len()).cloned();
        Ok(Self::Checked(Reviews { known: reviews, signed, has_unsound, objection }))
    }

    /// Why nothing in the sheet may run, if no review in it holds good.
    pub(crate) fn objection(&self) -> Option<&Guard> {
        match self {
            Self::Unchecked => None,
            Self::Refused(objection) => Some(objection),
            Self::Checked(reviews) => reviews.objection.as_ref(),
        }
    }

    /// Whether a dry run writes a review. A review that is approved already, and may run, is not written again without
    /// its approvals, unless that is asked for.
    pub(crate) fn report_file(&self, context: &Context, arguments: &cli::Run, source: &Source) -> ReportFile {
        let are_given = match self {
            Self::Unchecked | Self::Refused(_) => false,
            Self::Checked(reviews) => !reviews.known.is_empty() && reviews.objection.is_none(),
        };
        let is_asked_for = arguments.dry_run_args.prefill_approved
            || context.settings.report.as_ref().is_some_and(|report| report.origin.is_flag());
        if are_given && source.path.is_some() && !is_asked_for {
            ReportFile::ApprovedInput
        } else {
            ReportFile::Written
        }
    }

    /// What is to be said of the reviews before their rows run.
    pub(crate) fn warnings(&self) -> Vec<String> {
        match self {
            Self::Unchecked | Self::Refused(_) => Vec::new(),
            // What is wrong with rows that say yes stands in each of them.
            Self::Checked(reviews) if reviews.known.is_empty() && !reviews.has_unsound => {
                vec![
                    "no row of the review is approved: say yes in its column `approved` where a row is to run"
                        .to_owned(),
                ]
            }
            Self::Checked(reviews) => {
                let blind = reviews
                    .known
                    .iter()
                    .filter(|(_, known)| known.look == ReviewBasis::Untaken && known.objection.is_none());
                blind
                    .map(|(name, _)| format!("review {name} was made without looking at what its users hold"))
                    .collect()
            }
        }
    }

    /// The reviews of which approved rows are sound: those that a run spends.
    pub(crate) fn spent(&self, sheet: &Sheet) -> Vec<String> {
        let mut spent = BTreeSet::new();
        if let Self::Checked(_) = self {
            for row in sheet.rows() {
                if let Ok(Signature { review, .. }) = Signature::read(sheet.signature(&row))
                    && !spent.contains(review)
                    && matches!(self.entry(sheet, &row), ReviewedRow::Open(ParsedRow::Job { .. }))
                {
                    spent.insert(review.to_owned());
                }
            }
        }
        spent.into_iter().collect()
    }

    /// What a row orders, if it is what was reviewed.
    pub(crate) fn entry(&self, sheet: &Sheet, row: &Row) -> ReviewedRow {
        let entry = sheet.parse(row);
        if let (ParsedRow::Invalid { .. }, Some(error)) = (&entry, sheet.unclear_approval(row)) {
            return ReviewedRow::Settled(not_approved(&error));
        }
        let Self::Checked(reviews) = self else { return ReviewedRow::Open(entry) };
        if let Some(outcome) = reviews.signed.settled(sheet, row, &entry) {
            return ReviewedRow::Settled(outcome);
        }
        let verdict = match &entry {
            ParsedRow::Job { subject, action, .. } => reviews.judge(sheet, row, job(subject, action)),
            ParsedRow::MissingPlan { .. } => reviews.judge(sheet, row, None),
            ParsedRow::Skipped { .. } | ParsedRow::Invalid { .. } => Ok(()),
        };
        ReviewedRow::Open(match verdict {
            Ok(()) => entry,
            Err(Guard { message, hint }) => {
                ParsedRow::Invalid { errors: vec![sheet.bad_signature(row, message, hint)] }
            }
        })
    }
}

impl Reviews {
    /// Whether a row is what was reviewed, and may run; the job is none where the row does not say which user it means.
    fn judge(&self, sheet: &Sheet, row: &Row, job: Option<Job>) -> Result<(), Guard> {
        let restore = |message: &str| Guard {
            message: message.to_owned(),
            hint: "put the row back as the review has it, or review it again with --dry-run".to_owned(),
        };
        let text = sheet.signature(row);
        if text.is_empty() {
            return Err(restore("is empty, so nobody can tell whether the row was reviewed"));
        }
        let signature = Signature::read(text).map_err(|error| restore(&error.to_string()))?;
        if let Some(other) = self.signed.left_out(&signature) {
            return Err(Guard {
                message: format!("is that of row {other}, too, which is left out"),
                hint: "take the copy out, or say the same in both".to_owned(),
            });
        }
        let Some(known) = self.known.get(signature.review) else { return Err(restore("names no review")) };
        // What is objected to all of them is said of the file as a whole.
        if let (Some(objection), None) = (&known.objection, &self.objection) {
            return Err(objection.clone());
        }
        let Some(seal) = &known.seal else { return Ok(()) };
        let job = job.ok_or_else(|| restore("fits no row without a key, which says who was reviewed"))?;
        if seal.holds(&signature, &job.key().to_string(), sheet.seat_before(row).as_ref()) {
            Ok(())
        } else {
            Err(restore(
                "does not fit the row: its user, what it orders or the seat in `result_seat_before` was changed",
            ))
        }
    }
}

/// How a row ends that nobody can say is approved. It is no mistake of the file as a whole.
fn not_approved(error: &RowError) -> Outcome {
    let column = error.column.as_deref().unwrap_or("approved");
    let message = format!("not approved: column `{column}`: {}", error.message);
    Outcome { hint: error.hint.clone(), ..Outcome::new(Status::Invalid, Reason::Approval, message) }
}

/// The job of a row, where it says the user's id.
fn job(subject: &Subject, action: &Action) -> Option<Job> {
    match subject {
        Subject::Id(user) | Subject::Both(user, _) => Some(Job { user: *user, action: action.clone() }),
        Subject::Email(_) => None,
    }
}

fn look_up(name: &str, ledger: Option<&Ledger>, bench: &ApprovalContext<'_>) -> Result<Known, CommandError> {
    let found = ledger.map(|ledger| ledger.views().review(name)).transpose()?.flatten();
    let (Some(ledger), Some(record)) = (ledger, found) else {
        return Ok(Known { seal: None, look: ReviewBasis::Taken, objection: Some(unknown(name, ledger)) });
    };
    let spent = record.spent_by.as_deref().map(|run| spent(ledger, name, run)).transpose()?;
    let review = &record.review;
    let objection = match bench.target {
        // A rehearsal changes nothing, so it may be held with any review, at any time.
        ApiTarget::Sandbox => None,
        ApiTarget::Configured => spent.or_else(|| misdirected(review, bench.account)).or_else(|| stale(review, bench)),
    };
    let look = if review.account.is_some() { ReviewBasis::Taken } else { ReviewBasis::Untaken };
    Ok(Known { seal: Some(Signer::new(review, &record.secret)), look, objection })
}

/// What a new review of an input is made with. One that cannot be remembered is not signed, and says so.
pub(crate) fn approving(
    context: &Context,
    source: &Source,
    account: Option<String>,
    report_file: ReportFile,
    prefill: Prefill,
) -> ReviewSigner {
    if report_file == ReportFile::ApprovedInput {
        return ReviewSigner { seal: None, prefill };
    }
    let made = Timestamp::now();
    let (name, input, sha256) = (new_name(made), source.name.clone(), source.sha256.clone());
    let seal = seal(context, &Review { name, made, input, sha256, account });
    if let Err(failure) = &seal {
        let message =
            format!("the review is not signed, so nothing will tell whether what runs was reviewed: {failure}");
        context.console.warn(&message);
    }
    ReviewSigner { seal: seal.ok().map(Box::new), prefill }
}

fn seal(context: &Context, review: &Review) -> Result<Signer, CommandError> {
    let mut bytes = Box::new([0; 32]);
    getrandom::fill(&mut *bytes)
        .map_err(|error| CommandError::new(Exit::Bug, format!("this machine gives no random numbers: {error}")))?;
    let secret: Secret = SecretBox::new(bytes);
    // Rehearsals, too, are reviewed where everything else is: their reviews are known by their account.
    Ledger::open(&context.settings.state_dir.value)?.remember_review(review, &secret)?;
    Ok(Signer::new(review, &secret))
}
