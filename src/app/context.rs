//! The context of a command: its settings, its console, its runtime.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use secrecy::SecretString;

use crate::api::{Client, Connection};
use crate::cli::{OutputArgs, Stream};
use crate::console::{Console, ProgressWish, Screen, Volume, log};
use crate::input::Field;
use crate::ledger::{self, Ledger, Waiting};
use crate::settings::{self, ApiTarget, ApiUrl, Environment, Flags, LogFormat, Setting, Settings, Sources};

use crate::app::account::obstacle;
use crate::app::{CommandError, Exit};

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
    pub progress: ProgressWish,
    target: ApiTarget,
    /// Where the token came from, once it was found.
    token_source: OnceLock<String>,
}

/// The console of the command, for what goes wrong after it was set up.
static CONSOLE: OnceLock<Console> = OnceLock::new();

impl Context {
    /// Lays the settings together and starts to talk.
    pub(crate) fn new(flags: Flags, target: ApiTarget) -> Result<Self, CommandError> {
        let sources = Sources::from_process(flags, target, Field::NAMES);
        let settings = settings::load(&sources)?;
        let count = |times: &Option<Setting<u8>>| times.as_ref().map_or(0, |times| times.value);
        let volume = Volume::of_flags(count(&settings.verbose), count(&settings.quiet));
        let screen = Screen::of_process();
        let format = settings.log_format.value;
        let wrong = |error: log::LogError| CommandError::new(Exit::Usage, error.to_string());
        let levels = log::Levels::new(volume, sources.environment.text(log::VARIABLE)?).map_err(wrong)?;
        log::start(&screen, format, levels).map_err(wrong)?;
        let console = Console::new(screen, format, volume);
        let console = CONSOLE.get_or_init(|| console).clone();
        let deadline = settings.deadline.as_ref().map(|deadline| Instant::now() + deadline.value);
        let teller = console.clone();
        ledger::wait_as(Waiting { deadline, tell: Box::new(move |text| teller.say(text)) });
        for warning in &settings.warnings {
            console.warn(warning);
        }
        let progress = if settings.no_progress.value { ProgressWish::Hidden } else { ProgressWish::Shown };
        Ok(Self {
            settings,
            environment: sources.environment,
            console,
            progress,
            target,
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
    pub(crate) const fn resume_command(&self) -> &'static str {
        match self.target {
            ApiTarget::Configured => "seatrun resume",
            ApiTarget::Sandbox => "seatrun resume --sandbox",
        }
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
pub(crate) fn print_error(failure: &CommandError) -> Exit {
    console().error(&failure.message, failure.hint.as_deref());
    failure.exit
}

/// The console of the command, or a plain one for what needs no settings.
pub(crate) fn console() -> &'static Console {
    CONSOLE.get_or_init(|| Console::new(Screen::of_process(), LogFormat::Text, Volume::of_flags(0, 0)))
}

/// Runs a command that waits for things. One thread does it: the work of a request is small beside the cost of waking
/// another thread for it, and the ledger's writer has a thread of its own.
pub(crate) fn block_on(work: impl Future<Output = Result<Exit, CommandError>>) -> Result<Exit, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(Exit::Bug, format!("cannot start the runtime: {error}")))?;
    let result = runtime.block_on(work);
    // A question that nobody answers any more must not keep the program.
    runtime.shutdown_background();
    result
}
