//! The sections in their order: what is to be known first, what changes, how it ended, what to do, and the rows.

use std::cmp::Ordering;

use super::super::summary::seconds;
use super::bars::{self, bar, pill};
use super::html::{Html, grouped};
use super::overview::{Quantity, Seats};
use super::{Occasion, Overview, Page, remarks, traffic, words};
use crate::model::{ActionName, Status};
use crate::report::Estimate;

/// Kinds of change and pieces of advice that are listed, at the most; the rows have them all.
const LISTED: usize = 12;

/// The table of the rows, which the script fills.
const ROWS: &str = include_str!("rows.html");

/// Writes everything below the masthead, up to the data of the rows.
pub(super) fn write(html: &mut Html, page: &Page<'_>, overview: &Overview) {
    html.mark("<main>\n");
    remarks::write(html, page, overview);
    changes(html, page, overview);
    bars::outcomes(html, overview);
    remedies(html, overview);
    if let Occasion::Run { traffic, .. } = &page.occasion {
        traffic::write(html, traffic);
    }
    rows(html, page, overview);
    html.mark("</main>\n<footer><p>Written by seatrun ").mark(env!("CARGO_PKG_VERSION"));
    html.mark(". This file is whole in itself and asks the network for nothing. It names people: ");
    html.mark("keep it as carefully as the spreadsheet.</p></footer>\n");
}

/// What changes, in rows and in paid seats.
fn changes(html: &mut Html, page: &Page<'_>, overview: &Overview) {
    let is_done = matches!(page.occasion, Occasion::Run { .. });
    let heading = match page.occasion {
        Occasion::Review(_) => "What would change",
        Occasion::Refusal => "What would have changed",
        Occasion::Run { .. } => "What was changed",
    };
    html.mark("<section aria-labelledby=\"changes\">\n<h2 id=\"changes\">").mark(heading).mark("</h2>\n");
    let seats = overview.all_seats();
    html.mark("<dl class=\"tiles\">\n");
    tile(html, if is_done { "Changes made" } else { "Changes" }, &grouped(overview.changes()));
    tile(html, if is_done { "Paid seats given back" } else { "Paid seats to be given back" }, &quantity(seats.freed));
    tile(html, if is_done { "Paid seats taken" } else { "Paid seats to be taken" }, &quantity(seats.taken));
    tile(html, "Net", &net(seats));
    html.mark("</dl>\n");
    if let Occasion::Review(estimate) = &page.occasion
        && estimate.requests > 0
    {
        cost(html, *estimate);
    }
    moves(html, overview);
    if overview.seats.len() > 1 {
        seats_by_plan(html, page, overview);
    }
    html.mark("</section>\n");
}

/// What it costs in requests and time.
fn cost(html: &mut Html, estimate: Estimate) {
    html.mark("<p>It takes ").count(estimate.requests);
    html.mark(words::plural(estimate.requests, " request", " requests"));
    if let (Some(limit), Some(duration)) = (estimate.limit, estimate.duration()) {
        html.mark(", about ").text(&seconds(duration)).mark(" at ").count(u64::from(limit)).mark(" a minute");
    }
    html.mark(".</p>\n");
}

fn tile(html: &mut Html, label: &'static str, number: &str) {
    html.mark("<div><dt>").mark(label).mark("</dt><dd>").text(number).mark("</dd></div>\n");
}

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
fn moves(html: &mut Html, overview: &Overview) {
    if overview.moves.is_empty() {
        return;
    }
    html.mark("<table class=\"bars\">\n<caption>From → to</caption>\n<thead><tr><th scope=\"col\">Action</th>");
    html.mark("<th scope=\"col\">From</th><th scope=\"col\">To</th><th scope=\"col\" class=\"num\">Rows</th>");
    html.mark("<th scope=\"col\" class=\"drawn\"><span class=\"unseen\">Share</span></th></tr></thead>\n<tbody>\n");
    let mut moves: Vec<_> = overview.moves.iter().collect();
    moves.sort_by_key(|(_, rows)| std::cmp::Reverse(**rows));
    let most = moves.first().map_or(0, |(_, rows)| **rows);
    for (change, rows) in moves.iter().take(LISTED) {
        html.mark("<tr><th scope=\"row\">").mark(words::action(Some(change.action))).mark("</th><td>");
        match &change.from {
            Some(seat) => _ = html.value(seat),
            None => _ = html.mark("<span class=\"quiet\">not read</span>"),
        }
        html.mark("</td><td>").value(&change.to).mark("</td><td class=\"num\">").count(**rows);
        html.mark("</td><td class=\"drawn\">");
        bar(html, &[(if change.action == ActionName::Remove { "failed" } else { "planned" }, **rows)], most);
        html.mark("</td></tr>\n");
    }
    html.mark("</tbody>\n</table>\n");
    left_out(html, moves.len(), "other kinds of change are in the rows below.");
}

