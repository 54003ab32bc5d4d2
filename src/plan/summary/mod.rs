//! Summaries of a plan for people: what it comes to, which rows to look at first, and what earlier runs say of its users.

mod affected_share;
mod highlights;
mod history_warnings;
mod paid_seats;
mod totals;
mod warning_counts;

pub use affected_share::AffectedShare;
pub use highlights::{Highlight, highlights};
pub use history_warnings::{REACTIVATION, history_warnings};
pub use paid_seats::{Amount, JobCertainty, PaidSeatCounter, PaidSeats, PaidSeatsByPlan};
pub use totals::{RowEffect, Totals};
pub use warning_counts::WarnedRows;
