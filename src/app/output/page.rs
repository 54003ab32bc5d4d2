//! The page to look at (`--html`): gathered from a plan where there is no run, from the ledger where there is one.

use std::io;
use std::time::Duration;

use jiff::Timestamp;

use crate::app::context::Context;
use crate::app::output::destination::Destination;
use crate::app::output::report_rows::ReportRows;
use crate::app::output::summary_file;
use crate::app::review::approval_guide::review_valid_until;
use crate::app::review::planned_rows::PlannedRows;
use crate::app::review::verdict::PlanVerdict;
use crate::app::runs::recorded_rows::RecordedRows;
use crate::app::source::Source;
use crate::app::{CommandError, Exit};
use crate::input::{Field, Row};
use crate::model::normalize_name;
use crate::plan::RunPlan;
use crate::report::{Approval, Occasion, Page, PersonColumns, Remark, Stage, Traffic};

/// What a page about no run is made of.
#[derive(Debug)]
pub(crate) struct UnsentPage<'a> {
    /// What was read.
    pub(crate) source: &'a Source,
    /// What would become of it.
    pub(crate) plan: &'a RunPlan,
    /// Its rows.
    pub(crate) rows: &'a PlannedRows<'a>,
    /// What is said of rows that would be sent.
    pub(crate) verdict: &'a PlanVerdict<'a>,
    /// The token's user, where the API was asked.
    pub(crate) who: Option<&'a str>,
    /// The report's name, if it has one.
    pub(crate) report: Option<&'a str>,
    /// When the command began.
    pub(crate) began: Timestamp,
    /// How long it took.
    pub(crate) took: Duration,
}

/// Writes the page of a dry run or a refusal.
///
/// # Errors
/// It could not be written, which is said.
pub(crate) fn of_plan(context: &Context, unrun: &UnsentPage<'_>, target: &Destination) -> io::Result<()> {
    let UnsentPage { source, plan, rows, verdict, who, report, began, took } = *unrun;
    let mut remarks: Vec<_> =
        source.sheet.warnings().iter().map(|warning| Remark::warning(warning.to_string(), None)).collect();
    let occasion = match verdict {
        PlanVerdict::Foreseen { guards, estimate, warnings, .. } => {
            remarks.extend(guards.iter().map(|guard| {
                Remark::stop(
                    format!("a run would be refused: {}", named(&guard.message, who)),
                    Some(guard.hint.clone()),
                )
            }));
            remarks.extend(warnings.iter().map(|warning| Remark::warning(warning.clone(), None)));
            let unchecked_risks = plan.unchecked_risks().into_iter();
            remarks.extend(unchecked_risks.map(|remark| Remark::note(format!("not checked in advance: {remark}"))));
            Occasion::Review(*estimate)
        }
        PlanVerdict::Refused(failure) => {
            remarks.push(Remark::stop(failure.message.clone(), failure.hint.clone()));
            Occasion::Refusal
        }
    };
    let (nothing, none) = (Box::default(), Vec::new());
    let (totals, highlights) = match verdict {
        PlanVerdict::Foreseen { totals, highlights, .. } => (totals, highlights),
        PlanVerdict::Refused(_) => (&nothing, &none),
    };
    let page = Page {
        occasion,
        stage: stage(context),
        input: &source.name,
        report,
        began,
        took: Some(took),
        who,
        api_url: who.map(|_| context.settings.api_url.value.as_str()),
        remarks,
        plan_names: &totals.plan_names,
        shares: &totals.shares,
        highlights,
        approval: approval(context, source, verdict).filter(|_| totals.changes() > 0),
    };
    let header: Vec<_> = source.sheet.header().iter().map(String::as_str).collect();
    let people = person_columns(context, &header);
    write(context, target, &page, &people, rows)
}

