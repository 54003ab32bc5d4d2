//! Whole histories: everything that can go wrong with a run, mixed, in virtual time. One seed is one history.
//!
//! Engine, pace and ledger are the real ones, the ledger in its real file. The network, the clock and the processes are
//! simulated. A process that dies loses everything in memory; the next one opens the file, takes the lock and carries on
//! as `seatrun resume` does. What must hold is checked as it happens by the [server](server::Server), after every process,
//! and at the end.
//!
//! `cargo test` plays a few hundred. All 10,000:
//! `SEATRUN_HISTORIES=10000 cargo test --test durability histories`

mod seam;
mod server;

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use seatrun::engine::{Assignment, Observer, Pace, RunEnd, RunEvent, RunOptions, RunSpec, WINDOW, run};
use seatrun::ledger::{AccountLock, Holder, Ledger, LockError, NewRow, NewRun, ResumeEvent, RowRecord, Verification};
use seatrun::model::{
    Event, FreeSeatName, Job, JobState, Limit, Outcome, PriorState, RetryRefused, Signal, Status, StopReason,
};
use seatrun::policy::{LANDING_TIME, Silence};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use super::cuts::{Users, new_run, virtually, wanted};
use super::kills::number;
use super::simulation::name_of;
use seam::{CommitFault, Seam};
use server::Server;

/// The longest that one process may work.
const TOO_LONG: Duration = Duration::from_secs(48 * 60 * 60);
/// Processes until the weather calms down, and until everything has to be done.
const STORMY: u32 = 12;
const MOST: u32 = 30;

/// A run, its server, and its state folder, which outlive the processes that work on them.
struct History {
    seed: u64,
    dice: fastrand::Rng,
    folder: TempDir,
    run: i64,
    jobs: Vec<Option<Job>>,
    after: Users,
    server: Server,
    rate: u32,
    concurrency: Option<usize>,
    verification: Verification,
    /// The time of day at which the history begins.
    dawn: Timestamp,
    began: Instant,
    broken: Vec<String>,
}

/// Writes down what the engine tells.
struct Diary<'a>(&'a Server);

impl Observer for Diary<'_> {
    fn on_event(&self, event: &RunEvent<'_>) {
        match event {
            RunEvent::Settled { row, outcome, .. } => self.0.note(&format!("settled row {row}: {:?}", outcome.status)),
            RunEvent::Requested | RunEvent::Unverified => {}
            RunEvent::Started { .. }
            | RunEvent::Retrying { .. }
            | RunEvent::Paused { .. }
            | RunEvent::Warned { .. }
            | RunEvent::Draining { .. }
            | RunEvent::LimitChanged { .. }
            | RunEvent::Finished => self.0.note(&format!("{event:?}")),
        }
    }
}

/// How a process came to its end.
enum End {
    Died,
    Said(StopReason),
}

impl History {
    fn new(seed: u64) -> Self {
        fastrand::seed(seed);
        let mut dice = fastrand::Rng::with_seed(seed);
        let (jobs, before, after) = wanted(dice.u64(5..16));
        let folder = folder();
        let mut ledger = Ledger::open(&folder.path().join("state")).unwrap();
        let rows = jobs.iter().enumerate().map(|(at, job)| NewRow {
            doubted: None,
            number: at as u64 + 2,
            cells: format!("row {at}\r\n"),
            job: job.clone(),
            before: PriorState::default(),
            outcome: job.is_none().then(|| Outcome::of_row(Status::Invalid, "no user")),
        });
        // Far ahead, so that the time of day of the machine is never the later one.
        let dawn: Timestamp = "2100-01-01T02:00:00Z".parse().unwrap();
        let run = ledger.enter(&NewRun { started: dawn, ..new_run() }, rows, &[]).unwrap();
        let rate = [0, 8, 20, 60][dice.usize(0..4)];
        let limit = (rate > 0).then_some(rate as usize);
        let wanted: Vec<_> = jobs.iter().flatten().cloned().collect();
        let server = Server::new(dice.u64(..), before, &wanted, limit, [0, 5, 20, 50][dice.usize(0..4)]);
        Self {
            seed,
            folder,
            run,
            jobs,
            after,
            server,
            rate,
            concurrency: dice.bool().then(|| dice.usize(1..9)),
            verification: if dice.bool() { Verification::ReadBack } else { Verification::Waived },
            dawn,
            began: Instant::now(),
            broken: Vec::new(),
            dice,
        }
    }

