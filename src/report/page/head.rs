//! The head: what the browser has to know, and the masthead, which says what this is, of what, when and as whom.

use jiff::Timestamp;

use super::super::summary::seconds;
use super::html::{Html, grouped};
use super::{Occasion, Overview, Page, SCRIPT, STYLE, Stage, fingerprint, words};
use crate::model::{Status, StopReason};

/// Writes everything up to the first section.
pub(super) fn write(html: &mut Html, page: &Page<'_>, overview: &Overview) {
    let headline = headline(page, overview);
    // The policy comes first, because it holds for what comes after it only.
    html.mark("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .mark("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '")
        .text(&fingerprint(STYLE))
        .mark("'; script-src '")
        .text(&fingerprint(SCRIPT))
        .mark("'; base-uri 'none'; form-action 'none'\">\n")
        .mark("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .mark("<meta name=\"color-scheme\" content=\"light dark\">\n")
        .mark("<meta name=\"referrer\" content=\"no-referrer\">\n<title>")
        .text(&headline)
        .mark(" – ")
        .text(page.input)
        .mark("</title>\n<style>")
        .mark(STYLE)
        .mark("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#rows\">To the rows</a>\n<header>\n")
        .mark("<p class=\"brand\">seatrun");
    match page.stage {
        Stage::Real => {}
        Stage::Rehearsal => _ = html.mark(" <span class=\"stage\">Rehearsal</span>"),
    }
    html.mark("</p>\n<h1>").text(&headline).mark("</h1>\n<p class=\"lede\">");
    html.mark(match page.occasion {
        Occasion::Review(_) => "Nothing has been changed. This is what a run of the file would do.",
        Occasion::Refusal => "The run was refused before anything was sent that changes a user.",
        Occasion::Run { .. } => "This is what became of every row of the file.",
    });
    html.mark(match page.stage {
        Stage::Real => "",
        Stage::Rehearsal => " It was rehearsed against a simulated Smartsheet: no real seat was touched.",
    });
    html.mark("</p>\n<dl class=\"facts\">\n");
    facts(html, page, overview);
    html.mark("</dl>\n</header>\n");
}

/// What it has come to, in a line.
fn headline(page: &Page<'_>, overview: &Overview) -> String {
    let (counts, rows) = (&overview.counts, overview.counts.rows());
    let to_look_at = counts.each().filter(|(status, _)| !status.is_fine()).map(|(_, count)| count).sum::<u64>();
    let done = counts.of(Status::Success) + counts.of(Status::PartialSuccess);
    let some = |count: u64| format!("{} of {} {}", grouped(count), grouped(rows), words::plural(rows, "row", "rows"));
    match &page.occasion {
        Occasion::Review(_) => match overview.changes() {
            0 => "Dry run: nothing would be changed".to_owned(),
            changes => {
                format!("Dry run: {} {} would be made", grouped(changes), words::plural(changes, "change", "changes"))
            }
        },
        Occasion::Refusal => "Refused: nothing was changed".to_owned(),
        Occasion::Run { ending: None, .. } => format!("Not finished: {} done", some(done)),
        Occasion::Run { ending: Some(StopReason::Finished), .. } if to_look_at == 0 => match rows {
            1 => "Finished: the row is well".to_owned(),
            rows => format!("Finished: all {} rows are well", grouped(rows)),
        },
        Occasion::Run { ending: Some(StopReason::Finished), .. } => {
            format!("Finished: {} to look at", some(to_look_at))
        }
        Occasion::Run { ending: Some(_), .. } => format!("Stopped part-way: {} done", some(done)),
    }
}

fn facts(html: &mut Html, page: &Page<'_>, overview: &Overview) {
    let rows = overview.counts.rows();
    html.mark("<div><dt>File</dt><dd>").value(page.input).mark("<br>").count(rows);
    html.text(words::plural(rows, " row", " rows")).mark("</dd></div>\n");
    html.mark("<div><dt>When</dt><dd>");
    moment(html, page.began);
    if let Some(took) = page.took {
        html.mark("<br>took ").text(&seconds(took));
    }
    html.mark("</dd></div>\n");
    match (page.who, &page.occasion) {
        (Some(who), _) => {
            html.mark("<div><dt>As</dt><dd>").value(who);
            if let Some(api_url) = page.api_url.filter(|_| page.stage == Stage::Real) {
                html.mark("<br>").value(api_url);
            }
            html.mark("</dd></div>\n");
        }
        (None, Occasion::Review(_)) => {
            html.mark("<div><dt>As</dt><dd>Nobody: Smartsheet was not asked</dd></div>\n");
        }
        (None, Occasion::Refusal | Occasion::Run { .. }) => {}
    }
    if !overview.plans.is_empty() {
        html.mark("<div><dt>").mark(words::plural(overview.plans.len() as u64, "Plan", "Plans")).mark("</dt><dd>");
        for (at, (plan, rows)) in overview.plans.iter().enumerate() {
            html.mark(if at > 0 { "<br>" } else { "" })
                .value(&page.plan_in_words(*plan))
                .mark(" <small>(")
                .count(*rows);
            html.text(words::plural(*rows, " row", " rows")).mark(")</small>");
        }
        html.mark("</dd></div>\n");
    }
    if let Occasion::Run { name, .. } = page.occasion {
        html.mark("<div><dt>Run</dt><dd>").value(name).mark("</dd></div>\n");
    }
    if let Some(report) = page.report {
        html.mark("<div><dt>Report</dt><dd>").value(report).mark("</dd></div>\n");
    }
}

/// A moment, to the minute.
fn moment(html: &mut Html, at: Timestamp) {
    html.mark("<time datetime=\"").text(&at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).mark("\">");
    html.text(&at.strftime("%-d %B %Y, %H:%M UTC").to_string()).mark("</time>");
}
