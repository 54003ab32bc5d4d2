//! Exit codes: a contract with scripts, documented in the README.

use crate::model::{Ending, Signal};
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
    /// 5: finished, but the report could not be written.
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

    /// How a run ends that was worked on.
    pub fn of_run(ending: &Ending, counts: &Counts) -> Self {
        match ending {
            Ending::Finished if counts.are_fine() => Self::Fine,
            Ending::Finished => Self::SomeRows,
            Ending::Interrupted(signal) | Ending::Aborted(signal) => Self::Signal(*signal),
            Ending::Bug(_) => Self::Bug,
            Ending::Token(_)
            | Ending::NoAdmin(_)
            | Ending::Retired(_)
            | Ending::Unreachable(_)
            | Ending::Throttled(_)
                if !counts.show_changes() =>
            {
                Self::Refused
            }
            Ending::Token(_)
            | Ending::NoAdmin(_)
            | Ending::Retired(_)
            | Ending::Unreachable(_)
            | Ending::Throttled(_)
            | Ending::NotTheApi(_)
            | Ending::TooManyErrors(_)
            | Ending::Deadline
            | Ending::Ledger(_) => Self::Stopped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;

    #[test]
    fn every_ending_has_the_exit_code_of_the_contract() {
        let token = || Ending::Token("expired".into());
        let table = [
            (Ending::Finished, vec![Status::Success, Status::Unchanged, Status::Skipped], 0),
            (Ending::Finished, vec![], 0),
            (Ending::Finished, vec![Status::Success, Status::PartialSuccess], 1),
            (Ending::Finished, vec![Status::Failed], 1),
            (Ending::Finished, vec![Status::Invalid], 1),
            (Ending::Finished, vec![Status::Unknown], 1),
            (token(), vec![Status::Failed, Status::NotAttempted], 3),
            (token(), vec![Status::Success, Status::NotAttempted], 4),
            (token(), vec![Status::Unknown, Status::NotAttempted], 4),
            (Ending::Deadline, vec![Status::NotAttempted], 4),
            (Ending::NotTheApi(String::new()), vec![Status::Unknown, Status::NotAttempted], 4),
            (Ending::Throttled(String::new()), vec![Status::Success, Status::Failed], 4),
            (Ending::TooManyErrors(String::new()), vec![Status::Failed], 4),
            (Ending::Ledger(String::new()), vec![Status::Unknown], 4),
            (Ending::Interrupted(Signal::Int), vec![Status::Success], 130),
            (Ending::Aborted(Signal::Term), vec![Status::Unknown], 143),
            (Ending::Interrupted(Signal::Hup), vec![Status::Success], 129),
            (Ending::Bug(String::new()), vec![Status::Failed], 70),
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
