//! The signed rows of a review that comes back: which of them are copies, which are duplicates of a row that was kept, and
//! which the review has ended already.
//!
//! A review signs a row and its duplicates alike. A copy that somebody has made has the number of its original, too; a
//! duplicate has one of its own.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::input::{Conditions, ParsedRow, Row, Sheet};
use crate::model::{Action, DowngradeSeat, Job, Outcome, Reason, Signature, Status};

/// What the signature of a row holds together: what it does, and when. VIEWER and CONTRIBUTOR are one seat under two names,
/// so rows that name it differently are signed alike, as the duplicates that they are.
pub(super) fn signed_text(job: &Job, conditions: &Conditions) -> String {
    let one_name = match &job.action {
        Action::Downgrade { plan, to: DowngradeSeat::Contributor } => {
            let action = Action::Downgrade { plan: *plan, to: DowngradeSeat::Viewer };
            Some(Job { user: job.user, action })
        }
        Action::Downgrade { .. }
        | Action::Upgrade { .. }
        | Action::Deactivate
        | Action::Reactivate
        | Action::Remove { .. }
        | Action::Update(_)
        | Action::Plans => None,
    };
    conditions.signed_text(&one_name.as_ref().unwrap_or(job).key().to_string())
}

/// What a row of a review is when it comes back.
#[derive(Debug)]
pub(crate) enum ReviewedRow {
    /// It is as it reads.
    Open(ParsedRow),
    /// It ends as the review says.
    Settled(Outcome),
}

/// The rows of a sheet by the proofs of their signatures.
#[derive(Debug, Default)]
pub(super) struct SignedRows(HashMap<[u8; 16], Copies>);

impl SignedRows {
    pub(super) fn add(&mut self, sheet: &Sheet, row: &Row, signature: &Signature<'_>, entry: &ParsedRow) {
        let reviewed_row = reviewed_row(sheet, row);
        let left_out = matches!(entry, ParsedRow::Skipped { .. }).then_some(row.number);
        self.0
            .entry(signature.proof())
            .and_modify(|copies| copies.add(reviewed_row, left_out))
            .or_insert_with(|| Copies::new(reviewed_row, left_out));
    }

    /// Where the kept row of a signature, or a copy of it, is left out.
    pub(super) fn left_out(&self, signature: &Signature<'_>) -> Option<u64> {
        self.0.get(&signature.proof())?.left_out
    }

    /// How a row ends that the review has ended already: one that was INVALID, left out, or the duplicate of another.
    /// None where the row is still open, as is a row that was left out with its signature and is approved now.
    pub(super) fn settled(&self, sheet: &Sheet, row: &Row, entry: &ParsedRow) -> Option<Outcome> {
        let earlier = sheet.earlier_outcome(row).filter(|earlier| is_ended(earlier.status))?;
        let signature = Signature::read(sheet.signature(row));
        let repeated = || Outcome { reason: Reason::Reviewed, ..earlier.clone() };
        let unmet = |message| Outcome { reason: Reason::Approval, status: Status::Invalid, message, ..earlier.clone() };
        match (entry, signature) {
            (ParsedRow::Skipped { .. }, _) => Some(repeated()),
            (_, Err(_)) if earlier.status == Status::Invalid => Some(unmet(earlier.message.clone())),
            (_, Err(_)) => Some(unmet(format!("the review has left the row out: {}", earlier.message))),
            (_, Ok(signature)) => {
                let rows = self.0.get(&signature.proof()).filter(|rows| rows.kept < reviewed_row(sheet, row))?;
                let Some(other) = rows.left_out else { return Some(repeated()) };
                let message = format!("{}; row {other}, which the review has kept, is not approved", earlier.message);
                Some(Outcome {
                    hint: Some("approve the row that was kept, too, or neither".to_owned()),
                    ..unmet(message)
                })
            }
        }
    }
}

/// The rows that have one signature: those that say the same of one user, and their copies.
#[derive(Debug)]
struct Copies {
    /// The row that the review has kept, by its number there. Those behind it are its duplicates.
    kept: u64,
    /// Where the kept row, or a copy of it, is left out: its number in this sheet.
    left_out: Option<u64>,
}

impl Copies {
    const fn new(reviewed_row: u64, left_out: Option<u64>) -> Self {
        Self { kept: reviewed_row, left_out }
    }

    fn add(&mut self, reviewed_row: u64, left_out: Option<u64>) {
        match reviewed_row.cmp(&self.kept) {
            Ordering::Less => *self = Self::new(reviewed_row, left_out),
            Ordering::Equal => self.left_out = self.left_out.or(left_out),
            Ordering::Greater => {}
        }
    }
}

/// Whether a review says of such a row that it will not run.
const fn is_ended(status: Status) -> bool {
    matches!(status, Status::Skipped | Status::Invalid)
}

/// The place of a row in the sheet that was reviewed. Where rows no longer say it, those that were left out stand behind
/// the others, as duplicates do.
fn reviewed_row(sheet: &Sheet, row: &Row) -> u64 {
    sheet.reviewed_row(row).unwrap_or_else(|| {
        let was_left_out = sheet.earlier_outcome(row).is_some_and(|earlier| earlier.status == Status::Skipped);
        if was_left_out { row.number } else { 0 }
    })
}
