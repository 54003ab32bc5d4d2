//! What a workbook has beside its cells, where people fill it in: a sheet that says what to do, a column with a choice, and
//! columns that are folded away.

/// What a workbook has beside its cells. A CSV has none of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkbookExtras {
    /// The lines of a sheet that comes before the rows.
    pub guide: Vec<String>,
    /// The place of the column in which one of some words is chosen, and the words.
    pub choice: Option<(u16, &'static [&'static str])>,
    /// How many columns at the right are folded away.
    pub folded: u16,
}
