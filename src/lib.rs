//! Seat changes in bulk for Smartsheet.
