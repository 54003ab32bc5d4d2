//! Exit codes: a contract with scripts, documented in the README.

use crate::model::{Signal, StopReason};
use crate::report::Counts;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: every row is `SUCCESS`, `UNCHANGED` or `SKIPPED`; in a dry run nothing is `INVALID` or `BLOCKED`, and no guard
    /// would trip.
    Fine,
    /// 1: finished, and some rows are not.
    SomeRows,
    /// 2: the command line or the settings are wrong.
    Usage,
    /// 3: refused before anything was changed.
    Refused,
    /// 4: stopped part-way; `seatrun resume` carries on.
    Stopped,
    /// 5: finished, but the report, the page or the summary could not be written.
    NoReport,
    /// 6: another run for this account is under way.
    Locked,
    /// 130, 143, 129: interrupted; what was in flight was finished and recorded.
    Signal(Signal),
    /// 70: a bug in seatrun.
    Bug,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::SomeRows => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Stopped => 4,
            Self::NoReport => 5,
            Self::Locked => 6,
            Self::Signal(Signal::Int) => 130,
            Self::Signal(Signal::Term) => 143,
            Self::Signal(Signal::Hup) => 129,
            Self::Bug => 70,
        }
    }

    /// The same ending, if something that was to be written could not be: nobody may take it for a good one.
    #[must_use]
    pub const fn unwritten(self) -> Self {
        match self {
            Self::Fine | Self::SomeRows => Self::NoReport,
            Self::Usage
            | Self::Refused
            | Self::Stopped
            | Self::NoReport
            | Self::Locked
            | Self::Signal(_)
            | Self::Bug => self,
        }
    }

    /// How a run ends that was worked on.
    pub fn of_run(ending: &StopReason, counts: &Counts) -> Self {
        match ending {
            StopReason::Finished if counts.are_fine() => Self::Fine,
            StopReason::Finished => Self::SomeRows,
            StopReason::Interrupted(signal) | StopReason::Aborted(signal) => Self::Signal(*signal),
            StopReason::Bug(_) => Self::Bug,
            StopReason::Token(_)
            | StopReason::NoAdmin(_)
            | StopReason::Retired(_)
            | StopReason::Unreachable(_)
            | StopReason::Throttled(_)
                if !counts.show_changes() =>
            {
                Self::Refused
            }
            StopReason::Token(_)
            | StopReason::NoAdmin(_)
            | StopReason::Retired(_)
            | StopReason::Unreachable(_)
            | StopReason::Throttled(_)
            | StopReason::NotTheApi(_)
            | StopReason::TooManyErrors(_)
            | StopReason::Deadline
            | StopReason::Ledger(_) => Self::Stopped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;

    #[test]
    fn every_ending_has_the_exit_code_of_the_contract() {
        let token = || StopReason::Token("expired".into());
        let table = [
            (StopReason::Finished, vec![Status::Success, Status::Unchanged, Status::Skipped], 0),
            (StopReason::Finished, vec![], 0),
            (StopReason::Finished, vec![Status::Success, Status::PartialSuccess], 1),
            (StopReason::Finished, vec![Status::Failed], 1),
            (StopReason::Finished, vec![Status::Invalid], 1),
            (StopReason::Finished, vec![Status::Unknown], 1),
            (token(), vec![Status::Failed, Status::NotAttempted], 3),
            (token(), vec![Status::Success, Status::NotAttempted], 4),
            (token(), vec![Status::Unknown, Status::NotAttempted], 4),
            (StopReason::Deadline, vec![Status::NotAttempted], 4),
            (StopReason::NotTheApi(String::new()), vec![Status::Unknown, Status::NotAttempted], 4),
            (StopReason::Throttled(String::new()), vec![Status::Success, Status::Failed], 4),
            (StopReason::TooManyErrors(String::new()), vec![Status::Failed], 4),
            (StopReason::Ledger(String::new()), vec![Status::Unknown], 4),
            (StopReason::Interrupted(Signal::Int), vec![Status::Success], 130),
            (StopReason::Aborted(Signal::Term), vec![Status::Unknown], 143),
            (StopReason::Interrupted(Signal::Hup), vec![Status::Success], 129),
            (StopReason::Bug(String::new()), vec![Status::Failed], 70),
        ];
        for (ending, statuses, code) in table {
            let mut counts = Counts::default();
            for status in &statuses {
                counts.add(*status);
            }
            assert_eq!(Exit::of_run(&ending, &counts).code(), code, "{ending:?} with {statuses:?}");
        }
    }
}
