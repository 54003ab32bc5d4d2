//! What is said of rows where no run is started: what would happen to them, or why they were not sent; and how the rows of a
//! review are made ready to be approved.

use crate::app::CommandError;
use crate::model::{Signature, Signer, Status};
use crate::plan::{AccountState, Guard, Highlight, Totals};
use crate::report::{Estimate, ReportRow};

/// What is said of rows that would be sent.
#[derive(Debug)]
pub(crate) enum PlanVerdict<'a> {
    /// A dry run: what would happen.
    Foreseen {
        /// The guards that a run would meet.
        guards: Vec<Guard>,
        /// What a run would cost.
        estimate: Estimate,
        /// What should be known of it, in sentences.
        warnings: Vec<String>,
        /// What it comes to.
        totals: Box<Totals>,
        /// The rows to look at first.
        highlights: Vec<Highlight>,
        /// What is known of the account.
        account_state: &'a AccountState,
        /// How the rows are made ready to be approved.
        approving: ReviewSigner,
    },
    /// A run that was refused, and why.
    Refused(&'a CommandError),
}

impl PlanVerdict<'_> {
    /// Whether the rows are signed, so that they can be approved.
    pub(crate) const fn is_signed(&self) -> bool {
        matches!(self, Self::Foreseen { approving: ReviewSigner { seal: Some(_), .. }, .. })
    }
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
    pub(crate) fn sign(&self, row: &ReportRow<'_>) -> Option<Signature<'_>> {
        let (seal, key, _) = (self.seal.as_ref()?, row.key.as_ref()?, row.request.user()?);
        let signed = || seal.sign(key, row.outcome.seat_before.as_ref());
        (row.outcome.status != Status::Invalid).then(signed)
    }

    /// What the `approved` column says of a row at first.
    pub(crate) fn filled(&self, row: &ReportRow<'_>) -> &'static str {
        let can_run = row.signature.is_some() || self.seal.is_none();
        match (self.prefill, row.outcome.status) {
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
