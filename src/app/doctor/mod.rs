//! The doctor: what a run needs, checked one by one, each with its remedy. What is on this machine is checked first, then
//! what is only known by asking the API.

mod account;
mod finding;
mod machine;

use crate::app::context::Context;
use crate::settings::ApiTarget;

pub(crate) use finding::Checkup;

/// Checks everything that a run needs.
pub(crate) async fn examine(context: &Context, target: ApiTarget) -> Checkup {
    let mut checkup = Checkup::default();
    machine::examine(context, &mut checkup);
    match target {
        ApiTarget::Configured => account::examine(context, &mut checkup).await,
        ApiTarget::Sandbox => checkup.good("token", "the sandbox needs none"),
    }
    checkup
}
