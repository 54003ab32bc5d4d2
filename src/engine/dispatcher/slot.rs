//! Slots: what a dispatcher is given of each job, and what it knows of it while the run is under way.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::engine::clock::RunClock;
use crate::engine::free_seat::FreeSeat;
use crate::model::{Answer, Job, JobState, ReportedSeat};

/// A job that a run has to settle.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The place of its row in the file, from 0.
    pub place: u32,
    /// The row number that a spreadsheet shows for it.
    pub row: u64,
    /// What is wanted.
    pub job: Job,
    /// Where it stands.
    pub state: JobState,
    /// The last answer that came back for it in an earlier session.
    pub answer: Option<Answer>,
    /// The seat that was read before anything was sent.
    pub seat_before: Option<ReportedSeat>,
    /// When its last change request began, where an earlier session sent one.
    pub sent: Option<Timestamp>,
}

/// What a dispatcher knows of a job.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) place: u32,
    pub(super) row: u64,
    pub(super) job: Job,
    pub(super) state: JobState,
    pub(super) free_seat: FreeSeat,
    /// The last answer to its change request, while it matters.
    pub(super) answer: Option<Box<Answer>>,
    pub(super) seat_before: Option<ReportedSeat>,
    /// Until when a request whose answer was lost may still be carried out.
    pub(super) may_land_until: Option<Instant>,
    /// Whether it was sent again after an answer was lost.
    pub(super) is_repeated: bool,
    /// Whether its SUCCESS was told, and its user is looked at together with others.
    pub(super) is_unverified: bool,
    /// Change requests that have begun in this session.
    pub(super) requests: u16,
    /// Times that its plans could not be read.
    pub(super) failed_readings: u16,
}

impl Slot {
    pub(super) fn new(assignment: Assignment, clock: RunClock, landing_time: Duration) -> Self {
        let Assignment { place, row, job, state, answer, seat_before, sent } = assignment;
        let may_land_until = match state {
            JobState::InDoubt { .. } => sent.and_then(|sent| clock.left_of(landing_time, sent)),
            JobState::Ready { .. }
            | JobState::Sent { .. }
            | JobState::Partly { .. }
            | JobState::Done { .. }
            | JobState::Settled { .. } => None,
        };
        Self {
            place,
            row,
            job,
            state,
            free_seat: FreeSeat::default(),
            answer: answer.map(Box::new),
            seat_before,
            may_land_until,
            is_repeated: false,
            is_unverified: false,
            requests: 0,
            failed_readings: 0,
        }
    }
}
