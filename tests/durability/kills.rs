//! Real processes, killed at random moments while they change seats in a sandbox of this process.

use std::collections::HashMap;
use std::fs;

use seatrun::model::{Status, StopReason};

use super::stage::{Stage, ended_for_good, in_flight, name, name_of, until, user};

/// A number that the environment may set, for longer tests at night.
pub(super) fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().map_or(usual, |text| text.parse().expect("a number"))
}

/// Kills, resumes and compares, until the run is done.
struct Round {
    stage: Stage,
    rows: u64,
    dice: fastrand::Rng,
    kills: u32,
    /// Writes that are allowed beyond the first, by request: one for each kill that it was in flight at.
    extra: HashMap<String, usize>,
}

impl Round {
    fn new(seed: u64) -> Self {
        let faults = [(3, "429"), (8, "reset-applied"), (9, "502-applied"), (14, "reset"), (22, "4002"), (27, "cut")];
        let rows = number("SEATRUN_CRASH_ROWS", 60);
        let stage = Stage::new(usize::try_from(rows).unwrap(), "1..15", &faults);
        Self { stage, rows, dice: fastrand::Rng::with_seed(seed), kills: 0, extra: HashMap::new() }
    }

    fn play(&mut self) {
        while !self.session() {
            assert!(self.kills < 50, "it makes no headway");
        }
        self.stage.assert_world_is_exact();
        self.stage.assert_report_is_right();
        self.stage.assert_report_is_repeatable();
        let runs = self.stage.runs();
        assert_eq!(runs.len(), 1, "every resume carried on the same run");
        assert_eq!(runs[0].ending(), Some(&StopReason::Finished));
        let mut sent: HashMap<String, usize> = HashMap::new();
        for request in self.stage.changes_since(0).iter().filter(|request| request.fault.is_none()) {
            *sent.entry(name(request)).or_default() += 1;
        }
        for (job, count) in sent {
            let allowed = 1 + self.extra.get(&job).unwrap_or(&0);
            assert!(count <= allowed, "{job} was sent {count} times, {allowed} are allowed");
        }
    }

    /// One process, killed or not. Returns whether it came to the end of the run.
    fn session(&mut self) -> bool {
        let is_new = !self.stage.path("state/ledger.sqlite").exists() || self.stage.runs().is_empty();
        let settled = if is_new { Vec::new() } else { self.settled() };
        let before = self.stage.sandbox().request_count();
        let mut child = if is_new { self.stage.start_run(&[]) } else { self.stage.resume() };
        // Later and later, so that some processes come to the end.
        let deadline = before + self.dice.u64(0..self.rows / 3 + self.rows / 2 * u64::from(self.kills + 1));
        let sandbox = self.stage.sandbox();
        until("requests", || child.is_over() || sandbox.request_count() >= deadline);
        child.kill();
        let code = child.wait();
        let came_to_its_end = code == Some(0);
        assert!(code.is_none() || came_to_its_end, "{code:?}: {}", child.said());
        self.kills += u32::from(!came_to_its_end);
        let changes = self.stage.changes_since(usize::try_from(before).unwrap());
        for job in settled {
            assert!(changes.iter().all(|request| name(request) != job), "{job} was settled, and sent again");
        }
        if !self.stage.runs().is_empty() {
            // The ledger alone must do.
            let _ = fs::remove_file(self.stage.input());
            for row in self.stage.rows_of(&self.stage.runs()[0]).iter().filter(|row| in_flight(row)) {
                *self.extra.entry(row.job.as_ref().map(name_of).unwrap()).or_default() += 1;
            }
        }
        came_to_its_end
    }

    fn settled(&self) -> Vec<String> {
        let rows = self.stage.rows_of(&self.stage.runs()[0]);
        rows.iter().filter(|row| ended_for_good(row)).filter_map(|row| row.job.as_ref().map(name_of)).collect()
    }
}

#[test]
fn killed_at_any_moment_and_resumed_a_run_comes_to_its_exact_end() {
    let first = number("SEATRUN_CRASH_SEED", 1);
    for seed in first..first + number("SEATRUN_CRASH_ROUNDS", 5) {
        let mut round = Round::new(seed);
        println!("SEATRUN_CRASH_SEED={seed}");
        round.play();
        println!("{} kills", round.kills);
    }
}

