//! A stage for real processes: a sandbox in this process, a folder, an input, and `seatrun` as a child.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use seatrun::api::Request;
use seatrun::ledger::{Ledger, RowRecord, RunRecord};
use seatrun::model::{Job, JobState, RetryRefused};
use seatrun::sandbox::{Fault, HOME_PLAN, LoggedRequest, Operation, Options, Sandbox, SandboxUser, World, serve};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(60);
const FIRST_USER: u64 = 48_569_348_493_400_200;

/// The user of a row, from 0.
pub(crate) fn user(row: usize) -> u64 {
    FIRST_USER + row as u64
}

/// What a row wants.
fn action(row: usize) -> &'static str {
    ["downgrade", "remove", "downgrade", "deactivate"][row % 4]
}

/// The sandbox, and the folder in which everything lies.
pub(crate) struct Stage {
    pub(crate) sandbox: Option<Sandbox>,
    token: String,
    url: String,
    runtime: Runtime,
    folder: TempDir,
    rows: usize,
    children: u32,
}

impl Stage {
    /// A stage with an input of `rows` rows, whose users meet `faults`.
    pub(crate) fn new(rows: usize, latency: &str, faults: &[(usize, &str)]) -> Self {
        let faults: HashMap<usize, Fault> = faults.iter().map(|(row, fault)| (*row, fault.parse().unwrap())).collect();
        let sandbox_users = (0..rows).map(|row| {
            let operation = match action(row) {
                "downgrade" => Operation::Downgrade,
                "remove" => Operation::Remove,
                _ => Operation::Deactivate,
            };
            let sandbox_user = SandboxUser::new(user(row)).seated(HOME_PLAN, "MEMBER");
            match faults.get(&row) {
                Some(fault) => sandbox_user.failing(operation, *fault),
                None => sandbox_user,
            }
        });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let options = Options {
            rate_per_minute: 0,
            keeps_requests: true,
            latency: latency.parse().unwrap(),
            ..Options::default()
        };
        let sandbox = runtime.block_on(serve(World::holding(sandbox_users), &options)).unwrap();
        let (token, url) = (sandbox.token().to_owned(), sandbox.base_url().to_owned());
        let stage = Self {
            sandbox: Some(sandbox),
            token,
            url,
            runtime,
            folder: tempfile::tempdir().unwrap(),
            rows,
            children: 0,
        };
        let mut text = "user_id,action,plan_id,seat_type,note\n".to_owned();
        for row in 0..rows {
            let seat = if action(row) == "downgrade" { "CONTRIBUTOR" } else { "" };
            let _ = writeln!(text, "{},{},{HOME_PLAN},{seat},\"row {row}, \"\"as it was\"\"\"", user(row), action(row));
        }
        fs::write(stage.input(), text).unwrap();
        stage
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn input(&self) -> PathBuf {
        self.path("seats.csv")
    }

    pub(crate) fn report(&self) -> PathBuf {
        self.path("seats.report.csv")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// The same API with another token: the old one is not taken any more.
    pub(crate) fn renew_token(&mut self) {
        let old = self.sandbox.take().unwrap();
        let world = old.meddle(|world| world.clone());
        let port = self.url.rsplit(':').next().unwrap().strip_suffix("/2.0").unwrap().parse().unwrap();
        self.runtime.block_on(old.stop());
        let options = Options { rate_per_minute: 0, keeps_requests: true, seed: 99, port, ..Options::default() };
        // Another test may hold the port for a moment, as the near end of a connection.
        let patience = Instant::now() + PATIENCE;
        let new = loop {
            match self.runtime.block_on(serve(world.clone(), &options)) {
                Err(error) if error.kind() == ErrorKind::AddrInUse && Instant::now() < patience => {
                    thread::yield_now();
                }
                served => break served.unwrap(),
            }
        };
        assert_ne!(new.token(), self.token);
        new.token().clone_into(&mut self.token);
        self.sandbox = Some(new);
    }

    /// `seatrun` with these arguments, as a shell line that `before` comes before.
    fn command(&mut self, before: &str, arguments: &[&str]) -> Started {
        self.children += 1;
        let said = self.path(&format!("stderr.{}", self.children));
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(format!("{before} exec \"$0\" \"$@\""))
            .arg(env!("CARGO_BIN_EXE_seatrun"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("SMARTSHEET_ACCESS_TOKEN", &self.token)
            .env("SEATRUN_STATE_DIR", self.state())
            .env("SEATRUN_LANDING_TIME", "1s")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&said).unwrap());
        Started { child: command.spawn().unwrap(), said, arguments: arguments.join(" ") }
    }

    /// `seatrun` with these arguments.
    pub(crate) fn start(&mut self, arguments: &[&str]) -> Started {
        self.command("", arguments)
    }

    /// `seatrun run` on the input, and `more`.
    pub(crate) fn start_run(&mut self, more: &[&str]) -> Started {
        self.start_run_after("", more)
    }

    /// `seatrun run` on the input, and `more`, after a shell command.
    pub(crate) fn start_run_after(&mut self, before: &str, more: &[&str]) -> Started {
        let url = self.url.clone();
        let mut arguments = vec!["run", "seats.csv", "--yes", "--allow-remove", "--rate", "0", "--api-url", &url];
        arguments.extend(more);
        self.command(before, &arguments)
    }

    pub(crate) fn resume(&mut self) -> Started {
        self.start(&["resume", "--yes"])
    }

    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::open(&self.state()).unwrap()
    }

    /// The runs, newest first, as they stand in the ledger.
    pub(crate) fn runs(&self) -> Vec<RunRecord> {
        self.ledger().views().runs().unwrap()
    }

    /// The rows of a run, as they stand in the ledger.
    pub(crate) fn rows_of(&self, run: &RunRecord) -> Vec<RowRecord> {
        let mut rows = Vec::new();
        self.ledger().views().each_row(run.id, |row| rows.push(row)).unwrap();
        rows
    }

    /// Change requests that have arrived since the `from`th request.
    pub(crate) fn changes_since(&self, from: usize) -> Vec<LoggedRequest> {
        let requests = self.sandbox().requests();
        requests.into_iter().skip(from).filter(|request| request.method != "GET").collect()
    }

    /// Each user is as its row wanted.
    pub(crate) fn assert_world_is_exact(&self) {
        for row in 0..self.rows {
            let held = self.sandbox().user(user(row));
            let (seat, status) =
                held.map(|held| (held.seats.first().map(|(_, seat)| seat.clone()), held.status)).unwrap_or_default();
            match action(row) {
                "downgrade" => assert_eq!((seat.as_deref(), status), (Some("CONTRIBUTOR"), "ACTIVE"), "row {row}"),
                "remove" => assert_eq!(seat, None, "row {row}"),
                _ => assert_eq!(status, "DEACTIVATED", "row {row}"),
            }
        }
    }

    /// The report has every row of the input, in order, cells as they were, each of which was done.
    pub(crate) fn assert_report_is_right(&self) {
        self.assert_is_right(&self.report());
    }

    pub(crate) fn assert_is_right(&self, report: &Path) {
        let mut reader = csv::Reader::from_path(report).unwrap();
        let header = reader.headers().unwrap().clone();
        let column = |name: &str| header.iter().position(|column| column == name).unwrap();
        let lines: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(lines.len(), self.rows);
        for (row, line) in lines.iter().enumerate() {
            assert_eq!(line[column("user_id")], user(row).to_string());
            assert_eq!(line[column("note")], format!("row {row}, \"as it was\""));
            assert_eq!(&line[column("result_status")], "SUCCESS", "{line:?}");
            assert_eq!(line[column("result_row")], (row + 2).to_string());
        }
    }

    /// `seatrun report` writes the newest run's report byte for byte as the run did.
    pub(crate) fn assert_report_is_repeatable(&mut self) {
        let run = self.runs()[0].run.name.clone();
        self.start(&["report", &run, "-o", "again.csv"]).ends(0);
        assert!(fs::read(self.report()).unwrap() == fs::read(self.path("again.csv")).unwrap(), "the reports differ");
    }
}

/// Whether a row is settled so that a resumed run leaves it alone.
pub(crate) fn ended_for_good(row: &RowRecord) -> bool {
    row.state.revived(RetryRefused::No).is_none()
}

/// Whether a row was sent and the answer is not on record.
pub(crate) fn in_flight(row: &RowRecord) -> bool {
    matches!(row.state, JobState::Sent { .. } | JobState::InDoubt { .. })
}

/// A job's change request as method and path.
pub(crate) fn name_of(job: &Job) -> String {
    let request = Request::change(job, None);
    format!("{:?} {}", request.method, request.path).to_uppercase()
}

/// A request that arrived as method and path.
pub(crate) fn name(request: &LoggedRequest) -> String {
    let path = request.path.strip_prefix("/2.0").unwrap_or(&request.path);
    format!("{} {path}", request.method).to_uppercase()
}

/// A child process. It is killed when it is dropped.
pub(crate) struct Started {
    child: Child,
    said: PathBuf,
    arguments: String,
}

impl Started {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has said on standard error so far.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap()
    }

    /// Its exit code, if it has ended by itself; `None` when it was killed.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        let mut status = None;
        until(&self.arguments, || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        let status = status.unwrap();
        assert!(status.code().is_some() || status.signal() == Some(9), "{status}: {}\n{}", self.arguments, self.said());
        status.code()
    }

    /// Waits for its end by itself, with an exit code.
    pub(crate) fn ends(&mut self, code: i32) {
        let ended = self.wait();
        assert_eq!(ended, Some(code), "seatrun {}\n{}", self.arguments, self.said());
    }

    pub(crate) fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for a condition, and fails when it takes too long.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < PATIENCE, "waited in vain: {what}");
        thread::sleep(Duration::from_micros(300));
    }
}
