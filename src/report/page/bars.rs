//! Bars: numbers as lengths beside the numbers themselves, so that the drawing adds nothing that the text does not say.

use maud::{Markup, html};

use super::html::{grouped, number};
use super::overview::Overview;
use super::words;
use crate::model::Status;
use crate::report::Counts;

/// A part of a whole, 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "a length on a screen need not be exact to 53 bits")]
pub(super) fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Draws parts of `whole`, each by the name of its colour, one after the other. Assistive technology passes over it.
pub(super) fn bar(parts: &[(&'static str, u64)], whole: u64) -> Markup {
    let mut before = 0;
    let drawn = parts.iter().filter(|(_, count)| *count > 0).map(|(class, count)| {
        let x = share(before, whole);
        before += count;
        (class, x, share(*count, whole))
    });
    html! {
        svg.bar width="100%" height="14" aria-hidden="true" focusable="false" {
            @for (class, x, width) in drawn {
                rect class={ "fill-" (class) } x={ (number(100.0 * x)) "%" } width={ (number(100.0 * width)) "%" }
                    height="14" {}
            }
        }
    }
}

/// The chart of outcomes by action.
pub(super) fn outcomes(overview: &Overview) -> Markup {
    let actions: Vec<_> = overview.actions().collect();
    let longest = actions.iter().map(|(_, counts)| counts.rows()).max().unwrap_or(0);
    let in_classes =
        |counts| words::present(counts).map(|(status, count)| (words::class(status), count)).collect::<Vec<_>>();
    html! {
        section aria-labelledby="outcomes" {
            h2 #outcomes { "Outcomes by action" }
            table.bars.outcomes {
                thead {
                    tr {
                        th scope="col" { "Action" }
                        th.num scope="col" { "Rows" }
                        th scope="col" { "Outcomes" }
                    }
                }
                tbody {
                    @for (action, counts) in &actions {
                        tr {
                            th scope="row" { (words::action(*action)) }
                            td.num { (grouped(counts.rows())) }
                            td { (bar(&in_classes(counts), longest)) (parts_in_words(counts)) }
                        }
                    }
                }
                @if actions.len() > 1 {
                    tfoot {
                        tr {
                            th scope="row" { "All rows" }
                            td.num { (grouped(overview.counts.rows())) }
                            td { (parts_in_words(&overview.counts)) }
                        }
                    }
                }
            }
        }
    }
}

/// Every status that there is, with its number: the legend of a bar, in its order.
fn parts_in_words(counts: &Counts) -> Markup {
    html! {
        ul.parts {
            @for (status, count) in words::present(counts) {
                li { (pill(status)) " " span.num { (grouped(count)) } }
            }
        }
    }
}

/// A status as a word in its colour.
pub(super) fn pill(status: Status) -> Markup {
    html! { span class={ "pill is-" (words::class(status)) } { (words::status(status)) } }
}