/// The same money, plan by plan.
fn seats_by_plan(html: &mut Html, page: &Page<'_>, overview: &Overview) {
    html.mark("<table class=\"plans\">\n<caption>Paid seats by plan</caption>\n<thead><tr><th scope=\"col\">Plan</th>");
    html.mark("<th scope=\"col\" class=\"num\">Given back</th><th scope=\"col\" class=\"num\">Taken</th>");
    html.mark("<th scope=\"col\" class=\"num\">Net</th></tr></thead>\n<tbody>\n");
    for (plan, seats) in overview.seats.iter().take(LISTED) {
        html.mark("<tr><th scope=\"row\">");
        match plan {
            Some(plan) => _ = html.value(&page.plan_in_words(*plan)),
            None => _ = html.mark("Whichever the user is in"),
        }
        for text in [quantity(seats.freed), quantity(seats.taken), net(*seats)] {
            html.mark("</td><td class=\"num\">").text(&text);
        }
        html.mark("</td></tr>\n");
    }
    html.mark("</tbody>\n</table>\n");
    left_out(html, overview.seats.len(), "other plans are in the rows below.");
}

/// What can be done about rows that are not well, the most frequent first.
fn remedies(html: &mut Html, overview: &Overview) {
    if overview.remedies.is_empty() {
        return;
    }
    html.mark("<section aria-labelledby=\"remedies\">\n<h2 id=\"remedies\">What can be done</h2>\n<table class=\"remedies\">\n");
    html.mark("<thead><tr><th scope=\"col\" class=\"num\">Rows</th><th scope=\"col\">Outcome</th>");
    html.mark("<th scope=\"col\">What to do</th></tr></thead>\n<tbody>\n");
    let mut remedies: Vec<_> = overview.remedies.iter().collect();
    remedies.sort_by_key(|(_, rows)| std::cmp::Reverse(**rows));
    for ((status, advice), rows) in remedies.iter().take(LISTED) {
        html.mark("<tr><td class=\"num\">").count(**rows).mark("</td><td>");
        pill(html, *status);
        html.mark("</td><td>").sentence(advice).mark("</td></tr>\n");
    }
    html.mark("</tbody>\n</table>\n");
    left_out(html, remedies.len(), "other pieces of advice are in the rows below.");
    html.mark("</section>\n");
}

fn left_out(html: &mut Html, all: usize, what: &'static str) {
    if let Some(more) = all.checked_sub(LISTED).filter(|more| *more > 0) {
        html.mark("<p class=\"quiet\">").count(more as u64).mark(" ").mark(what).mark("</p>\n");
    }
}

/// The rows: what chooses among them, and the table that the script fills. Without a script, where they are.
fn rows(html: &mut Html, page: &Page<'_>, overview: &Overview) {
    html.mark("<section aria-labelledby=\"rows\">\n<h2 id=\"rows\" tabindex=\"-1\">Every row</h2>\n<noscript><p>");
    html.mark("The rows are shown by a script, and this browser runs none. The report has every row");
    if let Some(report) = page.report {
        html.mark(": <strong>").value(report).mark("</strong>");
    }
    html.mark(".</p></noscript>\n");
    choice(html, overview);
    html.mark(ROWS);
    html.mark("<details><summary>What the outcomes mean</summary>\n<dl class=\"meanings\">\n");
    for (status, _) in words::present(&overview.counts) {
        html.mark("<div><dt>");
        pill(html, status);
        html.mark("</dt><dd>").mark(words::meaning(status)).mark(" <small>In the report: ").mark(status.name());
        html.mark("</small></dd></div>\n");
    }
    html.mark("</dl></details>\n</section>\n");
}

/// What chooses among the rows. The script takes its words from here, so that each is said in one place.
fn choice(html: &mut Html, overview: &Overview) {
    html.mark("<form id=\"choice\" hidden role=\"search\" aria-label=\"Rows\">\n");
    html.mark("<p><label for=\"search\">Search</label><input id=\"search\" type=\"search\" autocomplete=\"off\" ");
    html.mark("spellcheck=\"false\" aria-keyshortcuts=\"/\" placeholder=\"user, address, explanation\"></p>\n");
    html.mark("<p><label for=\"action\">Action</label><select id=\"action\"><option value=\"\">All</option>");
    for (action, counts) in overview.actions() {
        let place = action.and_then(|action| ActionName::ALL.iter().position(|known| *known == action));
        let place = place.map_or_else(|| "-1".to_owned(), |place| place.to_string());
        html.mark("<option value=\"").text(&place).mark("\" data-label=\"").mark(words::action(action)).mark("\">");
        html.mark(words::action(action)).mark(" (").count(counts.rows()).mark(")</option>");
    }
    html.mark("</select></p>\n<fieldset id=\"statuses\"><legend>Outcome</legend>\n");
    for (status, count) in words::present(&overview.counts) {
        let place = Status::ALL.iter().position(|known| *known == status).unwrap_or(0);
        html.mark("<label class=\"chip is-").mark(words::class(status)).mark("\"><input type=\"checkbox\" value=\"");
        html.text(&place.to_string()).mark("\" data-label=\"").mark(words::status(status)).mark("\" data-name=\"");
        html.mark(status.name()).mark("\" data-class=\"is-").mark(words::class(status)).mark("\"> ");
        html.mark(words::status(status)).mark(" <span class=\"num\">").count(count).mark("</span></label>\n");
    }
    html.mark("</fieldset>\n<p><button type=\"reset\">Show all</button></p>\n</form>\n");
}
