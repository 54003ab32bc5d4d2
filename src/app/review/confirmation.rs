//! The question: what a person has to know of a plan, the guards that refuse it, and the answer that lets it begin.

use std::num::NonZeroU32;

use jiff::Timestamp;

use crate::app::account::current_user::CurrentUser;
use crate::app::context::Context;
use crate::app::interrupt::ask;
use crate::app::preflight::expectations::expected_plans;
use crate::app::preflight::planning::{row_warnings, skipped_missing_users, tell_notes, unmet_approvals};
use crate::app::prepare::Planned;
use crate::app::{CommandError, Exit};
use crate::cli;
use crate::console::{Answer, Expected, Question, visible_line};
use crate::input::{NOT_APPROVED, Sheet};
use crate::model::Status;
use crate::plan::{
    AccountState, AffectedShare, Guard, Highlight, Limits, Removal, RunPlan, Shares, Step, Totals, highlights, tripped,
    warnings,
};
use crate::report::{self, Counts, Estimate, PlanOverview};

/// Runs larger than this many users are confirmed by typing their number.
const MANY: u64 = 100;
/// The rows to look at first, at the most.
const HIGHLIGHTS: usize = 10;
/// The same above a question.
const HIGHLIGHTS_OF_QUESTION: usize = 3;

/// How much is said of a plan.
#[derive(Debug, Clone, Copy)]
enum Extent {
    /// All of it, in a dry run.
    Whole,
    /// What the question itself does not say.
    AboveQuestion,
}

/// A plan that somebody has to agree to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConfirmationPrompt<'a> {
    /// The command's context.
    pub context: &'a Context,
    /// What was typed.
    pub arguments: &'a cli::Run,
    /// What is known of the account.
    pub account_state: &'a AccountState,
    /// Whose token it is; none without a network.
    pub myself: Option<&'a CurrentUser>,
    /// The sheet that it was made of.
    pub sheet: &'a Sheet,
    /// The plan.
    pub plan: &'a RunPlan,
    /// What it comes to.
    pub totals: &'a Totals,
    /// What the past says of its users, in sentences.
    pub recalled: &'a [String],
}

impl<'a> ConfirmationPrompt<'a> {
    /// The question about a plan that comes to `totals`.
    pub(crate) fn new(
        context: &'a Context,
        arguments: &'a cli::Run,
        sheet: &'a Sheet,
        planned: &'a Planned,
        totals: &'a Totals,
    ) -> Self {
        Self {
            context,
            arguments,
            sheet,
            account_state: &planned.account_state,
            myself: planned.user(),
            plan: &planned.plan,
            totals,
            recalled: &planned.history,
        }
    }

    /// The guards that the plan trips.
    pub(crate) fn tripped(&self) -> Vec<Guard> {
        let settings = &self.context.settings;
        let removal = if self.arguments.guards.allow_remove { Removal::Allowed } else { Removal::Forbidden };
        let limits = Limits {
            changes: settings.max_changes.value,
            invalid: settings.max_invalid.value,
            removal,
            shares: self.shares(),
            expected: expected_plans(self.context),
        };
        tripped(self.plan, self.totals, self.account_state, &limits)
    }

    /// What a person should know of the plan, and of `guards`.
    pub(crate) fn text(&self, guards: &[Guard]) -> String {
        self.worded(guards, HIGHLIGHTS, Extent::Whole)
    }

    /// What stands above the prompt.
    fn question(&self) -> Question {
        let mut totals = self.totals.clone();
        totals.plan_names.values_mut().for_each(|name| *name = visible_line(&std::mem::take(name)).into_owned());
        let (reasons, mut left_out) = (self.plan.reasons(), Counts::default());
        for planned in &self.plan.rows {
            match &planned.step {
                Step::Final(_, outcome) if outcome.message == NOT_APPROVED => {}
                Step::Final(_, outcome) if outcome.status == Status::Failed => left_out.add(Status::Blocked),
                Step::Final(_, outcome) => left_out.add(outcome.status),
                Step::Blocked(..) => left_out.add(Status::Blocked),
                Step::Send(_) | Step::UnresolvedUser(..) | Step::UnresolvedPlan(_) => {}
            }
        }
        let rows = self.plan.rows.len() as u64;
        let approved = self.sheet.approved_rows().map(|approved| (approved, rows));
        let decision =
            report::DecisionText { totals: &totals, left_out: &left_out, reasons: &reasons, approved }.text();
        Question { details: self.worded(&[], HIGHLIGHTS_OF_QUESTION, Extent::AboveQuestion), decision }
    }

