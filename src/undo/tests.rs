//! What a run did to a user, and what puts it back; then the same with whatever runs chance makes up, against a small
//! model of the API.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::input::{Options, ParsedRow, Sheet, Subject};
use crate::model::{
    Action, Attributes, DowngradeSeat, IfNotApplied, Job, JobState, PlanId, PriorAttempts, PriorState, Reason,
    ReportedSeat, Seat, Status, UpgradeSeat, UserId,
};
use crate::plan::{AccountState, RunPlanBuilder, Step};
use crate::report::{SheetFormat, write_undo};
use crate::tabular::Dialect;

const DAY: i64 = 24 * 60 * 60;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn plan(id: u64) -> PlanId {
    PlanId::new(4_843_937_635_559_000 + id).unwrap()
}

fn down(to: DowngradeSeat) -> Action {
    Action::Downgrade { plan: plan(1), to }
}

fn up(to: UpgradeSeat) -> Action {
    Action::Upgrade { plan: plan(1), to }
}

fn update(attributes: Attributes) -> Action {
    Action::Update(Box::new(attributes))
}

fn admin(admin: bool) -> Attributes {
    Attributes { admin: Some(admin), ..Attributes::default() }
}

fn named(first_name: &str) -> Attributes {
    Attributes { first_name: Some(first_name.to_owned()), ..Attributes::default() }
}

/// Who held this seat, in the plan of the rows and of their own, and was active.
fn held(seat: &str) -> PriorState {
    PriorState {
        plan: Some(plan(1)),
        seat: Some(ReportedSeat::from_api(seat)),
        status: Some("ACTIVE".into()),
        attributes: Some(Box::new(Attributes { last_name: Some("Doe".into()), ..admin(false) })),
        ..PriorState::default()
    }
}

fn inactive(seat: &str) -> PriorState {
    PriorState { status: Some("DEACTIVATED".into()), ..held(seat) }
}

/// Changes of one user, one a row from row 2 on, all made in the same moment.
fn changes(before: &PriorState, actions: &[Action]) -> Vec<Change> {
    let change = |(row, action): (u64, &Action)| Change {
        row,
        job: Job { user: UserId::new(48_569_348_493_401_201).unwrap(), action: action.clone() },
        before: before.clone(),
        at: at(0),
        certainty: Certainty::Made,
    };
    (2..).zip(actions).map(change).collect()
}

fn undone(before: &PriorState, actions: &[Action]) -> (Vec<Action>, Vec<(u64, String)>) {
    words(undo("r1", &changes(before, actions), at(DAY)))
}

fn words(undo: Undo) -> (Vec<Action>, Vec<(u64, String)>) {
    let back = undo.rows.into_iter().map(|row| row.job.action);
    (back.collect(), undo.not_undoable.into_iter().map(|kept| (kept.row, kept.reason)).collect())
}

#[test]
fn each_change_has_an_undo_and_several_of_one_user_have_one_together() {
    use Action::{Deactivate, Reactivate};
    use DowngradeSeat::{Contributor, Guest, Viewer};
    use UpgradeSeat::Member;
    let elsewhere = Action::Downgrade { plan: plan(2), to: Viewer };
    let table = [
        (held("MEMBER"), vec![down(Viewer)], vec![up(Member)]),
        (held("GUEST"), vec![down(Viewer)], vec![up(UpgradeSeat::Guest)]),
        (held("MEMBER"), vec![down(Guest)], vec![up(Member)]),
        (held("VIEWER"), vec![up(Member)], vec![down(Viewer)]),
        (held("CONTRIBUTOR"), vec![up(Member)], vec![down(Contributor)]),
        (held("GUEST"), vec![up(Member)], vec![down(Guest)]),
        // The API said SUCCESS to what was so already.
        (held("CONTRIBUTOR"), vec![down(Viewer)], vec![]),
        (held("MEMBER"), vec![down(Guest), down(Viewer)], vec![up(Member)]),
        // A reactivation gives a MEMBER seat.
        (held("MEMBER"), vec![Deactivate], vec![Reactivate]),
        (held("VIEWER"), vec![Deactivate], vec![Reactivate, down(Viewer)]),
        (held("MEMBER"), vec![down(Viewer), Deactivate], vec![Reactivate, up(Member)]),
        (held("VIEWER"), vec![up(Member), Deactivate], vec![Reactivate, down(Viewer)]),
        (inactive("MEMBER"), vec![Reactivate], vec![Deactivate]),
        (inactive("VIEWER"), vec![Reactivate], vec![down(Viewer), Deactivate]),
        (inactive("MEMBER"), vec![Reactivate, down(Viewer)], vec![up(Member), Deactivate]),
        (inactive("VIEWER"), vec![Reactivate, down(Viewer)], vec![Deactivate]),
        (held("MEMBER"), vec![update(admin(true))], vec![update(admin(false))]),
        (held("MEMBER"), vec![update(admin(false))], vec![]),
        (held("MEMBER"), vec![update(admin(true)), update(admin(false))], vec![]),
        // The last change first: who is to be admin again has to be a member by then.
        (
            PriorState { attributes: Some(Box::new(admin(true))), ..held("MEMBER") },
            vec![update(admin(false)), down(Viewer)],
            vec![up(Member), update(admin(true))],
        ),
        (held("MEMBER"), vec![update(admin(true)), Deactivate], vec![Reactivate, update(admin(false))]),
        (
            PriorState { plan: None, ..held("MEMBER") },
            vec![down(Viewer), elsewhere],
            vec![Action::Upgrade { plan: plan(2), to: Member }, up(Member)],
        ),
        (held("MEMBER"), vec![Action::Plans], vec![]),
    ];
    for (before, actions, expected) in table {
        assert_eq!(undone(&before, &actions), (expected, vec![]), "{before:?}, then {actions:?}");
    }
}

