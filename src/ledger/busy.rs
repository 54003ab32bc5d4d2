//! Waiting: what a process does while another one writes to the ledger.
//!
//! It waits for half a minute, or until the deadline of its command, and says so once it takes long. Nothing is sent
//! meanwhile. What comes after that wait is [`LedgerError::Busy`](super::LedgerError::Busy).

use std::cell::RefCell;
use std::fmt;
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a busy ledger is waited for.
const LONGEST: Duration = Duration::from_secs(30);
/// After which time it is said that something is waited for.
const SAID_AFTER: Duration = Duration::from_secs(2);

/// How a process waits.
pub struct Waiting {
    /// When it waits no longer, however short it has waited.
    pub deadline: Option<Instant>,
    /// What says that it waits.
    pub tell: Box<dyn Fn(&str) + Send + Sync>,
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

static WAITING: OnceLock<Waiting> = OnceLock::new();

/// Says how this process waits. It is said once; who says nothing waits in silence.
pub fn wait_as(waiting: Waiting) {
    let _ = WAITING.set(waiting);
}

/// One wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait {
    began: Instant,
    is_said: bool,
}

impl Wait {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), is_said: false }
    }

    /// Waits a little, unless it has waited long enough. Returns whether it has waited.
    pub(super) fn goes_on(&mut self) -> bool {
        const A_LITTLE: Duration = Duration::from_millis(5);
        let waiting = WAITING.get();
        let deadline = waiting.and_then(|waiting| waiting.deadline);
        let waited = self.began.elapsed();
        if waited >= LONGEST || deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return false;
        }
        if waited >= SAID_AFTER && !self.is_said {
            self.is_said = true;
            if let Some(waiting) = waiting {
                (waiting.tell)(&format!(
                    "waiting for the ledger, at most {} s: another process is writing to it",
                    LONGEST.as_secs()
                ));
            }
        }
        sleep(A_LITTLE);
        true
    }
}

/// SQLite's question whether to wait on, after so many times.
pub(super) fn goes_on(times: i32) -> bool {
    thread_local! {
        static WAIT: RefCell<Wait> = RefCell::new(Wait::new());
    }
    WAIT.with_borrow_mut(|wait| {
        if times == 0 {
            *wait = Wait::new();
        }
        wait.goes_on()
    })
}
