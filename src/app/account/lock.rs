//! The lock: one run at a time for one account, and by which name an account is known.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::app::CommandError;
use crate::app::account::current_user::CurrentUser;
use crate::app::context::Context;
use crate::ledger::{AccountLock, Holder, LockError};
use crate::model::PlanId;
use crate::settings::ApiTarget;

/// The API address and the id of `/users/me`, or else the plan that the rows are about. A rehearsal's address is new each
/// time, so all rehearsals are one.
pub(crate) fn account_name(target: ApiTarget, base_url: &str, myself: &CurrentUser, plan: Option<PlanId>) -> String {
    match (target, myself.id, plan) {
        (ApiTarget::Configured, Some(id), _) => format!("{base_url} {id}"),
        (ApiTarget::Configured, None, Some(plan)) => format!("{base_url}{OF_A_PLAN}{plan}"),
        (ApiTarget::Configured, None, None) => format!("{base_url}{UNNAMED}"),
        (ApiTarget::Sandbox, ..) => "sandbox".to_owned(),
    }
}

/// Whether an account was named without anybody's id, by a server that does not say whose token it is.
pub(crate) fn is_anonymous(account: &str, base_url: &str) -> bool {
    account.strip_prefix(base_url).is_some_and(|rest| rest == UNNAMED || rest.starts_with(OF_A_PLAN))
}

/// Between the address and the plan.
const OF_A_PLAN: &str = " plan ";
/// Behind the address, where neither user nor plan is known.
const UNNAMED: &str = " unnamed";

/// Locks an account, waiting for another run as long as `patience`.
pub(crate) async fn take(
    context: &Context,
    account: &str,
    input: &str,
    patience: Duration,
) -> Result<AccountLock, CommandError> {
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
