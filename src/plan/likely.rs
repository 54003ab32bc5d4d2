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

#[cfg(test)]
mod tests {
    use std::slice;

    use super::Caution::*;
    use super::*;
    use crate::input::{ParsedRow, Subject};
    use crate::model::{SeenSeat, UserId};
    use crate::plan::{Builder, Circumstances, Extent, Held, Person, Reach};

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
    fn directory(shape: impl FnOnce(&mut Person, &mut Held)) -> Directory {
        let mut directory = Directory::default();
        directory.note_extent(plan_id(), Extent { users: Some(2), reach: Reach::Whole });
        directory.note_home(plan_id());
        let email = |text| Email::new(text);
        let mut person = Person { email: email("jo@acme.example"), status: Some("ACTIVE".into()), ..Person::default() };
        let mut held = Held { is_internal: Some(true), ..Held::seat(SeenSeat::Known(Seat::Member)) };
        directory.note_person(user(1), Person { email: email("ann@acme.example"), ..Person::default() });
        directory.note_held(plan_id(), user(1), held.clone());
        shape(&mut person, &mut held);
        directory.note_person(user(5), person);
        directory.note_held(plan_id(), user(5), held);
        directory
    }

    /// The cautions of the last of some rows.
    fn found(directory: Directory, id: u64, actions: &[Action]) -> Vec<Caution> {
        let circumstances = Circumstances { directory: Some(directory), ..Circumstances::default() };
        let mut builder = Builder::new(&circumstances);
        for (row, action) in (2..).zip(actions) {
            let entry = ParsedRow::Job { subject: Subject::Id(user(id)), action: action.clone(), notes: Vec::new() };
            builder.add(row, entry, || unreachable!("every row names its plan"));
        }
        builder.finish().rows.last().unwrap().cautions.iter().collect()
    }

    #[test]
    fn what_shows_of_a_user_is_what_is_cautioned_of() {
        type Shape = fn(&mut Person, &mut Held);
        let status = [
            ("DEACTIVATED", Deactivated),
            ("PENDING", Invited),
            ("DECLINED", Declined),
            ("HIBERNATING", UnknownStatus),
        ];
        for (status, caution) in status {
            let shape = |person: &mut Person, _: &mut Held| person.status = Some(status.to_owned());
            let remove = Action::Remove { plan: plan_id() };
            let name = update(|wanted| wanted.last_name = Some("Doe".into()));
            for (action, expected) in [(down(), vec![caution]), (name, vec![caution]), (remove, vec![])] {
                assert_eq!(found(directory(shape), 5, slice::from_ref(&action)), expected, "{status}, {action}");
            }
        }
        let plain: Shape = |_, _| {};
        let table: [(Shape, Action, &[Caution]); 22] = [
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
                &[PerhapsInternal],
            ),
            (|_, held| held.seat = SeenSeat::Known(Seat::ProvisionalMember), down(), &[Trial]),
            (|_, held| held.seat = SeenSeat::Other("GALACTIC".into()), down(), &[UnknownSeat]),
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
        let free = |_: &mut Person, held: &mut Held| held.seat = SeenSeat::Known(Seat::Viewer);
        let gone = |person: &mut Person, _: &mut Held| person.status = Some("DEACTIVATED".into());
        let ruling = |person: &mut Person, _: &mut Held| person.attributes.admin = Some(true);
        let external = |_: &mut Person, held: &mut Held| held.is_internal = Some(false);
        let guest = || Action::Downgrade { plan: plan_id(), to: DowngradeSeat::Guest };
        let demote = || update(|wanted| wanted.admin = Some(false));
        let promote = || update(|wanted| wanted.admin = Some(true));
        let plain = |_: &mut Person, _: &mut Held| {};
        let table = [
            (directory(free), vec![Action::Deactivate, up()], vec![Deactivated]),
            (directory(gone), vec![Action::Reactivate, down()], vec![]),
            (directory(gone), vec![Action::Reactivate, up()], vec![SoByThen]),
            (directory(free), vec![Action::Plans, up()], vec![]),
            (directory(ruling), vec![demote(), down()], vec![]),
            (directory(ruling), vec![down(), demote()], vec![]),
            (directory(external), vec![down(), guest()], vec![IllegalByThen]),
            (directory(plain), vec![promote(), down()], vec![SystemAdmin]),
        ];
        for (directory, actions, expected) in table {
            assert_eq!(found(directory, 5, &actions), expected, "{actions:?}");
        }
    }

    #[test]
    fn who_was_not_seen_is_cautioned_of_as_far_as_anybody_looked() {
        let remove = || Action::Remove { plan: plan_id() };
        let extent = |reach| Extent { users: Some(2), reach };
        // how far the list was read, the action, what is cautioned of user 6, who is in it nowhere
        let table = [
            (Some(Reach::Whole), down(), vec![Unlisted]),
            (Some(Reach::Whole), remove(), vec![Unlisted]),
            (Some(Reach::Whole), Action::Deactivate, vec![Elsewhere]),
            (Some(Reach::Whole), update(|wanted| wanted.admin = Some(true)), vec![Elsewhere]),
            (Some(Reach::Barred), down(), vec![Unread]),
            (Some(Reach::Partial), Action::Deactivate, vec![Unread]),
            (None, down(), vec![]),
            (None, Action::Deactivate, vec![]),
            (Some(Reach::Whole), Action::Plans, vec![]),
        ];
        for (reach, action, expected) in table {
            let mut directory = Directory::default();
            directory.note_home(plan_id());
            if let Some(reach) = reach {
                directory.note_extent(plan_id(), extent(reach));
            }
            assert_eq!(found(directory, 6, slice::from_ref(&action)), expected, "{reach:?}, {action}");
        }
    }

    #[test]
    fn viewer_is_doubted_only_where_the_plan_shows_contributor_unasked() {
        let viewer = Action::Downgrade { plan: plan_id(), to: DowngradeSeat::Viewer };
        for (seat, expected) in [(Seat::Contributor, vec![ViewerGone]), (Seat::Viewer, vec![])] {
            let mut directory = directory(|_, _| {});
            directory.note_held(plan_id(), user(7), Held::seat(SeenSeat::Known(seat)));
            assert_eq!(found(directory, 5, slice::from_ref(&viewer)), expected, "{seat}");
        }
    }

    #[test]
    fn without_a_network_a_providers_address_is_cautioned_of() {
        let circumstances = Circumstances::default();
        let table = [
            (Action::Deactivate, "jo@gmail.com", vec![ProviderDomain]),
            (Action::Deactivate, "jo@acme.example", vec![]),
            (down(), "jo@gmail.com", vec![]),
        ];
        for (action, address, expected) in table {
            let mut builder = Builder::new(&circumstances);
            let subject = Subject::Email(Email::new(address).unwrap());
            let entry = ParsedRow::Job { subject, action, notes: Vec::new() };
            builder.add(2, entry, || unreachable!("the row names its plan"));
            let cautions: Vec<_> = builder.finish().rows[0].cautions.iter().collect();
            assert_eq!(cautions, expected, "{address}");
        }
    }
}