#[test]
fn what_cannot_be_put_back_or_is_not_known_stays_and_says_why() {
    use Action::{Deactivate, Reactivate};
    let viewer = || down(DowngradeSeat::Viewer);
    let member = || up(UpgradeSeat::Member);
    let remove = || Action::Remove { plan: plan(1) };
    let unknown = PriorState::default();
    let empty = PriorState { attributes: Some(Box::new(named("  "))), ..held("MEMBER") };
    let table = [
        (held("MEMBER"), vec![remove()], vec![], vec![(2, "remove: a removal cannot be reversed")]),
        (
            held("MEMBER"),
            vec![viewer(), remove()],
            vec![],
            vec![(2, "downgrade: the user was removed from the plan in row 3"), (3, "remove: a removal")],
        ),
        (held("PROVISIONAL_MEMBER"), vec![viewer()], vec![], vec![(2, "downgrade: the seat before was a trial")]),
        (held("GALACTIC"), vec![member()], vec![], vec![(2, "upgrade: the seat before, GALACTIC,")]),
        (unknown.clone(), vec![viewer()], vec![], vec![(2, "downgrade: the seat before the run is unknown")]),
        (
            unknown.clone(),
            vec![Deactivate],
            vec![Reactivate],
            vec![(2, "deactivate: reactivating gives a paid MEMBER seat, and the seat before the run is unknown")],
        ),
        (
            held("PROVISIONAL_MEMBER"),
            vec![Deactivate],
            vec![Reactivate],
            vec![(2, "deactivate: reactivating gives a paid MEMBER seat, and the seat before was a trial")],
        ),
        (unknown.clone(), vec![Reactivate], vec![Deactivate], vec![]),
        (unknown, vec![update(admin(true))], vec![], vec![(2, "update: the value of admin before the run is unknown")]),
        (empty, vec![update(named("Jo"))], vec![], vec![(2, "update: firstName was empty before")]),
        (
            PriorState { status: Some("PENDING".into()), ..held("MEMBER") },
            vec![Deactivate],
            vec![],
            vec![(2, "deactivate: the user was PENDING before")],
        ),
        (
            PriorState { status: Some("PENDING".into()), ..held("MEMBER") },
            vec![down(DowngradeSeat::Viewer), Deactivate],
            vec![],
            vec![
                (2, "downgrade: the user is deactivated, and was not"),
                (3, "deactivate: the user was PENDING before"),
            ],
        ),
    ];
    for (before, actions, back, stays) in table {
        let (found, reasons) = undone(&before, &actions);
        assert_eq!(found, back, "{before:?}, then {actions:?}");
        assert_eq!(reasons.len(), stays.len(), "{reasons:?}");
        for ((row, reason), (expected, begin)) in reasons.iter().zip(stays) {
            assert!(*row == expected && reason.starts_with(begin), "{reasons:?}");
        }
    }
}

