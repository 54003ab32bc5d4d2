//! Preparation: everything that comes before the first change, one stage after the other.
//!
//! Input → identified (whose token it is) → locked → surveyed (what the users hold now) → planned. A dry run and a run
//! share every stage; a run is then checked, confirmed and entered into the ledger (`runs::start`). A refusal carries the
//! plan as far as it came, because the report says of every row what would have become of it.

use crate::app::CommandError;
use crate::app::account::current_user::{CurrentUser, Operations};
use crate::app::account::endpoint::Api;
use crate::app::account::lock;
use crate::app::account::reader::AccountReader;
use crate::app::context::Context;
use crate::app::output::summary_file;
use crate::app::preflight::planning::{Preflight, make_plan};
use crate::app::preflight::subjects::AffectedUsers;
use crate::app::preflight::{drift, expectations};
use crate::app::review::approval::{self, Approvals};
use crate::app::runs::previous;
use crate::app::sandbox_run;
use crate::app::source::Source;
use crate::cli::{self, Intent};
use crate::input::Options;
use crate::ledger::{AccountLock, Ledger};
use crate::plan::{AccountState, CloudKind, Guard, RunPlan};
use crate::settings::ApiTarget;

/// What is prepared, and by whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Preparation<'a> {
    /// The command's context.
    pub context: &'a Context,
    /// What was typed.
    pub arguments: &'a cli::Run,
    /// How the input was read.
    pub options: &'a Options,
}

/// The API, whose token it is, and the account: the stage *identified*. With the lock: *locked*.
pub(crate) struct Connected {
    /// Where a run is recorded; a dry run can do without.
    pub ledger: Option<Ledger>,
    /// The API.
    pub api: Api,
    /// Whose token it is.
    pub user: CurrentUser,
    /// The account that is changed, as it is known to locks and the ledger.
    pub account: String,
    /// The account's lock, which a run holds until its end.
    pub lock: Option<AccountLock>,
}

/// What will become of every row, and everything that this was decided by: the stage *planned*.
#[derive(Default)]
pub(crate) struct Planned {
    /// What will become of every row.
    pub plan: RunPlan,
    /// What is known of the account.
    pub account_state: AccountState,
    /// What is known of the reviews that the input holds rows of.
    pub approvals: Approvals,
    /// What earlier runs say of the users, in sentences.
    pub history: Vec<String>,
    /// Why nothing more was read: the account or the plans are not the expected ones.
    pub unexpected: Vec<Guard>,
    /// The account; none without a network.
    pub connected: Option<Connected>,
}

impl Planned {
    /// Whose token it is, where that was read.
    pub(crate) fn user(&self) -> Option<&CurrentUser> {
        self.connected.as_ref().map(|connected| &connected.user)
    }
}

/// Why nothing is changed, and the plan as far as it came.
pub(crate) struct Refusal {
    /// Why.
    pub error: CommandError,
    /// The plan; none where none was made yet.
    pub plan: Option<Box<RunPlan>>,
}

impl<E: Into<CommandError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self { error: error.into(), plan: None }
    }
}

