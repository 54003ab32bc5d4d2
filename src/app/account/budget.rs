//! The budget: what may be sent for the account, counting what every process on this machine has sent in the last minute.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tracing::warn;

use crate::app::CommandError;
use crate::app::context::Context;
use crate::engine::{Pace, WINDOW};
use crate::ledger::{Ledger, SharedBudget, clock};
use crate::policy::{LONGEST_PAUSE, Verdict, Wait, classify};

/// A pace that counts what was sent to an address in the last minute by any process that used the same state folder, and
/// keeps to a pause that the server asked of it.
pub(crate) fn pace(
    context: &Context,
    ledger: Option<&Ledger>,
    base_url: &str,
    rate: Option<NonZeroU32>,
) -> Result<Arc<Pace>, CommandError> {
    let Some(ledger) = ledger else { return Ok(Pace::new(rate, [])) };
    let now = clock::now();
    let before = |span| SignedDuration::try_from(span).map_or(now, |span| now - span);
    // What seems to come from the future was sent before the clock was set back, nobody knows how long ago.
    let age = |at: Timestamp| Duration::try_from(now.duration_since(at)).unwrap_or_default();
    let spent = ledger.views().requests_since(base_url, before(WINDOW), now)?;
    let Some(rate) = rate else { return Ok(Pace::new(None, [])) };
    let shared = ledger.path().parent().map(|folder| SharedBudget::open(folder, base_url));
    let shared = shared.and_then(|opened| {
        opened.inspect_err(|error| warn!("the budget of other processes on this machine is not counted: {error}")).ok()
    });
    let lowest = context.settings.lowest_rate.value.per_minute().map_or(1, NonZeroU32::get);
    let pace = Pace::sharing(rate, lowest, shared, spent.into_iter().map(age));
    for (at, answer) in ledger.views().put_off_since(base_url, before(LONGEST_PAUSE))? {
        if let Verdict::NoEffect(Wait::Pause(pause)) = classify(&answer)
            && at <= now
            && let Some(left) = pause.checked_sub(age(at))
        {
            pace.pause(left);
        }
    }
    Ok(pace)
}