#[test]
fn a_deactivation_is_taken_back_until_its_thirtieth_day() {
    let actions = [down(DowngradeSeat::Viewer), Action::Deactivate, update(admin(true))];
    let of = changes(&held("MEMBER"), &actions);
    let in_time = undo("r1", &of, at(30 * DAY - 1));
    assert_eq!(in_time.until, Some(at(30 * DAY)));
    assert_eq!(in_time.rows[0].reason, "undoes row 3 of run r1: deactivate (possible until 2027-02-14 08:00Z)");
    assert!(in_time.not_undoable.is_empty());
    let (back, stays) = words(undo("r1", &of, at(30 * DAY)));
    assert_eq!(back, []);
    let expected =
        ["downgrade: the user is deactivated", "deactivate: the user was deactivated on 2027-01-15", "update: "];
    assert!(stays.iter().zip(expected).all(|((_, why), expected)| why.starts_with(expected)), "{stays:?}");
}

#[test]
fn what_is_unclear_stays_with_all_that_changed_the_same_and_the_rest_is_put_back() {
    let actions = [down(DowngradeSeat::Guest), update(admin(true)), down(DowngradeSeat::Viewer)];
    let mut of = changes(&held("MEMBER"), &actions);
    of[2].certainty = Certainty::Unclear("nobody can tell");
    let (back, stays) = words(undo("r1", &of, at(DAY)));
    assert_eq!(back, [update(admin(false))]);
    let expected =
        [(2, "downgrade: row 4 changes the same thing, and its result is unknown"), (4, "downgrade: nobody can tell")];
    assert_eq!(stays, expected.map(|(row, why)| (row, why.to_owned())));
    // An update that sets two attributes is named once.
    let both = Attributes { last_name: Some("Roe".into()), ..admin(true) };
    let mut of = changes(&held("MEMBER"), &[update(both)]);
    of[0].certainty = Certainty::Unclear("nobody can tell");
    assert_eq!(words(undo("r1", &of, at(DAY))), (vec![], vec![(2, "update: nobody can tell".to_owned())]));
}

#[test]
fn who_may_be_deactivated_keeps_everything_and_is_listed() {
    let actions = [down(DowngradeSeat::Viewer), update(admin(true)), Action::Deactivate];
    let mut of = changes(&held("MEMBER"), &actions);
    of[2].certainty = Certainty::Unclear("the API did it only in part");
    let (back, stays) = words(undo("r1", &of, at(DAY)));
    assert_eq!(back, [], "whatever were sent might be refused");
    let rows: Vec<_> = stays.iter().map(|(row, _)| *row).collect();
    assert_eq!(rows, [2, 3, 4]);
    assert!(stays[0].1.contains("row 4 may have left the user deactivated"), "{stays:?}");
}

#[test]
fn how_a_job_stands_tells_what_is_known_of_its_effect() {
    let settled = |status| JobState::Settled { status, reason: Reason::Answered };
    let ready = |tries, past| JobState::Ready { tries, past };
    let table = [
        (settled(Status::Success), 1, "made"),
        (JobState::Done { reads: 0 }, 1, "made"),
        (settled(Status::Unknown), 1, "unclear"),
        (settled(Status::PartialSuccess), 1, "unclear"),
        (JobState::Partly { reads: 1 }, 1, "unclear"),
        (JobState::Sent { tries: 1, past: PriorAttempts::NoEffect }, 1, "unclear"),
        (JobState::InDoubt { tries: 1, reads: 0, otherwise: IfNotApplied::Retry }, 1, "unclear"),
        (ready(1, PriorAttempts::Uncertain), 1, "unclear"),
        (settled(Status::Skipped), 1, "unclear"),
        (settled(Status::Skipped), 0, "none"),
        (ready(0, PriorAttempts::NoEffect), 0, "none"),
        (ready(3, PriorAttempts::NoEffect), 3, "none"),
        (settled(Status::Failed), 1, "none"),
        (settled(Status::Unchanged), 0, "none"),
        (settled(Status::Invalid), 0, "none"),
        (settled(Status::NotAttempted), 0, "none"),
    ];
    for (state, attempts, expected) in table {
        let found = match certainty(state, attempts) {
            Some(Certainty::Made) => "made",
            Some(Certainty::Unclear(_)) => "unclear",
            None => "none",
        };
        assert_eq!(found, expected, "{state:?} after {attempts}");
    }
}

