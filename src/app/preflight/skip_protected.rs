//! Sparing: users who were protected since a run began are left alone when it is carried on.

use crate::app::CommandError;
use crate::app::account::read_error::Lookup;
use crate::app::account::reader::AccountReader;
use crate::app::preflight::drift::RemainingJob;
use crate::app::preflight::expectations;
use crate::cli;
use crate::ledger::ResumeEvent;
use crate::model::{Email, Event, JobState, Outcome, PriorAttempts, Status};
use crate::plan::{Directory, Person, Protected, Protection, protection, refused};

/// Reads the addresses by which users of jobs that are left may be protected.
///
/// # Errors
/// With `--no-preflight` nothing is read, so such jobs are refused.
pub(crate) async fn learn_addresses(
    reader: &AccountReader<'_>,
    directory: &mut Directory,
    left: &[RemainingJob],
    protected: &[Protected],
    preflight: cli::PreflightArgs,
) -> Result<(), CommandError> {
    if preflight.no_preflight {
        let judged = left.iter().map(|left| (left.assignment.row, judge(left, protected, directory)));
        return expectations::refuse(refused(judged).as_slice());
    }
    for left in left {
        let user = left.assignment.job.user;
        if matches!(judge(left, protected, directory), Protection::Undetermined(_))
            && let Lookup::Found(profile) = reader.profile(user).await?
        {
            let email = profile.email.as_deref().and_then(Email::new);
            directory.note_person(user, Person { email, ..Person::default() });
        }
    }
    Ok(())
}

/// Splits what is left into what may go on and what is recorded instead.
pub(crate) fn spare(
    left: Vec<RemainingJob>,
    protected: &[Protected],
    directory: &Directory,
) -> (Vec<RemainingJob>, Vec<ResumeEvent>) {
    let (mut open, mut spared) = (Vec::new(), Vec::new());
    for left in left {
        let outcome = match judge(&left, protected, directory) {
            Protection::NotProtected => None,
            Protection::ProtectedBy(entry) => end(left.assignment.state, entry.outcome()),
            Protection::Undetermined(entry) => end(left.assignment.state, entry.doubt().failed()),
        };
        match outcome {
            Some(outcome) => {
                let place = left.assignment.place;
                let event = Event::Settled { status: outcome.status, reason: outcome.reason };
                spared.extend(left.event.map(|event| ResumeEvent { place, event, outcome: None }));
                spared.push(ResumeEvent { place, event, outcome: Some(outcome) });
            }
            None => open.push(left),
        }
    }
    (open, spared)
}

/// Whether the user of a job is protected, if the job would change them.
fn judge<'p>(left: &RemainingJob, protected: &'p [Protected], directory: &Directory) -> Protection<'p> {
    let job = &left.assignment.job;
    if !job.action.name().changes() {
        return Protection::NotProtected;
    }
    let email = directory.person(job.user).and_then(|person| person.email.as_ref());
    protection(protected, Some(job.user), email)
}

/// How a job ends that must not be sent, if it might be. What was sent before stays in doubt: to read it back would end
/// in sending it again where it was not done.
fn end(state: JobState, outcome: Outcome) -> Option<Outcome> {
    match state {
        JobState::Ready { past: PriorAttempts::NoEffect, .. } => Some(outcome),
        JobState::Ready { past: PriorAttempts::Uncertain, .. } | JobState::Sent { .. } | JobState::InDoubt { .. } => {
            let message = format!("sent before, and whether it was done is not looked up: {}", outcome.message);
            let unknown = Outcome::of_row(Status::Unknown, message);
            Some(Outcome { hint: outcome.hint, ..unknown })
        }
        // It is only read back.
        JobState::Done { .. } | JobState::Partly { .. } | JobState::Settled { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Assignment;
    use crate::model::{Action, IfNotApplied, Job, UserId};

    #[test]
    fn who_is_protected_meanwhile_is_left_alone_and_what_was_sent_stays_in_doubt() {
        let user = |id| UserId::new(id).unwrap();
        let mut directory = Directory::default();
        directory.note_person(user(5), Person { email: Email::new("jane@board.example"), ..Person::default() });
        let doubted = JobState::Ready { tries: 1, past: PriorAttempts::Uncertain };
        let in_doubt = JobState::InDoubt { tries: 1, reads: 0, otherwise: IfNotApplied::Retry };
        // protected, user, action, state, how it ends
        let table = [
            ("5", 5, Action::Deactivate, JobState::default(), Some(Status::Skipped)),
            ("*@board.example", 5, Action::Deactivate, JobState::default(), Some(Status::Skipped)),
            ("*@board.example", 5, Action::Deactivate, doubted, Some(Status::Unknown)),
            ("*@board.example", 5, Action::Deactivate, in_doubt, Some(Status::Unknown)),
            ("*@board.example", 5, Action::Deactivate, JobState::Partly { reads: 0 }, None),
            ("*@board.example", 5, Action::Plans, JobState::default(), None),
            ("*@board.example", 6, Action::Deactivate, JobState::default(), Some(Status::Failed)),
            ("*@acme.example", 5, Action::Deactivate, JobState::default(), None),
        ];
        for (pattern, id, action, state, expected) in table {
            let job = Job { user: user(id), action };
            let assignment = Assignment { place: 0, row: 2, job, state, answer: None, seat_before: None, sent: None };
            let entry = Protected { pattern: pattern.parse().unwrap(), place: "etc.toml:1".to_owned() };
            let (open, spared) = spare(vec![RemainingJob { assignment, event: None }], &[entry], &directory);
            let status = spared.first().and_then(|revival| revival.outcome.as_ref()).map(|outcome| outcome.status);
            assert_eq!((status, open.len()), (expected, usize::from(expected.is_none())), "{pattern} {state:?}");
        }
    }
}
