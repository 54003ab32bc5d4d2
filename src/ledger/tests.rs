//! The ledger as tables: what goes in comes out, and what is wrong with a file is said.

#![cfg(unix)]

mod damage;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Barrier};

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretBox};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::*;
use crate::model::{
    Action, Answer, ApiResult, Attributes, DowngradeSeat, Event, FreeSeatName, IfNotApplied, Job, JobState, Limit,
    LostResponse, Outcome, PlanId, PriorAttempts, PriorState, Reason, ReportedSeat, RetryAfter, Review, Seat, Signal,
    Status, StopReason, UpgradeSeat, UserId,
};

const URL: &str = "https://api.smartsheet.com/2.0";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + second).unwrap()
}

fn new_run(name: &str, started: Timestamp) -> NewRun {
    NewRun {
        name: name.into(),
        account: format!("{URL} 7"),
        who: "Zoë Ångström <zoe@example.com>".into(),
        input: "Sitze, \"neu\".csv".into(),
        sha256: "ab".repeat(32),
        header: "user_id,\"a, b\"\r\n".into(),
        settings: RunSettings {
            plan_names: std::collections::BTreeMap::new(),
            api_url: URL.into(),
            rate: 270,
            concurrency: Some(8),
            max_errors: Limit::Percent(12.5),
            free_seat_name: FreeSeatName::Auto,
            report: "/somewhere/else.report.csv".into(),
            input_path: None,
            page: None,
            summary: None,
            dialect: crate::tabular::Dialect::default(),
            archive_to: None,
            confirmation: Confirmation::Waived,
            verification: Verification::ReadBack,
        },
        started,
        reviews: Vec::new(),
    }
}

fn job(user: u64, action: Action) -> Job {
    Job { user: UserId::new(user).unwrap(), action }
}

fn down(user: u64) -> Job {
    job(user, Action::Downgrade { plan: PlanId::new(4_843_937_635_559_300).unwrap(), to: DowngradeSeat::Viewer })
}

fn row(number: u64, cells: &str, job: Option<Job>) -> NewRow {
    NewRow { doubted: None, number, cells: cells.into(), job, before: PriorState::default(), outcome: None }
}

fn record(place: u32, second: i64, event: Event) -> Record {
    Record { place, at: at(second), event, answer: None, outcome: None }
}

fn settled(place: u32, second: i64, outcome: Outcome) -> Record {
    let event = Event::Settled { status: outcome.status, reason: outcome.reason };
    Record { outcome: Some(outcome), ..record(place, second, event) }
}

fn rows(ledger: &Ledger, run: i64) -> Vec<RowRecord> {
    let mut rows = Vec::new();
    ledger.views().each_row(run, |row| rows.push(row)).unwrap();
    rows
}

