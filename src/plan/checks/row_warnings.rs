//! The warnings of one row: every condition that the documents name and that can be known beforehand, but not certainly
//! enough to keep the row from being sent.
//!
//! The user is judged as the rows above will leave them.

use super::domains::{Domains, is_provider};
use super::projected_user::ProjectedValue::{Confirmed, Projected};
use super::projected_user::{ProjectedUser, SeatState};
use super::refusals::{is_about_access, is_illegal};
use crate::model::{Action, Attributes, Email, PlanId, Seat};
use crate::plan::directory::Directory;
use crate::plan::row_warning::{RowWarning, RowWarnings};

/// The warnings of a row that is sent.
pub(super) fn row_warnings(
    action: &Action,
    user: ProjectedUser<'_>,
    directory: Option<&Directory>,
    domains: &Domains<'_>,
) -> RowWarnings {
    let mut found = RowWarnings::default();
    if !action.name().changes() {
        return found;
    }
    add_status(action, user, &mut found);
    add_roles(action, user, &mut found);
    match action.plan() {
        Some(plan) => add_seat(action, plan, user, directory, &mut found),
        None => add_default_plan(action, user, directory, domains, &mut found),
    }
    found
}

/// The warnings of a row of whose user only the address is known, without a network.
pub(in crate::plan) fn unread_user_warnings(action: &Action, email: &Email) -> RowWarnings {
    let mut found = RowWarnings::default();
    found.add_if(RowWarning::ProviderDomain, is_about_access(action) && is_provider(email.domain()));
    found
}

/// Only an active user can be changed (error 1188; the C# SDK of downgrades), but a deactivated user can be reactivated,
/// and any user can be removed.
fn add_status(action: &Action, user: ProjectedUser<'_>, found: &mut RowWarnings) {
    let status = match user.status().expected() {
        None | Some("ACTIVE") => return,
        Some("DEACTIVATED") => RowWarning::Deactivated,
        Some("PENDING") => RowWarning::Invited,
        Some("DECLINED") => RowWarning::Declined,
        Some(_) => RowWarning::UnknownStatus,
    };
    match action {
        Action::Remove { .. } | Action::Plans => {}
        Action::Reactivate => found.add_if(status, status != RowWarning::Deactivated),
        Action::Downgrade { .. } | Action::Upgrade { .. } | Action::Deactivate | Action::Update(_) => found.add(status),
    }
}

/// A user who loses the licence must not need it (seed 003; errors 1102, 1097, 1076, 2109).
fn add_roles(action: &Action, user: ProjectedUser<'_>, found: &mut RowWarnings) {
    let now = user.attributes();
    match action {
        Action::Downgrade { .. } => {
            found.add_if(RowWarning::SystemAdmin, now.admin);
            found.add_if(RowWarning::GroupAdmin, now.group_admin);
            found.add_if(RowWarning::ResourceViewer, now.resource_viewer);
        }
        Action::Deactivate | Action::Remove { .. } => found.add_if(RowWarning::SystemAdmin, now.admin),
        Action::Update(wanted) => add_update(wanted, now, user, found),
        Action::Upgrade { .. } | Action::Reactivate | Action::Plans => {}
    }
}

/// Seed 003, "Licensed sheet creator constraints". An attribute that has its wanted value already is not asked for.
fn add_update(wanted: &Attributes, now: Attributes, user: ProjectedUser<'_>, found: &mut RowWarnings) {
    let licensed = now.licensed_sheet_creator;
    let then = wanted.clone().or(now);
    let changes_licence = wanted.licensed_sheet_creator.is_some() && wanted.licensed_sheet_creator != licensed;
    found.add_if(RowWarning::SeatByUpdate, changes_licence && then.admin == Some(false));
    let loses_licence = changes_licence && wanted.licensed_sheet_creator == Some(false);
    let lacks_licence = then.licensed_sheet_creator == Some(false);
    let asks = |role: Option<bool>| role == Some(true) || loses_licence;
    found.add_if(RowWarning::GroupAdmin, lacks_licence && then.group_admin == Some(true) && asks(wanted.group_admin));
    found.add_if(
        RowWarning::ResourceViewer,
        lacks_licence && then.resource_viewer == Some(true) && asks(wanted.resource_viewer),
    );
    found.add_if(RowWarning::SheetOwner, loses_licence && user.sheets().is_some_and(|sheets| sheets > 0));
}

