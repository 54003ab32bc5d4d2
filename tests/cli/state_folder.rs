//! The state folder: what becomes of a run when somebody deletes, moves or replaces it meanwhile.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fixture::{Api, Site, downgrades, members};

const ROWS: u64 = 30;

/// What it is called, and how it comes about.
type Disaster<'a> = (&'a str, &'a dyn Fn(&Site));

/// The same, with what is said of it.
type Tampering<'a> = (&'a str, &'a dyn Fn(&Site), &'a [&'a str]);

/// How often each user was to be changed, at the most.
fn most_changes_of_one(api: &Api) -> usize {
    let mut changes: BTreeMap<String, usize> = BTreeMap::new();
    for request in api.changes() {
        *changes.entry(request.path).or_default() += 1;
    }
    changes.into_values().max().unwrap_or(0)
}

fn lock_of(site: &Site) -> PathBuf {
    let mut entries = fs::read_dir(site.state()).unwrap().map(|entry| entry.unwrap().path());
    entries.find(|path| path.extension().is_some_and(|extension| extension == "lock")).unwrap()
}

#[test]
fn a_run_that_loses_its_state_folder_sends_nothing_more_and_reports_what_it_did() {
    let move_away = |site: &Site| fs::rename(site.state(), site.state().with_extension("away")).unwrap();
    let disasters: [Disaster<'_>; 6] = [
        ("the folder is deleted", &|site| fs::remove_dir_all(site.state()).unwrap()),
        ("the folder is moved away", &move_away),
        ("the folder is moved away and made anew", &|site| {
            move_away(site);
            site.run(&["history"]).exits(0);
        }),
        ("the ledger is deleted", &|site| fs::remove_file(site.state().join("ledger.sqlite")).unwrap()),
        ("the journal is deleted", &|site| fs::remove_file(site.state().join("ledger.sqlite-wal")).unwrap()),
        ("the lock is deleted", &|site| fs::remove_file(lock_of(site)).unwrap()),
    ];
    for (what, disaster) in disasters {
        let api = Api::slowly_holding(members(ROWS), "60");
        let site = Site::facing(&api);
        site.write("in.csv", downgrades(ROWS));
        let running = site.start(&["run", "in.csv", "--yes", "--concurrency", "2"]);
        api.until_changes(4);
        disaster(&site);
        let ended = running.wait().exits(4).warns(&["was deleted or replaced while it was in use", "in.report.csv"]);
        let report = site.report("in.report.csv");
        let counts = report.counts();
        let (done, sent) = (counts["SUCCESS"], api.changes().len() as u64);
        assert_eq!((done, counts["NOT_ATTEMPTED"]), (sent, ROWS - sent), "{what}: {ended}");
        assert!(sent < ROWS / 2, "{what}: {sent} changes");
    }
}

#[test]
fn a_second_run_that_finds_no_lock_is_not_let_in_beside_the_first() {
    let api = Api::slowly_holding(members(ROWS), "60");
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(ROWS));
    let first = site.start(&["run", "in.csv", "--yes", "--concurrency", "2", "-o", "first.csv"]);
    api.until_changes(4);
    fs::remove_dir_all(site.state()).unwrap();
    let second = site.start(&["run", "in.csv", "--yes", "--concurrency", "2", "-o", "second.csv"]);
    first.wait().exits(4);
    second.wait().exits(0);
    assert_eq!(most_changes_of_one(&api), 1);
    assert!((0..ROWS).all(|number| api.seat(number) == "CONTRIBUTOR"));
}

