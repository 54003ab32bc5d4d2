//! Where a row stands when its run has stopped, or is still under way: what the report says of a job without an end.

use crate::model::{ActionName, Answer, JobState, Outcome, Reason, Status, StopReason};

/// What is said of a job in `state` that has no outcome; `answer` is the last one that came back for it. A job that only
/// reads is never in doubt: what was not read was not done.
pub fn standing(
    state: JobState,
    action: Option<ActionName>,
    answer: Option<&Answer>,
    ending: Option<&StopReason>,
) -> Outcome {
    let why = ending.map_or_else(
        || "the run is still in progress, or its process was killed".to_owned(),
        |ending| format!("the run ended: {}", ending.describe()),
    );
    let last = answer.map(|answer| format!(" ({})", answer.describe())).unwrap_or_default();
    let reads_only = action.is_some_and(|action| !action.changes());
    let (status, message) = match state {
        JobState::Sent { .. } | JobState::InDoubt { .. } if reads_only => {
            (Status::NotAttempted, format!("not read to the end: {why}"))
        }
        JobState::Settled { .. } => (Status::NotAttempted, format!("not sent: {why}")),
        JobState::Ready { tries: 0, .. } if answer.is_none() => (Status::NotAttempted, format!("not sent: {why}")),
        JobState::Ready { .. } => {
            (Status::NotAttempted, format!("tried without effect{last}, and not tried again: {why}"))
        }
        JobState::Sent { .. } => (Status::Unknown, format!("sent, and the answer is not known: {why}")),
        JobState::InDoubt { .. } => {
            (Status::Unknown, format!("sent, and what came back does not tell whether it was done{last}: {why}"))
        }
        JobState::Partly { .. } => {
            (Status::PartialSuccess, format!("the API did this only in part, and it was not read back: {why}"))
        }
        JobState::Done { .. } => (Status::Success, format!("the API said SUCCESS, and it was not verified: {why}")),
    };
    let mut outcome = Outcome::new(status, Reason::GaveUp, message);
    outcome.hint = Some("`seatrun resume` carries on".to_owned());
    match answer {
        Some(answer) => outcome.with_answer(answer),
        None => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{IfNotApplied, PriorAttempts, Signal};

    #[test]
    fn a_row_without_an_end_is_said_to_be_sent_only_if_it_was() {
        let past = PriorAttempts::NoEffect;
        let table = [
            (JobState::Ready { tries: 0, past }, Status::NotAttempted, "not sent"),
            (JobState::Ready { tries: 2, past }, Status::NotAttempted, "tried without effect"),
            (JobState::Sent { tries: 1, past }, Status::Unknown, "the answer is not known"),
            (
                JobState::InDoubt { tries: 1, reads: 0, otherwise: IfNotApplied::Retry },
                Status::Unknown,
                "does not tell",
            ),
            (JobState::Partly { reads: 0 }, Status::PartialSuccess, "not read back"),
            (JobState::Done { reads: 0 }, Status::Success, "not verified"),
        ];
        for (state, status, words) in table {
            let outcome =
                standing(state, Some(ActionName::Downgrade), None, Some(&StopReason::Interrupted(Signal::Term)));
            assert_eq!(outcome.status, status, "{state:?}");
            assert!(outcome.message.contains(words) && outcome.message.contains("SIGTERM"), "{}", outcome.message);
        }
        let sent = JobState::Sent { tries: 1, past };
        let reading = standing(sent, Some(ActionName::Plans), None, Some(&StopReason::Deadline));
        assert_eq!(reading.status, Status::NotAttempted, "a reading leaves no doubt");
    }
}
