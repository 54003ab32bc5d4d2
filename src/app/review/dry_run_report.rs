//! Reports without a run: of a dry run, and of a run that was refused before anything was changed.

use std::collections::BTreeMap;
use std::io;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

use crate::app::context::Context;
use crate::app::output::destination::{Destination, Destinations};
use crate::app::output::page::{self, UnsentPage};
use crate::app::parallel::map_ordered;
use crate::app::runs::execute::{record_written_file, say_summary, write_summary};
use crate::app::source::Source;
use crate::app::{CommandError, Exit};
use crate::input::{Row, RowChunk, Sheet};
use crate::ledger::FileKind;
use crate::model::{Job, Outcome, PlanId, Reason, Signature, Signer, Status};
use crate::plan::{Guard, PaidSeatsByPlan, PlannedRow, RunPlan, Step};
use crate::report::{Column, Counts, Estimate, Line, Summary, Table};

/// How many rows are put into words at a time.
const ROWS_OF_A_CHUNK: usize = 2048;

/// What is said of rows that would be sent.
#[derive(Debug)]
pub(crate) enum Verdict<'a> {
    /// A dry run: what would happen.
    Foreseen {
        /// The guards that a run would meet.
        guards: Vec<Guard>,
        /// What a run would cost.
        estimate: Estimate,
        /// What should be known of it, in sentences.
        warnings: Vec<String>,
        /// The paid seats that it would free and take.
        money: PaidSeatsByPlan,
        /// How the plans are called.
        plan_names: BTreeMap<PlanId, String>,
        /// How the rows are made ready to be approved.
        approving: ReviewSigner,
    },
    /// A run that was refused, and why.
    Refused(&'a CommandError),
}

/// How the rows of a review are made ready to be approved.
#[derive(Debug)]
pub(crate) struct ReviewSigner {
    /// What signs them; none where that cannot be remembered.
    pub seal: Option<Box<Signer>>,
    /// What the `approved` column says at first.
    pub prefill: Prefill,
}

impl ReviewSigner {
    /// The signature of a row that somebody can approve. One that is invalid, or left out without a look at its user, is
    /// not there to be approved.
    fn sign(&self, planned: &PlannedRow, line: &Line<'_>) -> Option<Signature<'_>> {
        let (seal, key, _) = (self.seal.as_ref()?, line.key.as_ref()?, job(&planned.step)?);
        let signed = || seal.sign(key, line.outcome.seat_before.as_ref());
        (line.outcome.status != Status::Invalid).then(signed)
    }

    /// What the `approved` column says of a row at first.
    fn filled(&self, line: &Line<'_>) -> &'static str {
        let can_run = line.signature.is_some() || self.seal.is_none();
        match (self.prefill, line.outcome.status) {
            (Prefill::Planned, Status::Planned) if can_run => "yes",
            (Prefill::Planned | Prefill::Empty, _) => "",
        }
    }
}

/// What the `approved` column of a review says before anybody has approved anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prefill {
    /// Nothing.
    Empty,
    /// `yes` for rows that would be sent (`--prefill-approved`).
    Planned,
}

impl Prefill {
    /// What the flag means.
    pub(crate) const fn of(flag: bool) -> Self {
        if flag { Self::Planned } else { Self::Empty }
    }
}

/// A report that was written, or not.
#[derive(Debug)]
struct Written {
    /// How many rows have which status.
    counts: Counts,
    /// What writing came to: the SHA-256 of the report, in hexadecimal; none where none was to be written.
    sha256: io::Result<Option<String>>,
}

/// Whether a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportFile {
    /// It is.
    Written,
    /// It is not: the input is a review that is approved already, and it would be written again without its approvals.
    ApprovedInput,
}

/// Writes what is said of each row of a plan.
fn write(source: &Source, plan: &RunPlan, target: &Destination, verdict: &Verdict<'_>) -> Written {
    let counts = count(plan, verdict);
    let sheet = &source.sheet;
    let (ballot, columns) = match verdict {
        Verdict::Foreseen { approving: ReviewSigner { seal: Some(_), .. }, .. } => {
            (ApprovalColumn::of(sheet), Column::REVIEW)
        }
        Verdict::Foreseen { approving: ReviewSigner { seal: None, .. }, .. } => {
            (ApprovalColumn::of(sheet), Column::REPORT)
        }
        Verdict::Refused(_) => (ApprovalColumn::None, Column::REPORT),
    };
    let sha256 = target.write(|output| {
        let form = target.form(*sheet.dialect());
        let mut table = Table::begin(output, form, ballot.header(sheet), columns)?;
        let Some(no_rows) = table.section() else {
            for (row, planned) in sheet.rows().zip(&plan.rows) {
                let DryRunRow { line, approved } = DryRunRow::of(sheet, &row, planned, verdict);
                table.write(ballot.cells(sheet, &row, approved), &line)?;
            }
            return table.finish().map(drop);
        };
        let in_words = |(rows, planned): (RowChunk<'_>, &[PlannedRow])| {
            let mut section = no_rows.clone();
            section.expect(planned.len());
            for (row, planned) in rows.zip(planned) {
                let DryRunRow { line, approved } = DryRunRow::of(sheet, &row, planned, verdict);
                section.write(ballot.cells(sheet, &row, approved), &line);
            }
            section
        };
        map_ordered(&sheet.chunks(ROWS_OF_A_CHUNK).zip(plan.rows.chunks(ROWS_OF_A_CHUNK)), in_words, |section| {
            table.append(&section)
        })?;
        table.finish().map(drop)
    });
    Written { counts, sha256: sha256.map(Some) }
}

