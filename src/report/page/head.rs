//! The head: what the browser has to know, and the masthead, which says what this is, of what, when and as whom.

use jiff::Timestamp;
use maud::{Markup, PreEscaped, html};

use super::super::summary::seconds;
use super::assets::{SCRIPT, STYLE, fingerprint};
use super::content::{Occasion, Page, Stage};
use super::html::{counted, grouped, value, visible};
use super::overview::Overview;
use super::words;
use crate::model::{ActionName, Status, StopReason};

/// Everything up to the end of the head. What follows is the body, which nothing closes but the end of the page.
pub(super) fn head(page: &Page<'_>, overview: &Overview) -> Markup {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        fingerprint(STYLE),
        fingerprint(SCRIPT)
    );
    html! {
        (PreEscaped("<!doctype html>\n<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            // The policy comes first, because it holds for what comes after it only.
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            title { (headline(page, overview)) " – " (visible(page.input)) }
            style { (PreEscaped(STYLE)) }
        }
    }
}

/// What is above the first section.
pub(super) fn masthead(page: &Page<'_>, overview: &Overview) -> Markup {
    html! {
        a.skip href="#rows" { "To the rows" }
        header {
            p.brand { "seatrun" @if page.stage == Stage::Rehearsal { " " span.stage { "Rehearsal" } } }
            h1 { (headline(page, overview)) }
            p.lede {
                @match page.occasion {
                    Occasion::Review(_) => { "Nothing has been changed. This is what a run of the file would do." }
                    Occasion::Refusal => { "The run was refused before anything was sent that changes a user." }
                    Occasion::Run { .. } => { "This is what became of every row of the file." }
                }
                @if page.stage == Stage::Rehearsal {
                    " It was rehearsed against a simulated Smartsheet: no real seat was touched."
                }
            }
            dl.facts { (facts(page, overview)) }
        }
    }
}

/// What it has come to, in a line: what was done first, then how much is left to look at.
fn headline(page: &Page<'_>, overview: &Overview) -> String {
    let counts = &overview.counts;
    let to_look_at: u64 = counts.each().filter(|(status, _)| !status.is_fine()).map(|(_, count)| count).sum();
    let done = |would: &str| {
        let kinds = ActionName::ALL.into_iter().map(|action| (action, overview.changes_by(action)));
        let kinds: Vec<_> = kinds
            .filter(|(_, count)| *count > 0)
            .map(|(action, count)| format!("{} {would}{}", grouped(count), words::participle(action)))
            .collect();
        if kinds.is_empty() { "nothing changed".to_owned() } else { kinds.join(", ") }
    };
    let look = match to_look_at {
        0 => String::new(),
        1 => ", 1 needs a look".to_owned(),
        many => format!(", {} need a look", grouped(many)),
    };
    match &page.occasion {
        Occasion::Review(_) => match overview.changes() {
            0 => format!("Dry run: nothing would be changed{look}"),
            _ => format!("Dry run: {}{look}", done("would be ")),
        },
        Occasion::Refusal => "Refused: nothing was changed".to_owned(),
        Occasion::Run { ending: None, .. } => format!("Not finished: {}{look}", done("")),
        Occasion::Run { ending: Some(StopReason::Finished), .. } => {
            let mut text = format!("{}{look}", done(""));
            text[..1].make_ascii_uppercase();
            text
        }
        Occasion::Run { ending: Some(_), .. } => {
            let left = counts.of(Status::NotAttempted);
            let look = to_look_at - left;
            let look = if look > 0 { format!(", {} to look at", grouped(look)) } else { String::new() };
            format!("Stopped part-way: {}, {} not attempted{look}", done(""), grouped(left))
        }
    }
}

fn facts(page: &Page<'_>, overview: &Overview) -> Markup {
    html! {
        div { dt { "File" } dd { (value(page.input)) br; (counted(overview.counts.rows(), "row", "rows")) } }
        div {
            dt { "When" }
            dd { (moment(page.began)) @if let Some(took) = page.took { br; "took " (seconds(took)) } }
        }
        @match (page.who, &page.occasion) {
            (Some(who), _) => { div { dt { "As" } dd { (value(who)) } } }
            (None, Occasion::Review(_)) => { div { dt { "As" } dd { "Nobody: Smartsheet was not asked" } } }
            (None, Occasion::Refusal | Occasion::Run { .. }) => {}
        }
        @if !overview.plans.is_empty() {
            div {
                dt { @if overview.plans.len() == 1 { "Plan" } @else { "Plans" } }
                dd {
                    @for (at, (plan, rows)) in overview.plans.iter().enumerate() {
                        @if at > 0 { br; }
                        (value(&page.plan_in_words(*plan))) " " small { "(" (counted(*rows, "row", "rows")) ")" }
                    }
                }
            }
        }
        @for share in page.shares.iter().filter(|share| share.of.is_some()) {
            div {
                dt { "Share of users" }
                dd {
                    (words::share(*share))
                    @if let Some(plan) = share.plan.filter(|_| page.shares.len() > 1) {
                        br; (value(&page.plan_in_words(plan)))
                    }
                }
            }
        }
        @if let Some(report) = page.report { div { dt { "Report" } dd { (value(report)) } } }
    }
}

/// A moment, to the minute.
fn moment(at: Timestamp) -> Markup {
    html! {
        time datetime=(at.strftime("%Y-%m-%dT%H:%M:%SZ")) { (at.strftime("%-d %B %Y, %H:%M UTC")) }
    }
}
