//! The question: what a person has to know of a plan, the guards that refuse it, and the answer that lets it begin.

use std::num::NonZeroU32;

use jiff::Timestamp;

use super::contact::Myself;
use super::context::Context;
use super::guarding::expected_plans;
use super::planning::{cautions, tell_notes};
use super::stop::ask;
use super::{Exit, Failure};
use crate::cli;
use crate::console::{Answer, Expected};
use crate::plan::{Circumstances, Guard, Limits, Plan, Removal, Share, Shares, Tally, striking, tripped, warnings};
use crate::report::{Estimate, Review};

/// Runs larger than this many users are confirmed by typing their number.
const MANY: u64 = 100;
/// The rows to look at first, at the most.
const STRIKING: usize = 10;

/// A plan that somebody has to agree to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    /// The command's context.
    pub context: &'a Context,
    /// What was typed.
    pub arguments: &'a cli::Run,
    /// What is known of the account.
    pub circumstances: &'a Circumstances,
    /// Whose token it is; none without a network.
    pub myself: Option<&'a Myself>,
    /// The plan.
    pub plan: &'a Plan,
    /// What it comes to.
    pub tally: &'a Tally,
    /// What the past says of its users, in sentences.
    pub recalled: &'a [String],
}

impl Question<'_> {
    /// The guards that the plan trips.
    pub(super) fn tripped(&self) -> Vec<Guard> {
        let settings = &self.context.settings;
        let removal = if self.arguments.guards.allow_remove { Removal::Allowed } else { Removal::Forbidden };
        let limits = Limits {
            changes: settings.max_changes.value,
            invalid: settings.max_invalid.value,
            removal,
            shares: self.shares(),
            expected: expected_plans(self.context),
        };
        tripped(self.plan, self.tally, self.circumstances, &limits)
    }

    /// What a person should know of the plan, and of `guards`.
    pub(super) fn text(&self, guards: &[Guard]) -> String {
        let review = Review {
            who: self.myself.map(|myself| myself.who.as_str()),
            tally: self.tally,
            estimate: self.estimate(),
            striking: &striking(self.plan, self.circumstances, Timestamp::now(), STRIKING),
            warnings: &self.warnings(),
            unforeseeable: &self.plan.unforeseeable(),
            guards,
        };
        review.text()
    }

    /// What a run would cost.
    pub(super) fn estimate(&self) -> Estimate {
        let reads = if self.context.settings.verify.value { self.tally.changes() } else { 0 };
        Estimate { requests: self.tally.requests + reads, limit: self.context.rate().map(NonZeroU32::get) }
    }

    /// Asks, unless nobody would be changed or nobody is to be asked.
    pub(super) async fn confirm(&self) -> Result<(), Failure> {
        let users = self.tally.users;
        if self.arguments.confirmation.yes || users == 0 {
            self.tell();
            return Ok(());
        }
        let plural = if users == 1 { "" } else { "s" };
        let who = self.myself.map(|myself| format!(" as {}", myself.who)).unwrap_or_default();
        let question = format!("{}\nChange {users} user{plural}{who}?", self.text(&[]));
        match ask(self.context.console.fitted(&question), self.expected()).await {
            Answer::Confirmed => Ok(()),
            Answer::Declined => Err(Failure::refused("not confirmed").hint("nothing was changed")),
            Answer::Unanswered => Err(Failure::new(Exit::Refused, "there is no terminal to ask on")
                .hint("add --yes to run without asking, or --dry-run to look first")),
        }
    }

    /// What has to be typed: the number of users for what cannot be undone or is very large.
    fn expected(&self) -> Expected {
        let tally = self.tally;
        let is_large = self.shares() == Shares::Count && tally.shares.iter().any(|share| Share::is_large(*share));
        if tally.removals > 0 || tally.users > MANY || is_large { Expected::Number(tally.users) } else { Expected::Yes }
    }

    /// What should be known of the plan as a whole, and what its rows are likely to meet, each thing once.
    pub(super) fn warnings(&self) -> Vec<String> {
        let warnings = warnings(self.plan, self.tally, self.circumstances, self.shares()).into_iter();
        warnings.chain(self.recalled.iter().cloned()).chain(cautions(self.plan)).collect()
    }

    fn shares(&self) -> Shares {
        if self.context.is_rehearsal() { Shares::MeanNothing } else { Shares::Count }
    }

    /// Says what should be known where nobody is asked; the review of a dry run has it in full.
    fn tell(&self) {
        for warning in self.warnings() {
            self.context.console.warn(&warning);
        }
        tell_notes(&self.context.console, self.plan);
    }
}
