//! Cautions: what a row is likely to meet, shown to whoever reviews it, and sent all the same.
//!
//! The documents say what the API refuses, but not all of it shows beforehand: with Enterprise Plan Manager and older
//! licence models the list of a plan's users is not the whole truth. So only a [certain](super::Prediction) refusal
//! keeps a row from being sent, and everything else is a caution.

use std::fmt;

/// Something that a row is likely to meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Caution {
    /// The user is not active but deactivated.
    Deactivated,
    /// The user has not answered the invitation.
    Invited,
    /// The user has declined the invitation.
    Declined,
    /// The user's status is one that no document names.
    UnknownStatus,
    /// The user is a System Admin.
    SystemAdmin,
    /// The user is, or would be, a group admin without a licence.
    GroupAdmin,
    /// The user is, or would be, a resource viewer without a licence.
    ResourceViewer,
    /// The user owns sheets and would lose the licence.
    SheetOwner,
    /// An update would change the licence of somebody who is no System Admin.
    SeatByUpdate,
    /// The address belongs to none of the plan's domains.
    ForeignDomain,
    /// The address that the row gives belongs to an internet provider; whether it is the user's primary one was not
    /// read.
    ProviderDomain,
    /// GUEST is asked for, and whether the user is external was not shown.
    PerhapsInternal,
    /// VIEWER is asked for in a plan that shows CONTRIBUTOR.
    ViewerGone,
    /// The user's seat is one that no document names.
    UnknownSeat,
    /// The user's seat is a trial.
    Trial,
    /// No page of the plan's users shows the user, and nobody looked closer.
    Unlisted,
    /// The user is not in the plan that the file is about, but could be in another organization.
    Elsewhere,
    /// Nothing was shown of the user in the plan.
    Unread,
    /// Once the rows above are done, what is asked for is so already.
    SoByThen,
    /// Once the rows above are done, the seat cannot become what is asked for.
    IllegalByThen,
}

impl Caution {
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
        Self::PerhapsInternal,
        Self::ViewerGone,
        Self::UnknownSeat,
        Self::Trial,
        Self::Unlisted,
        Self::Elsewhere,
        Self::Unread,
        Self::SoByThen,
        Self::IllegalByThen,
    ];

    /// Why, and which document says so.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Deactivated => {
                "the user is, or will be by then, deactivated, and only active users can be changed (1188)"
            }
            Self::Invited => "the user has not accepted the invitation, and only active users can be changed (1188)",
            Self::Declined => "the user has declined the invitation, and only active users can be changed (1188)",
            Self::UnknownStatus => "the user's status is one that the API documentation does not name",
            Self::SystemAdmin => {
                "the user is a System Admin, who has to lose that right first (Smartsheet's C# SDK, downgradeUser)"
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
                "the address is at none of the plan's domains, as far as its internal users show (API documentation, \
                 Deactivate user)"
            }
            Self::ProviderDomain => {
                "addresses at an internet provider cannot be deactivated (API documentation, Deactivate user: 1359)"
            }
            Self::PerhapsInternal => {
                "GUEST is for external users only, and whether this user is one was not shown (API documentation, \
                 Downgrade user)"
            }
            Self::ViewerGone => {
                "the plan shows CONTRIBUTOR, so VIEWER may be gone; it is asked for by its other name if the API refuses \
                 it (API changelog, VIEWER deprecated)"
            }
            Self::UnknownSeat => "the user's seat is one that the API documentation does not name",
            Self::Trial => {
                "the seat is a trial that ends by itself and cannot be given back (API documentation, List user plans)"
            }
            Self::Unlisted => "the user is on no page of the plan's users; that was not confirmed one by one",
            Self::Elsewhere => {
                "the user is not in the plan, so perhaps in a child organization (Enterprise Plan Manager), or nowhere"
            }
            Self::Unread => "what the user holds in the plan could not be read",
            Self::SoByThen => "it will be so already, once the rows above for this user are done",
            Self::IllegalByThen => {
                "the seat cannot become what is asked for, once the rows above for this user are done (API documentation, \
                 Upgrade user and Downgrade user)"
            }
        }
    }
}

impl fmt::Display for Caution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "likely: {}", self.reason())
    }
}

/// The cautions of a row: a set, small enough for a million of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cautions(u32);

impl Cautions {
    /// Adds a caution.
    pub(super) const fn add(&mut self, caution: Caution) {
        self.0 |= 1 << caution as u32;
    }

    /// Adds a caution if it applies.
    pub(super) fn add_if(&mut self, caution: Caution, applies: impl Into<Option<bool>>) {
        if applies.into() == Some(true) {
            self.add(caution);
        }
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The cautions, the most striking first.
    pub fn iter(self) -> impl Iterator<Item = Caution> {
        Caution::ALL.into_iter().filter(move |caution| self.0 & (1 << *caution as u32) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_added_and_shows_the_most_striking_first() {
        let mut cautions = Cautions::default();
        assert!(cautions.is_empty());
        for caution in [Caution::IllegalByThen, Caution::SystemAdmin, Caution::Deactivated, Caution::SystemAdmin] {
            cautions.add(caution);
        }
        let found: Vec<_> = cautions.iter().collect();
        assert_eq!(found, [Caution::Deactivated, Caution::SystemAdmin, Caution::IllegalByThen]);
    }

    #[test]
    fn every_caution_has_a_place_of_its_own_and_a_reason() {
        for (place, caution) in Caution::ALL.into_iter().enumerate() {
            assert_eq!(caution as usize, place);
            assert!(caution.reason().len() > 20 && !caution.reason().ends_with('.'), "{caution}");
        }
    }
}
