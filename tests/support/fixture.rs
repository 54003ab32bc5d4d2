//! A site: a folder of its own to work in, a home and a state folder that nobody else has, and perhaps an API.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use seatrun::sandbox::{HOME_PLAN, LoggedRequest, Operation, Options, Quirks, Sandbox, SandboxUser, World, serve};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::process::{Ended, Running, until};

/// The id of a made-up user. It is beyond what a spreadsheet or a float can hold.
pub(crate) const fn user(number: u64) -> u64 {
    48_569_348_493_401_201 + 17 * number
}

/// A CSV of `count` downgrades to VIEWER, each of another user.
pub(crate) fn downgrades(count: u64) -> String {
    let rows = (0..count).map(|number| format!("{},downgrade,{HOME_PLAN},VIEWER\n", user(number)));
    format!("user_id,action,plan_id,seat_type\n{}", rows.collect::<String>())
}

/// That many members of the plan.
pub(crate) fn members(count: u64) -> impl Iterator<Item = SandboxUser> {
    (0..count).map(|number| SandboxUser::new(user(number)))
}

/// A member whose first downgrade misbehaves.
pub(crate) fn failing(number: u64, fault: &str) -> SandboxUser {
    SandboxUser::new(user(number)).failing(Operation::Downgrade, fault.parse().unwrap())
}

pub(crate) struct Site {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Site {
    /// A site without an API.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        for name in ["work", "home"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder, variables: Vec::new() }
    }

    /// A site that is set to talk to an API.
    pub(crate) fn facing(api: &Api) -> Self {
        let mut site = Self::new();
        site.set("SEATRUN_API_URL", api.sandbox.base_url());
        site.set("SMARTSHEET_ACCESS_TOKEN", api.sandbox.token());
        site
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// The folder in which seatrun is started.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.folder().join(name), text).unwrap();
    }

    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.folder().join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The names in the working folder, in their order.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.folder())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    }

    /// Starts seatrun.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(arguments), None)
    }

    /// Runs seatrun to its end.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).wait()
    }

    /// Runs seatrun to its end, with something on standard input.
    #[track_caller]
    pub(crate) fn run_fed(&self, arguments: &[&str], input: &str) -> Ended {
        Running::start(self.command(arguments), Some(input)).wait()
    }

    /// The command that starts seatrun.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_seatrun"));
        command.args(arguments);
        self.settle(command)
    }

    /// A command in this site's folder and environment.
    pub(crate) fn settle(&self, mut command: Command) -> Command {
        command.current_dir(self.folder()).env_clear();
        command.env("HOME", self.folder.path().join("home")).env("SEATRUN_STATE_DIR", self.state());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The rows of a report.
    #[track_caller]
    pub(crate) fn report(&self, name: &str) -> Rows {
        Rows::of(&self.read(name))
    }

    /// The contents of every file below the site, whatever it is.
    pub(crate) fn everything(&self) -> Vec<(PathBuf, Vec<u8>)> {
        fn below(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    below(&path, found);
                } else {
                    let bytes = fs::read(&path).unwrap();
                    found.push((path, bytes));
                }
            }
        }
        let mut found = Vec::new();
        below(self.folder.path(), &mut found);
        found
    }
}

/// A CSV with a header, as rows of named cells.
#[derive(Debug)]
pub(crate) struct Rows(pub(crate) Vec<BTreeMap<String, String>>);

impl Rows {
    #[track_caller]
    pub(crate) fn of(text: &str) -> Self {
        Self(csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect())
    }

    /// One column, in the order of the rows.
    #[track_caller]
    pub(crate) fn column(&self, name: &str) -> Vec<&str> {
        self.0.iter().map(|row| row[name].as_str()).collect()
    }

    #[track_caller]
    pub(crate) fn statuses(&self) -> Vec<&str> {
        self.column("result_status")
    }

    /// How many rows have each status.
    #[track_caller]
    pub(crate) fn counts(&self) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for status in self.statuses() {
            *counts.entry(status).or_default() += 1;
        }
        counts
    }
}

/// A served sandbox that keeps what it is asked.
pub(crate) struct Api {
    pub(crate) sandbox: Sandbox,
    // Dropped last: the sandbox runs on it.
    _runtime: Runtime,
}

impl Api {
    /// A tenant that takes both names of the free seat, so that a downgrade is one request.
    pub(crate) fn holding(sandbox_users: impl IntoIterator<Item = SandboxUser>) -> Self {
        Self::of(World::holding(sandbox_users).with_quirks(Quirks::BEFORE_SUNSET), &Options::default())
    }

    /// Every answer takes that many milliseconds.
    pub(crate) fn slowly_holding(sandbox_users: impl IntoIterator<Item = SandboxUser>, latency: &str) -> Self {
        let options = Options { latency: latency.parse().unwrap(), ..Options::default() };
        Self::of(World::holding(sandbox_users).with_quirks(Quirks::BEFORE_SUNSET), &options)
    }

    pub(crate) fn of(world: World, options: &Options) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let options = Options { keeps_requests: true, ..options.clone() };
        let sandbox = runtime.block_on(serve(world, &options)).unwrap();
        Self { sandbox, _runtime: runtime }
    }

    /// An address on loopback where nobody listens: a port that was free a moment ago may be another test's by now.
    pub(crate) fn gone() -> String {
        "http://127.0.0.1:1/2.0".to_owned()
    }

    /// Requests that ask for a change.
    pub(crate) fn changes(&self) -> Vec<LoggedRequest> {
        self.sandbox.requests().into_iter().filter(|request| request.method != "GET").collect()
    }

    /// Waits until that many changes have been asked for.
    pub(crate) fn until_changes(&self, count: usize) {
        until(&format!("{count} changes"), || (self.changes().len() >= count).then_some(()));
    }

    pub(crate) fn seat(&self, number: u64) -> String {
        self.sandbox.seat_of(user(number), HOME_PLAN).unwrap()
    }
}