    /// The state folder.
    fn folder(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The time of day, which all processes share.
    fn now(&self) -> Timestamp {
        self.dawn + SignedDuration::try_from(self.began.elapsed()).unwrap()
    }

    fn rows(&self, ledger: &Ledger) -> Vec<RowRecord> {
        let mut rows = Vec::new();
        ledger.views().each_row(self.run, |row| rows.push(row)).unwrap();
        rows
    }

    /// What may still be sent: what the ledger remembers of the last minute counts, whoever sent it.
    fn pace(&self, ledger: &Ledger) -> Arc<Pace> {
        let now = self.now();
        let since = now - SignedDuration::try_from(WINDOW).unwrap();
        let spent = ledger.views().requests_since("https://example.com/2.0", since, now).unwrap();
        let age = |at: Timestamp| Duration::try_from(now.duration_since(at)).unwrap_or_default();
        Pace::new(NonZeroU32::new(self.rate), spent.into_iter().map(age))
    }

    /// What is left, taken up as `seatrun resume` takes it up.
    fn take_up(&self, ledger: &mut Ledger, rows: Vec<RowRecord>, is_first: bool) -> Vec<Assignment> {
        let (mut revivals, mut assignments) = (Vec::new(), Vec::new());
        for row in rows {
            let Some((state, event)) = row.state.revived(RetryRefused::No) else { continue };
            revivals.extend(event.map(|event| ResumeEvent { place: row.place, event, outcome: None }));
            assignments.push(Assignment {
                place: row.place,
                row: row.number,
                job: row.job.expect("only jobs are left"),
                state,
                answer: row.answer,
                seat_before: None,
                sent: row.last_began,
            });
        }
        if !is_first {
            ledger.begin_session(self.run, self.now(), &revivals).unwrap();
        }
        assignments
    }

    /// One process: it opens the ledger, takes the lock, works, and ends or dies.
    async fn process(&mut self, is_first: bool, calm: bool) -> End {
        let lock = self.lock();
        let mut ledger = Ledger::open(&self.folder()).unwrap();
        let rows = self.rows(&ledger);
        let settled: Vec<_> = rows.iter().filter(|row| has_ended_for_good(row.state)).cloned().collect();
        let (sent, requests) = (self.server.sent(), self.server.requests());
        let events = begun(&ledger, self.run);
        let pace = self.pace(&ledger);
        let assignments = self.take_up(&mut ledger, rows, is_first);
        if !calm {
            self.server.draw_outage();
        }
        let seam = Seam::new(ledger, self.run, self.dice.u64(..), if calm { None } else { self.commit_fault() });
        let (sender, signals) = mpsc::unbounded_channel();
        let options = RunOptions { concurrency: self.concurrency, deadline: self.deadline(calm), signals };
        let dies = self.death_by_chance(calm);
        let signals_come = send_signals(sender, self.signals(calm));
        let setup = RunSpec {
            assignments,
            free_seat_name: FreeSeatName::Auto,
            remembered_seat_name: None,
            max_errors: Limit::Percent(100.0),
            started: self.now(),
            silence: Silence::default(),
            landing_time: LANDING_TIME,
            verification: self.verification,
            journal: seam.clone(),
            pace,
            observer: &Diary(&self.server),
        };
        let said: Option<RunEnd<Seam>> = tokio::select! {
            biased;
            () = seam.death() => None,
            () = dies => None,
            () = seam.commit_groups() => None,
            () = rival(self.folder(), self.holder()) => None,
            () = signals_come => None,
            end = timeout(TOO_LONG, run(self.server.clone(), setup, options)) => {
                if end.is_err() {
                    self.broken.push("the run does not end".into());
                }
                end.ok()
            }
        };
        if said.is_none() {
            self.server.client_died();
        }
        let end = if let Some(RunEnd { ending, journal, .. }) = said {
            let (mut ledger, failure) = journal.close();
            let ending = failure.map_or(ending, StopReason::Ledger);
            // A ledger that is not writable does not take this either.
            if !matches!(ending, StopReason::Ledger(_)) {
                ledger.end_session(self.run, self.now(), &ending).unwrap();
            }
            End::Said(ending)
        } else {
            if self.dice.bool() {
                self.server.lose_what_is_on_its_way();
            }
            End::Died
        };
        drop((seam, lock));
        self.check(&settled, &sent, requests, &events);
        end
    }

    /// Locks the account. A child process of another test holds copies of all descriptors for a moment, before it becomes
    /// another program.
    fn lock(&self) -> AccountLock {
        for _ in 0..1_000_000 {
            match AccountLock::take(&self.folder(), "account", &self.holder()) {
                Err(LockError::Held(_)) => std::thread::yield_now(),
                taken => return taken.unwrap(),
            }
        }
        panic!("somebody else works on it");
    }

    fn holder(&self) -> Holder {
        Holder { pid: std::process::id(), since: self.now(), input: "seats.csv".into() }
    }

    fn commit_fault(&mut self) -> Option<(usize, CommitFault)> {
        let fault = match self.dice.u8(0..8) {
            0 => CommitFault::Refused,
            1 => CommitFault::ReportedLost,
            2 | 3 => CommitFault::DiesBefore,
            4 => CommitFault::DiesAfter,
            5 => CommitFault::FolderGone,
            _ => return None,
        };
        Some((self.dice.usize(1..40), fault))
    }

    fn deadline(&mut self, calm: bool) -> Option<Instant> {
        let is_set = !calm && self.dice.u8(0..5) == 0;
        is_set.then(|| Instant::now() + Duration::from_millis(self.dice.u64(0..120_000)))
    }

    /// Death at any moment, apart from those at a commit.
    fn death_by_chance(&mut self, calm: bool) -> impl Future<Output = ()> + use<> {
        let after = (!calm && self.dice.u8(0..3) == 0).then(|| Duration::from_millis(self.dice.u64(0..90_000)));
        async move {
            match after {
                Some(after) => sleep(after).await,
                None => std::future::pending().await,
            }
        }
    }

    /// The first signal lets the run finish what is in flight, the second does not.
    fn signals(&mut self, calm: bool) -> Vec<Duration> {
        if calm || self.dice.u8(0..5) > 0 {
            return Vec::new();
        }
        (0..self.dice.usize(1..3)).map(|_| Duration::from_millis(self.dice.u64(0..30_000))).collect()
    }

    /// What has to hold after every process, however it ended.
    fn check(&mut self, settled: &[RowRecord], sent: &HashMap<String, usize>, requests: usize, events: &Begun) {
        let ledger = Ledger::open(&self.folder()).unwrap();
        let (now, rows) = (begun(&ledger, self.run), self.rows(&ledger));
        let mut broken = Vec::new();
        if rows.len() != self.jobs.len() {
            broken.push(format!("{} rows of {}", rows.len(), self.jobs.len()));
        }
        let (requested, on_record) = (self.server.requests() - requests, now.requests - events.requests);
        if requested > on_record {
            broken.push(format!("{requested} requests left, and {on_record} are on record"));
        }
        let sent_now = self.server.sent();
        for row in &rows {
            let Some(job) = row.job.as_ref() else { continue };
            let name = name_of(job);
            let count = sent_now.get(&name).unwrap_or(&0) - sent.get(&name).unwrap_or(&0);
            let on_record = now.of_row(row.place) - events.of_row(row.place);
            if count > on_record {
                broken.push(format!("{name} left {count} times, and {on_record} are on record"));
            }
            if let Some(was) = settled.iter().find(|was| was.place == row.place) {
                if count > 0 {
                    broken.push(format!("{name} was sent although it had ended as {:?}", was.state));
                }
                if (was.state, &was.outcome, was.touched) != (row.state, &row.outcome, row.touched) {
                    broken.push(format!("{name} ended twice: {:?} and {:?}", was.outcome, row.outcome));
                }
            }
            broken.extend(self.lie(job, row));
        }
        self.broken.extend(broken);
    }

    /// What is reported of a row otherwise than the server shows it.
    fn lie(&self, job: &Job, row: &RowRecord) -> Option<String> {
        let JobState::Settled { status, .. } = row.state else { return None };
        let applied = self.server.applied(job);
        let is_true = match status {
            Status::Success => applied > 0 || !job.action.name().changes(),
            Status::PartialSuccess => applied > 0,
            Status::Failed | Status::NotAttempted => applied == 0,
            Status::Unknown => true,
            Status::Unchanged | Status::Skipped | Status::Invalid | Status::Planned | Status::Blocked => false,
        };
        let said = row.outcome.as_ref().map(|outcome| outcome.message.clone()).unwrap_or_default();
        (!is_true).then(|| format!("{} is {status:?}, and was done {applied} times: {said}", name_of(job)))
    }

    /// Plays the history to its end.
    async fn play(mut self) -> Played {
        let mut processes = 0;
        loop {
            let calm = processes >= STORMY;
            if calm {
                self.server.calm_down();
            }
            let end = self.process(processes == 0, calm).await;
            processes += 1;
            if matches!(end, End::Said(StopReason::Token(_))) {
                self.server.renew_token();
            }
            if self.is_done() && matches!(end, End::Said(_)) {
                break;
            }
            if processes == MOST {
                self.broken.push(format!("{MOST} processes did not end it"));
                break;
            }
            // The next process starts at once, or much later.
            let pause = [0, 1, 20, 70, 4_000][self.dice.usize(0..5)];
            sleep(Duration::from_secs(pause)).await;
        }
        // What is still on its way may arrive, and must not change what was reported.
        sleep(LANDING_TIME + Duration::from_secs(60)).await;
        self.check_end();
        self.broken.extend(self.server.broken());
        Played { seed: self.seed, processes, broken: self.broken, log: self.server.log() }
    }

    fn is_done(&self) -> bool {
        let ledger = Ledger::open(&self.folder()).unwrap();
        self.rows(&ledger).iter().all(|row| has_ended_for_good(row.state))
    }

    /// In the end every user is as the rows say that were done, in their order.
    fn check_end(&mut self) {
        let ledger = Ledger::open(&self.folder()).unwrap();
        let mut all_done: BTreeMap<u64, bool> = BTreeMap::new();
        for row in self.rows(&ledger) {
            let Some(job) = &row.job else { continue };
            self.broken.extend(self.lie(job, &row));
            let is_done = matches!(row.state, JobState::Settled { status: Status::Success, .. });
            *all_done.entry(job.user.get()).or_insert(true) &= is_done;
        }
        let users = self.server.users();
        for (user, _) in all_done.iter().filter(|(_, done)| **done) {
            if users[user] != self.after[user] {
                self.broken.push(format!("user {user} is {:?}, and should be {:?}", users[user], self.after[user]));
            }
        }
    }
}

/// What a history came to.
#[derive(Debug, PartialEq, Eq)]
struct Played {
    seed: u64,
    processes: u32,
    broken: Vec<String>,
    log: Vec<String>,
}

/// Requests that the ledger has on record.
#[derive(Debug, Default)]
struct Begun {
    requests: usize,
    by_row: HashMap<u32, usize>,
}

impl Begun {
    fn of_row(&self, place: u32) -> usize {
        self.by_row.get(&place).copied().unwrap_or_default()
    }
}

/// Reads what has begun straight from the file, not by the code that is under test.
fn begun(ledger: &Ledger, run: i64) -> Begun {
    let connection = rusqlite::Connection::open(ledger.path()).unwrap();
    let mut statement = connection.prepare("SELECT place, event FROM events WHERE run = ?1").unwrap();
    let mut events = statement.query([run]).unwrap();
    let mut begun = Begun::default();
    while let Some(row) = events.next().unwrap() {
        let event: Event = serde_json::from_str(&row.get::<_, String>(1).unwrap()).unwrap();
        begun.requests += usize::from(matches!(event, Event::Begun | Event::ReadBegun));
        if event == Event::Begun {
            *begun.by_row.entry(row.get(0).unwrap()).or_default() += 1;
        }
    }
    begun
}

/// Another process tries to work on the account, again and again. It comes back only if it is let in.
async fn rival(folder: PathBuf, holder: Holder) {
    loop {
        sleep(Duration::from_secs(7)).await;
        match AccountLock::take(&folder, "account", &holder) {
            Err(LockError::Held(_)) => {}
            other => panic!("a second process is let in: {other:?}"),
        }
    }
}

async fn send_signals(sender: mpsc::UnboundedSender<Signal>, after: Vec<Duration>) {
    for after in after {
        sleep(after).await;
        let _ = sender.send(Signal::Term);
    }
    std::future::pending::<()>().await;
}

/// Whether a job has ended in a way that a resumed run leaves alone.
fn has_ended_for_good(state: JobState) -> bool {
    state.revived(RetryRefused::No).is_none()
}

/// A state folder in memory, where the machine has such a place: every commit is synced.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

fn play(seed: u64) -> Played {
    virtually(async { History::new(seed).play().await })
}

#[test]
fn whatever_goes_wrong_no_row_is_lost_done_out_of_order_or_reported_otherwise_than_it_is() {
    let (histories, first) = (number("SEATRUN_HISTORIES", 200), number("SEATRUN_HISTORY", 0));
    let (next, broken) = (AtomicU64::new(first), Mutex::new(Vec::new()));
    let processes = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + histories {
                        return;
                    }
                    let played = play(seed);
                    processes.fetch_add(played.processes.into(), Ordering::Relaxed);
                    if !played.broken.is_empty() {
                        broken.lock().unwrap().push(played);
                    }
                }
            });
        }
    });
    let broken = broken.into_inner().unwrap();
    assert!(processes.into_inner() > histories, "nearly every history has several processes");
    if let Some(first) = broken.iter().min_by_key(|played| played.seed) {
        let Played { seed, broken: what, log, .. } = first;
        let count = broken.len();
        panic!("{count} of {histories} histories broke. Seed {seed}: {what:#?}\n{}", log.join("\n"));
    }
}

#[test]
fn one_seed_is_one_history() {
    for seed in 0..5 {
        assert_eq!(play(seed), play(seed));
    }
}
