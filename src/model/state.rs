//! The states of a job and the one function that moves between them.
//!
//! [`JobState::next`] is used while a run is under way and again when a ledger is read back after a crash, so a job
//! cannot mean one thing live and another in recovery. It decides nothing about the API: [`policy`](crate::policy)
//! judges an answer, and what it judged arrives here as an [`Event`].

use serde::{Deserialize, Serialize};

use super::{Reason, Status};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Nothing of it is under way, and nothing sent before is known to have had an effect.
    Ready {
        /// Change requests that have begun so far, apart from those that were turned away without effect.
        tries: u16,
        /// Whether the effect of an earlier try could be excluded.
        past: PriorAttempts,
    },
    /// Its change request has begun and no answer is recorded.
    Sent {
        /// As above, with this one.
        tries: u16,
        /// Whether the effect of an earlier try could be excluded.
        past: PriorAttempts,
    },
    /// It was sent, and what came back does not say whether it was done: the user's state has to be read.
    InDoubt {
        /// As above.
        tries: u16,
        /// Readings that failed since it came into doubt.
        reads: u16,
        /// What to do when the reading says that nothing was done.
        otherwise: IfNotApplied,
    },
    /// The API said `PARTIAL_SUCCESS`; what was done of it has still to be read.
    Partly {
        /// Readings that failed since.
        reads: u16,
    },
    /// The API said SUCCESS; that it is so has still to be read. It is never sent again from here.
    Done {
        /// Readings since that failed, or that did not show it.
        reads: u16,
    },
    /// It has ended.
    Settled {
        /// How.
        status: Status,
        /// Why, as far as carrying on depends on it.
        reason: Reason,
    },
}

/// Whether the effect of earlier tries could be excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriorAttempts {
    /// There was none, or each is known to have had no effect.
    #[serde(rename = "clean")]
    NoEffect,
    /// At least one may have been applied, or was reported lost.
    #[serde(rename = "doubted")]
    Uncertain,
}

/// What follows when a job in doubt turns out not to have been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IfNotApplied {
    /// It is sent again.
    #[serde(rename = "again")]
    Retry,
    /// It fails: the API documents the error as not to be retried (4000).
    Fail,
}

/// What reading a user's state says about a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The state is what the job wanted.
    Done,
    /// It is not.
    NotDone,
    /// The API does not show it.
    CannotTell,
}

/// What happened to a job. Each is recorded in the ledger before anything follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Its change request begins (for `plans`, its reading).
    Begun,
    /// The try is known to have had no effect, and the job may be tried again: it does not count as a try.
    NoEffect,
    /// What came back does not say whether it was done.
    Doubtful(IfNotApplied),
    /// The API said `PARTIAL_SUCCESS`.
    Partly,
    /// The API said SUCCESS, and reading back is to show it.
    Done,
    /// A request that only reads begins: of the user's state, or the next page of a reading that has begun.
    ReadBegun,
    /// The reading failed; the job stands where it stood.
    ReadFailed,
    /// The reading was turned away without effect; the job stands where it stood, and no reading has failed.
    ReadPutOff,
    /// The reading does not show what the API said, or what a request may still do; the job stands where it stood.
    NotShown,
    /// The reading found the job not done, or could not tell of one that is harmless to repeat; what it leaves of the
    /// job's past.
    Cleared(PriorAttempts),
    /// It ended.
    Settled {
        /// How.
        status: Status,
        /// Why, as far as carrying on depends on it.
        reason: Reason,
    },
    /// The program that had begun it is gone, and with it the answer.
    Orphaned,
    /// A resumed run takes it up again.
    Reopened,
}

/// What a resumed run makes of jobs that the API has refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryRefused {
    /// They stay as they are.
    No,
    /// They are tried again.
    Yes,
}

/// An event that cannot happen to a job in its state: a bug, never a matter of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a job that is {state:?} cannot take {event:?}")]
pub struct IllegalTransition {
    /// Where the job stood.
    pub state: JobState,
    /// What was said to have happened.
    pub event: Event,
}

impl Default for JobState {
    fn default() -> Self {
        Self::Ready { tries: 0, past: PriorAttempts::NoEffect }
    }
}