fn add_seat(
    action: &Action,
    plan: PlanId,
    user: ProjectedUser<'_>,
    directory: Option<&Directory>,
    found: &mut RowWarnings,
) {
    let was_surveyed = directory.is_some_and(|directory| directory.was_surveyed(plan));
    match user.seat_state(plan) {
        Confirmed(SeatState::Unread) => found.add_if(RowWarning::Unread, was_surveyed),
        Projected(SeatState::Unread) => {}
        Confirmed(SeatState::Unlisted | SeatState::Absent) | Projected(SeatState::Unlisted | SeatState::Absent) => {
            found.add(RowWarning::Unlisted);
        }
        Confirmed(SeatState::UnknownSeat) | Projected(SeatState::UnknownSeat) => {
            found.add(RowWarning::UnknownSeat);
        }
        Confirmed(SeatState::Seat(seat)) => {
            found.add_if(RowWarning::Trial, seat == Seat::ProvisionalMember);
        }
        Projected(SeatState::Seat(seat)) => {
            found.add_if(RowWarning::DoneByRowsAbove, action.seat().is_some_and(|wanted| wanted.is_same(seat)));
            found.add_if(RowWarning::IllegalAfterRowsAbove, is_illegal(action, seat));
        }
    }
    match action.seat() {
        Some(Seat::Guest) => {
            let held = user.held(plan);
            found.add_if(RowWarning::MaybeInternal, was_surveyed && held.is_none_or(|held| held.is_internal.is_none()));
        }
        Some(Seat::Viewer) => {
            found.add_if(RowWarning::ViewerGone, directory.is_some_and(|directory| directory.shows_contributor(plan)));
        }
        Some(Seat::Member | Seat::ProvisionalMember | Seat::Contributor) | None => {}
    }
}

