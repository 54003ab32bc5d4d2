//! Summaries of a plan for people: what it comes to, which rows to look at first, and what earlier runs say of its users.

mod affected_share;
mod highlights;
mod history_warnings;
mod paid_seats;
mod totals;
mod warning_counts;

pub use affected_share::Share;
pub use highlights::{Striking, striking};
pub use history_warnings::{REACTIVATION, recall};
pub use paid_seats::{Amount, Done, Meter, Money, PaidSeats};
pub use totals::{Effect, Tally};
pub use warning_counts::Concerned;
