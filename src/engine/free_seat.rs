//! The free seat's name: VIEWER and CONTRIBUTOR are one seat, and which of the two a tenant takes shows only live.
//!
//! Under `auto`, a row is sent with the name it gives. When the API refuses that in a way that may be about the name, the
//! other name is tried once; only when that is accepted is it remembered, for the run and by account for the next runs.
//! What counts is the name that a request really carried: others may have taught the run better while it was under way.

use crate::model::{Action, Answer, DowngradeSeat, FreeSeatName};

/// What a run knows of the free seat's name.
#[derive(Debug, Clone, Copy)]
pub(super) struct FreeSeatNames {
    setting: FreeSeatName,
    /// The name that an earlier run of this account found accepted: it is tried first.
    remembered: Option<DowngradeSeat>,
    /// The name that the tenant was found to take in this run.
    learned: Option<DowngradeSeat>,
    /// Whether the tenant has taken any name in this run.
    is_known: bool,
}

impl FreeSeatNames {
    pub(super) const fn new(setting: FreeSeatName, remembered: Option<DowngradeSeat>) -> Self {
        Self { setting, remembered, learned: None, is_known: false }
    }

    /// The name that the tenant was found to take.
    pub(super) const fn learned(self) -> Option<DowngradeSeat> {
        self.learned
    }

    /// Whether a request for the free seat may still find out about its name.
    pub(super) fn are_open(self) -> bool {
        self.setting == FreeSeatName::Auto && !self.is_known
    }

    fn first_for(self, row: DowngradeSeat) -> DowngradeSeat {
        match self.setting {
            FreeSeatName::Viewer => DowngradeSeat::Viewer,
            FreeSeatName::Contributor => DowngradeSeat::Contributor,
            FreeSeatName::Auto => self.learned.or(self.remembered).unwrap_or(row),
        }
    }
}

/// Which names one job has used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FreeSeat {
    /// The name of the last request.
    sent: Option<DowngradeSeat>,
    /// The name to use after the first one was refused, and how that was refused.
    other: Option<(DowngradeSeat, Box<Answer>)>,
}

/// A name that a request carried in place of the row's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameUsed {
    /// The setting `free_seat_name` says so.
    BySetting(DowngradeSeat),
    /// The API takes this one.
    AsAccepted(DowngradeSeat),
}

impl FreeSeat {
    /// The name that the next change request carries, for a job that asks for the free seat.
    pub(super) fn name(&mut self, action: &Action, names: FreeSeatNames) -> Option<DowngradeSeat> {
        let row = free_seat(action)?;
        self.sent = Some(self.other.as_ref().map_or_else(|| names.first_for(row), |(other, _)| *other));
        self.sent
    }

    /// After a refusal that may be about the name: turns to the other name, if that is still worth a try. Returns whether
    /// it did.
    pub(super) fn turn_to_other_name(&mut self, names: FreeSeatNames, refusal: &Answer) -> bool {
        let is_worth_a_try = names.setting == FreeSeatName::Auto && self.other.is_none() && names.learned != self.sent;
        if is_worth_a_try && let Some(other) = self.sent.and_then(DowngradeSeat::other_name) {
            self.other = Some((other, Box::new(refusal.clone())));
            return true;
        }
        false
    }

    /// How the first name was refused, where the other one was tried.
    pub(super) fn first_refusal(&self) -> Option<&Answer> {
        self.other.as_ref().map(|(_, refusal)| &**refusal)
    }

    /// After a success: the run learns the name, if it took a refusal, now or in an earlier run, to find it.
    pub(super) fn accepted(&self, names: &mut FreeSeatNames) {
        names.is_known |= self.sent.is_some();
        let is_news = self.other.is_some() || (names.remembered.is_some() && self.sent == names.remembered);
        if is_news && names.setting == FreeSeatName::Auto {
            names.learned = self.sent;
        }
    }

    /// The name that the last request carried in place of the row's.
    pub(super) fn in_place_of_rows(&self, action: &Action, names: FreeSeatNames) -> Option<NameUsed> {
        let row = free_seat(action)?;
        let used = self.sent.filter(|sent| *sent != row)?;
        Some(match names.setting {
            FreeSeatName::Auto => NameUsed::AsAccepted(used),
            FreeSeatName::Viewer | FreeSeatName::Contributor => NameUsed::BySetting(used),
        })
    }
}

/// The free seat by the name that the action gives it, where it asks for one.
pub(super) fn free_seat(action: &Action) -> Option<DowngradeSeat> {
    match action {
        Action::Downgrade { to, .. } => to.other_name().map(|_| *to),
        Action::Upgrade { .. }
        | Action::Deactivate
        | Action::Reactivate
        | Action::Remove { .. }
        | Action::Update(_)
        | Action::Plans => None,
    }
}
