//! Words: how the page calls things for people who know spreadsheets and not this program.

use jiff::{SignedDuration, Timestamp};

use super::html::{counted, grouped};
use crate::model::{Action, ActionName, ReportedSeat, Seat, Status};
use crate::plan::AffectedShare;
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

/// What a change has made of users: `12 deactivated`.
pub(super) const fn participle(action: ActionName) -> &'static str {
    match action {
        ActionName::Downgrade => "downgraded",
        ActionName::Upgrade => "upgraded",
        ActionName::Deactivate => "deactivated",
        ActionName::Reactivate => "reactivated",
        ActionName::Remove => "removed",
        ActionName::Update => "updated",
        ActionName::Plans => "listed",
    }
}

/// How many of a plan's users are concerned.
pub(super) fn share(share: AffectedShare) -> String {
    let users = counted(share.users, "user", "users");
    match (share.of, share.per_cent()) {
        (Some(of), Some(per_cent)) if per_cent < 1.0 => {
            format!("{} of {users_of} users, less than 1%", grouped(share.users), users_of = grouped(of))
        }
        (Some(of), Some(per_cent)) => {
            format!("{} of {users_of} users, {per_cent:.0}%", grouped(share.users), users_of = grouped(of))
        }
        (Some(_) | None, _) => users,
    }
}

/// How long somebody who was deactivated can be reactivated (API notes, "reactivate").
pub(super) const REACTIVATION: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A day.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%-d %B %Y").to_string()
}

/// What names a source or a command, none of which means anything to a manager.
const TECHNICAL: [&str; 5] = ["seatrun ", "SDK", "API documentation", "API notes", "seed 0"];

/// Where the first technical word of a text begins.
fn technical(text: &str) -> Option<usize> {
    let is_flag = |at: &usize| {
        let begins = text[..*at].chars().next_back().is_none_or(|before| matches!(before, ' ' | '`' | '(' | '\n'));
        begins && text[*at + 2..].starts_with(|next: char| next.is_ascii_lowercase())
    };
    let flag = text.match_indices("--").map(|(at, _)| at).find(is_flag);
    TECHNICAL.iter().filter_map(|word| text.find(word)).chain(flag).min()
}

/// A text without what only an operator of the program understands: sources in parentheses go, and so do the clauses that
/// name a flag or a command. None where nothing is left.
pub(super) fn plain(text: &str) -> Option<String> {
    let mut kept = text.to_owned();
    while let Some(at) = technical(&kept) {
        let (before, behind) = kept.split_at(at);
        let opened = before.rfind('(').filter(|open| !before[*open..].contains(')'));
        if let (Some(open), Some(close)) = (opened, behind.find(')')) {
            kept = format!("{}{}", before[..open].trim_end(), &behind[close + 1..]);
        } else {
            let end = before.rfind([',', ';', ':']).unwrap_or(0);
            kept.truncate(end);
        }
    }
    (!kept.trim().is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manager_reads_neither_flags_nor_commands_nor_sources() {
        let table = [
            ("correct the row", Some("correct the row")),
            ("the file would change 300 users, and --max-changes is 20", Some("the file would change 300 users")),
            ("check the file; --max-changes 300 allows it", Some("check the file")),
            ("`seatrun resume` carries on", None),
            ("no user can do that (Smartsheet's C# SDK, downgradeUser: not an admin)", Some("no user can do that")),
            ("it is so (API notes, \"Seats\"), and stays so", Some("it is so, and stays so")),
            ("external (seed 000; or say --x) users", Some("external users")),
            ("--prefill-approved", None),
            ("<!--<script> -- and <!--x", Some("<!--<script> -- and <!--x")),
        ];
        for (text, expected) in table {
            assert_eq!(plain(text).as_deref(), expected, "{text}");
        }
    }
}
