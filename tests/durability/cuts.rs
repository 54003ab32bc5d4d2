//! Execution is cut after every single ledger commit, in every way that a process can end, and resumed from what the
//! ledger holds.
//!
//! The ledger is a real one: a session's records are committed by the real writer, and the next session begins with
//! what the real views show, folded and revived as `seatrun resume` does it. Only the moment of the cut is made: it
//! lies between two commits, and virtual time makes it the same moment every time.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use seatrun::engine::{Assignment, NoopObserver, Pace, RunOptions, RunSpec, run};
use seatrun::ledger::{
    Confirmation, Journal, Ledger, NewRow, NewRun, Record, ResumeEvent, RowRecord, RunSettings, Verification,
};
use seatrun::model::{
    Action, Attributes, DowngradeSeat, Event, FreeSeatName, Job, JobState, Limit, Outcome, PlanId, PriorState, Reason,
    RetryRefused, Status, StopReason, UpgradeSeat, UserId,
};
use seatrun::policy::{LANDING_TIME, Silence};
use tokio::sync::{Notify, mpsc, oneshot};

use super::simulation::{Api, Fault, PLAN, User, name_of};

/// How a session ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The ledger takes no more; the process lives and notices.
    Full,
    /// The process dies when it would commit once more. What was on its way arrives.
    Killed,
    /// The process dies with the commit, before anything follows from it. What was on its way arrives.
    KilledAtOnce,
    /// The machine dies, and what was on its way with it.
    PowerLoss,
}

const WAYS: [Way; 4] = [Way::Full, Way::Killed, Way::KilledAtOnce, Way::PowerLoss];

#[derive(Debug, Clone, Copy)]
struct Cut {
    after: usize,
    way: Way,
}

/// A journal that keeps what is committed until the cut.
#[derive(Debug, Clone)]
struct Cutting {
    records: Arc<Mutex<Vec<Record>>>,
    cut: Option<Cut>,
    death: Arc<Notify>,
}

impl Journal for Cutting {
    fn record(&mut self, record: Record, committed: Option<oneshot::Sender<()>>) {
        let mut records = self.records.lock().unwrap();
        let Some(cut) = self.cut else {
            records.push(record);
            return acknowledge(committed);
        };
        if records.len() < cut.after {
            records.push(record);
            if cut.way == Way::KilledAtOnce && records.len() == cut.after {
                self.death.notify_one();
            } else {
                acknowledge(committed);
            }
        } else if cut.way != Way::Full {
            self.death.notify_one();
        }
    }

    fn failure(&self) -> Option<String> {
        let cut = self.cut.filter(|cut| cut.way == Way::Full)?;
        (self.records.lock().unwrap().len() >= cut.after).then(|| "disk full".to_owned())
    }
}

fn acknowledge(committed: Option<oneshot::Sender<()>>) {
    if let Some(committed) = committed {
        let _ = committed.send(());
    }
}

/// A run in the ledger and the API that it works on.
struct Scene {
    ledger: Option<Ledger>,
    run: i64,
    jobs: Vec<Option<Job>>,
    api: Api,
    concurrency: usize,
    rate: u32,
    verification: Verification,
    landing_time: Duration,
    sessions: u32,
    /// Writes that are allowed beyond the first, by request: one for each cut that it was in flight at.
    extra: HashMap<String, usize>,
}

fn plan() -> PlanId {
    PlanId::new(PLAN).unwrap()
}

fn make_admin() -> Action {
    Action::Update(Box::new(Attributes { admin: Some(true), ..Attributes::default() }))
}

fn down() -> Action {
    Action::Downgrade { plan: plan(), to: DowngradeSeat::Contributor }
}

pub(super) type Users = BTreeMap<u64, User>;

/// What is wanted of `users` users, of every kind, and how they are before and after. The second row is no job.
pub(super) fn wanted(users: u64) -> (Vec<Option<Job>>, Users, Users) {
    let (mut jobs, mut before, mut after) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    for id in 1..=users {
        let paid = User { seat: Some("MEMBER"), active: true, admin: false };
        let (actions, was, becomes) = match id % 7 {
            0 => (vec![down()], paid.clone(), User { seat: Some("CONTRIBUTOR"), ..paid }),
            1 => (
                vec![Action::Upgrade { plan: plan(), to: UpgradeSeat::Member }],
                User { seat: Some("CONTRIBUTOR"), ..paid.clone() },
                paid,
            ),
            2 => (vec![Action::Remove { plan: plan() }], paid.clone(), User { seat: None, ..paid }),
            3 => (vec![Action::Deactivate], paid.clone(), User { active: false, ..paid }),
            4 => (
                vec![make_admin(), down(), Action::Deactivate],
                paid.clone(),
                User { seat: Some("CONTRIBUTOR"), active: false, admin: true },
            ),
            5 => (vec![Action::Reactivate], User { active: false, ..paid.clone() }, paid),
            _ => (vec![Action::Plans, down()], paid.clone(), User { seat: Some("CONTRIBUTOR"), ..paid }),
        };
        let user = UserId::new(id).unwrap();
        jobs.extend(actions.into_iter().map(|action| Some(Job { user, action })));
        before.insert(id, was);
        after.insert(id, becomes);
    }
    jobs.insert(1, None);
    (jobs, before, after)
}

