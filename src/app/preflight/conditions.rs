//! Conditions: which rows wait for their day, and which are not for users who hold another seat.

use jiff::Timestamp;

use crate::app::context::Context;
use crate::app::{CommandError, Exit};
use crate::cli;
use crate::input::Sheet;
use crate::model::Seat;
use crate::plan::RunPlan;

/// Refuses conditions that nothing could be compared with.
pub(crate) fn refuse_unreadable(context: &Context, arguments: &cli::Run, sheet: &Sheet) -> Result<(), CommandError> {
    let (is_flag, is_column) = (!context.settings.if_seat.is_empty(), sheet.asks_for_seats());
    if !arguments.preflight.no_preflight || !(is_flag || is_column) {
        return Ok(());
    }
    let what = if is_flag { "--if-seat" } else { "the column if_seat" };
    let message = format!("{what} asks which seats users hold now, and --no-preflight does not read them");
    Err(CommandError::new(Exit::Usage, message).hint("leave one of the two out"))
}

/// Skips the rows whose day is yet to come.
pub(crate) fn wait(context: &Context, sheet: &Sheet, plan: &mut RunPlan) {
    if !sheet.has_days() {
        return;
    }
    let today = Timestamp::now().to_zoned(context.time_zone()).date();
    for row in sheet.rows() {
        let day = sheet.conditions(&row).not_before.filter(|day| *day > today);
        if let (Some(day), Some(planned)) = (day, plan.row_mut(row.number)) {
            planned.wait_until(day);
        }
    }
}

/// Skips the rows whose users hold another seat than the row, or else the command line, asks for.
pub(crate) fn require_seats(context: &Context, sheet: &Sheet, plan: &mut RunPlan) {
    let of_all: Vec<Seat> = context.settings.if_seat.iter().map(|setting| setting.value).collect();
    if of_all.is_empty() && !sheet.asks_for_seats() {
        return;
    }
    for row in sheet.rows() {
        let of_row = sheet.conditions(&row).if_seat;
        let seats = if of_row.is_empty() { &of_all } else { &of_row };
        if let Some(planned) = plan.row_mut(row.number).filter(|_| !seats.is_empty()) {
            planned.require_seat(seats);
        }
    }
}
