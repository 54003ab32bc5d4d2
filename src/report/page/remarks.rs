//! Remarks: what is to be known before anything else, the gravest first, in words for people who do not run the program.
//! Whoever runs it reads the rest below, under "For operators".

use maud::{Markup, html};

use super::content::{Occasion, Page};
use super::html::{counted, grouped, sentence, visible};
use super::overview::Overview;
use super::remark::{Remark, Weight};
use super::words;
use crate::model::{ActionName, Status, StopReason};

/// All remarks, the gravest first.
pub(super) fn all(page: &Page<'_>, overview: &Overview) -> Vec<Remark> {
    let mut remarks = page.remarks.clone();
    remarks.extend(of_ending(page));
    remarks.extend(of_rows(page, overview));
    remarks.sort_by_key(|remark| remark.weight);
    remarks
}

/// The section that comes first.
pub(super) fn section(page: &Page<'_>, remarks: &[Remark]) -> Markup {
    let shown: Vec<_> = remarks.iter().filter_map(Remark::for_everybody).collect();
    let is_calm = remarks.iter().all(|remark| remark.weight == Weight::Tells);
    html! {
        section.remarks aria-labelledby="remarks" {
            h2 #remarks { "Guards and warnings" }
            @if is_calm {
                p.remark.calm {
                    @match page.occasion {
                        Occasion::Review(_) => { "No safety limit would stop this run, and there is nothing to warn of." }
                        Occasion::Refusal | Occasion::Run { .. } => { "There is nothing to warn of." }
                    }
                }
            }
            ul { @for remark in &shown { (item(remark)) } }
        }
    }
}

/// What of the remarks only an operator understands, in full.
pub(super) fn technical(remarks: &[Remark]) -> Markup {
    let technical: Vec<_> = remarks.iter().filter(|remark| remark.is_technical()).collect();
    html! {
        @if !technical.is_empty() {
            div.remarks { ul { @for remark in technical { (item(remark)) } } }
        }
    }
}

fn item(remark: &Remark) -> Markup {
    let (class, word) = match remark.weight {
        Weight::Stops => ("remark stops", "Stop."),
        Weight::Warns => ("remark warns", "Look."),
        Weight::Tells => ("remark tells", "Know."),
    };
    html! {
        li class=(class) {
            strong { (word) } " " (sentence(&capital(&remark.message)))
            @if let Some(hint) = &remark.hint { br; span.hint { (sentence(&capital(hint))) } }
        }
    }
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
            remarks.push(Remark::warning(counted(count, one, many), Some(hint.to_owned())));
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
            overview.changes_by(ActionName::Remove),
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
        let below = "what can be done about them is said below, and each says why among the rows";
        remarks.push(Remark::warning(message, Some(below.to_owned())));
    }
    remarks.extend(of_deactivations(page, overview.changes_by(ActionName::Deactivate)));
    remarks
}

/// Until when a deactivation can be taken back (API notes, "reactivate").
fn of_deactivations(page: &Page<'_>, count: u64) -> Option<Remark> {
    let users = counted(count, "user", "users");
    let message = match page.occasion {
        _ if count == 0 => return None,
        Occasion::Refusal => return None,
        Occasion::Review(_) => {
            format!("{users} would be deactivated. Smartsheet can reactivate them for 30 days; after that it is final")
        }
        Occasion::Run { .. } => {
            let until = words::day(page.began + words::REACTIVATION);
            format!("{users} deactivated. Smartsheet can reactivate them until {until}; after that it is final")
        }
    };
    Some(Remark::note(visible(&message)))
}

/// A message as a sentence begins; messages are written to come after `error:`.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}
