//! Lines: whose turn it is.
//!
//! The jobs of a user are a chain in file order, of which one is in line at a time, so that there are never two at once.
//! Across users, rows that free a paid seat go before rows that take one, and what has begun is brought to its end
//! before anything new is begun.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use tokio::time::Instant;

use crate::model::{JobState, SeatEffect, UserId};

/// Jobs in line, each known by its turn: its place among all jobs of the run.
#[derive(Debug)]
pub(super) struct Lines {
    /// The next job of the same user.
    chains: Vec<Option<usize>>,
    /// Jobs that may take a step now, but for those that take a paid seat.
    ready: VecDeque<usize>,
    /// Jobs that take a paid seat and wait for the others.
    takers: VecDeque<usize>,
    /// Users whose current job takes no paid seat: takers wait until there is none.
    freeing: usize,
    /// Jobs that have begun and wait for a time.
    waiting: BinaryHeap<Reverse<(Instant, usize)>>,
}

impl Lines {
    /// Empty lines for jobs of these users, and each user's first job.
    pub(super) fn of(users: impl ExactSizeIterator<Item = UserId>) -> (Self, Vec<usize>) {
        let mut chains = vec![None; users.len()];
        let mut last_of = HashMap::with_capacity(users.len());
        let mut heads = Vec::new();
        for (turn, user) in users.enumerate() {
            match last_of.insert(user, turn) {
                Some(previous) => chains[previous] = Some(turn),
                None => heads.push(turn),
            }
        }
        let lines =
            Self { chains, ready: VecDeque::new(), takers: VecDeque::new(), freeing: 0, waiting: BinaryHeap::new() };
        (lines, heads)
    }

    /// The next job of the same user.
    pub(super) fn after(&self, turn: usize) -> Option<usize> {
        self.chains[turn]
    }

    /// A job becomes the current one of its user.
    pub(super) fn enter(&mut self, turn: usize, state: JobState, effect: SeatEffect) {
        self.freeing += usize::from(effect != SeatEffect::Takes);
        if has_begun(state) {
            self.carry_on(turn);
        } else if effect == SeatEffect::Takes {
            self.takers.push_back(turn);
        } else {
            self.ready.push_back(turn);
        }
    }

    /// The current job of a user has ended.
    pub(super) fn leave(&mut self, effect: SeatEffect) {
        self.freeing -= usize::from(effect != SeatEffect::Takes);
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
        match self.ready.pop_front() {
            None if self.freeing == 0 => self.takers.pop_front(),
            turn => turn,
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

const fn has_begun(state: JobState) -> bool {
    match state {
        JobState::InDoubt { .. } | JobState::Partly { .. } | JobState::Done { .. } => true,
        JobState::Ready { tries, .. } => tries > 0,
        JobState::Sent { .. } | JobState::Settled { .. } => false,
    }
}
