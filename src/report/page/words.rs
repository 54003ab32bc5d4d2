//! Words: how the page calls things for people who know spreadsheets and not this program.

use crate::model::{Action, ActionName, ReportedSeat, Seat, Status};
use crate::report::Counts;

/// Every status, in the order in which the page shows them: what is well, what was left, what is not well.
pub(super) const STATUSES: [Status; Status::ALL.len()] = [
    Status::Success,
    Status::Planned,
    Status::Unchanged,
    Status::Skipped,
    Status::NotAttempted,
    Status::PartialSuccess,
    Status::Blocked,
    Status::Failed,
    Status::Unknown,
    Status::Invalid,
];

/// The statuses that there are, with their numbers.
pub(super) fn present(counts: &Counts) -> impl Iterator<Item = (Status, u64)> + use<> {
    let counts = *counts;
    STATUSES.into_iter().map(move |status| (status, counts.of(status))).filter(|(_, count)| *count > 0)
}

/// A status in words.
pub(super) const fn status(status: Status) -> &'static str {
    match status {
        Status::Success => "Done",
        Status::PartialSuccess => "Partly done",
        Status::Unchanged => "Already so",
        Status::Failed => "Failed",
        Status::Unknown => "Not known",
        Status::Skipped => "Left out",
        Status::Invalid => "Not understood",
        Status::NotAttempted => "Not attempted",
        Status::Planned => "Would be done",
        Status::Blocked => "Would be refused",
    }
}

/// What a status means, for who wants to know more.
pub(super) const fn meaning(status: Status) -> &'static str {
    match status {
        Status::Success => "Smartsheet did it, or reading the user back shows it done.",
        Status::PartialSuccess => "Smartsheet says it did a part; what reading back shows is in the row.",
        Status::Unchanged => "It was so already. Nothing was sent.",
        Status::Failed => "Smartsheet refused it, is certain to, or every try came to nothing. Nothing was changed.",
        Status::Unknown => "It was sent, and nobody can tell whether it was done. Look at this user in Smartsheet.",
        Status::Skipped => "Left out on purpose; the row says why.",
        Status::Invalid => "The row could not be understood, so nothing was sent.",
        Status::NotAttempted => "The run ended before its turn.",
        Status::Planned => "A run would send it.",
        Status::Blocked => "It is certain to be refused, so a run would not send it.",
    }
}

/// The name by which the style sheet knows a status.
pub(super) const fn class(status: Status) -> &'static str {
    match status {
        Status::Success => "success",
        Status::PartialSuccess => "partial",
        Status::Unchanged => "unchanged",
        Status::Failed => "failed",
        Status::Unknown => "unknown",
        Status::Skipped => "skipped",
        Status::Invalid => "invalid",
        Status::NotAttempted => "not-attempted",
        Status::Planned => "planned",
        Status::Blocked => "blocked",
    }
}

/// An action in words; none for a row that orders nothing that could be understood.
pub(super) const fn action(action: Option<ActionName>) -> &'static str {
    match action {
        Some(ActionName::Downgrade) => "Downgrade",
        Some(ActionName::Upgrade) => "Upgrade",
        Some(ActionName::Deactivate) => "Deactivate",
        Some(ActionName::Reactivate) => "Reactivate",
        Some(ActionName::Remove) => "Remove from plan",
        Some(ActionName::Update) => "Change rights or name",
        Some(ActionName::Plans) => "List plans",
        None => "No action",
    }
}

/// A seat as Smartsheet's own pages call it.
pub(super) const fn seat(seat: Seat) -> &'static str {
    match seat {
        Seat::Guest => "Guest",
        Seat::Viewer => "Viewer",
        Seat::Contributor => "Contributor",
        Seat::Member => "Member",
        Seat::ProvisionalMember => "Provisional member",
    }
}

/// A seat that the API showed.
pub(super) fn seen(seen: &ReportedSeat) -> String {
    match seen {
        ReportedSeat::Known(known) => seat(*known).to_owned(),
        ReportedSeat::Other(text) => text.clone(),
    }
}

/// What an action makes of a user.
pub(super) fn target(action: &Action) -> String {
    match action {
        Action::Downgrade { to, .. } => seat(to.seat()).to_owned(),
        Action::Upgrade { to, .. } => seat(to.seat()).to_owned(),
        Action::Deactivate => "Deactivated".to_owned(),
        Action::Reactivate => "Active".to_owned(),
        Action::Remove { .. } => "Not in the plan".to_owned(),
        Action::Update(attributes) => {
            let set: Vec<_> = attributes.set().into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
            set.join(", ")
        }
        Action::Plans => String::new(),
    }
}

/// What actions of one kind make of users; the attributes of updates are named, and not what they are set to.
pub(super) fn kind_of_target(action: &Action) -> String {
    match action {
        Action::Update(attributes) => {
            let set: Vec<_> = attributes.set().into_iter().map(|(name, _)| name).collect();
            set.join(", ")
        }
        Action::Downgrade { .. }
        | Action::Upgrade { .. }
        | Action::Deactivate
        | Action::Reactivate
        | Action::Remove { .. }
        | Action::Plans => target(action),
    }
}

/// `one` or `many` things.
pub(super) const fn plural(count: u64, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}
