//! The scheduler: which job takes the next step.
//!
//! The jobs of a user are a chain in file order, of which one is in line at a time, so that there are never two at once.
//! What has begun is brought to its end before anything new is begun. Across users, rows that need no paid seat go first,
//! because they may free one; then those that need one only until a later row of the same user gives it back; then those
//! that keep it. Among equals, the users with the most rows begin first, because these come one after the other and a long
//! chain that begins last is waited for by everybody.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use tokio::time::Instant;

use crate::model::{JobState, SeatEffect, UserId};

/// What a job needs of the paid seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SeatDemand {
    /// None.
    None,
    /// One, until a later job of the same user gives it back.
    Temporary,
    /// One, for good.
    Permanent,
}

/// A job, by its place among all jobs of the run.
pub(super) type JobIndex = usize;

/// Jobs in line.
#[derive(Debug)]
pub(super) struct Scheduler {
    /// What each job needs, and the next job of the same user.
    chains: Vec<(SeatDemand, Option<JobIndex>)>,
    /// Jobs that may take a step now, but for those that need a paid seat.
    ready: VecDeque<JobIndex>,
    /// Jobs that need a paid seat until a later row gives it back.
    temporary: VecDeque<JobIndex>,
    /// Jobs that need one for good.
    permanent: VecDeque<JobIndex>,
    /// Users whose current job needs no paid seat: those that need one wait until there is none of them.
    freeing: usize,
    /// Users whose current job needs one for a time: those that need one for good wait for them, too.
    temporary_users: usize,
    /// How many of these have begun.
    temporary_begun: usize,
    /// Whether they go one by one, because there were not enough seats for several.
    one_by_one: bool,
    /// Jobs that have begun and wait for a time.
    waiting: BinaryHeap<Reverse<(Instant, JobIndex)>>,
}

impl Scheduler {
    /// A scheduler of jobs of these users with these effects, in which none is in line yet, and each user's first job, the
    /// longest chains first.
    pub(super) fn new(jobs: impl ExactSizeIterator<Item = (UserId, SeatEffect)>) -> (Self, Vec<JobIndex>) {
        let (next, effects, mut heads) = chain(jobs);
        let lengths = lengths(&next);
        // A stable order: users with as many rows begin in the order of the file.
        heads.sort_by_key(|head| Reverse(lengths[*head]));
        let scheduler = Self {
            chains: needs(&effects, &next).into_iter().zip(next).collect(),
            ready: VecDeque::new(),
            temporary: VecDeque::new(),
            permanent: VecDeque::new(),
            freeing: 0,
            temporary_users: 0,
            temporary_begun: 0,
            one_by_one: false,
            waiting: BinaryHeap::new(),
        };
        (scheduler, heads)
    }

    /// The next job of the same user.
    pub(super) fn after(&self, index: JobIndex) -> Option<JobIndex> {
        self.chains[index].1
    }

    /// A job becomes the current one of its user, and takes no step before a time.
    pub(super) fn enter(&mut self, index: JobIndex, state: JobState, not_before: Option<Instant>) {
        let need = self.chains[index].0;
        match need {
            SeatDemand::None => self.freeing += 1,
            SeatDemand::Temporary => self.temporary_users += 1,
            SeatDemand::Permanent => {}
        }
        match need {
            _ if has_begun(state) || not_before.is_some() => {
                self.temporary_begun += usize::from(need == SeatDemand::Temporary);
                match not_before {
                    Some(due) => self.wait(index, due),
                    None => self.make_ready(index),
                }
            }
            SeatDemand::None => self.ready.push_back(index),
            SeatDemand::Temporary => self.temporary.push_back(index),
            SeatDemand::Permanent => self.permanent.push_back(index),
        }
    }

    /// A job that has begun becomes the current one of its user, and is not in line: it is looked at together with others.
    pub(super) fn enter_aside(&mut self, index: JobIndex) {
        match self.chains[index].0 {
            SeatDemand::None => self.freeing += 1,
            SeatDemand::Temporary => {
                self.temporary_users += 1;
                self.temporary_begun += 1;
            }
            SeatDemand::Permanent => {}
        }
    }

    /// The current job of a user has ended.
    pub(super) fn leave(&mut self, index: JobIndex) {
        match self.chains[index].0 {
            SeatDemand::None => self.freeing -= 1,
            SeatDemand::Temporary => {
                self.temporary_users -= 1;
                self.temporary_begun -= 1;
            }
            SeatDemand::Permanent => {}
        }
    }