    fn worded(&self, guards: &[Guard], most: usize, extent: Extent) -> String {
        let line = |text: String| visible_line(&text).into_owned();
        let mut totals = self.totals.clone();
        totals.plan_names.values_mut().for_each(|name| *name = line(std::mem::take(name)));
        let highlights = self.most_striking(most).into_iter();
        let guards = guards.iter().cloned();
        let who = self.myself.map(|myself| line(myself.who.clone()));
        let review = PlanOverview {
            who: who.as_deref(),
            totals: &totals,
            estimate: self.estimate(),
            highlights: &highlights
                .map(|Highlight { row, who, what, reasons }| Highlight {
                    row,
                    who: line(who),
                    what: line(what),
                    reasons: reasons.into_iter().map(line).collect(),
                })
                .collect::<Vec<_>>(),
            warnings: &self.warnings().into_iter().map(line).collect::<Vec<_>>(),
            unchecked_risks: &self.plan.unchecked_risks(),
            guards: &guards
                .map(|Guard { message, hint }| Guard { message: line(message), hint: line(hint) })
                .collect::<Vec<_>>(),
        };
        match extent {
            Extent::Whole => review.text(),
            Extent::AboveQuestion => review.details(),
        }
    }

    /// The rows to look at first.
    pub(crate) fn highlights(&self) -> Vec<Highlight> {
        self.most_striking(HIGHLIGHTS)
    }

    fn most_striking(&self, most: usize) -> Vec<Highlight> {
        highlights(self.plan, self.account_state, Timestamp::now(), most)
    }

    /// What a run would cost.
    pub(crate) fn estimate(&self) -> Estimate {
        let reads = if self.context.settings.verify.value { self.totals.changes() } else { 0 };
        Estimate { requests: self.totals.requests + reads, limit: self.context.rate().map(NonZeroU32::get) }
    }

    /// Asks, unless nobody would be changed or nobody is to be asked.
    pub(crate) async fn confirm(&self) -> Result<(), CommandError> {
        let users = self.totals.users;
        if self.arguments.confirmation.yes || users == 0 {
            self.tell();
            return Ok(());
        }
        match ask(&self.context.console, self.question(), self.expected()).await {
            Answer::Confirmed => Ok(()),
            Answer::Declined => Err(CommandError::refused("not confirmed").hint("nothing was changed")),
            Answer::Unanswered => Err(CommandError::new(Exit::Refused, "there is no terminal to ask on")
                .hint("add --yes to run without asking, or --dry-run to look first")),
        }
    }

    /// What has to be typed: the number of users for what cannot be undone or is very large.
    fn expected(&self) -> Expected {
        let totals = self.totals;
        let is_large =
            self.shares() == Shares::Count && totals.shares.iter().any(|share| AffectedShare::is_large(*share));
        if totals.removals > 0 || totals.users > MANY || is_large {
            Expected::Number(totals.users)
        } else {
            Expected::Yes
        }
    }

    /// What should be known of the plan as a whole, and what its rows are likely to meet, each thing once.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let warnings = warnings(self.plan, self.totals, self.account_state, self.shares()).into_iter();
        let rows = unmet_approvals(self.plan).into_iter().chain(skipped_missing_users(self.plan));
        warnings.chain(rows).chain(self.recalled.iter().cloned()).chain(row_warnings(self.plan)).collect()
    }

    fn shares(&self) -> Shares {
        if self.context.is_sandbox_run() { Shares::MeanNothing } else { Shares::Count }
    }

    /// Says what should be known where nobody is asked; the review of a dry run has it in full.
    fn tell(&self) {
        for warning in self.warnings() {
            self.context.console.warn(&warning);
        }
        tell_notes(&self.context.console, self.plan);
    }
}