impl Scene {
    fn new(users: u64) -> (Self, Users) {
        let (jobs, before, after) = wanted(users);
        let mut ledger = Ledger::in_memory().unwrap();
        let rows = jobs.iter().enumerate().map(|(at, job)| NewRow {
            doubted: None,
            number: at as u64 + 2,
            cells: format!("row {at}\r\n"),
            job: job.clone(),
            before: PriorState::default(),
            outcome: job.is_none().then(|| Outcome::of_row(Status::Invalid, "no user")),
        });
        let run = ledger.enter(&new_run(), rows, &[]).unwrap();
        let api = Api::new(before);
        let extra = HashMap::new();
        let (verification, landing_time, sessions) = (Verification::Waived, LANDING_TIME, 0);
        (
            Self {
                ledger: Some(ledger),
                run,
                jobs,
                api,
                concurrency: 3,
                rate: 0,
                verification,
                landing_time,
                sessions,
                extra,
            },
            after,
        )
    }

    fn ledger(&self) -> &Ledger {
        self.ledger.as_ref().unwrap()
    }

    fn rows(&self) -> Vec<RowRecord> {
        let mut rows = Vec::new();
        self.ledger().views().each_row(self.run, |row| rows.push(row)).unwrap();
        rows
    }

    /// What is left, taken up as `seatrun resume` takes it up.
    fn take_up(&mut self) -> Vec<Assignment> {
        let mut revivals = Vec::new();
        let mut assignments = Vec::new();
        for row in self.rows() {
            let Some((state, event)) = row.state.revived(RetryRefused::No) else { continue };
            revivals.extend(event.map(|event| ResumeEvent { place: row.place, event, outcome: None }));
            let job = row.job.unwrap();
            assignments.push(Assignment {
                place: row.place,
                row: row.number,
                job,
                state,
                answer: row.answer,
                seat_before: None,
                sent: row.last_began,
            });
        }
        if self.sessions > 0 {
            let run = self.run;
            self.ledger.as_mut().unwrap().begin_session(run, Timestamp::now(), &revivals).unwrap();
        }
        self.sessions += 1;
        assignments
    }

    /// Works on what is left, until it is done or cut. Returns how it ended, if it lived to say so, and how many
    /// commits it made.
    async fn session(&mut self, cut: Option<Cut>) -> (Option<StopReason>, usize) {
        let settled: Vec<_> = self.rows().into_iter().filter(|row| ended_for_good(row.state)).collect();
        let sent_before = self.api.world(|world| world.sent.clone());
        let requests_before = self.api.world(|world| world.requests);
        let journal = Cutting { records: Arc::default(), cut, death: Arc::default() };
        let assignments = self.take_up();
        let setup = RunSpec {
            assignments,
            free_seat_name: FreeSeatName::Auto,
            remembered_seat_name: None,
            max_errors: Limit::Percent(100.0),
            silence: Silence::default(),
            started: Timestamp::now(),
            landing_time: self.landing_time,
            verification: self.verification,
            journal: journal.clone(),
            pace: Pace::new(NonZeroU32::new(self.rate), []),
            observer: &NoopObserver,
        };
        let (_sender, signals) = mpsc::unbounded_channel();
        let drive = RunOptions { concurrency: Some(self.concurrency), deadline: None, signals };
        let ending = tokio::select! {
            biased;
            () = journal.death.notified() => None,
            end = run(self.api.clone(), setup, drive) => Some(end.ending),
        };
        if cut.is_some_and(|cut| cut.way == Way::PowerLoss) {
            self.api.lose_what_is_on_its_way();
        }
        let records = std::mem::take(&mut *journal.records.lock().unwrap());
        self.commit(&records);
        self.check(&settled, &sent_before, requests_before, &records);
        (ending, records.len())
    }