impl JobState {
    /// The state after `event`.
    ///
    /// # Errors
    /// [`IllegalTransition`] when the event cannot happen in this state; nothing may be sent on the strength of it.
    pub fn next(self, event: Event) -> Result<Self, IllegalTransition> {
        let nonsense = Err(IllegalTransition { state: self, event });
        match event {
            Event::Begun => match self {
                Self::Ready { tries, past } => Ok(Self::Sent { tries: tries.saturating_add(1), past }),
                Self::Sent { .. }
                | Self::InDoubt { .. }
                | Self::Partly { .. }
                | Self::Done { .. }
                | Self::Settled { .. } => nonsense,
            },
            Event::NoEffect => match self {
                Self::Sent { tries, past } => Ok(Self::Ready { tries: tries.saturating_sub(1), past }),
                Self::Ready { .. }
                | Self::InDoubt { .. }
                | Self::Partly { .. }
                | Self::Done { .. }
                | Self::Settled { .. } => nonsense,
            },
            Event::Doubtful(otherwise) => match self {
                Self::Sent { tries, .. } => Ok(Self::InDoubt { tries, reads: 0, otherwise }),
                Self::Ready { .. }
                | Self::InDoubt { .. }
                | Self::Partly { .. }
                | Self::Done { .. }
                | Self::Settled { .. } => nonsense,
            },
            Event::Partly => match self {
                Self::Sent { .. } => Ok(Self::Partly { reads: 0 }),
                Self::Ready { .. }
                | Self::InDoubt { .. }
                | Self::Partly { .. }
                | Self::Done { .. }
                | Self::Settled { .. } => nonsense,
            },
            Event::Done => match self {
                Self::Sent { .. } => Ok(Self::Done { reads: 0 }),
                Self::Ready { .. }
                | Self::InDoubt { .. }
                | Self::Partly { .. }
                | Self::Done { .. }
                | Self::Settled { .. } => nonsense,
            },
            Event::ReadBegun | Event::ReadPutOff => match self {
                Self::Sent { .. } | Self::InDoubt { .. } | Self::Partly { .. } | Self::Done { .. } => Ok(self),
                Self::Ready { .. } | Self::Settled { .. } => nonsense,
            },
            Event::ReadFailed => match self {
                Self::InDoubt { tries, reads, otherwise } => {
                    Ok(Self::InDoubt { tries, reads: reads.saturating_add(1), otherwise })
                }
                Self::Partly { reads } => Ok(Self::Partly { reads: reads.saturating_add(1) }),
                Self::Done { reads } => Ok(Self::Done { reads: reads.saturating_add(1) }),
                Self::Ready { .. } | Self::Sent { .. } | Self::Settled { .. } => nonsense,
            },
            Event::NotShown => match self {
                Self::InDoubt { .. } => Ok(self),
                Self::Done { reads } => Ok(Self::Done { reads: reads.saturating_add(1) }),
                Self::Ready { .. } | Self::Sent { .. } | Self::Partly { .. } | Self::Settled { .. } => nonsense,
            },
            Event::Cleared(past) => match self {
                Self::InDoubt { tries, .. } => Ok(Self::Ready { tries, past }),
                Self::Ready { .. }
                | Self::Sent { .. }
                | Self::Partly { .. }
                | Self::Done { .. }
                | Self::Settled { .. } => nonsense,
            },
            Event::Settled { status, reason } => match self {
                Self::Ready { .. }
                | Self::Sent { .. }
                | Self::InDoubt { .. }
                | Self::Partly { .. }
                | Self::Done { .. } => Ok(Self::Settled { status, reason }),
                Self::Settled { .. } => nonsense,
            },
            Event::Orphaned => match self {
                Self::Sent { tries, .. } => Ok(Self::InDoubt { tries, reads: 0, otherwise: IfNotApplied::Retry }),
                Self::Ready { .. }
                | Self::InDoubt { .. }
                | Self::Partly { .. }
                | Self::Done { .. }
                | Self::Settled { .. } => Ok(self),
            },
            Event::Reopened => self.reopened().ok_or(IllegalTransition { state: self, event }),
        }
    }

