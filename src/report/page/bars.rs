//! Bars: numbers as lengths beside the numbers themselves, so that the drawing adds nothing that the text does not say.

use super::html::Html;
use super::{Overview, words};
use crate::model::Status;
use crate::report::Counts;

/// A part of a whole, 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "a length on a screen need not be exact to 53 bits")]
pub(super) fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Draws parts of `whole`, each by the name of its colour, one after the other. Assistive technology passes over it.
pub(super) fn bar(html: &mut Html, parts: &[(&'static str, u64)], whole: u64) {
    html.mark("<svg class=\"bar\" width=\"100%\" height=\"14\" aria-hidden=\"true\" focusable=\"false\">");
    let mut before = 0;
    for (class, count) in parts.iter().filter(|(_, count)| *count > 0) {
        html.mark("<rect class=\"fill-").mark(class).mark("\" x=\"").number(100.0 * share(before, whole));
        html.mark("%\" width=\"").number(100.0 * share(*count, whole)).mark("%\" height=\"14\"/>");
        before += count;
    }
    html.mark("</svg>");
}

/// The chart of outcomes by action.
pub(super) fn outcomes(html: &mut Html, overview: &Overview) {
    html.mark("<section aria-labelledby=\"outcomes\">\n<h2 id=\"outcomes\">Outcomes by action</h2>\n");
    html.mark(
        "<table class=\"bars outcomes\">\n<thead><tr><th scope=\"col\">Action</th><th scope=\"col\" class=\"num\">Rows</th>",
    );
    html.mark("<th scope=\"col\">Outcomes</th></tr></thead>\n<tbody>\n");
    let actions: Vec<_> = overview.actions().collect();
    let longest = actions.iter().map(|(_, counts)| counts.rows()).max().unwrap_or(0);
    for (action, counts) in &actions {
        html.mark("<tr><th scope=\"row\">").text(words::action(*action)).mark("</th><td class=\"num\">");
        html.count(counts.rows()).mark("</td><td>");
        let parts: Vec<_> = words::present(counts).map(|(status, count)| (words::class(status), count)).collect();
        bar(html, &parts, longest);
        parts_in_words(html, counts);
        html.mark("</td></tr>\n");
    }
    if actions.len() > 1 {
        html.mark("</tbody>\n<tfoot><tr><th scope=\"row\">All rows</th><td class=\"num\">");
        html.count(overview.counts.rows()).mark("</td><td>");
        parts_in_words(html, &overview.counts);
        html.mark("</td></tr></tfoot>\n</table>\n</section>\n");
    } else {
        html.mark("</tbody>\n</table>\n</section>\n");
    }
}

/// Every status that there is, with its number: the legend of a bar, in its order.
fn parts_in_words(html: &mut Html, counts: &Counts) {
    html.mark("<ul class=\"parts\">");
    for (status, count) in words::present(counts) {
        html.mark("<li>");
        pill(html, status);
        html.mark(" <span class=\"num\">").count(count).mark("</span></li>");
    }
    html.mark("</ul>");
}

/// A status as a word in its colour.
pub(super) fn pill(html: &mut Html, status: Status) {
    html.mark("<span class=\"pill is-").mark(words::class(status)).mark("\">");
    html.mark(words::status(status)).mark("</span>");
}