    /// Puts what the session had committed into the real ledger, by its real writer.
    fn commit(&mut self, records: &[Record]) {
        let mut writer = self.ledger.take().unwrap().into_writer(self.run);
        for record in records {
            writer.record(record.clone(), None);
        }
        let (ledger, failure) = writer.close();
        assert_eq!(failure, None);
        self.ledger = ledger;
    }

    /// What has to hold after every session, however it ended.
    fn check(&mut self, settled: &[RowRecord], sent: &HashMap<String, usize>, requests: usize, records: &[Record]) {
        let begun = |record: &&Record| matches!(record.event, Event::Begun | Event::ReadBegun);
        let on_record = records.iter().filter(begun).count();
        let requested = self.api.world(|world| world.requests) - requests;
        assert!(requested <= on_record, "{requested} requests left, {on_record} of them on record");
        for (job, count) in self.sends_since(sent) {
            let is_its_own =
                |record: &&Record| self.jobs[record.place as usize].as_ref().map(name_of) == Some(job.clone());
            let begun = records.iter().filter(is_its_own).filter(|record| record.event == Event::Begun).count();
            assert!(count <= begun, "{job} was sent {count} times, on record {begun} times");
        }
        let now = self.rows();
        for row in settled {
            let job = row.job.as_ref().map(name_of).unwrap_or_default();
            assert_eq!(self.sends_since(sent).get(&job), None, "{job} was settled as {:?}", row.state);
            let same = &now[row.place as usize];
            assert_eq!((same.state, &same.outcome, same.touched), (row.state, &row.outcome, row.touched), "{job}");
        }
        for row in now.iter().filter(|row| matches!(row.state, JobState::Sent { .. } | JobState::InDoubt { .. })) {
            *self.extra.entry(row.job.as_ref().map(name_of).unwrap()).or_default() += 1;
        }
    }

    /// How often each change request was sent since.
    fn sends_since(&self, before: &HashMap<String, usize>) -> HashMap<String, usize> {
        self.api.world(|world| {
            let since = world.sent.iter().map(|(job, count)| (job.clone(), count - before.get(job).unwrap_or(&0)));
            since.filter(|(_, count)| *count > 0).collect()
        })
    }

    /// Works until nothing is left.
    async fn finish(&mut self) {
        for _ in 0..40 {
            let (ending, _) = self.session(None).await;
            if ending == Some(StopReason::Finished) && self.rows().iter().all(|row| ended_for_good(row.state)) {
                return;
            }
        }
        panic!("40 sessions did not end it: {:?}", self.rows());
    }

    fn statuses(&self) -> Vec<Status> {
        self.rows().into_iter().filter(|row| row.job.is_some()).map(|row| row.outcome.unwrap().status).collect()
    }

    fn assert_all_succeeded(&self) {
        for row in self.rows() {
            let status = row.outcome.as_ref().map(|outcome| outcome.status);
            let expected = if row.job.is_some() { Status::Success } else { Status::Invalid };
            assert_eq!(status, Some(expected), "{row:?}");
        }
    }

    fn assert_every_change_was_read_back(&self) {
        for row in self.rows() {
            let (Some(job), Some(outcome)) = (row.job, row.outcome) else { continue };
            let is_read_back = outcome.message.contains("read back:") || outcome.reason == Reason::ReadBack;
            assert!(is_read_back || !job.action.name().changes(), "{job}: {}", outcome.message);
        }
    }

    fn assert_nothing_was_done_twice_to_no_purpose(&self) {
        self.api.world(|world| {
            for (job, applied) in &world.applied {
                let allowed = 1 + self.extra.get(job).unwrap_or(&0);
                assert!(*applied <= allowed, "{job} was done {applied} times, {allowed} are allowed");
            }
        });
    }
}

/// Whether a job has ended in a way that a resumed run leaves alone.
fn ended_for_good(state: JobState) -> bool {
    state.revived(RetryRefused::No).is_none()
}

pub(super) fn new_run() -> NewRun {
    NewRun {
        name: "20260101-000000-abcd".into(),
        account: "https://example.com/2.0 1".into(),
        who: "somebody".into(),
        input: "seats.csv".into(),
        sha256: "0".repeat(64),
        header: "cells\r\n".into(),
        settings: RunSettings {
            plan_names: BTreeMap::new(),
            api_url: "https://example.com/2.0".into(),
            rate: 270,
            concurrency: Some(8),
            max_errors: Limit::Percent(50.0),
            free_seat_name: FreeSeatName::Auto,
            report: "/tmp/seats.report.csv".into(),
            input_path: None,
            page: None,
            summary: None,
            dialect: seatrun::tabular::Dialect::default(),
            archive_to: None,
            confirmation: Confirmation::Waived,
            verification: Verification::Waived,
        },
        started: Timestamp::now(),
        reviews: Vec::new(),
    }
}