    /// Where a job stands once a resumed run takes it up: what ended in doubt is read again before anything else,
    /// everything else starts with fresh patience.
    fn reopened(self) -> Option<Self> {
        match self {
            Self::Ready { past, .. } => Some(Self::Ready { tries: 0, past }),
            Self::InDoubt { tries, otherwise, .. } => Some(Self::InDoubt { tries, reads: 0, otherwise }),
            Self::Partly { .. } => Some(Self::Partly { reads: 0 }),
            Self::Done { .. } => Some(Self::Done { reads: 0 }),
            Self::Settled { status: Status::Unknown, .. } => {
                Some(Self::InDoubt { tries: 0, reads: 0, otherwise: IfNotApplied::Retry })
            }
            Self::Settled { status: Status::Failed | Status::NotAttempted, .. } => {
                Some(Self::Ready { tries: 0, past: PriorAttempts::NoEffect })
            }
            Self::Sent { .. } | Self::Settled { .. } => None,
        }
    }

    /// The state in which a resumed run takes the job up, and the event that it has to record to get there, if it takes
    /// one; `None` when the job has ended and is left alone. What is not settled is never left alone.
    pub fn revived(self, refused: RetryRefused) -> Option<(Self, Option<Event>)> {
        let event = match self {
            Self::Ready { tries: 0, .. } => return Some((self, None)),
            Self::Sent { .. } => Event::Orphaned,
            Self::Ready { .. }
            | Self::InDoubt { .. }
            | Self::Partly { .. }
            | Self::Done { .. }
            | Self::Settled { status: Status::Unknown | Status::NotAttempted, .. }
            | Self::Settled { status: Status::Failed, reason: Reason::GaveUp } => Event::Reopened,
            Self::Settled { status: Status::Failed, reason: Reason::Answered } if refused == RetryRefused::Yes => {
                Event::Reopened
            }
            Self::Settled { .. } => return None,
        };
        self.next(event).ok().map(|state| (state, Some(event)))
    }

