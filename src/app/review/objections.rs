//! Objections: why nothing of a review, or of a sheet without signatures, may run.

use std::time::Duration;

use jiff::Timestamp;

use crate::app::CommandError;
use crate::input::Sheet;
use crate::ledger::{Ledger, LedgerError};
use crate::model::{Age, Review};
use crate::plan::Guard;
use crate::settings::{ApiTarget, Origin};

/// By what a review is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct ApprovalContext<'a> {
    /// The account that would be changed; none without a network.
    pub(super) account: Option<&'a str>,
    /// Whether anything would be changed in earnest.
    pub(super) target: ApiTarget,
    /// The time.
    pub(super) now: Timestamp,
    /// How long a review holds good.
    pub(super) valid_for: Duration,
    /// Where approval without a signature is refused, the place that says so.
    pub(super) requires_signature: Option<&'a Origin>,
}

const REVIEW_AGAIN: &str = "review the input again with --dry-run";

/// That nothing is known of a review here.
pub(super) fn unknown(name: &str, ledger: Option<&Ledger>) -> Guard {
    let here = ledger.map(|ledger| format!(" ({})", ledger.path().display())).unwrap_or_default();
    Guard {
        message: format!(
            "review {name} is not known here{here}: the sheet was reviewed with another state folder, so nobody can tell \
             whether it is as it was reviewed"
        ),
        hint: "run it where it was reviewed, name that state folder with --state-dir, or review it here with --dry-run"
            .to_owned(),
    }
}

/// That a review has run already.
pub(super) fn spent(ledger: &Ledger, name: &str, run: &str) -> Result<Guard, CommandError> {
    let record = match ledger.views().run(run) {
        Ok(record) => Some(record),
        Err(LedgerError::NoSuchRun(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let at = record.as_ref().map(|record| record.run.started.strftime(" on %Y-%m-%d at %H:%M:%SZ").to_string());
    let message =
        format!("review {name} has run already{}, as run {run}, and a review runs once", at.unwrap_or_default());
    let hint = if record.is_some_and(|record| record.is_unfinished()) {
        format!("`seatrun resume {run}` carries that run on")
    } else {
        format!("{REVIEW_AGAIN}; `seatrun history {run}` shows what became of its rows")
    };
    Ok(Guard { message, hint })
}

/// That a review was made for another account.
pub(super) fn misdirected(review: &Review, account: Option<&str>) -> Option<Guard> {
    let (made_for, account) = (review.account.as_deref()?, account?);
    let named = |account: &str| match account.rsplit_once(' ') {
        Some((url, user)) => format!("user {user} at {url}"),
        None => "a rehearsal".to_owned(),
    };
    (made_for != account).then(|| Guard {
        message: format!("review {} was made as {}, and this is {}", review.name, named(made_for), named(account)),
        hint: format!("use a token of the same user at the same address, or {REVIEW_AGAIN}"),
    })
}

/// That a review is too old, or not yet made by the clock.
pub(super) fn stale(review: &Review, bench: &ApprovalContext<'_>) -> Option<Guard> {
    let name = &review.name;
    let made = review.made.strftime("%Y-%m-%d %H:%M:%SZ");
    match review.age(bench.now, bench.valid_for) {
        Age::Good => None,
        Age::TooOld(age) => Some(Guard {
            message: format!(
                "review {name} is of {made}, {} ago, and reviews hold good for {}",
                words(age.unsigned_abs()),
                words(bench.valid_for)
            ),
            hint: format!("{REVIEW_AGAIN}; `review_valid_for` in the settings says how long they hold good"),
        }),
        Age::ToCome(_) => Some(Guard {
            message: format!("review {name} is of {made}, which is yet to come by this machine's clock"),
            hint: format!("set the clock right, or {REVIEW_AGAIN}"),
        }),
    }
}

/// A span as people say it when days matter.
fn words(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Why a sheet without signatures may not run.
pub(super) fn unsigned(sheet: &Sheet, bench: &ApprovalContext<'_>) -> Option<Guard> {
    if bench.target == ApiTarget::Sandbox {
        return None;
    }
    let lost = sheet.lost_signatures().map(|lost| Guard {
        message: lost.to_string(),
        hint:
            "run the review as seatrun wrote it, or review its input again with --dry-run; of the report of a refused \
               run, run the input"
                .to_owned(),
    });
    let required = || {
        let origin = bench.requires_signature.filter(|_| sheet.is_approvable())?;
        Some(Guard {
            message: format!(
                "the sheet has a column `approved` and no signatures, and require_signed_approval is true ({origin})"
            ),
            hint: format!("{REVIEW_AGAIN}, and have rows of that review approved"),
        })
    };
    lost.or_else(required)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_review_is_objected_to_out_of_its_time_and_account_and_in_so_many_words() {
        let made = Timestamp::from_second(1_767_225_600).unwrap();
        let review = |account: Option<&str>| Review {
            name: "r".into(),
            made,
            input: "in.csv".into(),
            sha256: String::new(),
            account: account.map(str::to_owned),
        };
        let (here, there) = ("https://api.smartsheet.com/2.0 7", "https://api.smartsheet.eu/2.0 7");
        // For whom it was made, who would run it, hours later, and what is said.
        let table = [
            (Some(here), Some(here), 7 * 24, None),
            (
                Some(here),
                Some(here),
                8 * 24,
                Some("is of 2026-01-01 00:00:00Z, 8 days ago, and reviews hold good for 7 days"),
            ),
            (Some(here), Some(here), -1, Some("which is yet to come by this machine's clock")),
            (
                Some(here),
                Some(there),
                0,
                Some("made as user 7 at https://api.smartsheet.com/2.0, and this is user 7 at"),
            ),
            (Some("sandbox"), Some(here), 0, Some("made as a rehearsal, and this is user 7")),
            (None, Some(here), 0, None),
            (Some(here), None, 0, None),
        ];
        for (made_for, account, hours, expected) in table {
            let now = made + SignedDuration::from_hours(hours);
            let valid_for = Duration::from_secs(7 * 86_400);
            let bench =
                ApprovalContext { account, target: ApiTarget::Configured, now, valid_for, requires_signature: None };
            let review = review(made_for);
            let objection = misdirected(&review, account).or_else(|| stale(&review, &bench));
            let said = objection.map(|objection| objection.message);
            let is_expected = match (&said, expected) {
                (None, None) => true,
                (Some(said), Some(words)) => said.contains(words),
                (Some(_), None) | (None, Some(_)) => false,
            };
            assert!(is_expected, "{made_for:?} for {account:?} after {hours} h: {said:?}");
        }
    }
}