/// Commits records as a run does.
fn write(ledger: Ledger, run: i64, records: impl IntoIterator<Item = Record>) -> Ledger {
    let mut writer = ledger.into_writer(run);
    for record in records {
        writer.record(record, None);
    }
    let (ledger, failure) = writer.close();
    assert_eq!(failure, None);
    ledger.unwrap()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_plan_is_read_back_byte_for_byte_after_the_file_was_closed() {
    let plan = PlanId::new(u64::from(u32::MAX)).unwrap();
    let attributes = Attributes {
        admin: Some(false),
        resource_viewer: Some(true),
        first_name: Some("Ærø, \"the\" 😀\nsecond line".into()),
        last_name: Some(":;p1:%".into()),
        ..Attributes::default()
    };
    let before = PriorState {
        plan: Some(plan),
        seat: Some(ReportedSeat::from_api("PROVISIONAL_MEMBER")),
        status: Some("ACTIVE".into()),
        attributes: Some(Box::new(attributes.clone())),
        ..PriorState::default()
    };
    // Ids of 19 digits go beyond what SQLite calls an integer.
    let table = [
        ("1,plain\r\n", Some(down(1))),
        ("2,\"commas, \"\"quotes\"\" and\nlines\r\n\"\r\n", Some(down(9_999_999_999_999_999_999))),
        ("3,日本語 \u{202e}רtl\u{0}nul\r\n", Some(job(1 << 63, Action::Remove { plan }))),
        ("4,\r\n", Some(job((1 << 63) - 1, Action::Upgrade { plan, to: UpgradeSeat::Member }))),
        ("", Some(job(5, Action::Deactivate))),
        (" ", Some(job(6, Action::Reactivate))),
        ("7,'; DROP TABLE runs; --\r\n", Some(job(7, Action::Update(Box::new(attributes))))),
        ("8\r\n", Some(job(8, Action::Plans))),
        ("9\r\n", None),
    ];
    let folder = folder();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let entered = table.iter().zip(2..).map(|((cells, job), number)| NewRow {
        before: if number == 2 { before.clone() } else { PriorState::default() },
        outcome: job.is_none().then(|| Outcome::of_row(Status::Invalid, "no user, ever")),
        ..row(number, cells, job.clone())
    });
    let run = new_run("20260101-000000-abcd", at(0));
    let id = ledger.enter(&run, entered, &[]).unwrap();
    drop(ledger);
    let ledger = Ledger::open(folder.path()).unwrap();
    let found = rows(&ledger, id);
    assert_eq!(found.len(), table.len());
    for (place, (found, (cells, job))) in found.iter().zip(&table).enumerate() {
        assert_eq!((found.place as usize, found.number), (place, place as u64 + 2));
        assert_eq!((found.cells.as_str(), &found.job), (*cells, job));
        assert_eq!((found.attempts, found.began, found.touched, &found.answer), (0, None, None, &None));
        if let Some(job) = job {
            let of_user = ledger.views().rows_of_user(job.user).unwrap();
            assert_eq!(of_user.len(), 1, "{job}");
            assert_eq!(of_user[0].1.job.as_ref(), Some(job));
        }
    }
    assert_eq!(found[0].before, before);
    assert_eq!(found[1].before, PriorState::default());
    assert_eq!(found[8].state, JobState::Settled { status: Status::Invalid, reason: Reason::Row });
    assert_eq!(found[8].outcome.as_ref().unwrap().message, "no user, ever");
    let read = ledger.views().run("20260101-000000-abcd").unwrap();
    assert_eq!(format!("{:?}", read.run), format!("{run:?}"));
    assert_eq!((read.rows, read.sessions.len(), read.ending(), read.is_unfinished()), (9, 1, None, true));
}

#[test]
fn events_are_folded_as_they_were_live() {
    let lost = Answer::Lost { how: LostResponse::Connection, text: "reset".into() };
    let said = Answer::Said {
        http: 200,
        pause: RetryAfter::Absent,
        word: ApiResult { result_code: Some(0), ..ApiResult::default() },
    };
    let success = Outcome::new(Status::Success, Reason::Answered, "done");
    let doubt = Event::Doubtful(IfNotApplied::Fail);
    let (begun, orphaned) = (Event::Begun, Event::Orphaned);
    // What happened, where it leaves the job, attempts, its first beginning, the last thing.
    let table = [
        (vec![], JobState::default(), 0, None, None),
        (vec![begun], JobState::Sent { tries: 1, past: PriorAttempts::NoEffect }, 1, Some(0), Some(0)),
        (
            vec![begun, Event::NoEffect],
            JobState::Ready { tries: 0, past: PriorAttempts::NoEffect },
            1,
            Some(0),
            Some(1),
        ),
        (
            vec![begun, Event::NoEffect, begun, doubt],
            JobState::InDoubt { tries: 1, reads: 0, otherwise: IfNotApplied::Fail },
            2,
            Some(0),
            Some(3),
        ),
        (
            vec![begun, orphaned, Event::ReadBegun, Event::ReadFailed],
            JobState::InDoubt { tries: 1, reads: 1, otherwise: IfNotApplied::Retry },
            1,
            Some(0),
            Some(3),
        ),
        (
            vec![begun, orphaned, Event::Cleared(PriorAttempts::Uncertain), Event::Reopened],
            JobState::Ready { tries: 0, past: PriorAttempts::Uncertain },
            1,
            Some(0),
            Some(3),
        ),
        (vec![begun, Event::Partly], JobState::Partly { reads: 0 }, 1, Some(0), Some(1)),
    ];
    let folder = folder();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let id = ledger.enter(&new_run("r", at(0)), (1..=8).map(|user| row(user, "", Some(down(user)))), &[]).unwrap();
    let mut records: Vec<_> = table
        .iter()
        .zip(0..)
        .flat_map(|((events, ..), place)| {
            events.iter().zip(0..).map(move |(event, second)| record(place, second, *event))
        })
        .collect();
    records.push(record(7, 0, begun));
    records.push(Record { answer: Some(lost.clone()), ..record(7, 1, doubt) });
    records.push(Record { answer: Some(said.clone()), ..settled(7, 2, success.clone()) });
    // Rows are worked on at the same time, so their events lie mixed; only the order within a row counts.
    records.sort_by_key(|record| record.at);
    let ledger = write(ledger, id, records);
    let found = rows(&ledger, id);
    for (found, (events, state, attempts, began, touched)) in found.iter().zip(&table) {
        assert_eq!((found.state, found.attempts), (*state, *attempts), "{events:?}");
        assert_eq!((found.began, found.touched), (began.map(at), touched.map(at)), "{events:?}");
        assert_eq!(found.outcome, None);
    }
    let ended = &found[7];
    assert_eq!(ended.state, JobState::Settled { status: Status::Success, reason: Reason::Answered });
    assert_eq!((&ended.outcome, &ended.answer, ended.touched), (&Some(success), &Some(said), Some(at(2))));
    assert_eq!(
        format!("{:?}", ledger.views().rows_of_user(UserId::new(8).unwrap()).unwrap()[0].1),
        format!("{ended:?}")
    );
}

#[test]
fn a_settled_row_that_is_reopened_has_no_outcome_until_it_ends_again() {
    let mut ledger = Ledger::in_memory().unwrap();
    let id = ledger.enter(&new_run("r", at(0)), [row(2, "", Some(down(1)))], &[]).unwrap();
    let gave_up = Outcome::new(Status::Failed, Reason::GaveUp, "throttled");
    let mut ledger = write(ledger, id, [record(0, 0, Event::Begun), settled(0, 1, gave_up)]);
    ledger.end_session(id, at(2), &StopReason::Finished).unwrap();
    ledger.begin_session(id, at(3), &[ResumeEvent { place: 0, event: Event::Reopened, outcome: None }]).unwrap();
    let found = &rows(&ledger, id)[0];
    assert_eq!((found.state, &found.outcome), (JobState::Ready { tries: 0, past: PriorAttempts::NoEffect }, &None));
    assert_eq!(found.attempts, 1, "what was tried before still counts in the report");
}

#[test]
fn sessions_tell_how_a_run_was_left_each_time() {
    let mut ledger = Ledger::in_memory().unwrap();
    let id = ledger.enter(&new_run("r", at(0)), [row(2, "", Some(down(1)))], &[]).unwrap();
    let endings = [
        Some(StopReason::Interrupted(Signal::Term)),
        None,
        Some(StopReason::Ledger("disk \"full\"".into())),
        Some(StopReason::Finished),
    ];
    for (session, ending) in (0..).zip(&endings) {
        if session > 0 {
            ledger.begin_session(id, at(10 * session), &[]).unwrap();
        }
        if let Some(ending) = ending {
            ledger.end_session(id, at(10 * session + 5), ending).unwrap();
        }
        let run = ledger.views().run("r").unwrap();
        assert_eq!(
            (run.ending(), run.sessions.last().map(|last| last.began)),
            (ending.as_ref(), Some(at(10 * session)))
        );
        assert_eq!(run.is_unfinished(), ending != &Some(StopReason::Finished));
    }
    let sessions = ledger.views().run("r").unwrap().sessions;
    let read: Vec<_> = sessions.iter().map(|session| session.ending.clone()).collect();
    assert_eq!(read, endings, "a later session changes nothing about an earlier one");
    assert_eq!((sessions[1].began, sessions[1].ended), (at(10), None));
}

#[test]
fn a_session_begins_with_all_its_revivals_or_not_at_all() {
    let mut ledger = Ledger::in_memory().unwrap();
    let id = ledger.enter(&new_run("r", at(0)), [row(2, "", Some(down(1)))], &[]).unwrap();
    ledger
        .connection
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no'); END")
        .unwrap();
    let revival = ResumeEvent { place: 0, event: Event::Reopened, outcome: None };
    assert!(ledger.begin_session(id, at(1), &[revival]).is_err());
    assert_eq!(ledger.views().run("r").unwrap().sessions.len(), 1);
    let doubted = NewRow { doubted: Some(at(0)), ..row(3, "", Some(down(2))) };
    assert!(ledger.enter(&new_run("s", at(2)), [row(2, "", None), doubted], &[]).is_err());
    assert!(matches!(ledger.views().run("s"), Err(LedgerError::NoSuchRun(name)) if name == "s"));
    let left: i64 = ledger.connection.query_row("SELECT count(*) FROM rows", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 1, "a run enters with its whole plan, or not at all");
}

#[test]
fn what_another_run_took_over_is_not_unfinished_any_more_and_its_doubts_live_on() {
    let mut ledger = Ledger::in_memory().unwrap();
    let old = ledger.enter(&new_run("old", at(0)), [row(2, "", Some(down(1)))], &[]).unwrap();
    let doubted = NewRow { doubted: Some(at(1)), ..row(2, "", Some(down(1))) };
    let outcome = Outcome::of_row(Status::Skipped, "taken over");
    let event = Event::Settled { status: outcome.status, reason: outcome.reason };
    let ends = vec![ResumeEvent { place: 0, event, outcome: Some(outcome) }];
    let takeover = TakenOver { run: old, ends, whole: true };
    let new = ledger.enter(&new_run("new", at(5)), [doubted], &[takeover]).unwrap();
    let taken = rows(&ledger, old)[0].outcome.clone().unwrap();
    assert_eq!((taken.status, taken.message.as_str()), (Status::Skipped, "taken over"));
    let runs = ledger.views().runs().unwrap();
    let told: Vec<_> = runs.iter().map(|run| (run.run.name.as_str(), run.is_unfinished())).collect();
    assert_eq!(told, [("new", true), ("old", false)], "newest first");
    assert_eq!(runs[1].superseded_by.as_deref(), Some("new"));
    let row = &rows(&ledger, new)[0];
    assert_eq!(row.state, JobState::InDoubt { tries: 1, reads: 0, otherwise: IfNotApplied::Retry });
    assert_eq!((row.attempts, row.began), (1, Some(at(1))));
}

#[test]
fn pruning_takes_out_old_runs_with_everything_about_them_and_nothing_else() {
    let mut ledger = Ledger::in_memory().unwrap();
    for (name, second) in [("old", 0), ("edge", 100), ("new", 200)] {
        let id = ledger.enter(&new_run(name, at(second)), [row(2, "", Some(down(1)))], &[]).unwrap();
        ledger = write(ledger, id, [record(0, second, Event::Begun)]);
        ledger.end_session(id, at(second), &StopReason::Finished).unwrap();
    }
    assert_eq!(forgotten(&mut ledger, 100), (1, 0));
    assert_eq!(forgotten(&mut ledger, 100), (0, 0));
    let names: Vec<_> = ledger.views().runs().unwrap().into_iter().map(|run| run.run.name).collect();
    assert_eq!(names, ["new", "edge"]);
    for table in ["sessions", "rows", "events"] {
        let sql = format!("SELECT count(*) FROM {table}");
        let left: i64 = ledger.connection.query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(left, 2, "{table}");
    }
}

#[test]
fn pruning_leaves_a_run_alone_that_was_worked_on_since() {
    // An old run that is under way, and one that was resumed yesterday: taking either out would lose what was sent.
    let mut ledger = Ledger::in_memory().unwrap();
    let id = ledger.enter(&new_run("under way", at(0)), [row(2, "", Some(down(1)))], &[]).unwrap();
    let mut ledger = write(ledger, id, [record(0, 500, Event::Begun)]);
    let id = ledger.enter(&new_run("resumed", at(0)), [row(2, "", Some(down(1)))], &[]).unwrap();
    ledger.end_session(id, at(5), &StopReason::Deadline).unwrap();
    ledger.begin_session(id, at(500), &[]).unwrap();
    let id = ledger.enter(&new_run("long", at(0)), [row(2, "", Some(down(1)))], &[]).unwrap();
    ledger.end_session(id, at(500), &StopReason::Finished).unwrap();
    assert_eq!(forgotten(&mut ledger, 400), (0, 0));
    assert_eq!(forgotten(&mut ledger, 501), (1, 2), "what can be resumed stays unless it is named");
    assert_eq!(ledger.prune(at(501), UnfinishedRuns::Forgotten).unwrap(), Pruned { forgotten: 2, unfinished: 0 });
}

/// How many runs are forgotten at a second, and how many stay that are as old.
fn forgotten(ledger: &mut Ledger, second: i64) -> (usize, usize) {
    let Pruned { forgotten, unfinished } = ledger.prune(at(second), UnfinishedRuns::Kept).unwrap();
    (forgotten, unfinished)
}

#[test]
fn what_was_pruned_is_found_in_no_file_of_the_state_folder_and_takes_no_space() {
    let folder = folder();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let found = |name: &str| {
        let files = fs::read_dir(folder.path()).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
        files.filter(|bytes| bytes.windows(name.len()).any(|window| window == name.as_bytes())).count()
    };
    for (name, second) in [("Zaphod", 0), ("Trillian", 200)] {
        let cells = format!("{name} Beeblebrox, {}", "x".repeat(500));
        let rows = (1..500).map(|user| row(user, &cells, Some(down(user))));
        let id = ledger.enter(&new_run(name, at(second)), rows, &[]).unwrap();
        ledger = write(ledger, id, [record(0, second, Event::Begun)]);
        ledger.end_session(id, at(second), &StopReason::Finished).unwrap();
    }
    let size = || fs::metadata(folder.path().join("ledger.sqlite")).unwrap().len();
    ledger.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let before = size();
    assert_eq!(found("Zaphod"), 1);
    assert_eq!(forgotten(&mut ledger, 100), (1, 0));
    assert_eq!((found("Zaphod"), found("Trillian")), (0, 1));
    assert!(size() < before * 6 / 10, "{} of {before} bytes are left", size());
}

#[test]
fn the_requests_of_the_last_minute_are_those_of_every_run_and_of_none_at_one_address() {
    let mut ledger = Ledger::in_memory().unwrap();
    let id = ledger.enter(&new_run("r", at(0)), (1..=2).map(|user| row(user, "", Some(down(user)))), &[]).unwrap();
    let mut elsewhere = new_run("e", at(0));
    elsewhere.settings.api_url = "http://127.0.0.1:1/2.0".into();
    let other = ledger.enter(&elsewhere, [row(2, "", Some(down(1)))], &[]).unwrap();
    let ledger = write(ledger, other, [record(0, 55, Event::Begun)]);
    let ledger = write(
        ledger,
        id,
        [
            record(0, 39, Event::Begun),
            record(0, 41, Event::NoEffect),
            record(1, 42, Event::Begun),
            record(1, 43, Event::Orphaned),
            record(1, 44, Event::ReadBegun),
            // The clock was set back afterwards: nobody knows when this was.
            record(0, 5_000, Event::Begun),
        ],
    );
    for (url, second) in [(URL, 20), (URL, 50), ("http://127.0.0.1:1/2.0", 51)] {
        ledger.note_request(url, at(second)).unwrap();
    }
    let mut found = ledger.views().requests_since(URL, at(40), at(60)).unwrap();
    found.sort_unstable();
    assert_eq!(found, [at(41), at(43), at(50), at(60)], "by their answers; those without one may still be counted");
    assert_eq!(ledger.views().requests_since("http://127.0.0.1:1/2.0", at(40), at(60)).unwrap().len(), 2);
    ledger.note_request(URL, at(100_000)).unwrap();
    let kept: i64 = ledger.connection.query_row("SELECT count(*) FROM requests", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 1, "what no minute holds any more is forgotten");
}

#[test]
fn deeds_are_what_the_runs_of_one_account_are_known_to_have_done() {
    let folder = folder();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let success = || Outcome::new(Status::Success, Reason::Answered, "downgraded");
    let failed = || Outcome::new(Status::Failed, Reason::Answered, "refused");
    let other = NewRun { account: format!("{URL} 8"), ..new_run("other", at(0)) };
    for run in [new_run("early", at(0)), other, new_run("late", at(9))] {
        let id = ledger.enter(&run, (1..=4).map(|user| row(user, "", Some(down(user)))), &[]).unwrap();
        let begun = (0..3).map(|place| record(place, 10, Event::Begun));
        let ended = [settled(0, 11, success()), settled(1, 12, failed()), settled(2, 99, success())];
        ledger = write(ledger, id, begun.chain(ended));
    }
    let past_changes = |since| {
        let users = (2..=3).chain([1]).map(|user| UserId::new(user).unwrap()).collect();
        let found = ledger.views().past_changes_since(&format!("{URL} 7"), at(since), &users).unwrap();
        found.into_iter().map(|past_change| (past_change.job, past_change.run)).collect::<Vec<_>>()
    };
    let of = |user, run: &str| (down(user), run.to_owned());
    assert_eq!(past_changes(0), [of(1, "early"), of(1, "late"), of(3, "early"), of(3, "late")]);
    assert_eq!(past_changes(50), [of(3, "early"), of(3, "late")]);
}

#[test]
fn the_requests_of_a_run_are_its_own_and_those_beside_its_sessions() {
    let mut ledger = Ledger::in_memory().unwrap();
    for (url, second) in [(URL, 90), ("http://127.0.0.1:1/2.0", 91)] {
        ledger.note_request(url, at(second)).unwrap();
    }
    let doubted = NewRow { doubted: Some(at(-5_000)), ..row(2, "", Some(down(1))) };
    let run = ledger.enter(&new_run("first", at(100)), [doubted, row(3, "", Some(down(2)))], &[]).unwrap();
    let success = Outcome::new(Status::Success, Reason::Answered, "done");
    let records = [
        record(0, 110, Event::ReadBegun),
        record(1, 111, Event::Begun),
        settled(1, 112, success),
        record(0, 113, Event::Cleared(PriorAttempts::Uncertain)),
    ];
    let mut ledger = write(ledger, run, records);
    ledger.end_session(run, at(120), &StopReason::Finished).unwrap();
    ledger.note_request(URL, at(130)).unwrap();
    let mut found = ledger.views().requests_of(run).unwrap();
    found.sort_unstable();
    assert_eq!(found, [at(90), at(110), at(111)], "neither what was taken over, nor another address, nor later ones");
}

#[test]
fn a_clock_that_jumps_back_changes_neither_the_order_of_events_nor_that_of_runs() {
    let mut ledger = Ledger::in_memory().unwrap();
    let first = ledger.enter(&new_run("first", at(1_000)), [row(2, "", Some(down(1)))], &[]).unwrap();
    let success = Outcome::new(Status::Success, Reason::Answered, "done");
    let mut ledger = write(ledger, first, [record(0, 1_000, Event::Begun), settled(0, 3, success)]);
    ledger.end_session(first, at(4), &StopReason::Finished).unwrap();
    ledger.enter(&new_run("second", at(5)), [row(2, "", None)], &[]).unwrap();
    assert!(rows(&ledger, first)[0].state.is_settled());
    assert_eq!(ledger.views().runs().unwrap()[0].run.name, "second", "the newest is the last that was entered");
    let first = ledger.views().run("first").unwrap();
    assert_eq!(first.ending(), Some(&StopReason::Finished));
    assert_eq!(first.sessions[0].ended, Some(at(1_000)), "nothing ends before it begins");
}

#[test]
fn files_are_remembered_by_what_was_last_written() {
    let mut ledger = Ledger::in_memory().unwrap();
    assert_eq!(ledger.views().written_file("/a b/ü.csv").unwrap(), None);
    for (sum, keep) in [("1", FileKind::Other), ("2", FileKind::Run), ("3", FileKind::Other)] {
        ledger.remember_file("/a b/ü.csv", sum, keep).unwrap();
        assert_eq!(ledger.views().written_file("/a b/ü.csv").unwrap(), Some((sum.to_owned(), keep)));
    }
}

#[test]
fn a_ledger_can_be_read_by_nobody_else() {
    let folder = folder();
    let state = folder.path().join("deep/state");
    let mut ledger = Ledger::open(&state).unwrap();
    let id = ledger.enter(&new_run("r", at(0)), [row(2, "", Some(down(1)))], &[]).unwrap();
    let holder = Holder { pid: 1, since: at(0), input: "seats.csv".into() };
    let _lock = AccountLock::take(&state, "https://api.smartsheet.com/2.0 7", &holder).unwrap();
    assert_eq!((mode(&folder.path().join("deep")), mode(&state)), (0o700, 0o700));
    let mut files: Vec<_> = fs::read_dir(&state).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let named: Vec<_> = files.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    let lock = "https---api.smartsheet.com-2.0-7.lock";
    assert_eq!(named, [lock, "ledger.opening", "ledger.sqlite", "ledger.sqlite-shm", "ledger.sqlite-wal"]);
    for file in &files {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    drop(write(ledger, id, [record(0, 0, Event::Begun)]));
}

#[test]
fn a_file_that_is_no_intact_ledger_is_refused_and_left_as_it_is() {
    let folder = folder();
    let path = folder.path().join("ledger.sqlite");
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let id =
        ledger.enter(&new_run("r", at(0)), (1..500).map(|user| row(user, "cells", Some(down(user)))), &[]).unwrap();
    drop(write(ledger, id, (0..499).map(|place| record(place, 0, Event::Begun))));
    let intact = fs::read(&path).unwrap();
    assert!(intact.len() > 100_000 && !folder.path().join("ledger.sqlite-wal").exists());
    let page = |number: usize| number * 4096;
    let scribbled = |from: usize| {
        let mut bytes = intact.clone();
        bytes[from..from + 4096].fill(0xA5);
        bytes
    };
    let table = [
        ("garbage", b"this is not a database ".repeat(1000)),
        ("half of it", intact[..intact.len() / 2].to_vec()),
        ("its first page", intact[..page(1)].to_vec()),
        ("a header alone", intact[..50].to_vec()),
        ("a scribbled header", scribbled(0)),
        ("a scribbled page in the middle", scribbled(page(intact.len() / 4096 / 2))),
    ];
    for (what, bytes) in table {
        fs::write(&path, &bytes).unwrap();
        let read = Ledger::open(folder.path()).and_then(|ledger| {
            let mut count = 0;
            ledger.views().runs()?;
            ledger.views().each_row(id, |_| count += 1)?;
            Ok(count)
        });
        assert!(matches!(read, Err(LedgerError::Damaged { .. })), "{what}: {read:?}");
        assert!(fs::read(&path).unwrap() == bytes, "{what} was written to");
    }
}

#[test]
fn an_empty_file_becomes_a_ledger_and_what_is_no_file_is_refused() {
    let folder = folder();
    fs::write(folder.path().join("ledger.sqlite"), "").unwrap();
    assert!(Ledger::open(folder.path()).unwrap().views().runs().unwrap().is_empty());

    let second = folder.path().join("second");
    fs::create_dir_all(second.join("ledger.sqlite")).unwrap();
    let third = folder.path().join("third");
    fs::write(&third, "").unwrap();
    for folder in [second, third, "/dev/null/state".into(), "/proc/seatrun".into()] {
        let refused = Ledger::open(&folder).unwrap_err();
        assert!(matches!(refused, LedgerError::Open { .. } | LedgerError::Untrusted { .. }), "{refused:?}");
        assert!(refused.to_string().contains(folder.to_str().unwrap()), "{refused}");
    }
}

#[test]
fn a_place_that_cannot_be_written_is_refused_before_anything_else() {
    let folder = folder();
    let state = folder.path().join("state");
    let allow = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    fs::create_dir(&state).unwrap();
    allow(&state, 0o500);
    if fs::write(state.join("probe"), "").is_ok() {
        eprintln!("whoever runs this test may write anywhere, so there is nothing to see");
        return;
    }
    assert!(matches!(Ledger::open(&state).unwrap_err(), LedgerError::Open { .. }));
    assert!(matches!(Ledger::open(&state.join("below")).unwrap_err(), LedgerError::Open { .. }));
    allow(&state, 0o700);
    drop(Ledger::open(&state).unwrap());
    allow(&state.join("ledger.sqlite"), 0o400);
    assert!(matches!(Ledger::open(&state).unwrap_err(), LedgerError::Open { .. }));
    allow(&state.join("ledger.sqlite"), 0o600);
    allow(&state, 0o500);
    let refused = Ledger::open(&state).unwrap_err();
    assert!(refused.to_string().contains("ledger.sqlite"), "{refused}");
}

#[test]
fn an_event_that_cannot_have_happened_is_damage_and_never_guessed_at() {
    let table = [
        ("INSERT INTO events (run, place, at, event) VALUES (1, 0, 0, '\"no_effect\"')", "row 17"),
        ("INSERT INTO events (run, place, at, event) VALUES (1, 0, 0, '\"of tomorrow\"')", "of tomorrow"),
        ("UPDATE rows SET job = 'u1:downgrade:p1:VIEWER:000000'", "u1:downgrade"),
        ("UPDATE runs SET settings = '{}'", "{}"),
    ];
    for (sql, words) in table {
        let mut ledger = Ledger::in_memory().unwrap();
        let id = ledger.enter(&new_run("r", at(0)), [row(17, "", Some(down(1)))], &[]).unwrap();
        ledger.connection.execute_batch(sql).unwrap();
        for (table, checksum) in checksum::TABLES {
            ledger.connection.execute(&format!("UPDATE {table} SET checksum = {checksum}"), []).unwrap();
        }
        let read = ledger.views().runs().and_then(|_| ledger.views().each_row(id, |_| ()));
        let error = read.unwrap_err();
        assert!(matches!(&error, LedgerError::Damaged { what, .. } if what.contains(words)), "{sql}: {error}");
    }
}

#[test]
fn a_ledger_of_a_newer_version_is_refused_and_says_so() {
    let folder = folder();
    let ledger = Ledger::open(folder.path()).unwrap();
    ledger.connection.pragma_update(None, "user_version", 7).unwrap();
    drop(ledger);
    let refused = Ledger::open(folder.path()).unwrap_err();
    assert!(matches!(refused, LedgerError::Newer { found: 7, .. }), "{refused:?}");
    assert!(refused.to_string().contains("newer seatrun"), "{refused}");
}

#[test]
fn a_fresh_file_is_brought_up_to_date_by_whichever_of_many_processes_comes_first() {
    for _ in 0..5 {
        let folder = folder();
        let start = Arc::new(Barrier::new(8));
        let threads: Vec<_> = (0..8)
            .map(|number| {
                let (path, start) = (folder.path().to_owned(), Arc::clone(&start));
                std::thread::spawn(move || {
                    start.wait();
                    let mut ledger = Ledger::open(&path)?;
                    ledger.enter(&new_run(&number.to_string(), at(0)), [row(2, "", Some(down(1)))], &[])
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap().unwrap();
        }
        let ledger = Ledger::open(folder.path()).unwrap();
        assert_eq!(ledger.views().runs().unwrap().len(), 8);
        let (mode, version): (String, usize) = ledger
            .connection
            .query_row("SELECT journal_mode, user_version FROM pragma_journal_mode, pragma_user_version", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!((mode.as_str(), version), ("wal", schema::MIGRATIONS.len()));
    }
}

#[test]
fn a_writer_waits_for_another_process_and_readers_wait_for_nobody() {
    let folder = folder();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let id = ledger.enter(&new_run("r", at(0)), [row(2, "", Some(down(1)))], &[]).unwrap();
    let other = Ledger::open(folder.path()).unwrap();
    other.connection.execute_batch("BEGIN IMMEDIATE; INSERT INTO files VALUES ('f', 's', 0)").unwrap();
    let mut writer = ledger.into_writer(id);
    let (committed, mut told) = oneshot::channel();
    writer.record(record(0, 0, Event::Begun), Some(committed));
    let reader = Ledger::open(folder.path()).unwrap();
    assert_eq!(rows(&reader, id)[0].attempts, 0, "a reader sees the last moment that was committed");
    assert!(told.try_recv().is_err(), "nothing is acknowledged that is not on disk");
    other.connection.execute_batch("COMMIT").unwrap();
    told.blocking_recv().unwrap();
    assert_eq!(rows(&reader, id)[0].attempts, 1);
    assert_eq!(writer.close().1, None);
}

#[test]
fn a_ledger_of_the_first_version_is_brought_up_to_date_with_the_seats_that_it_knows() {
    let folder = folder();
    let connection = rusqlite::Connection::open(folder.path().join("ledger.sqlite")).unwrap();
    connection.execute_batch(schema::MIGRATIONS[0]).unwrap();
    let settings = serde_json::to_string(&new_run("r", at(0)).settings).unwrap();
    connection
        .execute("INSERT INTO runs VALUES (1, 'r', 'a 1', 'w', 'i.csv', 's', 'h', ?1, 0, NULL)", [settings])
        .unwrap();
    let rows_of_old =
        "INSERT INTO rows VALUES (1, 0, 2, 'c', 5, NULL, 'MEMBER', NULL), (1, 1, 3, 'c', 6, NULL, NULL, NULL)";
    connection.execute_batch(rows_of_old).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    drop(connection);
    for _ in 0..2 {
        let ledger = Ledger::open(folder.path()).unwrap();
        let found = rows(&ledger, 1);
        assert_eq!(
            found[0].before,
            PriorState { seat: Some(ReportedSeat::Known(Seat::Member)), ..PriorState::default() }
        );
        assert_eq!(found[1].before, PriorState::default());
    }
}

#[test]
fn a_review_goes_into_one_run_and_is_forgotten_no_later_than_that() {
    let folder = folder();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let review = |name: &str, second| Review {
        name: name.into(),
        made: at(second),
        input: "leavers.csv".into(),
        sha256: "ab".repeat(32),
        account: (name == "old").then(|| format!("{URL} 7")),
        encoding: None,
    };
    let secret = SecretBox::new(Box::new([7; 32]));
    for (name, second) in [("old", 5), ("new", 50)] {
        ledger.remember_review(&review(name, second), &secret).unwrap();
    }
    assert!(ledger.remember_review(&review("old", 6), &secret).is_err(), "a name is given once");
    let run = |name: &str, reviews: &[&str]| NewRun {
        reviews: reviews.iter().map(|review| (*review).to_owned()).collect(),
        ..new_run(name, at(9))
    };
    ledger.enter(&run("first", &["old"]), [], &[]).unwrap();
    // One that is spent keeps the whole run out, and what else it would spend unspent.
    let refused = ledger.enter(&run("second", &["new", "old"]), [row(2, "", None)], &[]).unwrap_err();
    assert!(matches!(&refused, LedgerError::Spent(name) if name == "old"), "{refused}");
    assert!(ledger.enter(&run("third", &["unheard of"]), [], &[]).is_err());
    drop(ledger);
    let mut ledger = Ledger::open(folder.path()).unwrap();
    assert_eq!(ledger.views().runs().unwrap().len(), 1);
    assert_eq!(ledger.views().run("first").unwrap().run.reviews, ["old"]);
    let found = |ledger: &Ledger, name: &str| ledger.views().review(name).unwrap();
    let (old, new) = (found(&ledger, "old").unwrap(), found(&ledger, "new").unwrap());
    assert_eq!((&old.review, old.spent_by.as_deref()), (&review("old", 5), Some("first")));
    assert_eq!((&new.review, new.spent_by.as_deref()), (&review("new", 50), None));
    assert_eq!(old.secret.expose_secret(), secret.expose_secret());
    assert!(found(&ledger, "unheard of").is_none());
    // Once nothing tells any more that it has run, nothing is left to know its rows by.
    ledger.prune(at(20), UnfinishedRuns::Forgotten).unwrap();
    assert!(found(&ledger, "old").is_none() && found(&ledger, "new").is_some());
}

#[test]
fn when_the_disk_is_full_nothing_is_acknowledged_any_more_and_what_was_stays() {
    let folder = folder();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let id = ledger.enter(&new_run("r", at(0)), (1..=3000).map(|user| row(user, "", Some(down(user)))), &[]).unwrap();
    let pages: i64 = ledger.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    ledger.connection.query_row(&format!("PRAGMA max_page_count = {}", pages + 5), [], |_| Ok(())).unwrap();
    let mut writer = ledger.into_writer(id);
    let mut acknowledged = 0;
    for place in 0..3000 {
        let (committed, told) = oneshot::channel();
        writer.record(record(place, 0, Event::Begun), Some(committed));
        match told.blocking_recv() {
            Ok(()) => {
                assert_eq!(writer.failure(), None);
                acknowledged += 1;
            }
            Err(_) => assert!(writer.failure().unwrap().contains("full"), "{:?}", writer.failure()),
        }
    }
    assert!((1..3000).contains(&acknowledged), "{acknowledged}");
    let (ledger, failure) = writer.close();
    assert!(failure.is_some_and(|failure| failure.contains("ledger.sqlite")));
    let begun = |ledger: &Ledger| rows(ledger, id).iter().filter(|row| row.attempts == 1).count();
    assert_eq!(begun(&ledger.unwrap()), acknowledged);
    assert_eq!(begun(&Ledger::open(folder.path()).unwrap()), acknowledged);
}

#[test]
fn an_account_is_held_once_until_its_holder_is_gone_and_other_accounts_are_free() {
    let folder = folder();
    let holder = |pid| Holder { pid, since: at(0), input: "seats, \"new\".csv".into() };
    let first = AccountLock::take(folder.path(), "a 1", &holder(11)).unwrap();
    let refused = AccountLock::take(folder.path(), "a 1", &holder(12)).unwrap_err();
    assert!(matches!(&refused, LockError::Held(Some(held)) if *held == holder(11)), "{refused:?}");
    let text = refused.to_string();
    assert!(
        text.contains("11") && text.contains("seats, \"new\".csv") && text.contains("2026-01-01 00:00:00Z"),
        "{text}"
    );
    let _other = AccountLock::take(folder.path(), "a 2", &holder(13)).unwrap();
    drop(first);
    AccountLock::take(folder.path(), "a 1", &holder(14)).unwrap();
    // Left behind by a process that died, half written.
    fs::write(folder.path().join("a-3.lock"), "{\"pid\":").unwrap();
    AccountLock::take(folder.path(), "a 3", &holder(15)).unwrap();
}

#[test]
fn the_free_seats_name_is_remembered_by_account_and_the_newest_counts() {
    let mut ledger = Ledger::in_memory().unwrap();
    assert_eq!(ledger.views().free_seat_name("account 1").unwrap(), None);
    for name in [DowngradeSeat::Contributor, DowngradeSeat::Viewer] {
        ledger.remember_free_seat_name("account 1", name, at(1)).unwrap();
        assert_eq!(ledger.views().free_seat_name("account 1").unwrap(), Some(name));
    }
    assert_eq!(ledger.views().free_seat_name("account 2").unwrap(), None);
}