#[test]
fn a_state_folder_that_others_can_change_is_refused_with_the_command_that_mends_it() {
    let api = Api::holding(members(1));
    let mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let fifo = |path: &Path| {
        fs::remove_file(path).unwrap();
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    let link = |path: &Path| {
        fs::rename(path, path.with_extension("elsewhere")).unwrap();
        std::os::unix::fs::symlink(path.with_extension("elsewhere"), path).unwrap();
    };
    let ledger = |site: &Site| site.state().join("ledger.sqlite");
    let gate = |site: &Site| site.state().join("ledger.opening");
    let tampering: [Tampering<'_>; 9] = [
        ("a folder for everybody", &|site| mode(&site.state(), 0o777), &["hint: chmod o-w ", "state"]),
        (
            "a folder in a folder for everybody",
            &|site| mode(site.state().parent().unwrap(), 0o777),
            &["can be replaced by everybody", "hint: chmod o-w "],
        ),
        ("a ledger for everybody", &|site| mode(&ledger(site), 0o666), &["hint: chmod o-w ", "ledger.sqlite"]),
        ("a lock for everybody", &|site| mode(&lock_of(site), 0o606), &["hint: chmod o-w ", ".lock"]),
        ("a ledger that is a FIFO", &|site| fifo(&ledger(site)), &["ledger.sqlite is a FIFO"]),
        ("a gate that is a FIFO", &|site| fifo(&gate(site)), &["ledger.opening is a FIFO"]),
        ("a lock that is a FIFO", &|site| fifo(&lock_of(site)), &[".lock is a FIFO"]),
        ("a ledger that is a link", &|site| link(&ledger(site)), &["ledger.sqlite is a link"]),
        ("a lock that is a link", &|site| link(&lock_of(site)), &[".lock is a link"]),
    ];
    for (what, tamper, words) in tampering {
        let site = Site::facing(&api);
        site.write("in.csv", downgrades(1));
        site.run(&["run", "in.csv", "--yes"]).exits(0);
        let before = api.changes().len();
        tamper(&site);
        let ended = site.run(&["run", "in.csv", "--yes", "-o", "again.csv"]).exits(3);
        assert!(words.iter().all(|word| ended.stderr.contains(word)), "{what}: {ended}");
        assert_eq!(api.changes().len(), before, "{what}");
    }
}

#[test]
fn a_row_whose_record_was_changed_is_unknown_and_never_sent() {
    let api = Api::slowly_holding(members(10), "60");
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(10));
    let running = site.start(&["run", "in.csv", "--yes", "--concurrency", "2"]);
    api.until_changes(2);
    running.signal("TERM");
    running.wait().exits(143);
    let connection = rusqlite::Connection::open(site.state().join("ledger.sqlite")).unwrap();
    connection.execute("UPDATE rows SET cells = replace(cells, 'downgrade', 'remove') WHERE place = 9", []).unwrap();
    drop(connection);
    let doctor = site.run(&["doctor"]).exits(3);
    assert!(doctor.stdout.contains("1 of the records in `rows`"), "{doctor}");
    site.run(&["resume"]).exits(1);
    let report = site.report("in.report.csv");
    assert_eq!((report.counts()["SUCCESS"], report.statuses()[9]), (9, "UNKNOWN"));
    assert!(report.column("result_message")[9].contains("is damaged"), "{report:?}");
    assert_eq!(api.seat(9), "MEMBER");
}

/// Another process that writes to the ledger for a long time.
fn occupied(site: &Site) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(site.state().join("ledger.sqlite")).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

#[test]
fn a_busy_ledger_is_waited_for_and_the_screen_says_so() {
    let api = Api::slowly_holding(members(6), "60");
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(6));
    let running = site.start(&["run", "in.csv", "--yes", "--concurrency", "2"]);
    api.until_changes(2);
    let other = occupied(&site);
    running.until_warned("waiting for the ledger, at most 30 s");
    assert!(api.changes().len() <= 4, "nothing is sent that is not recorded");
    drop(other);
    running.wait().exits(0);
    assert_eq!(site.report("in.report.csv").statuses(), ["SUCCESS"; 6]);
}

#[test]
fn a_busy_ledger_is_waited_for_no_longer_than_the_deadline() {
    let api = Api::slowly_holding(members(6), "60");
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(6));
    let running = site.start(&["run", "in.csv", "--yes", "--concurrency", "2", "--deadline", "900ms"]);
    api.until_changes(2);
    let _other = occupied(&site);
    running.wait().exits(4).warns(&["is busy: another process is writing to it", "seatrun resume"]);
    assert_eq!(site.report("in.report.csv").0.len(), 6);
    // Before anything is sent, nothing is changed.
    site.write("more.csv", downgrades(7));
    site.run(&["run", "more.csv", "--yes", "--deadline", "300ms"]).exits(3);
}

#[test]
fn the_history_is_not_pruned_while_a_run_is_in_progress() {
    let api = Api::slowly_holding(members(6), "100");
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(6));
    let running = site.start(&["run", "in.csv", "--yes", "--concurrency", "1"]);
    api.until_changes(2);
    let prune = ["history", "prune", "--older-than", "1ms", "--unfinished"];
    site.run(&prune).exits(6).warns(&["another run for this account is under way", "then prune"]);
    running.signal("TERM");
    running.wait().exits(143);
    site.run(&prune[..4]).exits(0).warns(&["0 runs forgotten", "kept 1 run that old and not finished", "--unfinished"]);
    site.run(&prune).exits(0).warns(&["1 run forgotten"]);
    site.run(&prune).exits(0).warns(&["0 runs forgotten"]);
}

#[test]
fn requests_that_seem_to_come_from_the_future_hold_no_run_up() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    site.run(&["history"]).exits(0);
    let connection = rusqlite::Connection::open(site.state().join("ledger.sqlite")).unwrap();
    let tomorrow = "INSERT INTO requests (at, api_url)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
         SELECT (unixepoch() + 86400) * 1000 + i, ?1 FROM n";
    connection.execute(tomorrow, [api.sandbox.base_url()]).unwrap();
    site.write("in.csv", downgrades(2));
    site.run(&["run", "in.csv", "--yes", "--deadline", "20s"]).exits(0);
}

#[test]
fn who_looks_at_the_history_meanwhile_takes_nothing_away_from_a_run() {
    let api = Api::slowly_holding(members(ROWS), "30");
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(ROWS));
    let running = site.start(&["run", "in.csv", "--yes", "--concurrency", "2"]);
    for changes in [2, 8, 14] {
        api.until_changes(changes);
        site.run(&["history"]).exits(0);
    }
    running.wait().exits(0);
    assert_eq!(site.report("in.report.csv").counts()["SUCCESS"], ROWS);
}
