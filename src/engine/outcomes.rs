//! How a row's end is put into words: from a job and what came back to its outcome. Pure.

use super::free_seat::NameUsed;
use crate::model::{
    Action, ActionName, Answer, Finding, Job, ObservedState, Outcome, Reason, ReportedSeat, Status, UserEcho, UserId,
};
use crate::policy::{Echo, compare_echo, hint, oddity};

/// The API said SUCCESS (0). `name` is the free seat's name that was used in place of the row's.
pub(super) fn succeeded(job: &Job, answer: Option<&Answer>, name: Option<NameUsed>) -> Outcome {
    let mut message = done_by_name(&job.action, name);
    message.extend(answer.and_then(|answer| shown_by(job, answer)));
    let mut outcome = Outcome::new(Status::Success, Reason::Answered, message);
    outcome.hint = name.and_then(hint_for_name);
    match answer {
        Some(answer) => outcome.with_answer(answer),
        None => outcome,
    }
}

/// What the answer to an update shows of the user.
fn shown_by(job: &Job, answer: &Answer) -> Option<String> {
    match compare_echo(job, answer.echo()) {
        Echo::Agrees(shown) => shown.describe().map(|shown| format!("; the API shows {shown}")),
        Echo::OtherName(shown) => Some(format!("; {}", other_name(shown))),
        Echo::Silent | Echo::OtherUser(_) => None,
    }
}

fn other_name(shown: &UserEcho) -> String {
    format!("the API's answer shows another name: {}", shown.describe().unwrap_or_else(|| "an empty one".to_owned()))
}

/// The API said SUCCESS, and its answer shows another user than the one who was to be updated.
pub(super) fn other_user(job: &Job, answer: &Answer, other: UserId) -> Outcome {
    let user = job.user;
    let message =
        format!("THE API ANSWERED FOR ANOTHER USER: the update was for user {user}, and its answer shows user {other}");
    let mut outcome = Outcome::new(Status::Unknown, Reason::ReadBack, message).with_answer(answer);
    outcome.hint = Some(format!(
        "look at both users, {user} and {other}, in the Admin Center before anything else is sent; `seatrun resume` reads the state of user {user} again"
    ));
    outcome
}

/// The API said SUCCESS, as `said` has it, and reading back shows it.
pub(super) fn verified(mut said: Outcome, reading: &ObservedState) -> Outcome {
    said.message = format!("{}; read back: {}", said.message, reading.describe());
    said.seat_after = seat(Some(reading));
    said
}

/// The API said SUCCESS, as `said` has it, and nothing that could be read shows whether it is so.
pub(super) fn unverified(mut said: Outcome, why: &str) -> Outcome {
    said.message = format!("{}, as the API said; it could not be verified: {why}", said.message);
    said
}

/// The API said SUCCESS, as `said` has it, and reading back shows something else.
/// `echo` is the other name that its answer showed.
pub(super) fn contradicted(mut said: Outcome, reading: &ObservedState, echo: Option<&UserEcho>) -> Outcome {
    said.status = Status::Unknown;
    said.reason = Reason::ReadBack;
    let echo = echo.map(|shown| format!("{}, ", other_name(shown))).unwrap_or_default();
    said.message = format!("the API said SUCCESS, {echo}and reading back shows {}", shown(reading));
    said.hint = Some(
        "look at this user in the Admin Center; `seatrun resume` reads the state again, and sends the row \
                      again if it is still not done"
            .to_owned(),
    );
    said.seat_after = seat(Some(reading));
    said
}

fn shown(reading: &ObservedState) -> String {
    match reading.seat() {
        Some(seat) => seat.to_string(),
        None => format!("that {}", reading.describe()),
    }
}

/// The plans of a user were read.
pub(super) fn listed(pairs: &[String]) -> Outcome {
    let message = if pairs.is_empty() { "the user has no plan".to_owned() } else { pairs.join(" ") };
    let mut outcome = Outcome::new(Status::Success, Reason::Answered, message);
    outcome.http_status = Some(200);
    outcome
}

/// The API said `PARTIAL_SUCCESS` (3); `reading` is what was found afterwards.
pub(super) fn partly(answer: Option<&Answer>, reading: Option<(&ObservedState, Finding)>) -> Outcome {
    let found = reading.map_or_else(
        || "what was done of it could not be read back".to_owned(),
        |(reading, finding)| {
            let verdict = match finding {
                Finding::Done => "it is done",
                Finding::NotDone => "it is not done",
                Finding::CannotTell => "that does not tell whether it is done",
            };
            format!("read back: {}, so {verdict}", reading.describe())
        },
    );
    let message = format!("the API did this only in part; {found}");
    let mut outcome = Outcome::new(Status::PartialSuccess, Reason::Answered, message);
    if let Some(answer) = answer {
        outcome = outcome.with_answer(answer);
    }
    let hint = match reading {
        Some((_, Finding::Done)) => "the requested state is in place; check the Admin Center for the part that failed",
        Some((_, Finding::NotDone | Finding::CannotTell)) | None => {
            "check this user in the Admin Center, then run the row again if it is still needed"
        }
    };
    outcome.hint = Some(hint.to_owned());
    outcome.seat_after = seat(reading.map(|(reading, _)| reading));
    outcome
}

/// The API refused it for good.
pub(super) fn refused(job: &Job, answer: &Answer) -> Outcome {
    let mut outcome = Outcome::new(Status::Failed, Reason::Answered, answer.describe()).with_answer(answer);
    outcome.hint = hint_for(job, answer);
    outcome
}

