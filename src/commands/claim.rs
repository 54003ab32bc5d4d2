//! Claims: one run at a time for one account, and what was sent for it in the last minute.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::Failure;
use super::contact::Myself;
use super::context::Context;
use crate::engine::{Pace, WINDOW};
use crate::ledger::{AccountLock, Holder, Ledger, LockError};
use crate::policy::{LONGEST_PAUSE, Verdict, Wait, classify};
use crate::settings::ApiTarget;

/// The API address and the id of `/users/me`. A rehearsal's address is new each time, so all rehearsals are one.
pub(super) fn account(target: ApiTarget, base_url: &str, myself: &Myself) -> String {
    match target {
        ApiTarget::Configured => {
            let id = myself.id.map_or_else(|| "unnamed".to_owned(), |id| id.to_string());
            format!("{base_url} {id}")
        }
        ApiTarget::Sandbox => "sandbox".to_owned(),
    }
}

/// Locks an account, waiting for another run as long as `patience`.
pub(super) async fn lock(
    context: &Context,
    account: &str,
    input: &str,
    patience: Duration,
) -> Result<AccountLock, Failure> {
    const EVERY: Duration = Duration::from_millis(200);
    let holder = Holder { pid: std::process::id(), since: Timestamp::now(), input: input.to_owned() };
    let folder = context.state_folder();
    let begin = Instant::now();
    let mut waits = false;
    loop {
        match AccountLock::take(&folder, account, &holder) {
            Err(held @ LockError::Held(_)) if begin.elapsed() < patience => {
                if !waits {
                    context.console.say(&format!("waiting: {held}"));
                    waits = true;
                }
                tokio::time::sleep(EVERY).await;
            }
            taken => return Ok(taken?),
        }
    }
}

/// A pace that counts what was sent to an address in the last minute by any process that used the same state folder, and
/// keeps to a pause that the server asked of it.
pub(super) fn pace(ledger: Option<&Ledger>, base_url: &str, rate: Option<NonZeroU32>) -> Result<Arc<Pace>, Failure> {
    let Some(ledger) = ledger else { return Ok(Pace::new(rate, [])) };
    let now = Timestamp::now();
    let before = |span| SignedDuration::try_from(span).map_or(now, |span| now - span);
    // What seems to come from the future was sent before the clock was set back, and may be a second old.
    let age = |at: Timestamp| Duration::try_from(now.duration_since(at)).unwrap_or_default();
    let spent = ledger.views().requests_since(base_url, before(WINDOW), now)?;
    let pace = Pace::new(rate, spent.into_iter().map(age));
    for (at, answer) in ledger.views().put_off_since(base_url, before(LONGEST_PAUSE))? {
        if let Verdict::NoEffect(Wait::Pause(pause)) = classify(&answer)
            && let Some(left) = pause.checked_sub(age(at))
        {
            pace.pause(left);
        }
    }
    Ok(pace)
}