/// Writes the page of a run.
/// `took` is how long the command took; none where it only writes the page again, and its run tells.
///
/// # Errors
/// It could not be written, which is said.
pub(crate) fn of_run(
    context: &Context,
    rows: &RecordedRows<'_>,
    report: Option<&str>,
    took: Option<Duration>,
    target: &Destination,
) -> io::Result<()> {
    let RecordedRows { ledger, record, ending, .. } = rows;
    let settings = &record.run.settings;
    let sent = ledger.views().requests_of(record.id).unwrap_or_default();
    let spans =
        record.sessions.iter().map(|session| Duration::try_from(session.ended?.duration_since(session.began)).ok());
    let page = Page {
        occasion: Occasion::Run {
            name: &record.run.name,
            ending: *ending,
            traffic: Traffic::new(sent, Some(settings.rate).filter(|rate| *rate > 0)),
        },
        stage: stage(context),
        input: &record.run.input,
        report,
        began: record.run.started,
        took: took.or_else(|| spans.sum()),
        who: Some(&record.run.who),
        api_url: Some(&settings.api_url),
        remarks: Vec::new(),
        plan_names: &settings.plan_names,
        shares: &[],
        highlights: &[],
        approval: None,
    };
    let header = Row::from_record(&record.run.header);
    let people = person_columns(context, &header.cells().collect::<Vec<_>>());
    write(context, target, &page, &people, rows)
}

/// How the rows of a review are approved, where it was signed.
fn approval<'a>(context: &Context, source: &'a Source, verdict: &PlanVerdict<'_>) -> Option<Approval<'a>> {
    let until = review_valid_until(context);
    verdict.is_signed().then(|| Approval { column: source.approved_column(), until })
}

/// A message to whoever runs the program, as others read it.
fn named(message: &str, who: Option<&str>) -> String {
    let name = who.unwrap_or("whoever runs it");
    message.strip_prefix("you ").map_or_else(|| message.to_owned(), |rest| format!("{name} {rest}"))
}

fn stage(context: &Context) -> Stage {
    if context.is_sandbox_run() { Stage::Rehearsal } else { Stage::Real }
}

/// Goes through the rows twice: the page begins with what they come to.
fn write(
    context: &Context,
    target: &Destination,
    page: &Page<'_>,
    people: &PersonColumns,
    rows: &dyn ReportRows,
) -> io::Result<()> {
    let mut overview = page.overview();
    let counted = rows.each(&mut |row| overview.add(row)).map_err(io::Error::other);
    let written = counted.and_then(|()| {
        target.write(|output| {
            let mut data = page.begin(output, &overview)?;
            let mut written = Ok(());
            let read = rows.each(&mut |row| {
                if written.is_ok() {
                    written = data.write(row, people);
                }
            });
            read.map_err(io::Error::other).and(written)?;
            data.finish().map(drop)
        })
    });
    written.map(drop).inspect_err(|error| {
        let name = target.name().unwrap_or_default();
        let failure = CommandError::new(Exit::NoReport, format!("the page {name} could not be written: {error}"));
        context.console.error(&failure.message, None);
        summary_file::note_stop(&failure);
    })
}

/// How spreadsheets call the column of a whole name.
const NAMES: [&str; 5] = ["name", "fullname", "displayname", "employee", "employeename"];

/// The columns that say whom a row is about, so that a row that is not a job can be recognized, too.
fn person_columns(context: &Context, header: &[&str]) -> PersonColumns {
    let column = |field: Field| {
        let mapped = context.settings.columns.get(field.name()).map(|column| normalize_name(&column.value));
        header.iter().position(|name| match &mapped {
            Some(mapped) => normalize_name(name) == *mapped,
            None => name.parse() == Ok(field),
        })
    };
    let whole = header.iter().position(|name| NAMES.contains(&&*normalize_name(name)));
    let parts = [Field::FirstName, Field::LastName].into_iter().filter_map(column).collect();
    let name = whole.map_or(parts, |whole| vec![whole]);
    PersonColumns { id: column(Field::UserId), email: column(Field::Email), name }
}
