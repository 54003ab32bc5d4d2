//! The sections in their order: what is to be known first, what changes, how it ended, what to do, the rows, and what only
//! an operator needs.

use std::cmp::Ordering;

use maud::{Markup, PreEscaped, html};

use super::super::summary::seconds;
use super::bars::{self, bar, pill};
use super::content::{Occasion, Page, Stage};
use super::html::{counted, grouped, sentence, value};
use super::overview::{Overview, Quantity, Seats};
use super::remark::Remark;
use super::{remarks, traffic, words};
use crate::model::{ActionName, Status};
use crate::plan::Highlight;

/// Kinds of change and pieces of advice that are listed, at the most; the rows have them all.
const LISTED: usize = 12;

/// The table of the rows, which the script fills.
const ROWS: &str = include_str!("rows.html");

/// Everything between the masthead and the data of the rows.
pub(super) fn sections(page: &Page<'_>, overview: &Overview) -> Markup {
    let remarks = remarks::all(page, overview);
    html! {
        main {
            (remarks::section(page, &remarks))
            (approval(page))
            (striking(page.highlights))
            (changes(page, overview))
            (bars::outcomes(overview))
            (remedies(overview))
            (rows(page, overview))
            (for_operators(page, &remarks))
        }
        footer {
            p {
                "Written by seatrun " (env!("CARGO_PKG_VERSION")) ". This file is whole in itself and asks the network for "
                "nothing. It names people: keep it as carefully as the spreadsheet."
            }
        }
    }
}

/// How the rows of a review are approved.
fn approval(page: &Page<'_>) -> Markup {
    let (Some(approval), Some(report)) = (&page.approval, page.report) else { return Markup::default() };
    html! {
        section aria-labelledby="approval" {
            h2 #approval { "How to approve" }
            ol {
                li { "Open " (value(report)) " in a spreadsheet program." }
                li { "In the column " (value(approval.column)) ", write " b { "yes" } " for each row that may run. "
                    "A row without a yes does not run." }
                li { "Save the file in the same format, and leave its other columns as they are." }
                li { "Give it back" @if let Some(until) = approval.until { " by " b { (words::day(until)) } }
                    ". It runs once; a row whose user has changed since is left out." }
            }
        }
    }
}

