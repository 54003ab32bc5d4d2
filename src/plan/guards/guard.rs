//! A guard: a limit that refuses a plan before anything is changed, because the file looks like an accident.

/// A guard that was tripped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// The numbers.
    pub message: String,
    /// What lifts it: a flag, a setting, or the rows to take out.
    pub hint: String,
}
