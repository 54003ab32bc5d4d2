//! Hidden rows: a run of a filtered sheet is refused where a row that nobody sees would change a user.

use crate::input::Sheet;
use crate::model::ActionName;
use crate::plan::{Guard, RunPlan};

/// Why a plan may not run: a row that nobody sees in the sheet would change a user.
pub(crate) fn guard(sheet: &Sheet, plan: &RunPlan) -> Option<Guard> {
    if !sheet.refuses_hidden_rows() {
        return None;
    }
    let mut hidden = plan
        .beside(sheet.rows())
        .filter(|(row, planned)| sheet.is_hidden(row) && planned.step.sends().is_some_and(ActionName::changes));
    let (first, _) = hidden.next()?;
    let rows = 1 + hidden.count();
    let plural = if rows == 1 { "" } else { "s" };
    Some(Guard {
        message: format!(
            "{rows} row{plural} of the workbook would change users and cannot be seen in it: hidden or filtered out (first: \
             row {})",
            first.number
        ),
        hint: "--visible-only skips such rows, and --all-rows runs them, too".to_owned(),
    })
}