/// The API refused the free seat by both its names, the first time with `first`.
pub(super) fn refused_by_both_names(job: &Job, first: &Answer) -> Outcome {
    let mut outcome = refused(job, first);
    outcome.message = format!("{}; the seat's other name was refused, too", outcome.message);
    let both =
        "VIEWER and CONTRIBUTOR are two names of one seat, and `free_seat_name` in the settings fixes one of them";
    outcome.hint = Some(outcome.hint.map_or_else(|| both.to_owned(), |hint| format!("{hint}; {both}")));
    outcome
}

/// Every try failed without effect, or the run had to stop at this one: worth another go later.
pub(super) fn gave_up(job: &Job, answer: &Answer, tries: u16) -> Outcome {
    let so_far = if tries == 1 { "tried once".to_owned() } else { format!("tried {tries} times") };
    let message = format!("{so_far} without effect; the last time {}", answer.describe());
    let mut outcome = Outcome::new(Status::Failed, Reason::GaveUp, message).with_answer(answer);
    outcome.hint = hint_for(job, answer).or_else(|| Some("`seatrun resume` tries it again".to_owned()));
    outcome
}

/// An answer was lost, and reading back shows the job done. `name` is as in [`succeeded`].
pub(super) fn found_done(
    job: &Job,
    answer: Option<&Answer>,
    reading: &ObservedState,
    name: Option<NameUsed>,
) -> Outcome {
    let done = done_by_name(&job.action, name);
    let message = format!("{done}; {}, and reading back shows it: {}", lost(answer), reading.describe());
    let mut outcome = Outcome::new(Status::Success, Reason::ReadBack, message);
    outcome.hint = name.and_then(hint_for_name);
    outcome.seat_after = seat(Some(reading));
    outcome
}

/// An answer was lost, and the repeat says that there was nothing left to do.
pub(super) fn said_already_so(job: &Job, answer: &Answer) -> Outcome {
    let message = format!(
        "{}; the answer to an earlier try was lost, and the API now says: {}",
        done(&job.action),
        answer.describe()
    );
    Outcome::new(Status::Success, Reason::ReadBack, message).with_answer(answer)
}

/// An answer was lost, reading back shows the job not done, and it is not to be repeated.
pub(super) fn found_not_done(job: &Job, answer: Option<&Answer>, reading: &ObservedState) -> Outcome {
    let message = format!("{}; reading back shows that it was not done: {}", lost(answer), reading.describe());
    let mut outcome = Outcome::new(Status::Failed, Reason::Answered, message);
    if let Some(answer) = answer {
        outcome = outcome.with_answer(answer);
        outcome.hint = hint_for(job, answer);
        if answer.http() == Some(401) {
            outcome.reason = Reason::GaveUp;
            let hint =
                "the token is accepted otherwise, so this is the server's mistake; `seatrun resume` tries it again";
            outcome.hint = Some(hint.to_owned());
        }
    }
    outcome.seat_after = seat(Some(reading));
    outcome
}

/// It was sent, and no one can tell whether it was done.
pub(super) fn unknown(answer: Option<&Answer>, why: &str) -> Outcome {
    let message = format!("{}, and nobody can tell whether it was done: {why}", lost(answer));
    let mut outcome = Outcome::new(Status::Unknown, Reason::ReadBack, message);
    if let Some(answer) = answer {
        outcome = outcome.with_answer(answer);
        outcome.result_code = None;
    }
    outcome.hint = Some("look at this user in the Admin Center; `seatrun resume` reads the state again".to_owned());
    outcome
}

/// An earlier row of the same user ended as `UNKNOWN`.
pub(super) fn after_unknown(row: u64) -> Outcome {
    let message = format!("not sent: row {row}, of the same user, ended as UNKNOWN");
    let mut outcome = Outcome::new(Status::NotAttempted, Reason::Predecessor, message);
    outcome.hint = Some(format!("settle row {row} first, then `seatrun resume`"));
    outcome
}

fn seat(reading: Option<&ObservedState>) -> Option<ReportedSeat> {
    reading.and_then(ObservedState::seat).cloned()
}

fn lost(answer: Option<&Answer>) -> String {
    let Some(answer) = answer else { return "the answer was lost when an earlier run ended".to_owned() };
    match oddity(answer) {
        Some(odd) => format!("{} ({})", answer.describe(), odd.describe()),
        None => answer.describe(),
    }
}

fn done(action: &Action) -> String {
    let seat = action.seat().map(|seat| format!(" to {seat}")).unwrap_or_default();
    match action.name() {
        ActionName::Downgrade => format!("downgraded{seat}"),
        ActionName::Upgrade => format!("upgraded{seat}"),
        ActionName::Deactivate => "deactivated".to_owned(),
        ActionName::Reactivate => "reactivated".to_owned(),
        ActionName::Remove => "removed from the plan".to_owned(),
        ActionName::Update => "updated".to_owned(),
        ActionName::Plans => "read".to_owned(),
    }
}

fn done_by_name(action: &Action, name: Option<NameUsed>) -> String {
    let done = done(action);
    match (name, action.seat()) {
        (Some(NameUsed::AsAccepted(used)), Some(asked)) => {
            format!("{done}, under the name {} because the API does not take {asked}", used.seat())
        }
        (Some(NameUsed::BySetting(used)), Some(_)) => {
            format!("{done}, under the name {} as `free_seat_name` says", used.seat())
        }
        (None, _) | (_, None) => done,
    }
}

fn hint_for_name(name: NameUsed) -> Option<String> {
    match name {
        NameUsed::AsAccepted(used) => {
            Some(format!("`free_seat_name = \"{}\"` in the settings asks by this name at once", used.seat()))
        }
        NameUsed::BySetting(_) => None,
    }
}

fn hint_for(job: &Job, answer: &Answer) -> Option<String> {
    let code = answer.word()?.error_code?;
    hint(code, job.action.name()).map(str::to_owned)
}
