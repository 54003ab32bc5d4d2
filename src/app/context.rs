//! The context of a command: its settings, its console, its runtime.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use secrecy::SecretString;

use crate::api::{Client, Connection};
use crate::cli::{OutputArgs, Stream};
use crate::console::{Console, ProgressMode, Verbosity, log};
use crate::engine::SignalCount;
use crate::input::Field;
use crate::ledger::{self, Ledger, Waiting};
use crate::settings::{self, ApiTarget, ApiUrl, Environment, Flags, Setting, Settings, Sources};

use crate::app::account::obstacle;
use crate::app::{CommandError, Exit, command_line};

/// What a command works with.
#[derive(Debug)]
pub(crate) struct Context {
    /// The settings.
    pub settings: Settings,
    /// The environment that they and the token come from.
    pub environment: Environment,
    /// Where everything is said.
    pub console: Console,
    /// Whether somebody wants to see progress.
    pub progress: ProgressMode,
    /// The signals that were heard.
    pub signals: SignalCount,
    target: ApiTarget,
    /// Which settings files the command line names.
    place: Vec<String>,
    /// Where the token came from, once it was found.
    token_source: OnceLock<String>,
}

impl Context {
    /// Lays the settings together and has the console talk as they say.
    pub(crate) fn new(console: &Console, flags: Flags, target: ApiTarget) -> Result<Self, CommandError> {
        let config = flags.config.iter().flat_map(|path| ["--config".to_owned(), path.display().to_string()]);
        let place =
            config.chain(flags.profile.iter().flat_map(|name| ["--profile".to_owned(), name.clone()])).collect();
        let sources = Sources::from_process(flags, target, Field::NAMES);
        let settings = settings::load(&sources)?;
        let count = |times: &Option<Setting<u8>>| times.as_ref().map_or(0, |times| times.value);
        let verbosity = Verbosity::of_flags(count(&settings.verbose), count(&settings.quiet));
        let format = settings.log_format.value;
        let wrong = |error: log::LogError| CommandError::new(Exit::Usage, error.to_string());
        let levels = log::Levels::new(verbosity, sources.environment.text(log::VARIABLE)?).map_err(wrong)?;
        log::start(console.screen(), format, levels).map_err(wrong)?;
        console.set(format, verbosity);
        let console = console.clone();
        let deadline = settings.deadline.as_ref().map(|deadline| Instant::now() + deadline.value);
        let teller = console.clone();
        ledger::wait_as(Waiting { deadline, tell: Box::new(move |text| teller.say(text)) });
        for warning in &settings.warnings {
            console.warn(warning);
        }
        let progress = if settings.no_progress.value { ProgressMode::Hidden } else { ProgressMode::Shown };
        let signals = SignalCount::default();
        Ok(Self {
            settings,
            environment: sources.environment,
            console,
            progress,
            signals,
            target,
            place,
            token_source: OnceLock::new(),
        })
    }

    /// Where the token came from, if one was needed so far.
    pub(crate) fn token_source(&self) -> Option<&str> {
        self.token_source.get().map(String::as_str)
    }

    /// The proxy that the environment names for requests by https.
    pub(crate) fn proxy(&self) -> Option<String> {
        obstacle::proxy(|name| self.environment.text(name).ok().flatten().map(str::to_owned))
    }

    /// The state folder. Rehearsals have one of their own, so that a resume never picks one.
    pub(crate) fn state_folder(&self) -> PathBuf {
        let folder = &self.settings.state_dir.value;
        match self.target {
            ApiTarget::Configured => folder.clone(),
            ApiTarget::Sandbox => folder.join("sandbox"),
        }
    }

    /// Whether the API is a rehearsal's.
    pub(crate) fn is_sandbox_run(&self) -> bool {
        self.target == ApiTarget::Sandbox
    }

    /// The command that carries on a run that stopped.
    pub(crate) fn resume_command(&self) -> String {
        self.again(&["resume"])
    }