    /// A job that has begun was refused for want of a paid seat. Where others are about to give one back, it waits for
    /// them, and from now on those who do go one by one. Returns whether it does.
    pub(super) fn requeue(&mut self, index: JobIndex) -> bool {
        let others_give_back = self.freeing > 0 || self.temporary_begun > 1;
        let waits = self.chains[index].0 == SeatDemand::Temporary && others_give_back;
        if waits {
            self.one_by_one = true;
            self.temporary_begun -= 1;
            self.temporary.push_front(index);
        }
        waits
    }

    /// A job that has begun takes its next step as soon as there is room.
    pub(super) fn make_ready(&mut self, index: JobIndex) {
        self.ready.push_front(index);
    }

    /// A job that has begun takes its next step at `due`.
    pub(super) fn wait(&mut self, index: JobIndex, due: Instant) {
        self.waiting.push(Reverse((due, index)));
    }

    /// The job that takes the next step at `now`.
    pub(super) fn next(&mut self, now: Instant) -> Option<JobIndex> {
        while let Some(Reverse((due, index))) = self.waiting.peek().copied()
            && due <= now
        {
            self.waiting.pop();
            self.make_ready(index);
        }
        self.ready.pop_front().or_else(|| self.next_taker())
    }

    fn next_taker(&mut self) -> Option<JobIndex> {
        if self.freeing > 0 {
            None
        } else if self.temporary_users == 0 {
            self.permanent.pop_front()
        } else if self.one_by_one && self.temporary_begun > 0 {
            None
        } else {
            let index = self.temporary.pop_front();
            self.temporary_begun += usize::from(index.is_some());
            index
        }
    }

    /// When the next job is due that waits for a time.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.waiting.peek().map(|Reverse((due, _))| *due)
    }

    /// Whether every job that may go now waits for a time, which is `limit` or later.
    pub(super) fn only_wait_beyond(&self, limit: Instant) -> bool {
        self.ready.is_empty() && self.next_due().is_some_and(|due| due >= limit)
    }
}

/// The next job of the same user for each job, the effects of all, and each user's first job.
fn chain(
    jobs: impl ExactSizeIterator<Item = (UserId, SeatEffect)>,
) -> (Vec<Option<JobIndex>>, Vec<SeatEffect>, Vec<JobIndex>) {
    let mut next = vec![None; jobs.len()];
    let (mut effects, mut heads) = (Vec::with_capacity(jobs.len()), Vec::new());
    let mut last_of = HashMap::with_capacity(jobs.len());
    for (index, (user, effect)) in jobs.enumerate() {
        effects.push(effect);
        match last_of.insert(user, index) {
            Some(previous) => next[previous] = Some(index),
            None => heads.push(index),
        }
    }
    (next, effects, heads)
}

/// How many jobs of the same user there are from each on.
fn lengths(next: &[Option<JobIndex>]) -> Vec<u32> {
    let mut lengths = vec![1; next.len()];
    for index in (0..next.len()).rev() {
        if let Some(later) = next[index] {
            lengths[index] = lengths[later] + 1;
        }
    }
    lengths
}

/// What each job needs, which the jobs behind it decide.
fn needs(effects: &[SeatEffect], next: &[Option<JobIndex>]) -> Vec<SeatDemand> {
    let mut gives_back = vec![false; effects.len()];
    let mut needs = vec![SeatDemand::None; effects.len()];
    for index in (0..effects.len()).rev() {
        let later = next[index].is_some_and(|next| gives_back[next]);
        gives_back[index] = later || effects[index] == SeatEffect::Frees;
        needs[index] = match effects[index] {
            SeatEffect::Frees | SeatEffect::Neutral => SeatDemand::None,
            SeatEffect::Takes if later => SeatDemand::Temporary,
            SeatEffect::Takes => SeatDemand::Permanent,
        };
    }
    needs
}

const fn has_begun(state: JobState) -> bool {
    match state {
        JobState::InDoubt { .. } | JobState::Partly { .. } | JobState::Done { .. } => true,
        JobState::Ready { tries, .. } => tries > 0,
        JobState::Sent { .. } | JobState::Settled { .. } => false,
    }
}