/// A run that hangs on its eleventh row, whose change was made and is never answered; everything else is settled.
fn hanging(stage: &mut Stage, more: &[&str]) -> super::stage::Started {
    let mut hanging = stage.start_run(more);
    until("everything but one row", || {
        assert!(!hanging.is_over(), "{}", hanging.said());
        !stage.runs().is_empty()
            && stage.rows_of(&stage.runs()[0]).iter().filter(|row| !row.state.is_settled()).count() == 1
    });
    hanging
}

const STALLED: usize = 10;

fn stalled() -> Stage {
    Stage::new(12, "0", &[(STALLED, "stall")])
}

#[test]
fn a_second_run_says_who_holds_the_account_or_waits_and_a_dead_holder_blocks_nobody() {
    let mut stage = stalled();
    let mut first = hanging(&mut stage, &[]);
    fs::copy(stage.input(), stage.path("other.csv")).unwrap();

    let url = stage.sandbox().base_url().to_owned();
    let other = ["run", "other.csv", "--yes", "--allow-remove", "--rate", "0", "--api-url", &url];
    let mut second = stage.start(&other);
    second.ends(6);
    assert!(second.said().contains(&first.pid().to_string()), "{}", second.said());
    assert!(second.said().contains("seats.csv"), "{}", second.said());
    assert!(!stage.path("other.report.csv").exists(), "the report belongs to the run that is under way");
    let mut resume = stage.resume();
    resume.ends(6);

    let mut patient = stage.start(&["resume", "--yes", "--wait", "50s"]);
    until("the patient one to say so", || patient.said().contains("waiting"));
    first.kill();
    assert_eq!(first.wait(), None);
    patient.ends(0);
    assert_eq!(stage.runs().len(), 1);
    stage.assert_world_is_exact();
    stage.assert_report_is_right();
    assert_eq!(stage.changes_since(0).len(), 12, "what was in doubt was read, not sent");
}

#[test]
fn starting_the_file_again_supersedes_the_unfinished_run_and_takes_over_its_doubts() {
    let mut stage = stalled();
    let mut first = hanging(&mut stage, &["--no-preflight"]);
    first.kill();
    first.wait();
    let before = stage.sandbox().requests().len();
    let mut second = stage.start_run(&["--no-preflight"]);
    second.wait();
    let [new, old] = &stage.runs()[..] else { panic!("two runs") };
    assert_eq!(old.superseded_by.as_ref(), Some(&new.run.name), "{}", second.said());
    assert!(second.said().contains(&old.run.name), "it says so: {}", second.said());
    let doubted = &stage.rows_of(new)[STALLED];
    let outcome = doubted.outcome.as_ref().unwrap();
    assert_eq!(outcome.status, Status::Success, "{outcome:?}");
    let sent = stage.changes_since(before).into_iter().filter(|request| request.user == Some(user(STALLED))).count();
    assert_eq!(sent, 0, "it was done, and reading shows it");
    stage.assert_world_is_exact();
    stage.resume().wait();
    assert_eq!(stage.runs().len(), 2, "a bare resume does not take up what was taken over");
    assert_eq!(stage.runs()[1].sessions.len(), 1);
}

#[test]
fn a_renewed_token_carries_on_the_same_run() {
    let mut stage = stalled();
    let mut first = hanging(&mut stage, &[]);
    first.kill();
    first.wait();
    stage.renew_token();
    stage.resume().ends(0);
    let runs = stage.runs();
    assert_eq!((runs.len(), runs[0].sessions.len()), (1, 2));
    stage.assert_world_is_exact();
    stage.assert_report_is_right();
    stage.assert_report_is_repeatable();
}

#[test]
fn a_report_can_be_had_of_a_run_that_died() {
    let mut stage = stalled();
    let mut first = hanging(&mut stage, &[]);
    let run = stage.runs()[0].run.name.clone();
    stage.start(&["report", &run, "-o", "alive.csv"]).ends(0);
    first.kill();
    first.wait();
    stage.start(&["report", &run, "-o", "dead.csv"]).ends(0);
    let read = |name: &str| fs::read_to_string(stage.path(name)).unwrap();
    assert_eq!(read("alive.csv"), read("dead.csv"), "nothing was recorded in between");
    let statuses = |status: &str| read("dead.csv").lines().filter(|line| line.contains(status)).count();
    assert_eq!((statuses(",SUCCESS,"), statuses(",UNKNOWN,")), (11, 1), "{}", read("dead.csv"));
}
