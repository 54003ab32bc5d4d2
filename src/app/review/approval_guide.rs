//! The guide of a review that is a workbook: what whoever opens it has to do, and by when.

use jiff::Timestamp;

use crate::app::context::Context;
use crate::app::source::Source;
use crate::tabular::write::ROWS_SHEET;

/// Until when a review that is made now can run; none where that is further away than time is counted.
pub(crate) fn review_valid_until(context: &Context) -> Option<Timestamp> {
    Timestamp::now().checked_add(context.settings.review_valid_for.value).ok()
}

/// The lines of the guide. `name` is the workbook's.
pub(crate) fn approval_guide(context: &Context, source: &Source, name: &str) -> Vec<String> {
    let day = |at: Timestamp| at.strftime("%-d %B %Y").to_string();
    let by = review_valid_until(context).map(|until| format!(" by {}", day(until))).unwrap_or_default();
    vec![
        format!(
            "This is a review of {}, made on {}. Nothing has been changed yet.",
            source.name,
            day(Timestamp::now())
        ),
        format!(
            "Go to the sheet `{ROWS_SHEET}` and choose yes in the column `{}` for each row that may run. A row without a \
             yes does not run.",
            source.approved_column()
        ),
        "Leave the other columns as they are. Rows can be sorted; show all rows again before you save.".to_owned(),
        format!("Save the file, still as .xlsx, and give it back{by}. It runs once."),
        format!("Whoever runs it types: seatrun run {name}"),
    ]
}
