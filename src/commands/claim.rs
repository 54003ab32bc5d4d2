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
use crate::model::PlanId;
use crate::policy::{LONGEST_PAUSE, Verdict, Wait, classify};
use crate::settings::Target;

/// The API address and the id of `/users/me`, or else the plan that the rows are about. A rehearsal's address is new each
/// time, so all rehearsals are one.
pub(super) fn account(target: Target, base_url: &str, myself: &Myself, plan: Option<PlanId>) -> String {
    match (target, myself.id, plan) {
        (Target::Configured, Some(id), _) => format!("{base_url} {id}"),
        (Target::Configured, None, Some(plan)) => format!("{base_url}{OF_A_PLAN}{plan}"),
        (Target::Configured, None, None) => format!("{base_url}{UNNAMED}"),
        (Target::Sandbox, ..) => "sandbox".to_owned(),
    }
}

/// Whether an account was named without anybody's id, by a server that does not say whose token it is.
pub(super) fn is_anonymous(account: &str, base_url: &str) -> bool {
    account.strip_prefix(base_url).is_some_and(|rest| rest == UNNAMED || rest.starts_with(OF_A_PLAN))
}

/// Between the address and the plan.
const OF_A_PLAN: &str = " plan ";
/// Behind the address, where neither user nor plan is known.
const UNNAMED: &str = " unnamed";

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