pub(super) fn virtually<T>(scene: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(scene)
}

#[test]
fn cut_after_any_commit_in_any_way_a_run_is_resumed_to_its_exact_end() {
    for way in WAYS {
        let mut commits = usize::MAX;
        let mut after = 1;
        while after <= commits {
            virtually(async {
                let (mut scene, expected) = Scene::new(14);
                let cut = Cut { after, way };
                let (ending, committed) = scene.session(Some(cut)).await;
                if committed < after {
                    commits = committed;
                }
                let is_past_the_end = ending == Some(StopReason::Finished);
                assert!(is_past_the_end || committed == after, "{cut:?}: {ending:?} after {committed}");
                scene.finish().await;
                scene.assert_all_succeeded();
                scene.assert_nothing_was_done_twice_to_no_purpose();
                assert_eq!(scene.api.world(|world| world.users.clone()), expected, "{cut:?}");
            });
            after += 1;
        }
        assert!(commits >= 40, "{way:?}: the run was cut {commits} times");
    }
}

#[test]
fn with_verify_a_run_that_is_cut_anywhere_is_resumed_into_reading_back_and_never_into_sending_what_was_done() {
    for way in WAYS {
        let mut commits = usize::MAX;
        let mut after = 1;
        while after <= commits {
            virtually(async {
                let (mut scene, expected) = Scene::new(9);
                scene.verification = Verification::ReadBack;
                // One answer is lost, and one reading.
                scene.api.world(|world| {
                    world.faults.insert(3, [Fault::Reset { applied: true }].into());
                    world.reading_faults.insert(2, [Fault::Server { applied: false }].into());
                });
                let (_, committed) = scene.session(Some(Cut { after, way })).await;
                if committed < after {
                    commits = committed;
                }
                let done: Vec<_> =
                    scene.rows().into_iter().filter(|row| matches!(row.state, JobState::Done { .. })).collect();
                let sent = scene.api.world(|world| world.sent.clone());
                scene.finish().await;
                let sent = scene.sends_since(&sent);
                for row in done {
                    let job = row.job.as_ref().map(name_of).unwrap();
                    assert_eq!(sent.get(&job), None, "{way:?} after {after}: {job} was done");
                }
                scene.assert_all_succeeded();
                scene.assert_every_change_was_read_back();
                scene.assert_nothing_was_done_twice_to_no_purpose();
                assert_eq!(scene.api.world(|world| world.users.clone()), expected, "{way:?} after {after}");
            });
            after += 1;
        }
        assert!(commits >= 40, "{way:?}: the run was cut {commits} times");
    }
}

#[test]
fn the_same_holds_where_answers_are_lost_and_the_server_throttles() {
    let lost = |applied| [Fault::Reset { applied }, Fault::Timeout { applied }, Fault::Gateway { applied }];
    for way in WAYS {
        let mut commits = usize::MAX;
        let mut after = 1;
        while after <= commits {
            virtually(async {
                let (mut scene, expected) = Scene::new(14);
                scene.api.world(|world| {
                    for id in 1..=14 {
                        let faults = lost(id % 2 == 0);
                        world.faults.entry(id).or_default().push_back(faults[(id % 3) as usize]);
                    }
                    world.faults.insert(7, [Fault::Throttled, Fault::Server { applied: false }].into());
                    world.reading_faults.insert(3, [Fault::Server { applied: false }].into());
                });
                let (_, committed) = scene.session(Some(Cut { after, way })).await;
                if committed < after {
                    commits = committed;
                }
                scene.finish().await;
                scene.assert_all_succeeded();
                scene.assert_nothing_was_done_twice_to_no_purpose();
                assert_eq!(scene.api.world(|world| world.users.clone()), expected, "{after} {way:?}");
            });
            after += 1;
        }
        assert!(commits > 80, "{way:?}: the run was cut {commits} times");
    }
}