impl Preparation<'_> {
    /// The plan of a sheet without a network.
    pub(crate) fn plan_offline(&self, source: &Source) -> Result<Planned, CommandError> {
        let (account_state, approvals) = (self.unread_account(), self.approvals(source, None)?);
        let plan = make_plan(&source.sheet, &approvals, &account_state);
        Ok(Planned { plan, account_state, approvals, ..Planned::default() })
    }

    /// The plan of a sheet with what the account holds now.
    ///
    /// # Errors
    /// A dry run is refused only where nothing can be read at all; it says of everything else what a run would meet.
    pub(crate) async fn plan(&self, source: &mut Source) -> Result<Planned, Refusal> {
        self.refuse_unanswerable(source)?;
        let identified = self.identify(source).await?;
        if let Some(planned) = self.plan_unexpected(source, &identified.user) {
            let planned = self.refuse_unexpected(planned)?;
            return Ok(Planned { connected: Some(identified), ..planned });
        }
        let locked = self.lock(identified, &source.name).await?;
        let approvals = self.approvals(source, Some(&locked.account))?;
        let account_state = self.survey(source, &locked).await?;
        let mut plan = make_plan(&source.sheet, &approvals, &account_state);
        drift::skip_drifted(self.context, self.arguments, &source.sheet, &mut plan);
        let history = match (&locked.ledger, self.arguments.connection.target()) {
            (Some(ledger), ApiTarget::Configured) => {
                previous::recalled(ledger, &locked.account, &plan, &account_state)?
            }
            // Every sandbox run has a world of its own, in which nothing has happened before.
            (Some(_) | None, _) => Vec::new(),
        };
        Ok(Planned { plan, account_state, approvals, history, unexpected: Vec::new(), connected: Some(locked) })
    }

    /// Rows that come from standard input leave nothing to type an answer on, so such a run is refused at once.
    fn refuse_unanswerable(&self, source: &Source) -> Result<(), CommandError> {
        let asks = self.arguments.intent() == Intent::Change && !self.arguments.confirmation.yes;
        if asks && source.path.is_none() {
            return Err(CommandError::refused("rows come from standard input, so nobody can be asked there")
                .hint("add --yes, or --dry-run to look first"));
        }
        Ok(())
    }

    async fn identify(&self, source: &Source) -> Result<Connected, CommandError> {
        let Self { context, arguments, options } = *self;
        let ledger = match (arguments.intent(), Ledger::open(&context.state_folder())) {
            (Intent::Change, ledger) => Some(ledger?),
            // A dry run only asks it which files are its own, and can do without.
            (Intent::Review | Intent::OfflineReview, ledger) => ledger.ok(),
        };
        let api = match arguments.connection.target() {
            ApiTarget::Configured => Api::at(context, context.settings.api_url.value.as_str())?,
            ApiTarget::Sandbox => Api::rehearse(context, sandbox_run::world(source)?).await?,
        };
        let reader = AccountReader::new(&api.client, &api.base_url, context.rate(), ledger.as_ref(), context)?;
        let user = reader.myself().await?;
        summary_file::note(|facts| facts.user_id = user.id);
        let plan = match user.operations {
            Operations::All => None,
            Operations::SeatsOnly => AffectedUsers::of_sheet(&source.sheet).home(options.plan_id),
        };
        let account = lock::account_name(arguments.connection.target(), &api.base_url, &user, plan);
        Ok(Connected { ledger, api, user, account, lock: None })
    }

    /// The plan as far as it shows without reading any further, where the account or a plan is not the expected one: of such
    /// an account nothing else is read.
    fn plan_unexpected(&self, source: &Source, user: &CurrentUser) -> Option<Planned> {
        expectations::expects_anything(self.context).then_some(())?;
        let account_state = self.unread_account();
        let plan = make_plan(&source.sheet, &Approvals::Unchecked, &account_state);
        let changes: Vec<_> = plan.changes().collect();
        let unexpected = expectations::mistaken(self.context, user, &changes, self.options.plan_id);
        (!unexpected.is_empty()).then(|| Planned { plan, account_state, unexpected, ..Planned::default() })
    }

    fn refuse_unexpected(&self, planned: Planned) -> Result<Planned, Refusal> {
        match self.arguments.intent() {
            Intent::Change => match expectations::refuse(&planned.unexpected) {
                Ok(()) => Ok(planned),
                Err(error) => Err(Refusal { error, plan: Some(Box::new(planned.plan)) }),
            },
            Intent::Review | Intent::OfflineReview => Ok(planned),
        }
    }

    /// What is read from here on must not be changed by another run before this one acts on it.
    async fn lock(&self, identified: Connected, input: &str) -> Result<Connected, CommandError> {
        let lock = match self.arguments.intent() {
            Intent::Change => {
                let patience = self.context.settings.wait.value.get();
                Some(lock::take(self.context, &identified.account, input, patience).await?)
            }
            Intent::Review | Intent::OfflineReview => None,
        };
        Ok(Connected { lock, ..identified })
    }

    async fn survey(&self, source: &mut Source, locked: &Connected) -> Result<AccountState, CommandError> {
        let Self { context, arguments, options } = *self;
        let Connected { api, ledger, user, .. } = locked;
        let reader = AccountReader::new(&api.client, &api.base_url, context.rate(), ledger.as_ref(), context)?;
        let preflight = Preflight {
            reader: &reader,
            myself: user,
            plan: options.plan_id,
            intent: arguments.intent(),
            reading: arguments.preflight,
        };
        let known = AccountState { own: user.id, own_is_admin: user.is_admin, ..self.unread_account() };
        preflight.account_state(source, known).await
    }

    /// What is known of the reviews that the input holds rows of, for the account that would be changed.
    fn approvals(&self, source: &Source, account: Option<&str>) -> Result<Approvals, CommandError> {
        let approvals = approval::look(self.context, &source.sheet, account)?;
        match (self.arguments.intent(), approvals.objection()) {
            (Intent::Change, Some(objection)) => Err(objection.clone().into()),
            // A dry run says what a run would meet.
            (Intent::Review | Intent::OfflineReview, _) | (Intent::Change, None) => Ok(approvals),
        }
    }

    /// What is known before anything was read.
    fn unread_account(&self) -> AccountState {
        let settings = &self.context.settings;
        let cloud_kind = if settings.api_url.value.is_gov() { CloudKind::Gov } else { CloudKind::Commercial };
        AccountState {
            cloud_kind,
            protected: expectations::protected(settings),
            missing_users: settings.missing_users.value,
            ..AccountState::default()
        }
    }
}
