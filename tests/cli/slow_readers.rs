//! Readers that are slow, asleep or gone: they never hold up a run, and data that somebody asked for waits for them.

use std::cell::RefCell;
use std::fs;
use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;

use serde_json::Value;

use super::fixture::{Api, Rows, Site, downgrades, members, user};
use super::process::until;

/// What a pipe holds.
const FULL: usize = 1 << 16;

/// A pipe that is full, and that nobody reads.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = pipe().unwrap();
    writer.write_all(&vec![b'.'; FULL]).unwrap();
    (reader, writer)
}

/// A child whose streams are somebody else's. Dropping it kills it.
struct Unread(RefCell<Child>);

impl Unread {
    fn start(mut command: Command, stdout: impl Into<Stdio>, stderr: impl Into<Stdio>) -> Self {
        Self(command.stdin(Stdio::null()).stdout(stdout).stderr(stderr).spawn().unwrap().into())
    }

    fn signal(&self, signal: &str) {
        let status =
            Command::new("sh").args(["-c", &format!("kill -{signal} {}", self.0.borrow().id())]).status().unwrap();
        assert!(status.success());
    }

    #[track_caller]
    fn wait(self) -> ExitStatus {
        until("the end of a child that nobody reads", || self.0.borrow_mut().try_wait().unwrap())
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        // It may have ended already.
        let child = self.0.get_mut();
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Waits until the newest run is settled in the ledger.
fn until_settled(site: &Site) {
    until("a settled run", || {
        let listed = site.run(&["history", "--json"]).stdout;
        let runs: Value = serde_json::from_str(&listed).ok()?;
        (runs[0]["finished"] == true).then_some(())
    });
}

fn many_rows(api: &Api, rows: u64) -> Site {
    let site = Site::facing(api);
    site.write("in.csv", downgrades(rows));
    site
}

#[test]
fn standard_error_that_nobody_reads_holds_up_no_run() {
    for arguments in [&["-vvv"][..], &["-v", "--log-format", "json"], &["-vvv", "--no-progress"]] {
        let api = Api::holding(members(50));
        let site = many_rows(&api, 50);
        let (_asleep, stderr) = full_pipe();
        let run = [&["run", "in.csv", "--yes", "--rate", "0"], arguments].concat();
        assert_eq!(Unread::start(site.command(&run), Stdio::null(), stderr).wait().code(), Some(0), "{arguments:?}");
        assert_eq!(site.report("in.report.csv").counts()["SUCCESS"], 50);
    }
}

#[test]
fn a_signal_is_heard_while_nobody_reads() {
    let api = Api::slowly_holding(members(300), "150");
    let site = many_rows(&api, 300);
    let (_asleep, stderr) = full_pipe();
    let run = Unread::start(site.command(&["run", "in.csv", "--yes", "-vvv"]), Stdio::null(), stderr);
    api.until_changes(3);
    run.signal("TERM");
    assert_eq!(run.wait().code(), Some(143));
    let report = site.report("in.report.csv");
    assert_eq!(report.counts().values().sum::<u64>(), 300);
    assert_eq!(report.counts()["SUCCESS"], api.changes().len() as u64);
}

#[test]
fn a_named_pipe_whose_reader_sleeps_is_as_any_other_reader() {
    let api = Api::holding(members(100));
    let site = many_rows(&api, 100);
    let mut shell = Command::new("/bin/sh");
    let seatrun = env!("CARGO_BIN_EXE_seatrun");
    shell.args([
        "-c",
        &format!(
            "mkfifo p; sleep 60 <p >/dev/null 2>&1 & '{seatrun}' run in.csv --yes --rate 0 -v 2>p; echo $?; kill $!"
        ),
    ]);
    let mut shell = site.settle(shell);
    shell.env("PATH", "/usr/bin:/bin");
    let said = shell.output().unwrap();
    assert_eq!(String::from_utf8(said.stdout).unwrap(), "0\n");
    assert_eq!(site.report("in.report.csv").counts()["SUCCESS"], 100);
}

#[test]
fn a_report_on_standard_output_waits_for_its_reader_and_is_whole() {
    let api = Api::holding(members(50));
    let site = many_rows(&api, 50);
    let (mut reader, stdout) = full_pipe();
    let run =
        Unread::start(site.command(&["run", "in.csv", "--yes", "-q", "--rate", "0", "-o", "-"]), stdout, Stdio::null());
    until_settled(&site);
    let read = thread::spawn(move || {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes.split_off(FULL)).unwrap()
    });
    assert_eq!(run.wait().code(), Some(0));
    assert_eq!(Rows::of(&read.join().unwrap()).counts()["SUCCESS"], 50);
}

#[test]
fn a_signal_ends_the_waiting_for_the_reader_of_a_report() {
    let api = Api::holding(members(5));
    // Where the report goes, and what else is full.
    for (place, is_all_full) in [("-", false), ("-", true), ("fifo", false)] {
        let site = many_rows(&api, 5);
        assert!(Command::new("mkfifo").arg(site.folder().join("fifo")).status().unwrap().success());
        let ((_one, stdout), (_other, stderr)) = (full_pipe(), full_pipe());
        let stderr = if is_all_full { Stdio::from(stderr) } else { Stdio::null() };
        let run = Unread::start(site.command(&["run", "in.csv", "--yes", "-o", place]), stdout, stderr);
        until_settled(&site);
        run.signal("TERM");
        assert_eq!(run.wait().code(), Some(5), "{place}");
        assert_eq!(again(&site).0.len(), 5);
    }
}

/// The report of the newest run, by its name.
fn again(site: &Site) -> Rows {
    let listed: Value = serde_json::from_str(&site.run(&["history", "--json"]).stdout).unwrap();
    site.run(&["report", listed[0]["run"].as_str().unwrap(), "-o", "again.csv"]).exits(0);
    site.report("again.csv")
}

#[test]
fn a_second_signal_ends_a_run_whose_report_nobody_reads() {
    let api = Api::slowly_holding(members(300), "150");
    let site = many_rows(&api, 300);
    let ((_one, stdout), (_other, stderr)) = (full_pipe(), full_pipe());
    let run = Unread::start(site.command(&["run", "in.csv", "--yes", "-vvv", "-o", "-"]), stdout, stderr);
    api.until_changes(3);
    run.signal("INT");
    until("the end of the session", || {
        let listed: Value = serde_json::from_str(&site.run(&["history", "--json"]).stdout).ok()?;
        listed[0]["ended_at"].is_string().then_some(())
    });
    run.signal("TERM");
    assert_eq!(run.wait().code(), Some(130));
}

#[test]
fn signals_end_a_process_whatever_it_waits_for() {
    let api = Api::slowly_holding(members(300), "50");
    let site = many_rows(&api, 300);
    let run = Unread::start(site.command(&["run", "in.csv", "--yes"]), Stdio::null(), Stdio::null());
    api.until_changes(3);
    // From here on nothing that it does can be recorded.
    let ledger = rusqlite::Connection::open(site.state().join("ledger.sqlite")).unwrap();
    ledger.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
    ledger.execute_batch("BEGIN EXCLUSIVE").unwrap();
    until("the end of a child that is told to end", || {
        let ended = run.0.borrow_mut().try_wait().unwrap();
        if ended.is_none() {
            run.signal("TERM");
        }
        ended
    });
    assert_eq!(run.wait().code(), Some(143));
}

#[test]
fn a_reader_that_goes_away_has_seen_enough() {
    let api = Api::holding(members(5));
    let site = many_rows(&api, 5);
    site.run(&["run", "in.csv", "--yes"]).exits(0);
    let run = again(&site).column("result_run_id")[0].to_owned();
    let somebody = user(1).to_string();
    let table: [&[&str]; 14] = [
        &["history"],
        &["history", "--json"],
        &["history", &run],
        &["history", "--user", &somebody],
        &["plans", &somebody],
        &["plans", &somebody, "--json"],
        &["template", "downgrade", "-q"],
        &["config", "show"],
        &["config", "show", "--json"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["run", "-h"],
        &["--version"],
    ];
    for arguments in table {
        let (reader, stdout) = pipe().unwrap();
        drop(reader);
        let output = site.command(arguments).stdout(stdout).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*said), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn a_listing_that_nobody_reads_ends_with_a_signal() {
    let site = Site::new();
    for arguments in [&["man"][..], &["completions", "zsh"], &["config", "show", "--json"], &["run", "--help"]] {
        let (_asleep, stdout) = full_pipe();
        let listing = Unread::start(site.command(arguments), stdout, Stdio::null());
        // It is at its work once it has begun to wait for something.
        let state = format!("/proc/{}/stat", listing.0.borrow().id());
        until("a listing that waits", || fs::read_to_string(&state).ok().filter(|stat| stat.contains(") S ")));
        listing.signal("TERM");
        assert_eq!(listing.wait().signal(), Some(15), "{arguments:?}");
    }
}
