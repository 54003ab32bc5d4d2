//! Lines: whose turn it is.
//!
//! The jobs of a user are a chain in file order, of which one is in line at a time, so that there are never two at once.
//! What has begun is brought to its end before anything new is begun. Across users, rows that need no paid seat go first,
//! because they may free one; then those that need one only until a later row of the same user gives it back; then those
//! that keep it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use tokio::time::Instant;

use crate::model::{JobState, SeatEffect, UserId};

/// What a job needs of the paid seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// None.
    None,
    /// One, until a later job of the same user gives it back.
    Passing,
    /// One, for good.
    Lasting,
}

/// Jobs in line, each known by its turn: its place among all jobs of the run.
#[derive(Debug)]
pub(super) struct Lines {
    /// What each job needs, and the next job of the same user.
    chains: Vec<(Need, Option<usize>)>,
    /// Jobs that may take a step now, but for those that need a paid seat.
    ready: VecDeque<usize>,
    /// Jobs that need a paid seat in passing.
    passing: VecDeque<usize>,
    /// Jobs that need one for good.
    lasting: VecDeque<usize>,
    /// Users whose current job needs no paid seat: those that need one wait until there is none of them.
    freeing: usize,
    /// Users whose current job needs one in passing: those that need one for good wait for them, too.
    borrowers: usize,
    /// How many of these have begun.
    borrowing: usize,
    /// Whether they go one by one, because there were not enough seats for several.
    one_by_one: bool,
    /// Jobs that have begun and wait for a time.
    waiting: BinaryHeap<Reverse<(Instant, usize)>>,
}

impl Lines {
    /// Empty lines for jobs of these users with these effects, and each user's first job.
    pub(super) fn of(jobs: impl ExactSizeIterator<Item = (UserId, SeatEffect)>) -> (Self, Vec<usize>) {
        let (next, effects, heads) = chain(jobs);
        let lines = Self {
            chains: needs(&effects, &next).into_iter().zip(next).collect(),
            ready: VecDeque::new(),
            passing: VecDeque::new(),
            lasting: VecDeque::new(),
            freeing: 0,
            borrowers: 0,
            borrowing: 0,
            one_by_one: false,
            waiting: BinaryHeap::new(),
        };
        (lines, heads)
    }

    /// The next job of the same user.
    pub(super) fn after(&self, turn: usize) -> Option<usize> {
        self.chains[turn].1
    }

    /// A job becomes the current one of its user.
    pub(super) fn enter(&mut self, turn: usize, state: JobState) {
        let need = self.chains[turn].0;
        match need {
            Need::None => self.freeing += 1,
            Need::Passing => self.borrowers += 1,
            Need::Lasting => {}
        }
        match need {
            _ if has_begun(state) => {
                self.borrowing += usize::from(need == Need::Passing);
                self.carry_on(turn);
            }
            Need::None => self.ready.push_back(turn),
            Need::Passing => self.passing.push_back(turn),
            Need::Lasting => self.lasting.push_back(turn),
        }
    }

    /// The current job of a user has ended.
    pub(super) fn leave(&mut self, turn: usize) {
        match self.chains[turn].0 {
            Need::None => self.freeing -= 1,
            Need::Passing => {
                self.borrowers -= 1;
                self.borrowing -= 1;
            }
            Need::Lasting => {}
        }
    }

    /// A job that has begun was refused for want of a paid seat. Where others are about to give one back, it waits for
    /// them, and from now on those who do go one by one. Returns whether it does.
    pub(super) fn put_off(&mut self, turn: usize) -> bool {
        let others_give_back = self.freeing > 0 || self.borrowing > 1;
        let waits = self.chains[turn].0 == Need::Passing && others_give_back;
        if waits {
            self.one_by_one = true;
            self.borrowing -= 1;
            self.passing.push_front(turn);
        }
        waits
    }

    /// A job that has begun takes its next step as soon as there is room.
    pub(super) fn carry_on(&mut self, turn: usize) {
        self.ready.push_front(turn);
    }

    /// A job that has begun takes its next step at `due`.
    pub(super) fn wait(&mut self, turn: usize, due: Instant) {
        self.waiting.push(Reverse((due, turn)));
    }

    /// The job whose turn it is at `now`.
    pub(super) fn next(&mut self, now: Instant) -> Option<usize> {
        while let Some(Reverse((due, turn))) = self.waiting.peek().copied()
            && due <= now
        {
            self.waiting.pop();
            self.carry_on(turn);
        }
        self.ready.pop_front().or_else(|| self.next_taker())
    }

    fn next_taker(&mut self) -> Option<usize> {
        if self.freeing > 0 {
            None
        } else if self.borrowers == 0 {
            self.lasting.pop_front()
        } else if self.one_by_one && self.borrowing > 0 {
            None
        } else {
            let turn = self.passing.pop_front();
            self.borrowing += usize::from(turn.is_some());
            turn
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
) -> (Vec<Option<usize>>, Vec<SeatEffect>, Vec<usize>) {
    let mut next = vec![None; jobs.len()];
    let (mut effects, mut heads) = (Vec::with_capacity(jobs.len()), Vec::new());
    let mut last_of = HashMap::with_capacity(jobs.len());
    for (turn, (user, effect)) in jobs.enumerate() {
        effects.push(effect);
        match last_of.insert(user, turn) {
            Some(previous) => next[previous] = Some(turn),
            None => heads.push(turn),
        }
    }
    (next, effects, heads)
}

/// What each job needs, which the jobs behind it decide.
fn needs(effects: &[SeatEffect], next: &[Option<usize>]) -> Vec<Need> {
    let mut gives_back = vec![false; effects.len()];
    let mut needs = vec![Need::None; effects.len()];
    for turn in (0..effects.len()).rev() {
        let later = next[turn].is_some_and(|next| gives_back[next]);
        gives_back[turn] = later || effects[turn] == SeatEffect::Frees;
        needs[turn] = match effects[turn] {
            SeatEffect::Frees | SeatEffect::Neutral => Need::None,
            SeatEffect::Takes if later => Need::Passing,
            SeatEffect::Takes => Need::Lasting,
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