#[test]
fn the_table_says_in_each_row_what_it_undoes() {
    let before =
        PriorState { email: Some("jo@example.com".to_owned()), name: Some("Jo Doe".to_owned()), ..held("MEMBER") };
    let undo = undo("20270115-080000-abcd", &changes(&before, &[down(DowngradeSeat::Viewer)]), at(DAY));
    let key = undo.rows[0].job.key();
    let expected = format!(
        "user_id,email,name,action,plan_id,seat_type,admin,licensed_sheet_creator,group_admin,resource_viewer,first_name,\
         last_name,reason,result_key\n\
         48569348493401201,jo@example.com,Jo Doe,upgrade,4843937635559001,MEMBER,,,,,,,\
         undoes row 2 of run 20270115-080000-abcd: downgrade from MEMBER to VIEWER,{key}\n"
    );
    assert_eq!(csv(&undo), expected);
}

fn csv(undo: &Undo) -> String {
    String::from_utf8(write_undo(undo, Vec::new(), SheetFormat::Csv(Dialect::default())).unwrap()).unwrap()
}

/// A user as the API holds one, whose own plan is the first.
#[derive(Debug, Clone, PartialEq)]
struct User {
    active: bool,
    internal: bool,
    seats: BTreeMap<PlanId, Seat>,
    attributes: Attributes,
}

impl User {
    /// Whether the API does it, and if so, does it.
    fn take(&mut self, action: &Action) -> bool {
        let is_allowed = match action {
            Action::Downgrade { plan, to } => {
                self.may_sit(*plan, to.seat(), &[Seat::Member, Seat::ProvisionalMember, Seat::Guest])
            }
            Action::Upgrade { plan, to } => {
                self.may_sit(*plan, to.seat(), &[Seat::Viewer, Seat::Contributor, Seat::Guest])
            }
            Action::Deactivate => self.active && self.internal && self.seats.contains_key(&plan(1)),
            Action::Reactivate => !self.active && self.seats.contains_key(&plan(1)),
            Action::Remove { plan } => self.seats.contains_key(plan),
            Action::Update(_) => self.active,
            Action::Plans => false,
        };
        if is_allowed {
            self.follow(action);
        }
        is_allowed
    }

    /// Whether that seat may follow the one that is held: GUEST is for external users, and only from some seats.
    fn may_sit(&self, plan: PlanId, to: Seat, to_guest_from: &[Seat]) -> bool {
        let Some(now) = self.seats.get(&plan) else { return false };
        self.active && (to != Seat::Guest || (!self.internal && to_guest_from.contains(now)))
    }

    fn follow(&mut self, action: &Action) {
        match action {
            Action::Downgrade { plan, .. } | Action::Upgrade { plan, .. } => {
                // The free seat has one name here.
                let seat = action.seat().unwrap();
                self.seats.insert(*plan, if seat == Seat::Viewer { Seat::Contributor } else { seat });
            }
            Action::Deactivate => self.active = false,
            Action::Reactivate => {
                self.active = true;
                self.seats.insert(plan(1), Seat::Member);
            }
            Action::Remove { plan } => _ = self.seats.remove(plan),
            Action::Update(set) => self.attributes = set.as_ref().clone().or(self.attributes.clone()),
            Action::Plans => {}
        }
    }

    /// What is read of the user before a run.
    fn before(&self, action: &Action) -> PriorState {
        let of = action.plan().unwrap_or(plan(1));
        PriorState {
            plan: action.plan().is_none().then_some(of),
            seat: self.seats.get(&of).copied().map(ReportedSeat::Known),
            status: Some(if self.active { "ACTIVE" } else { "DEACTIVATED" }.into()),
            attributes: Some(Box::new(self.attributes.clone())),
            ..PriorState::default()
        }
    }
}

type Users = BTreeMap<UserId, User>;

/// Runs jobs that neither repeat nor contradict each other, and says what they changed.
fn run(users: &mut Users, jobs: &[Job]) -> Vec<Change> {
    let began = users.clone();
    let mut changes = Vec::new();
    for (row, job) in (2..).zip(jobs) {
        if users.get_mut(&job.user).unwrap().take(&job.action) {
            let before = began[&job.user].before(&job.action);
            changes.push(Change { row, job: job.clone(), before, at: at(0), certainty: Certainty::Made });
        }
    }
    changes
}

/// The jobs of entries that are sent.
fn sent(entries: impl IntoIterator<Item = ParsedRow>) -> Vec<Job> {
    let account_state = AccountState::default();
    let mut builder = RunPlanBuilder::new(&account_state);
    for (row, entry) in (2..).zip(entries) {
        builder.add(row, entry, || unreachable!());
    }
    let job = |step| if let Step::Send(job) = step { Some(job) } else { None };
    builder.finish().rows.into_iter().filter_map(|planned| job(planned.step)).collect()
}