/// An action about no plan is judged by the plan that the file is about, which may not be the user's.
fn add_default_plan(
    action: &Action,
    user: ProjectedUser<'_>,
    directory: Option<&Directory>,
    domains: &Domains<'_>,
    found: &mut RowWarnings,
) {
    let Some((directory, default_plan)) = directory.and_then(|directory| Some((directory, directory.default_plan()?)))
    else {
        return;
    };
    match user.seat_state(default_plan).confirmed() {
        Some(SeatState::Unlisted | SeatState::Absent) => found.add(RowWarning::Elsewhere),
        Some(SeatState::Unread) => found.add_if(RowWarning::Unread, directory.was_surveyed(default_plan)),
        Some(SeatState::Seat(_) | SeatState::UnknownSeat) | None => {}
    }
    if is_about_access(action) {
        let is_internal = user.held(default_plan).and_then(|held| held.is_internal);
        let is_foreign = || user.address().is_some_and(|address| domains.exclude(address));
        found.add_if(RowWarning::ForeignDomain, is_internal.map_or_else(is_foreign, |is_internal| !is_internal));
    }
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::RowWarning::*;
    use super::*;
    use crate::input::{ParsedRow, Subject};
    use crate::model::{DowngradeSeat, ReportedSeat, UpgradeSeat, UserId};
    use crate::plan::{AccountState, Coverage, Person, PlanCoverage, RunPlanBuilder, SeatRecord};

    const PLAN: u64 = 9;

    fn plan_id() -> PlanId {
        PlanId::new(PLAN).unwrap()
    }

    fn user(id: u64) -> UserId {
        UserId::new(id).unwrap()
    }

    fn down() -> Action {
        Action::Downgrade { plan: plan_id(), to: DowngradeSeat::Contributor }
    }

    fn up() -> Action {
        Action::Upgrade { plan: plan_id(), to: UpgradeSeat::Member }
    }

    fn update(set: impl FnOnce(&mut Attributes)) -> Action {
        let mut wanted = Attributes::default();
        set(&mut wanted);
        Action::Update(Box::new(wanted))
    }

    /// User 1 is internal and at the plan's domain; user 5 is whom the rows are about, as `shape` makes them.
    fn directory(shape: impl FnOnce(&mut Person, &mut SeatRecord)) -> Directory {
        let mut directory = Directory::default();
        directory.note_plan_coverage(plan_id(), PlanCoverage { users: Some(2), coverage: Coverage::Whole });
        directory.note_default_plan(plan_id());
        let email = |text| Email::new(text);
        let mut person = Person { email: email("jo@acme.example"), status: Some("ACTIVE".into()), ..Person::default() };
        let mut held = SeatRecord { is_internal: Some(true), ..SeatRecord::seat(ReportedSeat::Known(Seat::Member)) };
        directory.note_person(user(1), Person { email: email("ann@acme.example"), ..Person::default() });
        directory.note_seat(plan_id(), user(1), held.clone());
        shape(&mut person, &mut held);
        directory.note_person(user(5), person);
        directory.note_seat(plan_id(), user(5), held);
        directory
    }

    /// The warnings of the last of some rows.
    fn found(directory: Directory, id: u64, actions: &[Action]) -> Vec<RowWarning> {
        let account_state = AccountState { directory: Some(directory), ..AccountState::default() };
        let mut builder = RunPlanBuilder::new(&account_state);
        for (row, action) in (2..).zip(actions) {
            let entry = ParsedRow::Job { subject: Subject::Id(user(id)), action: action.clone(), notes: Vec::new() };
            builder.add(row, entry, || unreachable!("every row names its plan"));
        }
        builder.finish().rows.last().unwrap().row_warnings.iter().collect()
    }

    #[test]
    fn each_condition_of_a_user_has_its_warning() {
        type Shape = fn(&mut Person, &mut SeatRecord);
        let status = [
            ("DEACTIVATED", Deactivated),
            ("PENDING", Invited),
            ("DECLINED", Declined),
            ("HIBERNATING", UnknownStatus),
        ];
        for (status, warning) in status {
            let shape = |person: &mut Person, _: &mut SeatRecord| person.status = Some(status.to_owned());
            let remove = Action::Remove { plan: plan_id() };
            let name = update(|wanted| wanted.last_name = Some("Doe".into()));
            for (action, expected) in [(down(), vec![warning]), (name, vec![warning]), (remove, vec![])] {
                assert_eq!(found(directory(shape), 5, slice::from_ref(&action)), expected, "{status}, {action}");
            }
        }
        let plain: Shape = |_, _| {};
        let table: [(Shape, Action, &[RowWarning]); 22] = [
            (plain, down(), &[]),
            (plain, Action::Deactivate, &[]),
            (|person, _| person.attributes.admin = Some(true), down(), &[SystemAdmin]),
            (|person, _| person.attributes.admin = Some(true), Action::Deactivate, &[SystemAdmin]),
            (|person, _| person.attributes.group_admin = Some(true), down(), &[GroupAdmin]),
            (|person, _| person.attributes.resource_viewer = Some(true), down(), &[ResourceViewer]),
            (|person, _| person.attributes.group_admin = Some(true), Action::Deactivate, &[]),
            (|person, _| person.status = Some("DEACTIVATED".into()), Action::Reactivate, &[]),
            (|person, _| person.status = Some("PENDING".into()), Action::Reactivate, &[Invited]),
            (|_, held| held.is_internal = Some(false), Action::Deactivate, &[ForeignDomain]),
            (|_, held| held.is_internal = Some(false), down(), &[]),
            (
                |person, held| (person.email, held.is_internal) = (Email::new("jo@else.example"), None),
                Action::Deactivate,
                &[ForeignDomain],
            ),
            (|_, held| held.is_internal = None, Action::Deactivate, &[]),
            (
                |_, held| held.is_internal = None,
                Action::Downgrade { plan: plan_id(), to: DowngradeSeat::Guest },
                &[MaybeInternal],
            ),
            (|_, held| held.seat = ReportedSeat::Known(Seat::ProvisionalMember), down(), &[Trial]),
            (|_, held| held.seat = ReportedSeat::Other("GALACTIC".into()), down(), &[UnknownSeat]),
            (
                |person, _| person.attributes.admin = Some(false),
                update(|wanted| wanted.licensed_sheet_creator = Some(true)),
                &[SeatByUpdate],
            ),
            (
                |person, _| person.attributes.admin = Some(true),
                update(|wanted| wanted.licensed_sheet_creator = Some(true)),
                &[],
            ),
            (
                |person, _| person.attributes.group_admin = Some(true),
                update(|wanted| wanted.licensed_sheet_creator = Some(false)),
                &[GroupAdmin],
            ),
            (
                |person, _| person.attributes.licensed_sheet_creator = Some(false),
                update(|wanted| wanted.resource_viewer = Some(true)),
                &[ResourceViewer],
            ),
            (
                |person, _| person.sheets = Some(3),
                update(|wanted| wanted.licensed_sheet_creator = Some(false)),
                &[SheetOwner],
            ),
            (|person, _| person.sheets = Some(3), down(), &[]),
        ];
        for (row, (shape, action, expected)) in table.into_iter().enumerate() {
            assert_eq!(found(directory(shape), 5, slice::from_ref(&action)), expected, "row {row}: {action}");
        }
    }

    #[test]
    fn the_rows_above_are_taken_into_account() {
        let free = |_: &mut Person, held: &mut SeatRecord| held.seat = ReportedSeat::Known(Seat::Viewer);
        let gone = |person: &mut Person, _: &mut SeatRecord| person.status = Some("DEACTIVATED".into());
        let ruling = |person: &mut Person, _: &mut SeatRecord| person.attributes.admin = Some(true);
        let external = |_: &mut Person, held: &mut SeatRecord| held.is_internal = Some(false);
        let guest = || Action::Downgrade { plan: plan_id(), to: DowngradeSeat::Guest };
        let demote = || update(|wanted| wanted.admin = Some(false));
        let promote = || update(|wanted| wanted.admin = Some(true));
        let plain = |_: &mut Person, _: &mut SeatRecord| {};
        let table = [
            (directory(free), vec![Action::Deactivate, up()], vec![Deactivated]),
            (directory(gone), vec![Action::Reactivate, down()], vec![]),
            (directory(gone), vec![Action::Reactivate, up()], vec![DoneByRowsAbove]),
            (directory(free), vec![Action::Plans, up()], vec![]),
            (directory(ruling), vec![demote(), down()], vec![]),
            (directory(ruling), vec![down(), demote()], vec![]),
            (directory(external), vec![down(), guest()], vec![IllegalAfterRowsAbove]),
            (directory(plain), vec![promote(), down()], vec![SystemAdmin]),
        ];
        for (directory, actions, expected) in table {
            assert_eq!(found(directory, 5, &actions), expected, "{actions:?}");
        }
    }

    #[test]
    fn a_user_who_was_not_seen_has_the_warning_of_how_far_the_list_was_read() {
        let remove = || Action::Remove { plan: plan_id() };
        let plan_coverage = |coverage| PlanCoverage { users: Some(2), coverage };
        // how far the list was read, the action, the warnings of user 6, whom the list does not show
        let table = [
            (Some(Coverage::Whole), down(), vec![Unlisted]),
            (Some(Coverage::Whole), remove(), vec![Unlisted]),
            (Some(Coverage::Whole), Action::Deactivate, vec![Elsewhere]),
            (Some(Coverage::Whole), update(|wanted| wanted.admin = Some(true)), vec![Elsewhere]),
            (Some(Coverage::Barred), down(), vec![Unread]),
            (Some(Coverage::Partial), Action::Deactivate, vec![Unread]),
            (None, down(), vec![]),
            (None, Action::Deactivate, vec![]),
            (Some(Coverage::Whole), Action::Plans, vec![]),
        ];
        for (coverage, action, expected) in table {
            let mut directory = Directory::default();
            directory.note_default_plan(plan_id());
            if let Some(coverage) = coverage {
                directory.note_plan_coverage(plan_id(), plan_coverage(coverage));
            }
            assert_eq!(found(directory, 6, slice::from_ref(&action)), expected, "{coverage:?}, {action}");
        }
    }

    #[test]
    fn viewer_has_a_warning_only_where_the_plan_shows_contributor_unasked() {
        let viewer = Action::Downgrade { plan: plan_id(), to: DowngradeSeat::Viewer };
        for (seat, expected) in [(Seat::Contributor, vec![ViewerGone]), (Seat::Viewer, vec![])] {
            let mut directory = directory(|_, _| {});
            directory.note_seat(plan_id(), user(7), SeatRecord::seat(ReportedSeat::Known(seat)));
            assert_eq!(found(directory, 5, slice::from_ref(&viewer)), expected, "{seat}");
        }
    }

    #[test]
    fn without_a_network_an_address_at_a_provider_has_a_warning() {
        let account_state = AccountState::default();
        let table = [
            (Action::Deactivate, "jo@gmail.com", vec![ProviderDomain]),
            (Action::Deactivate, "jo@acme.example", vec![]),
            (down(), "jo@gmail.com", vec![]),
        ];
        for (action, address, expected) in table {
            let mut builder = RunPlanBuilder::new(&account_state);
            let subject = Subject::Email(Email::new(address).unwrap());
            let entry = ParsedRow::Job { subject, action, notes: Vec::new() };
            builder.add(2, entry, || unreachable!("the row names its plan"));
            let row_warnings: Vec<_> = builder.finish().rows[0].row_warnings.iter().collect();
            assert_eq!(row_warnings, expected, "{address}");
        }
    }
}