fn missing_users(plan: &RunPlan) -> u64 {
    let is_missing = |step: &Step| matches!(step, Step::Final(_, outcome) if outcome.reason == Reason::MissingUser);
    plan.rows.iter().filter(|planned| is_missing(&planned.step)).count() as u64
}

fn count(plan: &RunPlan, verdict: &Verdict<'_>) -> Counts {
    let mut counts = Counts::default();
    for planned in &plan.rows {
        counts.add(status(planned, verdict));
    }
    counts
}

const fn status(planned: &PlannedRow, verdict: &Verdict<'_>) -> Status {
    match (&planned.step, verdict) {
        (Step::Final(_, outcome), Verdict::Foreseen { .. }) if matches!(outcome.status, Status::Failed) => {
            Status::Blocked
        }
        (Step::Final(_, outcome), _) => outcome.status,
        (_, Verdict::Refused(_)) => Status::NotAttempted,
        (Step::Send(_) | Step::UnresolvedUser(..) | Step::UnresolvedPlan(_), Verdict::Foreseen { .. }) => {
            Status::Planned
        }
        (Step::Blocked(..), Verdict::Foreseen { .. }) => Status::Blocked,
    }
}

/// Where a review asks for approval.
#[derive(Debug, Clone, Copy)]
enum ApprovalColumn {
    /// Nowhere: it is none.
    None,
    /// In the input's own column. What it said is gone, because that was approved of another review.
    At(usize),
    /// In a column behind those of the input.
    Behind,
}

impl ApprovalColumn {
    fn of(sheet: &Sheet) -> Self {
        sheet.approved().map_or(Self::Behind, Self::At)
    }

    fn header(self, sheet: &Sheet) -> impl Iterator<Item = &str> {
        let behind = matches!(self, Self::Behind).then_some("approved");
        sheet.carried().iter().map(|column| sheet.header()[*column].as_str()).chain(behind)
    }

    fn cells<'r>(self, sheet: &'r Sheet, row: &'r Row, approved: &'r str) -> impl Iterator<Item = &'r str> {
        let cell = move |column: &usize| match self {
            Self::At(own) if own == *column => approved,
            Self::None | Self::At(_) | Self::Behind => row.cell(*column),
        };
        sheet.carried().iter().map(cell).chain(matches!(self, Self::Behind).then_some(approved))
    }
}

/// What is said of a row.
struct DryRunRow<'a> {
    line: Line<'a>,
    approved: &'static str,
}

impl<'a> DryRunRow<'a> {
    fn of(sheet: &Sheet, row: &Row, planned: &PlannedRow, verdict: &'a Verdict<'_>) -> Self {
        let job = job(&planned.step).cloned().or_else(|| sheet.keyed_job(row));
        let mut line = Line {
            row: planned.row,
            outcome: outcome(planned, verdict),
            attempts: 0,
            began: None,
            finished: None,
            run: None,
            key: job.map(|job| job.key().to_string()),
            signature: None,
        };
        let approved = match verdict {
            Verdict::Foreseen { approving, .. } => {
                line.signature = approving.sign(planned, &line);
                approving.filled(&line)
            }
            Verdict::Refused(_) => "",
        };
        Self { line, approved }
    }
}

/// What is said of a row.
pub(crate) fn outcome(planned: &PlannedRow, verdict: &Verdict<'_>) -> Outcome {
    let message = match (&planned.step, verdict) {
        (Step::Final(_, outcome), _) => {
            return noted(Outcome { status: status(planned, verdict), ..(**outcome).clone() }, planned);
        }
        (_, Verdict::Refused(failure)) => format!("not sent: the run was refused, because {}", failure.message),
        (Step::Send(job), Verdict::Foreseen { .. }) => format!("would be sent: {}", job.action),
        (Step::UnresolvedUser(email, action), Verdict::Foreseen { .. }) => {
            let message = format!("would be sent: {action}, once the id of {email} is looked up");
            return noted(to_be_looked_up(message), planned);
        }
        (Step::UnresolvedPlan(action), Verdict::Foreseen { .. }) => {
            let message = format!("would be sent: {action}, in the only plan of the token's own user");
            return noted(to_be_looked_up(message), planned);
        }
        (Step::Blocked(_, refusal), Verdict::Foreseen { .. }) => return noted(refusal.blocked(), planned),
    };
    noted(Outcome::of_row(status(planned, verdict), message), planned)
}

