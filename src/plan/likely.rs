//! What a row is likely to meet: every condition that the documents name and that shows beforehand, but not surely
//! enough to keep a row from being sent.
//!
//! The user is judged as the rows above will have left them.

use super::caution::{Caution, Cautions};
use super::directory::Directory;
use super::domain::{Domains, is_provider};
use super::predict::{is_about_access, is_illegal};
use super::standing::{Holding, Known, Standing};
use crate::model::{Action, Attributes, DowngradeSeat, Email, PlanId, Seat, UpgradeSeat};

/// The cautions of a row that is sent.
pub(super) fn cautions(
    action: &Action,
    standing: Standing<'_>,
    directory: Option<&Directory>,
    domains: &Domains<'_>,
) -> Cautions {
    let mut found = Cautions::default();
    if !action.name().changes() {
        return found;
    }
    of_status(action, standing, &mut found);
    of_roles(action, standing, &mut found);
    match action.plan() {
        Some(plan) => of_seat(action, plan, standing, directory, &mut found),
        None => of_home(action, standing, directory, domains, &mut found),
    }
    found
}

/// The cautions of a row whose user only an address is known of, without a network.
pub(super) fn of_unread(action: &Action, email: &Email) -> Cautions {
    let mut found = Cautions::default();
    found.add_if(Caution::ProviderDomain, is_about_access(action) && is_provider(email.domain()));
    found
}

/// Only an active user can be changed (error 1188; the C# SDK of downgrades), but one who is deactivated can be
/// reactivated, and anybody can be removed.
fn of_status(action: &Action, standing: Standing<'_>, found: &mut Cautions) {
    let status = match standing.status().expected() {
        None | Some("ACTIVE") => return,
        Some("DEACTIVATED") => Caution::Deactivated,
        Some("PENDING") => Caution::Invited,
        Some("DECLINED") => Caution::Declined,
        Some(_) => Caution::UnknownStatus,
    };
    match action {
        Action::Remove { .. } | Action::Plans => {}
        Action::Reactivate => found.add_if(status, status != Caution::Deactivated),
        Action::Downgrade { .. } | Action::Upgrade { .. } | Action::Deactivate | Action::Update(_) => found.add(status),
    }
}

/// Who is to lose the licence must not need it (seed 003; errors 1102, 1097, 1076, 2109).
fn of_roles(action: &Action, standing: Standing<'_>, found: &mut Cautions) {
    let now = standing.attributes();
    match action {
        Action::Downgrade { .. } => {
            found.add_if(Caution::SystemAdmin, now.admin);
            found.add_if(Caution::GroupAdmin, now.group_admin);
            found.add_if(Caution::ResourceViewer, now.resource_viewer);
        }
        Action::Deactivate | Action::Remove { .. } => found.add_if(Caution::SystemAdmin, now.admin),
        Action::Update(wanted) => of_update(wanted, now, standing, found),
        Action::Upgrade { .. } | Action::Reactivate | Action::Plans => {}
    }
}

/// Seed 003, "Licensed sheet creator constraints". What is as it is wanted to be already is not asked for.
fn of_update(wanted: &Attributes, now: Attributes, standing: Standing<'_>, found: &mut Cautions) {
    let licensed = now.licensed_sheet_creator;
    let then = wanted.clone().or(now);
    let changes_licence = wanted.licensed_sheet_creator.is_some() && wanted.licensed_sheet_creator != licensed;
    found.add_if(Caution::SeatByUpdate, changes_licence && then.admin == Some(false));
    let loses_licence = changes_licence && wanted.licensed_sheet_creator == Some(false);
    let lacks_licence = then.licensed_sheet_creator == Some(false);
    let asks = |role: Option<bool>| role == Some(true) || loses_licence;
    found.add_if(Caution::GroupAdmin, lacks_licence && then.group_admin == Some(true) && asks(wanted.group_admin));
    found.add_if(
        Caution::ResourceViewer,
        lacks_licence && then.resource_viewer == Some(true) && asks(wanted.resource_viewer),
    );
    found.add_if(Caution::SheetOwner, loses_licence && standing.sheets().is_some_and(|sheets| sheets > 0));
}

fn of_seat(action: &Action, plan: PlanId, standing: Standing<'_>, directory: Option<&Directory>, found: &mut Cautions) {
    let was_surveyed = directory.is_some_and(|directory| directory.was_surveyed(plan));
    match standing.holding(plan) {
        Known::Fact(Holding::Unread) => found.add_if(Caution::Unread, was_surveyed),
        Known::Hoped(Holding::Unread) => {}
        Known::Fact(Holding::Unlisted | Holding::Absent) | Known::Hoped(Holding::Unlisted | Holding::Absent) => {
            found.add(Caution::Unlisted);
        }
        Known::Fact(Holding::UnknownSeat) | Known::Hoped(Holding::UnknownSeat) => found.add(Caution::UnknownSeat),
        Known::Fact(Holding::Seat(seat)) => found.add_if(Caution::Trial, seat == Seat::ProvisionalMember),
        Known::Hoped(Holding::Seat(seat)) => {
            found.add_if(Caution::SoByThen, action.seat().is_some_and(|wanted| wanted.is_same(seat)));
            found.add_if(Caution::IllegalByThen, is_illegal(action, seat));
        }
    }
    match action {
        Action::Downgrade { to: DowngradeSeat::Guest, .. } | Action::Upgrade { to: UpgradeSeat::Guest, .. } => {
            let held = standing.held(plan);
            found.add_if(Caution::PerhapsInternal, was_surveyed && held.is_none_or(|held| held.is_internal.is_none()));
        }
        Action::Downgrade { to: DowngradeSeat::Viewer, .. } => {
            found.add_if(Caution::ViewerGone, directory.is_some_and(|directory| directory.shows_contributor(plan)));
        }
        Action::Downgrade { to: DowngradeSeat::Contributor, .. }
        | Action::Upgrade { to: UpgradeSeat::Member, .. }
        | Action::Deactivate
        | Action::Reactivate
        | Action::Remove { .. }
        | Action::Update(_)
        | Action::Plans => {}
    }
}

/// An action about no plan is judged by the plan that the file is about, which need not be the user's.
fn of_home(
    action: &Action,
    standing: Standing<'_>,
    directory: Option<&Directory>,
    domains: &Domains<'_>,
    found: &mut Cautions,
) {
    let Some((directory, home)) = directory.and_then(|directory| Some((directory, directory.home()?))) else { return };
    match standing.holding(home).fact() {
        Some(Holding::Unlisted | Holding::Absent) => found.add(Caution::Elsewhere),
        Some(Holding::Unread) => found.add_if(Caution::Unread, directory.was_surveyed(home)),
        Some(Holding::Seat(_) | Holding::UnknownSeat) | None => {}
    }
    if is_about_access(action) {
        let is_internal = standing.held(home).and_then(|held| held.is_internal);
        let is_foreign = || standing.address().is_some_and(|address| domains.exclude(address));
        found.add_if(Caution::ForeignDomain, is_internal.map_or_else(is_foreign, |is_internal| !is_internal));
    }
}
