//! Row warnings: reasons why the API may refuse a row. They are shown to whoever reviews the row, and the row is sent.
//!
//! The documents say what the API refuses, but some of it cannot be known beforehand: with Enterprise Plan Manager and
//! older licence models, the list of a plan's users is incomplete. So only a [certain](super::CertainRefusal) refusal keeps a
//! row from being sent, and every other reason is a warning.

use std::fmt;

/// A reason why the API may refuse a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowWarning {
    /// The user is deactivated.
    Deactivated,
    /// The user has not answered the invitation.
    Invited,
    /// The user has declined the invitation.
    Declined,
    /// No document names the user's status.
    UnknownStatus,
    /// The user is a System Admin.
    SystemAdmin,
    /// The user is, or would be, a group admin without a licence.
    GroupAdmin,
    /// The user is, or would be, a resource viewer without a licence.
    ResourceViewer,
    /// The user owns sheets and would lose the licence.
    SheetOwner,
    /// An update would change the licence of a user who is not a System Admin.
    SeatByUpdate,
    /// The address is not at a domain of the plan.
    ForeignDomain,
    /// The address that the row gives is at an internet provider; it was not read whether it is the primary one.
    ProviderDomain,
    /// GUEST is asked for, and the API did not show whether the user is external.
    MaybeInternal,
    /// VIEWER is asked for in a plan that shows CONTRIBUTOR.
    ViewerGone,
    /// No document names the user's seat.
    UnknownSeat,
    /// The user's seat is a trial.
    Trial,
    /// No page of the plan's users shows the user, and no lookup of this one user confirmed it.
    Unlisted,
    /// The user is not in the plan that the file is about, but may be in another organization.
    Elsewhere,
    /// The API showed nothing of the user in the plan.
    Unread,
    /// The rows above already do what the row asks for.
    DoneByRowsAbove,
    /// The rows above give a seat that cannot become the seat that the row asks for.
    IllegalAfterRowsAbove,
}

impl RowWarning {
    const ALL: [Self; 20] = [
        Self::Deactivated,
        Self::Invited,
        Self::Declined,
        Self::UnknownStatus,
        Self::SystemAdmin,
        Self::GroupAdmin,
        Self::ResourceViewer,
        Self::SheetOwner,
        Self::SeatByUpdate,
        Self::ForeignDomain,
        Self::ProviderDomain,
        Self::MaybeInternal,
        Self::ViewerGone,
        Self::UnknownSeat,
        Self::Trial,
        Self::Unlisted,
        Self::Elsewhere,
        Self::Unread,
        Self::DoneByRowsAbove,
        Self::IllegalAfterRowsAbove,
    ];

    /// The reason, and which document says so.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Deactivated => {
                "the user is deactivated, or will be after the rows above, and only active users can be changed (1188)"
            }
            Self::Invited => "the user has not accepted the invitation, and only active users can be changed (1188)",
            Self::Declined => "the user has declined the invitation, and only active users can be changed (1188)",
            Self::UnknownStatus => "the API documentation does not name the user's status",
            Self::SystemAdmin => {
                "the user is a System Admin and must lose that right first (Smartsheet's C# SDK, downgradeUser)"
            }
            Self::GroupAdmin => "a group admin must be a licensed sheet creator (API documentation, Update user: 1102)",
            Self::ResourceViewer => {
                "a resource viewer must be a licensed sheet creator (API documentation, Update user: 1097)"
            }
            Self::SheetOwner => "the user owns sheets and must stay licensed (1076)",
            Self::SeatByUpdate => {
                "only a System Admin's licensed sheet creator status can be updated; for others, use upgrade or downgrade \
                 (API documentation, Update user: 2109)"
            }
            Self::ForeignDomain => {
                "the address is not at a domain of the plan's internal users (API documentation, Deactivate user)"
            }
            Self::ProviderDomain => {
                "users at an internet provider's domain cannot be deactivated (API documentation, Deactivate user: 1359)"
            }
            Self::MaybeInternal => {
                "GUEST is for external users only, and the API does not show whether this user is external (API \
                 documentation, Downgrade user)"
            }
            Self::ViewerGone => {
                "the plan shows CONTRIBUTOR, so it may no longer have VIEWER; CONTRIBUTOR is sent if the API refuses VIEWER \
                 (API changelog, VIEWER deprecated)"
            }
            Self::UnknownSeat => "the API documentation does not name the user's seat",
            Self::Trial => {
                "the seat is a trial that ends by itself and cannot be given back (API documentation, List user plans)"
            }
            Self::Unlisted => {
                "the list of the plan's users does not show this user; no lookup of this user confirmed it"
            }
            Self::Elsewhere => {
                "the user is not in the plan, but may be in a child organization (Enterprise Plan Manager)"
            }
            Self::Unread => "the user's seat in the plan could not be read",
            Self::DoneByRowsAbove => "the rows above for this user already do it",
            Self::IllegalAfterRowsAbove => {
                "the rows above for this user give a seat that cannot become this one (API documentation, Upgrade user and \
                 Downgrade user)"
            }
        }
    }
}

impl fmt::Display for RowWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "likely: {}", self.reason())
    }
}

/// The warnings of a row: a set, small enough for a million of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowWarnings(u32);

impl RowWarnings {
    /// Adds a warning.
    pub(super) const fn add(&mut self, warning: RowWarning) {
        self.0 |= 1 << warning as u32;
    }

    /// Adds a warning if it applies.
    pub(super) fn add_if(&mut self, warning: RowWarning, applies: impl Into<Option<bool>>) {
        if applies.into() == Some(true) {
            self.add(warning);
        }
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The warnings, the most important first.
    pub fn iter(self) -> impl Iterator<Item = RowWarning> {
        RowWarning::ALL.into_iter().filter(move |warning| self.0 & (1 << *warning as u32) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_added_and_shows_the_most_important_first() {
        let mut row_warnings = RowWarnings::default();
        assert!(row_warnings.is_empty());
        for warning in [
            RowWarning::IllegalAfterRowsAbove,
            RowWarning::SystemAdmin,
            RowWarning::Deactivated,
            RowWarning::SystemAdmin,
        ] {
            row_warnings.add(warning);
        }
        let found: Vec<_> = row_warnings.iter().collect();
        assert_eq!(found, [RowWarning::Deactivated, RowWarning::SystemAdmin, RowWarning::IllegalAfterRowsAbove]);
    }

    #[test]
    fn every_warning_has_a_bit_of_its_own_and_a_reason() {
        for (bit, warning) in RowWarning::ALL.into_iter().enumerate() {
            assert_eq!(warning as usize, bit);
            assert!(warning.reason().len() > 20 && !warning.reason().ends_with('.'), "{warning}");
        }
    }
}
