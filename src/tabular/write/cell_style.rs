//! How a cell is shown, where the format can show more than its text.

/// How a cell is shown, in formats that show more than its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellStyle {
    /// As it is.
    Plain,
    /// As the name of a column.
    Header,
    /// In colours, each as `0xRRGGBB`.
    Coloured {
        /// Of the cell.
        paper: u32,
        /// Of its text.
        ink: u32,
    },
    /// As it is, or not at all: a part of it would mislead, so this stands where it does not fit.
    Whole(&'static str),
}