#[test]
fn a_run_that_dies_again_and_again_after_a_few_commits_comes_to_its_end_all_the_same() {
    for way in WAYS {
        for few in [4, 5, 7, 11] {
            virtually(async {
                let (mut scene, expected) = Scene::new(14);
                // With a limit, nothing is put on record ahead, so that a few commits hold a whole step.
                (scene.concurrency, scene.rate) = (1, 6_000);
                // Waiting for a request that may still land begins anew with each death, so it cannot be part of headway.
                scene.landing_time = Duration::ZERO;
                let mut cuts = 0;
                while scene.session(Some(Cut { after: few, way })).await.0 != Some(StopReason::Finished) {
                    cuts += 1;
                    assert!(cuts < 100, "{way:?} every {few} commits: it makes no headway");
                }
                scene.finish().await;
                scene.assert_all_succeeded();
                scene.assert_nothing_was_done_twice_to_no_purpose();
                assert_eq!(scene.api.world(|world| world.users.clone()), expected, "{way:?} every {few} commits");
            });
        }
    }
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        2 => Just(Fault::Throttled),
        1 => Just(Fault::TokenExpired),
        1 => Just(Fault::Unreachable),
        2 => any::<bool>().prop_map(|applied| Fault::Gateway { applied }),
        2 => any::<bool>().prop_map(|applied| Fault::Server { applied }),
        2 => any::<bool>().prop_map(|applied| Fault::Reset { applied }),
        2 => any::<bool>().prop_map(|applied| Fault::Timeout { applied }),
    ]
}

fn faults() -> impl Strategy<Value = HashMap<u64, Vec<Fault>>> {
    proptest::collection::hash_map(1_u64..=21, proptest::collection::vec(fault(), 1..4), 0..15)
}

fn cut() -> impl Strategy<Value = Cut> {
    (1_usize..60, proptest::sample::select(WAYS.to_vec())).prop_map(|(after, way)| Cut { after, way })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn whatever_goes_wrong_and_however_often_it_is_cut_every_row_is_settled_right(
        faults in faults(),
        reading_faults in faults(),
        cuts in proptest::collection::vec(cut(), 0..8),
        concurrency in 1_usize..9,
        rate in prop_oneof![Just(0_u32), 30_u32..400],
        verification in prop_oneof![Just(Verification::Waived), Just(Verification::ReadBack)],
    ) {
        virtually(async {
            let (mut scene, expected) = Scene::new(21);
            (scene.concurrency, scene.rate, scene.verification) = (concurrency, rate, verification);
            scene.api.world(|world| {
                world.faults.extend(faults.iter().map(|(user, faults)| (*user, faults.iter().copied().collect())));
                let readings = reading_faults.iter().map(|(user, faults)| (*user, faults.iter().copied().collect()));
                world.reading_faults.extend(readings);
            });
            for cut in cuts {
                scene.session(Some(cut)).await;
            }
            scene.finish().await;
            scene.assert_all_succeeded();
            scene.assert_nothing_was_done_twice_to_no_purpose();
            assert_eq!(scene.api.world(|world| world.users.clone()), expected);
        });
    }
}

#[test]
fn a_partial_success_whose_reading_back_was_cut_stays_one() {
    for way in WAYS {
        for after in 1..6 {
            virtually(async {
                let (mut scene, _) = Scene::new(3);
                scene.api.world(|world| world.faults.insert(2, [Fault::Partial].into()));
                scene.session(Some(Cut { after, way })).await;
                scene.finish().await;
                let partial = scene.statuses().into_iter().filter(|status| *status == Status::PartialSuccess).count();
                let applied = scene.api.world(|world| world.applied.values().max().copied());
                // Killed before the answer was on record, it is found done, which is as good.
                assert!(partial <= 1 && applied <= Some(2), "{way:?} after {after}: {:?}", scene.statuses());
            });
        }
    }
}

#[test]
fn what_gave_up_after_a_lost_answer_is_read_before_it_is_sent_again() {
    // The first answer is lost and so is every reading; then the token dies.
    for (user, wanted) in [(2, Action::Remove { plan: plan() }), (3, Action::Deactivate)] {
        virtually(async {
            let (mut scene, expected) = Scene::new(3);
            scene.api.world(|world| {
                world.faults.insert(user, [Fault::Reset { applied: true }, Fault::TokenExpired].into());
                world.reading_faults.insert(user, vec![Fault::Server { applied: false }; 7].into());
            });
            scene.session(None).await;
            scene.finish().await;
            let row = scene.rows().into_iter().find(|row| row.job.as_ref().is_some_and(|job| job.action == wanted));
            let outcome = row.unwrap().outcome.unwrap();
            assert_eq!((outcome.status, outcome.reason), (Status::Success, Reason::ReadBack), "{outcome:?}");
            assert_eq!(scene.api.world(|world| world.users.clone()), expected);
        });
    }
}
