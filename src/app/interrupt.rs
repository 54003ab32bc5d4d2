//! Stopping before anything was changed: a signal or the deadline ends the preparations, too.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;

use crate::app::context::Context;
use crate::app::{CommandError, Exit};
use crate::console::{Answer, Console, Expected, Question};
use crate::engine;
use crate::model::Signal;

/// The signals that arrive.
#[derive(Debug)]
pub(crate) struct Signals(pub(crate) UnboundedReceiver<Signal>);

impl Signals {
    /// Listens from now on.
    pub(crate) fn listen(context: &Context) -> Result<Self, CommandError> {
        let console = context.console.clone();
        let signals = engine::listen(&context.signals, move |signal| force_end(&console, signal));
        signals.map(Self).map_err(|error| CommandError::refused(format!("signals cannot be caught: {error}")))
    }

    /// Carries out what comes before the first change, unless a signal or the deadline comes first.
    pub(crate) async fn run_until_interrupted<T, E: From<CommandError>>(
        &mut self,
        began: Instant,
        deadline: Option<Duration>,
        preparations: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let too_late = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until((began + deadline).into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            Some(signal) = self.0.recv() => {
                let message = format!("interrupted by {} before anything was changed", signal.name());
                Err(CommandError::new(Exit::Signal(signal), message).hint("run the same command again").into())
            }
            () = too_late => {
                Err(CommandError::refused("the deadline was reached before anything could be begun").into())
            }
            prepared = preparations => prepared,
        }
    }
}

/// Ends the process, whatever it is busy with. What was recorded stays recorded.
fn force_end(console: &Console, signal: Signal) {
    console.error(&format!("ended by a second {}", signal.name()), Some("`seatrun history` shows what was done"));
    console.screen().close_at_once();
    std::process::exit(Exit::Signal(signal).code().into());
}

/// Asks on a thread of its own, so that a signal can end the waiting.
pub(crate) async fn ask(console: &Console, question: Question, expected: Expected) -> Answer {
    let theirs = console.clone();
    let asked = tokio::task::spawn_blocking(move || theirs.ask(&question, expected));
    let prompt = Prompt { console, is_open: true };
    let answer = asked.await.unwrap_or(Answer::Unanswered);
    prompt.close();
    answer
}

/// A prompt that waits for an answer. If nobody gives one any more, what is said next begins on a line of its own.
struct Prompt<'a> {
    console: &'a Console,
    is_open: bool,
}

impl Prompt<'_> {
    fn close(mut self) {
        self.is_open = false;
    }
}

impl Drop for Prompt<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.console.screen().end_line();
        }
    }
}