/// An outcome with what else is known of its row.
fn noted(mut outcome: Outcome, planned: &PlannedRow) -> Outcome {
    outcome.seat_before.clone_from(&planned.before().seat);
    let row_warnings = planned.row_warnings.iter().map(|caution| caution.to_string());
    for note in planned.notes.iter().cloned().chain(row_warnings) {
        outcome.message = format!("{}; {note}", outcome.message);
    }
    outcome
}

/// A row that a review without a network does not know well enough to sign.
fn to_be_looked_up(message: String) -> Outcome {
    let mut outcome = Outcome::of_row(Status::Planned, message);
    outcome.hint = Some("a review without --offline looks it up, and then the row can be approved".to_owned());
    outcome
}

/// The job of a row, whatever becomes of it.
pub(crate) const fn job(step: &Step) -> Option<&Job> {
    match step {
        Step::Send(job) | Step::Blocked(job, _) => Some(job),
        Step::Final(job, _) => job.as_ref(),
        Step::UnresolvedUser(..) | Step::UnresolvedPlan(_) => None,
    }
}

/// What is to be said at the end of a command that worked on no run.
#[derive(Debug)]
pub(crate) struct Conclusion<'a> {
    /// The command's context.
    pub context: &'a Context,
    /// What was read.
    pub source: &'a Source,
    /// What would become of it.
    pub plan: &'a RunPlan,
    /// Where everything goes that is written.
    pub outputs: &'a Destinations,
    /// Whether a report is among it.
    pub report_file: ReportFile,
    /// What is said of rows that would be sent.
    pub verdict: Verdict<'a>,
    /// The token's user, where the API was asked.
    pub who: Option<&'a str>,
    /// When the command began.
    pub began: Instant,
}

impl Conclusion<'_> {
    /// Writes and says it, and how the program ends.
    pub(crate) fn carry_out(&self) -> Exit {
        let written = match self.report_file {
            ReportFile::Written => write(self.source, self.plan, &self.outputs.report, &self.verdict),
            ReportFile::ApprovedInput => Written { counts: count(self.plan, &self.verdict), sha256: Ok(None) },
        };
        let name = self.outputs.report.name();
        let exit = match (self.exit(&written.counts), &written.sha256) {
            (Exit::Fine | Exit::SomeRows, Err(_)) => Exit::NoReport,
            (exit, Ok(_) | Err(_)) => exit,
        };
        let took = self.began.elapsed();
        let nothing = PaidSeatsByPlan::default();
        let summary = Summary {
            run: None,
            input: &self.source.name,
            report: name.as_deref().filter(|_| matches!(written.sha256, Ok(Some(_)))),
            counts: written.counts,
            missing_users: missing_users(self.plan),
            money: match &self.verdict {
                Verdict::Foreseen { money, .. } => money,
                Verdict::Refused(_) => &nothing,
            },
            traffic: None,
            ending: None,
            started: SignedDuration::try_from(took).map_or(Timestamp::now(), |took| Timestamp::now() - took),
            took,
            exit_code: exit.code(),
        };
        say_summary(&self.context.console, &summary);
        match &written.sha256 {
            Err(error) => {
                let name = name.as_deref().unwrap_or("on standard output");
                self.context.console.error(&format!("the report {name} could not be written: {error}"), None);
            }
            Ok(None) => self.say_what_runs(&written.counts),
            Ok(Some(sum)) => {
                if let Destination::File(path) = &self.outputs.report {
                    record_written_file(self.context, path, sum, FileKind::Other);
                }
                self.say_how_to_approve(&written.counts);
            }
        }
        write_summary(self.context, self.outputs, &summary);
        if let Some(target) = &self.outputs.page {
            let Self { source, plan, verdict, who, .. } = self;
            let (report, began) = (summary.report, summary.started);
            page::of_plan(self.context, &UnsentPage { source, plan, verdict, who: *who, report, began, took }, target);
        }
        exit
    }

    fn say_how_to_approve(&self, counts: &Counts) {
        let (Verdict::Foreseen { approving, .. }, Some(name)) = (&self.verdict, self.outputs.report.name()) else {
            return;
        };
        if counts.of(Status::Planned) == 0 {
            return;
        }
        let sheet = &self.source.sheet;
        let column = sheet.approved().map_or("approved", |own| &sheet.header()[own]);
        let to_do = match approving.prefill {
            Prefill::Empty => format!("say yes in its column `{}`, and then ", column.trim()),
            Prefill::Planned => String::new(),
        };
        self.context.console.say(&format!("to run what is approved: {to_do}seatrun run {name}"));
    }

    /// Says that an approved review is the one to run.
    fn say_what_runs(&self, counts: &Counts) {
        if let Some(path) = self.source.path.as_deref().filter(|_| counts.of(Status::Planned) > 0) {
            self.context.console.say(&format!("seatrun run {} runs these", path.display()));
        }
    }

    fn exit(&self, counts: &Counts) -> Exit {
        match &self.verdict {
            Verdict::Foreseen { guards, .. } if counts.are_fine() && guards.is_empty() => Exit::Fine,
            Verdict::Foreseen { .. } => Exit::SomeRows,
            Verdict::Refused(failure) => failure.exit,
        }
    }
}