/// What an undo's file orders, read as any other input.
fn read(undo: &Undo) -> Vec<Job> {
    if undo.rows.is_empty() {
        return Vec::new();
    }
    let sheet = Sheet::read(csv(undo).into_bytes(), &Options::default()).unwrap();
    assert!(sheet.warnings().is_empty(), "{:?}", sheet.warnings());
    sent(sheet.rows().map(|row| sheet.parse(&row)))
}

fn seat() -> impl Strategy<Value = Seat> {
    proptest::sample::select(vec![Seat::Member, Seat::Contributor, Seat::Guest, Seat::Contributor, Seat::Member])
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![Just("Jo".to_owned()), Just("=1+1".to_owned()), Just("'-x".to_owned()), "[a-z,\"é][a-z,\"\n;:%é]{0,5}x"]
}

fn attributes() -> impl Strategy<Value = Attributes> {
    let flags = proptest::array::uniform4(any::<Option<bool>>());
    (flags, proptest::option::of(name()), proptest::option::of(name())).prop_map(|(flags, first_name, last_name)| {
        let [admin, licensed_sheet_creator, group_admin, resource_viewer] = flags;
        Attributes { admin, licensed_sheet_creator, group_admin, resource_viewer, first_name, last_name }
    })
}

fn user() -> impl Strategy<Value = User> {
    let all = (any::<[bool; 4]>(), name(), name()).prop_map(|(flags, first, last)| Attributes {
        admin: Some(flags[0]),
        licensed_sheet_creator: Some(flags[1]),
        group_admin: Some(flags[2]),
        resource_viewer: Some(flags[3]),
        first_name: Some(first),
        last_name: Some(last),
    });
    (any::<bool>(), any::<bool>(), [seat(), seat()], all).prop_map(|(active, internal, seats, attributes)| {
        let seats = seats.map(|seat| if internal && seat == Seat::Guest { Seat::Member } else { seat });
        let seats = [(plan(1), seats[0]), (plan(2), seats[1])].into();
        // Only an internal user can have been deactivated.
        User { active: active || !internal, internal, seats, attributes }
    })
}

fn action() -> impl Strategy<Value = Action> {
    let plan = || (1_u64..=2).prop_map(plan);
    let down = proptest::sample::select(vec![DowngradeSeat::Guest, DowngradeSeat::Viewer, DowngradeSeat::Contributor]);
    let up = proptest::sample::select(vec![UpgradeSeat::Guest, UpgradeSeat::Member]);
    prop_oneof![
        3 => (plan(), down).prop_map(|(plan, to)| Action::Downgrade { plan, to }),
        3 => (plan(), up).prop_map(|(plan, to)| Action::Upgrade { plan, to }),
        2 => Just(Action::Deactivate),
        2 => Just(Action::Reactivate),
        2 => attributes().prop_filter_map("sets nothing", |set| (!set.is_empty()).then(|| update(set))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn whatever_a_run_has_done_its_undo_restores_and_the_undo_of_that_does_it_again(
        users in proptest::collection::vec(user(), 1..4),
        actions in proptest::collection::vec((0_usize..4, action()), 0..10),
    ) {
        let id = |at: usize| UserId::new(48_569_348_493_401_201 + at as u64).unwrap();
        let users: Users = users.into_iter().enumerate().map(|(at, user)| (id(at), user)).collect();
        let entries = actions.into_iter().map(|(at, action)| {
            let subject = Subject::Id(id(at % users.len()));
            ParsedRow::Job { subject, action, notes: Vec::new() }
        });
        let mut now = users.clone();
        let first = undo("r1", &run(&mut now, &sent(entries)), at(DAY));
        prop_assert!(first.not_undoable.is_empty(), "{:?}", first.not_undoable);
        let after_run = now.clone();
        let jobs: Vec<_> = first.rows.iter().map(|back| back.job.clone()).collect();
        prop_assert_eq!(&read(&first), &jobs, "{}", csv(&first));
        let made = run(&mut now, &jobs);
        prop_assert_eq!(made.len(), jobs.len(), "the API takes each row of {}", csv(&first));
        prop_assert_eq!(&now, &users, "{}", csv(&first));
        let second = undo("r2", &made, at(DAY));
        let again = run(&mut now, &read(&second));
        prop_assert_eq!(again.len(), second.rows.len(), "{}", csv(&second));
        prop_assert_eq!(&now, &after_run, "{}", csv(&second));
    }
}
