//! The endpoint: the API that a run talks to.

use crate::api::Client;
use crate::app::CommandError;
use crate::app::context::Context;
use crate::sandbox::{self, Sandbox, World};

/// The API that a run talks to: the real one, or a rehearsal's.
pub(crate) struct Api {
    /// The client.
    pub(crate) client: Client,
    /// The address.
    pub(crate) base_url: String,
    _sandbox: Option<Sandbox>,
}

impl Api {
    /// The API at an address.
    pub(crate) fn at(context: &Context, base_url: &str) -> Result<Self, CommandError> {
        Ok(Self { client: context.client(base_url)?, base_url: base_url.to_owned(), _sandbox: None })
    }

    /// A sandbox that holds `world`.
    pub(crate) async fn rehearse(context: &Context, world: World) -> Result<Self, CommandError> {
        let sandbox = sandbox::serve(world, &sandbox::Options::default())
            .await
            .map_err(|error| CommandError::refused(format!("the sandbox cannot be served: {error}")))?;
        let base_url = sandbox.base_url().to_owned();
        let client = context.connect(&base_url, sandbox.token().to_owned().into())?;
        Ok(Self { client, base_url, _sandbox: Some(sandbox) })
    }
}
