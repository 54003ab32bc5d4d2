//! Stopping before anything was changed: a signal or the deadline ends the preparations, too.

use std::future::Future;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;

use crate::app::{CommandError, Exit};
use crate::console::{Answer, Console, Expected, Question};
use crate::engine;
use crate::model::Signal;

/// The signals that arrive.
#[derive(Debug)]
pub(crate) struct Signals(pub(crate) UnboundedReceiver<Signal>);

impl Signals {
    /// Listens from now on.
    pub(crate) fn listen() -> Result<Self, CommandError> {
        let signals = engine::listen();
        signals
            .map(Self)
            .map_err(|error| CommandError::refused(format!("the system lets no signal be caught: {error}")))
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
                Err(CommandError::new(Exit::Signal(signal), message).into())
            }
            () = too_late => {
                Err(CommandError::refused("the deadline was reached before anything could be begun").into())
            }
            prepared = preparations => prepared,
        }
    }
}

/// Asks on a thread of its own, so that a signal can end the waiting.
pub(crate) async fn ask(console: &Console, question: Question, expected: Expected) -> Answer {
    let console = console.clone();
    let asked = tokio::task::spawn_blocking(move || console.ask(&question, expected));
    let prompt = Prompt { is_open: true };
    let answer = asked.await.unwrap_or(Answer::Unanswered);
    prompt.close();
    answer
}

/// A prompt that waits for an answer. If nobody gives one any more, what is said next begins on a line of its own.
struct Prompt {
    is_open: bool,
}

impl Prompt {
    fn close(mut self) {
        self.is_open = false;
    }
}

impl Drop for Prompt {
    fn drop(&mut self) {
        if self.is_open {
            // A terminal that has gone away needs no line end.
            let _ = writeln!(io::stderr());
        }
    }
}
