//! Remarks: what is to be known before anything else, the gravest first.

use super::html::{Html, grouped};
use super::{Occasion, Overview, Page, words};
use crate::model::{Status, StopReason};

/// Something that is to be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// How grave it is.
    pub weight: Weight,
    /// What is the matter.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// How grave a remark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It stopped the run, or would.
    Stops,
    /// Somebody should look.
    Warns,
    /// It is good to know.
    Tells,
}

impl Remark {
    /// Something that stopped the run, or would.
    pub fn stop(message: impl Into<String>, hint: Option<String>) -> Self {
        Self { weight: Weight::Stops, message: message.into(), hint }
    }

    /// Something that somebody should look at.
    pub fn warning(message: impl Into<String>, hint: Option<String>) -> Self {
        Self { weight: Weight::Warns, message: message.into(), hint }
    }

    /// Something that is good to know.
    pub fn note(message: impl Into<String>) -> Self {
        Self { weight: Weight::Tells, message: message.into(), hint: None }
    }
}

/// The section that comes first.
pub(super) fn write(html: &mut Html, page: &Page<'_>, overview: &Overview) {
    let mut remarks = page.remarks.clone();
    remarks.extend(of_ending(page));
    remarks.extend(of_rows(page, overview));
    remarks.sort_by_key(|remark| remark.weight);
    html.mark("<section class=\"remarks\" aria-labelledby=\"remarks\">\n<h2 id=\"remarks\">Guards and warnings</h2>\n");
    if remarks.iter().all(|remark| remark.weight == Weight::Tells) {
        html.mark("<p class=\"remark calm\">").mark(match page.occasion {
            Occasion::Review(_) => "No guard would stop this run, and there is nothing to warn of.",
            Occasion::Refusal | Occasion::Run { .. } => "There is nothing to warn of.",
        });
        html.mark("</p>\n");
    }
    html.mark("<ul>\n");
    for remark in &remarks {
        html.mark(match remark.weight {
            Weight::Stops => "<li class=\"remark stops\"><strong>Stop.</strong> ",
            Weight::Warns => "<li class=\"remark warns\"><strong>Look.</strong> ",
            Weight::Tells => "<li class=\"remark tells\"><strong>Know.</strong> ",
        });
        html.sentence(&capital(&remark.message));
        if let Some(hint) = &remark.hint {
            html.mark("<br><span class=\"hint\">").sentence(&capital(hint)).mark("</span>");
        }
        html.mark("</li>\n");
    }
    html.mark("</ul>\n</section>\n");
}

/// Why a run has not come to its end.
fn of_ending(page: &Page<'_>) -> Option<Remark> {
    let carry_on = || Some("`seatrun resume` carries on where it stopped".to_owned());
    match page.occasion {
        Occasion::Review(_) | Occasion::Refusal | Occasion::Run { ending: Some(StopReason::Finished), .. } => None,
        Occasion::Run { ending: Some(ending), .. } => Some(Remark::stop(ending.describe(), carry_on())),
        Occasion::Run { ending: None, .. } => {
            Some(Remark::stop("the run is still in progress, or its process was killed", carry_on()))
        }
    }
}

/// What of the rows is too grave to be one number among others.
fn of_rows(page: &Page<'_>, overview: &Overview) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let mut warn = |count: u64, one: &'static str, many: &'static str, hint: &str| {
        if count > 0 {
            let message = format!("{} {}", grouped(count), words::plural(count, one, many));
            remarks.push(Remark::warning(message, Some(hint.to_owned())));
        }
    };
    let counts = &overview.counts;
    warn(
        counts.of(Status::Unknown),
        "row was sent, and nobody can tell whether it was done",
        "rows were sent, and nobody can tell whether they were done",
        "look at these users in Smartsheet before anything is run again",
    );
    match page.occasion {
        Occasion::Review(_) => warn(
            overview.removals,
            "row removes a user from a plan for good",
            "rows remove users from a plan for good",
            "every share of theirs inside the plan goes with them, and nothing brings it back",
        ),
        Occasion::Refusal => return remarks,
        Occasion::Run { .. } => {}
    }
    let not_well: Vec<_> = words::present(counts)
        .filter(|(status, _)| !status.is_fine() && *status != Status::Unknown)
        .map(|(status, count)| format!("{} {}", grouped(count), words::status(status).to_lowercase()))
        .collect();
    if !not_well.is_empty() {
        let message = format!("not all rows are well: {}", not_well.join(", "));
        let below = "what can be done about them stands below, and each says why among the rows";
        remarks.push(Remark::warning(message, Some(below.to_owned())));
    }
    remarks
}

/// A message as a sentence begins; messages are written to stand behind `error:`.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}