    /// A command that works where this one does, for people to paste: it names the same settings, state folder and API.
    pub(crate) fn again(&self, arguments: &[&str]) -> String {
        let mut arguments: Vec<_> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        arguments.extend(self.place.iter().cloned());
        let Settings { state_dir, api_url, .. } = &self.settings;
        if state_dir.origin.is_flag() {
            arguments.extend(["--state-dir".to_owned(), state_dir.value.display().to_string()]);
        }
        match self.target {
            ApiTarget::Configured if api_url.origin.is_flag() => {
                arguments.extend(["--api-url".to_owned(), api_url.value.as_str().to_owned()]);
            }
            ApiTarget::Configured => {}
            ApiTarget::Sandbox => arguments.push("--sandbox".to_owned()),
        }
        command_line::seatrun(&arguments)
    }

    /// The ledger that remembers which files seatrun wrote: one for real runs and rehearsals, because they take the same
    /// default names. Without it no file is replaced, which is safe.
    pub(crate) fn written_files(&self) -> Option<Ledger> {
        Ledger::open(&self.settings.state_dir.value).ok()
    }

    /// Where a run writes, as far as somebody says so.
    pub(crate) fn output(&self) -> OutputArgs {
        let value = |setting: &Option<Setting<Stream>>| setting.as_ref().map(|setting| setting.value.clone());
        let Settings { report, html, summary_json, .. } = &self.settings;
        OutputArgs { report: value(report), html: value(html), summary_json: value(summary_json) }
    }

    /// The time zone in which days begin.
    pub(crate) fn time_zone(&self) -> TimeZone {
        self.settings.timezone.as_ref().map_or_else(TimeZone::system, |setting| setting.value.zone())
    }

    /// How long after its start a run may still send something.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.settings.deadline.as_ref().map(|deadline| deadline.value)
    }

    /// Requests allowed in any 60 seconds; `None` without a limit.
    pub(crate) fn rate(&self) -> Option<NonZeroU32> {
        self.settings.rate.value.per_minute()
    }

    /// A client of the API at an address, with the settings' token.
    pub(crate) fn client(&self, base_url: &str) -> Result<Client, CommandError> {
        let token = settings::token::find(&self.settings, &self.environment)?;
        let _ = self.token_source.set(token.source.to_string());
        if let Some(warning) = &token.warning {
            self.console.warn(warning);
        }
        self.connect(base_url, token.secret)
    }

    /// A client of the API whose token's warning somebody else says.
    pub(crate) fn connect_with_token(&self, base_url: &str) -> Result<Client, CommandError> {
        let token = settings::token::find(&self.settings, &self.environment)?;
        let _ = self.token_source.set(token.source.to_string());
        self.connect(base_url, token.secret)
    }

    /// A client of an address, with a token.
    pub(crate) fn connect(&self, base_url: &str, token: SecretString) -> Result<Client, CommandError> {
        let is_https = base_url.starts_with("https:");
        let connection = Connection {
            base_url: base_url.to_owned(),
            on_loopback: base_url.parse::<ApiUrl>().is_ok_and(|url| url.is_loopback()),
            token,
            integration_source: self.settings.integration_source.value.as_str().to_owned(),
            ca_certificates: if is_https { self.settings.ca_certificates()? } else { None },
            connect_timeout: self.settings.connect_timeout.value,
            request_timeout: self.settings.request_timeout.value,
        };
        Ok(Client::new(&connection)?)
    }
}

/// Says what went wrong, and how the program ends.
pub(crate) fn print_error(console: &Console, failure: &CommandError) -> Exit {
    console.error(&failure.message, failure.hint.as_deref());
    failure.exit
}

/// Longer than any run.
const LONG: Duration = Duration::from_secs(1 << 32);

/// Runs a command that waits for things. One thread does it: the work of a request is small beside the cost of waking
/// another thread for it, and the ledger's writer has a thread of its own.
pub(crate) fn block_on(work: impl Future<Output = Result<Exit, CommandError>>) -> Result<Exit, CommandError> {
    let refused = |error| {
        CommandError::refused(format!("the system gives no thread or no file: {error}"))
            .hint("raise the limits of this user or service (ulimit -u, ulimit -n, TasksMax=)")
    };
    // The runtime panics where it needs a thread for the first time and gets none.
    let _ = thread::Builder::new().spawn(|| ()).map_err(refused)?.join();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().thread_keep_alive(LONG).build().map_err(refused)?;
    // What blocks later, such as a look-up of a name, finds this thread, even if no other can be had then.
    drop(runtime.spawn_blocking(|| ()));
    let result = runtime.block_on(work);
    // A question that nobody answers any more must not keep the program.
    runtime.shutdown_background();
    result
}