/// The rows that a person should look at before agreeing.
fn striking(highlights: &[Highlight]) -> Markup {
    html! {
        @if !highlights.is_empty() {
            section aria-labelledby="striking" {
                h2 #striking { "Look at these first" }
                table.striking {
                    thead {
                        tr {
                            th.num scope="col" { "Row" }
                            th scope="col" { "User" }
                            th scope="col" { "Change" }
                            th scope="col" { "Why" }
                        }
                    }
                    tbody {
                        @for Highlight { row, who, what, reasons } in highlights {
                            tr {
                                td.num { (grouped(*row)) }
                                td { (value(who)) }
                                td { (value(what)) }
                                td {
                                    (sentence(&reasons.iter().filter_map(|why| words::plain(why)).collect::<Vec<_>>()
                                        .join("; ")))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What changes, in rows and in paid seats.
fn changes(page: &Page<'_>, overview: &Overview) -> Markup {
    let (heading, [made, freed, taken]) = match page.occasion {
        Occasion::Review(_) => ("What would change", PLANNED),
        Occasion::Refusal => ("What would have changed", PLANNED),
        Occasion::Run { .. } => ("What was changed", DONE),
    };
    let seats = overview.all_seats();
    html! {
        section aria-labelledby="changes" {
            h2 #changes { (heading) }
            dl.tiles {
                div { dt { (made) } dd { (grouped(overview.changes())) } }
                div { dt { (freed) } dd { (quantity(seats.freed)) } }
                div { dt { (taken) } dd { (quantity(seats.taken)) } }
                div { dt { "Net" } dd { (net(seats)) } }
            }
            (moves(overview))
            @if overview.seats.len() > 1 { (seats_by_plan(page, overview)) }
        }
    }
}

/// The names of the numbers, where nothing has been done yet.
const PLANNED: [&str; 3] = ["Changes", "Paid seats to be given back", "Paid seats to be taken"];
/// The same after a run.
const DONE: [&str; 3] = ["Changes made", "Paid seats given back", "Paid seats taken"];

fn quantity(seats: Quantity) -> String {
    let up_to = if seats.unsure > 0 { "up to " } else { "" };
    format!("{up_to}{}", grouped(seats.most))
}

/// What is left of taking and giving back.
fn net(seats: Seats) -> String {
    let Seats { freed, taken } = seats;
    let difference = Quantity { most: freed.most.abs_diff(taken.most), unsure: freed.unsure + taken.unsure };
    match freed.most.cmp(&taken.most) {
        Ordering::Greater => format!("{} fewer", quantity(difference)),
        Ordering::Less => format!("{} more", quantity(difference)),
        Ordering::Equal => "as many as before".to_owned(),
    }
}

/// From which seat to which.
fn moves(overview: &Overview) -> Markup {
    let mut moves: Vec<_> = overview.moves.iter().collect();
    moves.sort_by_key(|(_, rows)| std::cmp::Reverse(**rows));
    let Some((_, most)) = moves.first() else { return Markup::default() };
    html! {
        table.bars {
            caption { "From → to" }
            thead {
                tr {
                    th scope="col" { "Action" }
                    th scope="col" { "From" }
                    th scope="col" { "To" }
                    th.num scope="col" { "Rows" }
                    th.drawn scope="col" { span.unseen { "Share" } }
                }
            }
            tbody {
                @for (change, rows) in moves.iter().take(LISTED) {
                    tr {
                        th scope="row" { (words::action(Some(change.action))) }
                        td {
                            @match &change.from {
                                Some(seat) => { (value(seat)) }
                                None => { span.quiet { "not read" } }
                            }
                        }
                        td { (value(&change.to)) }
                        td.num { (grouped(**rows)) }
                        td.drawn {
                            (bar(&[(if change.action == ActionName::Remove { "failed" } else { "planned" }, **rows)], **most))
                        }
                    }
                }
            }
        }
        (left_out(moves.len(), "other kinds of change are in the rows below."))
    }
}

/// The same money, plan by plan.
fn seats_by_plan(page: &Page<'_>, overview: &Overview) -> Markup {
    html! {
        table.plans {
            caption { "Paid seats by plan" }
            thead {
                tr {
                    th scope="col" { "Plan" }
                    @for head in ["Given back", "Taken", "Net"] { th.num scope="col" { (head) } }
                }
            }
            tbody {
                @for (plan, seats) in overview.seats.iter().take(LISTED) {
                    tr {
                        th scope="row" {
                            @match plan {
                                Some(plan) => { (value(&page.plan_in_words(*plan))) }
                                None => { "Whichever the user is in" }
                            }
                        }
                        @for text in [quantity(seats.freed), quantity(seats.taken), net(*seats)] { td.num { (text) } }
                    }
                }
            }
        }
        (left_out(overview.seats.len(), "other plans are in the rows below."))
    }
}

/// What can be done about rows that are not well, the most frequent first.
fn remedies(overview: &Overview) -> Markup {
    let mut remedies: Vec<_> = overview.remedies.iter().collect();
    remedies.sort_by_key(|(_, rows)| std::cmp::Reverse(**rows));
    html! {
        @if !remedies.is_empty() {
            section aria-labelledby="remedies" {
                h2 #remedies { "What can be done" }
                table.remedies {
                    thead {
                        tr {
                            th.num scope="col" { "Rows" }
                            th scope="col" { "Outcome" }
                            th scope="col" { "What to do" }
                        }
                    }
                    tbody {
                        @for ((status, advice), rows) in remedies.iter().take(LISTED) {
                            tr {
                                td.num { (grouped(**rows)) }
                                td { (pill(*status)) }
                                td { (sentence(advice)) }
                            }
                        }
                    }
                }
                (left_out(remedies.len(), "other pieces of advice are in the rows below."))
            }
        }
    }
}

fn left_out(all: usize, what: &'static str) -> Markup {
    let more = all.saturating_sub(LISTED);
    html! { @if more > 0 { p.quiet { (grouped(more as u64)) " " (what) } } }
}

/// The rows: what chooses among them, and the table that the script fills. Without a script, where they are.
fn rows(page: &Page<'_>, overview: &Overview) -> Markup {
    html! {
        section aria-labelledby="rows" {
            h2 #rows tabindex="-1" { "Every row" }
            noscript {
                p {
                    "The rows are shown by a script, and this browser runs none. The report has every row"
                    @if let Some(report) = page.report { ": " strong { (value(report)) } }
                    "."
                }
            }
            (choice(overview))
            (PreEscaped(ROWS))
            details {
                summary { "What the outcomes mean" }
                dl.meanings {
                    @for (status, _) in words::present(&overview.counts) {
                        div {
                            dt { (pill(status)) }
                            dd { (words::meaning(status)) " " small { "In the report: " (status.name()) } }
                        }
                    }
                }
            }
        }
    }
}

/// What chooses among the rows. The script takes its words from here, so that each is said in one place.
fn choice(overview: &Overview) -> Markup {
    let place = |action: Option<ActionName>| {
        let place = action.and_then(|action| ActionName::ALL.iter().position(|known| *known == action));
        place.map_or_else(|| "-1".to_owned(), |place| place.to_string())
    };
    let place_of_status = |status: Status| Status::ALL.iter().position(|known| *known == status).unwrap_or(0);
    html! {
        form #choice hidden role="search" aria-label="Rows" {
            p {
                label for="search" { "Search" }
                input #search type="search" autocomplete="off" spellcheck="false" aria-keyshortcuts="/"
                    placeholder="name, address, user, explanation";
            }
            p {
                label for="action" { "Action" }
                select #action {
                    option value="" { "All" }
                    @for (action, counts) in overview.actions() {
                        option value=(place(action)) data-label=(words::action(action)) {
                            (words::action(action)) " (" (grouped(counts.rows())) ")"
                        }
                    }
                }
            }
            fieldset #statuses {
                legend { "Outcome" }
                @for (status, count) in words::present(&overview.counts) {
                    label class={ "chip is-" (words::class(status)) } {
                        input type="checkbox" value=(place_of_status(status)) data-label=(words::status(status))
                            data-name=(status.name()) data-class={ "is-" (words::class(status)) };
                        " " (words::status(status)) " " span.num { (grouped(count)) }
                    }
                }
            }
            p { button type="reset" { "Show all" } }
        }
    }
}

/// What only somebody who runs the program needs.
fn for_operators(page: &Page<'_>, remarks: &[Remark]) -> Markup {
    html! {
        section.operators aria-labelledby="operators" {
            h2 #operators { "For operators" }
            dl.facts {
                @if let Occasion::Run { name, .. } = page.occasion { div { dt { "Run" } dd { (value(name)) } } }
                @if let Some(api_url) = page.api_url.filter(|_| page.stage == Stage::Real) {
                    div { dt { "API" } dd { (value(api_url)) } }
                }
                @if let Occasion::Review(estimate) = &page.occasion {
                    div {
                        dt { "Requests" }
                        dd {
                            (counted(estimate.requests, "request", "requests"))
                            @if let (Some(limit), Some(duration)) = (estimate.limit, estimate.duration()) {
                                br; "about " (seconds(duration)) " at " (grouped(u64::from(limit))) " a minute"
                            }
                        }
                    }
                }
            }
            (remarks::technical(remarks))
            @if let Occasion::Run { traffic, .. } = &page.occasion { (traffic::chart(traffic)) }
        }
    }
}