    /// Whether the job has ended.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Settled { .. })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn settled() -> impl Strategy<Value = Event> {
        let reasons = [
            Reason::Answered,
            Reason::ReadBack,
            Reason::Row,
            Reason::GaveUp,
            Reason::Predecessor,
            Reason::Reviewed,
            Reason::Approval,
            Reason::MissingUser,
        ];
        (proptest::sample::select(&Status::ALL[..8]), proptest::sample::select(reasons.to_vec()))
            .prop_map(|(status, reason)| Event::Settled { status, reason })
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            4 => Just(Event::Begun),
            2 => Just(Event::NoEffect),
            2 => prop_oneof![Just(IfNotApplied::Retry), Just(IfNotApplied::Fail)].prop_map(Event::Doubtful),
            1 => Just(Event::Partly),
            2 => Just(Event::Done),
            1 => Just(Event::NotShown),
            2 => Just(Event::ReadBegun),
            1 => Just(Event::ReadFailed),
            1 => Just(Event::ReadPutOff),
            2 => prop_oneof![Just(PriorAttempts::NoEffect), Just(PriorAttempts::Uncertain)].prop_map(Event::Cleared),
            1 => settled(),
            1 => Just(Event::Orphaned),
            1 => Just(Event::Reopened),
        ]
    }

    proptest! {
        #[test]
        fn a_second_request_never_begins_while_one_is_unanswered_or_in_doubt(
            events in proptest::collection::vec(event(), 0..60),
        ) {
            let mut state = JobState::default();
            for event in events {
                let before = state;
                if let Ok(after) = state.next(event) {
                    if event == Event::Begun {
                        let was_ready = matches!(before, JobState::Ready { .. });
                        prop_assert!(was_ready, "{:?} began", before);
                    }
                    state = after;
                }
            }
        }

        #[test]
        fn a_settled_job_moves_only_when_a_resumed_run_takes_it_up(
            events in proptest::collection::vec(event(), 0..40), last in settled(),
        ) {
            let mut state = JobState::default();
            for event in events {
                state = state.next(event).unwrap_or(state);
            }
            if let Ok(ended) = state.next(last) {
                for event in [
                    Event::Begun, Event::NoEffect, Event::Doubtful(IfNotApplied::Retry), Event::Partly, Event::Done,
                    Event::ReadBegun, Event::ReadFailed, Event::ReadPutOff, Event::NotShown, Event::Cleared(PriorAttempts::NoEffect), last,
                ] {
                    prop_assert!(ended.next(event).is_err());
                }
                prop_assert_eq!(ended.next(Event::Orphaned), Ok(ended));
            }
        }
    }

    proptest! {
        #[test]
        fn requests_and_readings_that_are_turned_away_use_up_neither_tries_nor_readings(
            events in proptest::collection::vec(event(), 0..40), times in 1_u16..200,
        ) {
            let mut state = JobState::default();
            for event in events {
                state = state.next(event).unwrap_or(state);
            }
            for _ in 0..times {
                if let JobState::Ready { .. } = state {
                    let again = state.next(Event::Begun).and_then(|sent| sent.next(Event::NoEffect));
                    prop_assert_eq!(again, Ok(state));
                }
                if let Ok(reading) = state.next(Event::ReadBegun) {
                    prop_assert_eq!(reading.next(Event::ReadPutOff), Ok(state));
                }
            }
        }
    }

    #[test]
    fn a_job_whose_answer_died_with_the_program_is_in_doubt() {
        let sent = JobState::default().next(Event::Begun).unwrap();
        let orphan = sent.next(Event::Orphaned).unwrap();
        assert_eq!(orphan, JobState::InDoubt { tries: 1, reads: 0, otherwise: IfNotApplied::Retry });
        assert!(orphan.next(Event::Begun).is_err(), "it is read before it is sent again");
        assert_eq!(
            orphan.next(Event::Cleared(PriorAttempts::Uncertain)),
            Ok(JobState::Ready { tries: 1, past: PriorAttempts::Uncertain })
        );
    }

    proptest! {
        #[test]
        fn what_has_not_ended_is_always_taken_up_again_and_never_as_a_request_that_nobody_answers(
            events in proptest::collection::vec(event(), 0..40),
        ) {
            let mut state = JobState::default();
            for event in events {
                state = state.next(event).unwrap_or(state);
            }
            for refused in [RetryRefused::No, RetryRefused::Yes] {
                match state.revived(refused) {
                    None => prop_assert!(state.is_settled(), "{:?} is left behind", state),
                    Some((revived, event)) => {
                        prop_assert_eq!(event.map_or(Ok(state), |event| state.next(event)), Ok(revived));
                        let has_a_next_step = matches!(
                            revived,
                            JobState::Ready { .. } | JobState::InDoubt { .. } | JobState::Partly { .. } | JobState::Done { .. }
                        );
                        prop_assert!(has_a_next_step, "{:?}", revived);
                        let again = revived.revived(refused).map(|(state, _)| state);
                        prop_assert_eq!(again, Some(revived), "a run that dies before its first step loses nothing");
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_the_api_called_done_is_read_until_it_ends_and_never_sent(
            events in proptest::collection::vec(event(), 0..40),
        ) {
            let mut state = JobState::default().next(Event::Begun).and_then(|sent| sent.next(Event::Done)).unwrap();
            for event in events {
                let is_its_end = matches!(event, Event::Settled { .. });
                if let Ok(after) = state.next(event) && !is_its_end {
                    let is_done = matches!(after, JobState::Done { .. });
                    prop_assert!(is_done, "{:?} after {:?}", after, event);
                    prop_assert!(after.next(Event::Begun).is_err());
                    state = after;
                }
            }
            prop_assert_eq!(state.revived(RetryRefused::Yes).map(|(state, _)| state), Some(JobState::Done { reads: 0 }));
        }
    }

    #[test]
    fn what_succeeded_is_never_taken_up_again() {
        for status in [Status::Success, Status::PartialSuccess, Status::Unchanged, Status::Skipped, Status::Invalid] {
            let ended = JobState::Settled { status, reason: Reason::Answered };
            assert!(ended.next(Event::Reopened).is_err(), "{status}");
        }
    }
}
