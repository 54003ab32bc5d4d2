//! `seatrun run`: reads, checks, reviews, asks, changes seats, and writes the report.

use std::time::Instant;

use crate::app::context::Context;
use crate::app::input_choice::{self, InputChoice};
use crate::app::interrupt::Signals;
use crate::app::notify;
use crate::app::output::archive;
use crate::app::output::destination::{Destinations, Kind};
use crate::app::output::earlier_report::make_room;
use crate::app::output::replaceable::Keep;
use crate::app::output::run_destinations::run_destinations;
use crate::app::output::summary_file;
use crate::app::prepare::{Preparation, Refusal};
use crate::app::review::dry_run::DryRun;
use crate::app::runs::execute::Work;
use crate::app::runs::start::{StartedRun, confirm, start};
use crate::app::source::{Source, options};
use crate::app::{CommandError, Exit};
use crate::cli::{self, Intent};
use crate::console::Console;
use crate::input::WarningWeight;
use crate::settings::ApiTarget;

/// Runs `seatrun run`.
pub(super) async fn run(console: &Console, arguments: cli::Run) -> Result<Exit, CommandError> {
    let began = Instant::now();
    let context = Context::new(console, arguments.flags(), arguments.connection.target())?;
    summary_file::begin(&context, Some(&arguments.input))?;
    if arguments.intent() == Intent::Change {
        notify::begin(&context);
    }
    let options = options(&context, &arguments)?;
    if let Some(folder) = &context.settings.archive_to {
        archive::check(&folder.value)?;
    }
    let source = match input_choice::open(&context, &arguments.input, &options)? {
        InputChoice::Rows(source) => *source,
        InputChoice::Nothing(why) => {
            context.console.say(&format!("nothing to do: {why}"));
            return Ok(summary_file::finish_early(console, Exit::Fine, &why));
        }
    };
    for warning in source.sheet.warnings() {
        match warning.weight() {
            WarningWeight::Note => context.console.say(&format!("note: {warning}")),
            WarningWeight::Warning => context.console.warn(&warning.to_string()),
        }
    }
    let preparation = Preparation { context: &context, arguments: &arguments, options: &options };
    let command = Command { preparation, began };
    match arguments.intent() {
        Intent::OfflineReview => command.review_offline(&source),
        Intent::Review => command.review(source).await,
        Intent::Change => command.change(source).await,
    }
}

struct Command<'a> {
    preparation: Preparation<'a>,
    began: Instant,
}

impl Command<'_> {
    fn review_offline(&self, source: &Source) -> Result<Exit, CommandError> {
        let outputs = self.review_outputs(source)?;
        let planned = self.preparation.plan_offline(source)?;
        Ok(self.dry_run(source, &outputs).review(&planned))
    }

    async fn review(&self, mut source: Source) -> Result<Exit, CommandError> {
        let outputs = self.review_outputs(&source)?;
        let mut signals = Signals::listen(self.preparation.context)?;
        let planned =
            signals.run_until_interrupted(self.began, self.deadline(), self.preparation.plan(&mut source)).await;
        let dry_run = self.dry_run(&source, &outputs);
        match planned {
            Ok(planned) => Ok(dry_run.review(&planned)),
            Err(refusal) => {
                // What could not be looked at takes the place of nothing.
                let again = run_destinations(self.preparation.context, &source, Kind::Review, Keep::Refusal);
                Ok(self.dry_run(&source, &again.unwrap_or(outputs)).refuse(&refusal))
            }
        }
    }

    async fn change(&self, mut source: Source) -> Result<Exit, CommandError> {
        let keep = match self.preparation.arguments.connection.target() {
            ApiTarget::Configured => Keep::Run,
            ApiTarget::Sandbox => Keep::Other,
        };
        let outputs = run_destinations(self.preparation.context, &source, Kind::Report, keep)?;
        let mut signals = Signals::listen(self.preparation.context)?;
        match self.begin(&mut source, &outputs, &mut signals).await {
            Ok(started) => {
                make_room(self.preparation.context, &started.ledger, &outputs.report, source.path.as_deref());
                self.work(started, outputs, signals).await
            }
            // The report belongs to the run that is in progress.
            Err(Refusal { error, .. }) if error.exit == Exit::Locked => Err(error),
            Err(refusal) => {
                // A refusal does not take the place of the report of a run.
                let again = run_destinations(self.preparation.context, &source, Kind::Report, Keep::Other);
                Ok(self.dry_run(&source, &again.unwrap_or(outputs)).refuse(&refusal))
            }
        }
    }

    /// Everything before the first change, unless a signal or the deadline comes first.
    async fn begin(
        &self,
        source: &mut Source,
        outputs: &Destinations,
        signals: &mut Signals,
    ) -> Result<StartedRun, Refusal> {
        let preparation = &self.preparation;
        let planned = signals.run_until_interrupted(self.began, self.deadline(), preparation.plan(source)).await?;
        let confirming = confirm(preparation, source, &planned);
        match signals.run_until_interrupted(self.began, self.deadline(), confirming).await {
            Ok(confirmed) => start(preparation, source, planned, confirmed, outputs),
            Err(error) => Err(Refusal { error, plan: Some(Box::new(planned.plan)) }),
        }
    }

    async fn work(&self, started: StartedRun, outputs: Destinations, signals: Signals) -> Result<Exit, CommandError> {
        let work = Work {
            context: self.preparation.context,
            client: started.api.client.clone(),
            pace: started.pace.clone(),
            ledger: started.ledger,
            run: started.run.name,
            settings: started.run.settings,
            assignments: started.assignments,
            deadline: self.deadline(),
            signals,
            began: self.began,
            outputs,
            spare_files: started.spare_files,
        };
        work.carry_out().await
    }

    fn review_outputs(&self, source: &Source) -> Result<Destinations, CommandError> {
        run_destinations(self.preparation.context, source, Kind::Review, Keep::Other)
    }

    fn dry_run<'a>(&'a self, source: &'a Source, outputs: &'a Destinations) -> DryRun<'a> {
        let Preparation { context, arguments, .. } = self.preparation;
        DryRun { context, arguments, source, outputs, began: self.began }
    }

    fn deadline(&self) -> Option<std::time::Duration> {
        self.preparation.context.deadline()
    }
}
