//! The dry run and the refusal: what is said and written where no run is started.

use std::time::Instant;

use crate::app::account::current_user::CurrentUser;
use crate::app::context::Context;
use crate::app::output::destination::Destinations;
use crate::app::output::summary_file;
use crate::app::preflight::planning::{check_admin, make_plan};
use crate::app::preflight::{drift, expectations, hidden_rows};
use crate::app::prepare::{Planned, Refusal};
use crate::app::review::approval::{self, Approvals};
use crate::app::review::confirmation::ConfirmationPrompt;
use crate::app::review::dry_run_report::{ReportFile, UnsentConclusion};
use crate::app::review::verdict::{PlanVerdict, Prefill};
use crate::app::source::Source;
use crate::app::{CommandError, Exit};
use crate::cli;
use crate::plan::{AccountState, Guard, RunPlan};

/// A command that starts no run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DryRun<'a> {
    /// The command's context.
    pub context: &'a Context,
    /// What was typed.
    pub arguments: &'a cli::Run,
    /// What was read.
    pub source: &'a Source,
    /// Where everything goes that is written.
    pub outputs: &'a Destinations,
    /// When the command began.
    pub began: Instant,
}

impl DryRun<'_> {
    /// Says and writes what a run would do.
    pub(crate) fn review(&self, planned: &Planned) -> Exit {
        let Self { context, arguments, source, .. } = *self;
        let totals = planned.plan.totals(&planned.account_state);
        let prompt = ConfirmationPrompt::new(context, arguments, planned, &totals);
        let mut guards = planned.unexpected.clone();
        guards.extend(prompt.tripped().into_iter().filter(|guard| !planned.unexpected.contains(guard)));
        guards.extend(drift::guard(context, arguments, &source.sheet, &planned.plan));
        guards.extend(hidden_rows::guard(&source.sheet, &planned.plan));
        guards.extend(planned.approvals.objection().cloned());
        let barred = planned.user().and_then(|user| check_admin(totals.users > 0, user).err());
        guards.extend(barred.map(|error| Guard { message: error.message, hint: error.hint.unwrap_or_default() }));
        if let Err(error) = expectations::refuse(&guards) {
            let message = format!("a run would be refused: {}", error.message);
            summary_file::note_stop(&CommandError { message, ..error });
        }
        let console = &context.console;
        console.say_fitted(prompt.text(&guards).trim_end());
        let (estimate, warnings, highlights) = (prompt.estimate(), prompt.warnings(), prompt.highlights());
        let account = planned.connected.as_ref().map(|connected| connected.account.clone());
        let prefill = Prefill::of(arguments.dry_run_args.prefill_approved);
        let report_file = planned.approvals.report_file(context, arguments, source);
        let verdict = PlanVerdict::Foreseen {
            guards,
            estimate,
            warnings,
            totals: Box::new(totals),
            highlights,
            account_state: &planned.account_state,
            approving: approval::approving(context, source, account, report_file, prefill),
        };
        self.conclude(&planned.plan, verdict, report_file, planned.user())
    }

    /// Says why nothing was changed. The report says so of every row.
    pub(crate) fn refuse(&self, refusal: &Refusal) -> Exit {
        let Refusal { error, plan } = refusal;
        self.context.console.error(&error.message, error.hint.as_deref());
        summary_file::note_stop(error);
        let unread = || make_plan(&self.source.sheet, &Approvals::Unchecked, &AccountState::default());
        match plan {
            Some(plan) => self.conclude(plan, PlanVerdict::Refused(error), ReportFile::Written, None),
            None => self.conclude(&unread(), PlanVerdict::Refused(error), ReportFile::Written, None),
        }
    }

    fn conclude(
        &self,
        plan: &RunPlan,
        verdict: PlanVerdict<'_>,
        report_file: ReportFile,
        user: Option<&CurrentUser>,
    ) -> Exit {
        let Self { context, source, outputs, began, .. } = *self;
        let who = user.map(|user| user.who.as_str());
        UnsentConclusion { context, source, plan, outputs, report_file, verdict, who, began }.carry_out()
    }
}
