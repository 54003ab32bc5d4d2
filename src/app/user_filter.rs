//! The filter of `seatrun users`: who is listed, and why everybody else is left out.
//!
//! Who lacks what a filter asks about is left out, never guessed at: a user without a last sign-in may be one whose last
//! sign-in the token may not see.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::api::{LastLogin, ListedUser};
use crate::model::{Domain, Email, PlanId, ReportedSeat, Seat};
use crate::settings::duration;

/// Whom a listing is about.
#[derive(Debug, Default)]
pub(crate) struct UserFilter {
    /// Any of these seats; empty is any.
    pub seats: Vec<Seat>,
    /// Any of these statuses, as the API names them; empty is any.
    pub statuses: Vec<String>,
    /// Addresses at any of these domains; empty is any.
    pub domains: Vec<Domain>,
    /// Whose domain counts.
    pub origin: UserOrigin,
    /// Only those who have not signed in for a time.
    pub inactivity: Option<Inactivity>,
}

/// Whose domain counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum UserOrigin {
    /// Anybody's.
    #[default]
    Any,
    /// A domain that does not belong to the plan.
    External,
}

/// For how long nobody may have signed in, and who counts who never has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inactivity {
    /// For how long.
    pub span: Duration,
    /// When it is now.
    pub now: Timestamp,
    /// What a user without a last sign-in is.
    pub never: NeverSignedIn,
}

/// What a user without a last sign-in is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NeverSignedIn {
    /// Left out.
    LeftOut,
    /// Inactive, if the seat is older than the span.
    Inactive,
}

/// Why a user is not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LeftOut {
    /// The seat is another one, or not shown.
    Seat,
    /// The status is another one, or not shown.
    Status,
    /// The account is deactivated, so that it holds no paid seat, and no status was asked for.
    Deactivated,
    /// The address is at another domain, or not shown.
    Domain,
    /// The domain belongs to the plan, or whether it does is not shown.
    NotExternal,
    /// The last sign-in is within the span.
    SignedIn(Duration),
    /// There is no last sign-in.
    NeverSignedIn,
    /// There is no last sign-in, and the seat is not known to be older than the span.
    YoungSeat(Duration),
    /// The last sign-in is not a time.
    UnreadableSignIn,
    /// The user's record cannot be read.
    UnreadableUser,
}

impl UserFilter {
    /// Whether a user is listed.
    ///
    /// # Errors
    /// The first reason why not.
    pub(crate) fn judge(&self, user: &ListedUser) -> Result<(), LeftOut> {
        let seat = user.seat_type.as_deref().map(ReportedSeat::from_api);
        let has_seat = |wanted: &Seat| seat.as_ref().is_some_and(|seat| seat.is(*wanted));
        let has_status =
            |wanted: &String| user.status.as_ref().is_some_and(|status| status.eq_ignore_ascii_case(wanted));
        let address = user.email.as_deref().and_then(Email::new);
        let is_at = |domain: &Domain| address.as_ref().is_some_and(|address| domain.is_of(address));
        if !self.seats.is_empty() && !self.seats.iter().any(has_seat) {
            return Err(LeftOut::Seat);
        }
        // A deactivated user shows the seat from before, and holds none.
        let asks_for_holders = !self.seats.is_empty() || self.inactivity.is_some();
        if self.statuses.is_empty() && asks_for_holders && has_status(&"DEACTIVATED".to_owned()) {
            return Err(LeftOut::Deactivated);
        }
        if !self.statuses.is_empty() && !self.statuses.iter().any(has_status) {
            return Err(LeftOut::Status);
        }
        if !self.domains.is_empty() && !self.domains.iter().any(is_at) {
            return Err(LeftOut::Domain);
        }
        if self.origin == UserOrigin::External && user.is_internal != Some(false) {
            return Err(LeftOut::NotExternal);
        }
        self.inactivity.map_or(Ok(()), |inactivity| inactivity.judge(user))
    }
}

impl Inactivity {
    fn judge(self, user: &ListedUser) -> Result<(), LeftOut> {
        match (user.last_login, self.never) {
            (LastLogin::At(at), _) if self.is_over(at) => Ok(()),
            (LastLogin::At(_), _) => Err(LeftOut::SignedIn(self.span)),
            (LastLogin::Unreadable, _) => Err(LeftOut::UnreadableSignIn),
            (LastLogin::Unsaid, NeverSignedIn::LeftOut) => Err(LeftOut::NeverSignedIn),
            (LastLogin::Unsaid, NeverSignedIn::Inactive) => {
                let changed = user.seat_type_last_changed_at.as_deref().and_then(|at| at.parse().ok());
                if changed.is_some_and(|at| self.is_over(at)) { Ok(()) } else { Err(LeftOut::YoungSeat(self.span)) }
            }
        }
    }

    /// Whether a time is longer ago than the span.
    fn is_over(self, at: Timestamp) -> bool {
        SignedDuration::try_from(self.span).is_ok_and(|span| self.now.duration_since(at) > span)
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seat => f.write_str("with another seat"),
            Self::Status => f.write_str("with another status"),
            Self::Deactivated => f.write_str("deactivated (see --status)"),
            Self::Domain => f.write_str("at another domain"),
            Self::NotExternal => f.write_str("not external"),
            Self::SignedIn(span) => write!(f, "signed in within {}", days(*span)),
            Self::NeverSignedIn => f.write_str("without a last sign-in (see --never-signed-in)"),
            Self::YoungSeat(span) => {
                write!(f, "without a last sign-in, and with a seat younger than {}", days(*span))
            }
            Self::UnreadableSignIn => f.write_str("with a last sign-in that cannot be read"),
            Self::UnreadableUser => f.write_str("that cannot be read"),
        }
    }
}

/// A span in days, where it is so many whole ones.
fn days(span: Duration) -> String {
    const DAY: u64 = 86_400;
    match span.as_secs() {
        seconds if seconds.is_multiple_of(DAY) => format!("{} days", seconds / DAY),
        _ => duration::format(span),
    }
}

/// Who is listed and who is not, in words: the first line counts all, and each other a reason.
pub(crate) fn words(plan: PlanId, listed: usize, left_out: &BTreeMap<LeftOut, usize>) -> String {
    let all = listed + left_out.values().sum::<usize>();
    let reasons = left_out.iter().map(|(reason, count)| format!("\n{count:>7}  {reason}"));
    let colon = if left_out.is_empty() { "" } else { "; left out are those" };
    format!("{listed} of {all} users of plan {plan} are listed{colon}{}", reasons.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UserId;

    const DAY: u64 = 86_400;

    fn now() -> Timestamp {
        "2026-11-28T12:00:00Z".parse().unwrap()
    }

    fn user() -> ListedUser {
        ListedUser {
            email: Some("Jane@Acme.example".to_owned()),
            status: Some("ACTIVE".to_owned()),
            seat_type: Some("MEMBER".to_owned()),
            seat_type_last_changed_at: Some("2026-01-01T00:00:00.123456789Z".to_owned()),
            is_internal: Some(true),
            last_login: LastLogin::At("2026-08-01T00:00:00Z".parse().unwrap()),
            ..ListedUser::new(UserId::new(5).unwrap())
        }
    }

    fn inactive_for(days: u64, never: NeverSignedIn) -> UserFilter {
        let span = Duration::from_secs(days * DAY);
        UserFilter { inactivity: Some(Inactivity { span, now: now(), never }), ..UserFilter::default() }
    }

    #[test]
    fn each_filter_leaves_out_who_is_not_meant_and_who_is_not_shown() {
        let (seats, free) = (vec![Seat::Member, Seat::Guest], vec![Seat::Viewer]);
        let external = UserFilter { origin: UserOrigin::External, ..UserFilter::default() };
        let domain = |name: &str| UserFilter { domains: vec![name.parse().unwrap()], ..UserFilter::default() };
        let statuses = |name: &str| UserFilter { statuses: vec![name.to_owned()], ..UserFilter::default() };
        let with = |change: fn(&mut ListedUser)| {
            let mut user = user();
            change(&mut user);
            user
        };
        let table = [
            (UserFilter::default(), ListedUser::new(UserId::new(5).unwrap()), Ok(())),
            (UserFilter { seats: seats.clone(), ..UserFilter::default() }, user(), Ok(())),
            (UserFilter { seats: free.clone(), ..UserFilter::default() }, user(), Err(LeftOut::Seat)),
            (
                UserFilter { seats: free, ..UserFilter::default() },
                with(|user| user.seat_type = Some("CONTRIBUTOR".to_owned())),
                Ok(()),
            ),
            (UserFilter { seats, ..UserFilter::default() }, with(|user| user.seat_type = None), Err(LeftOut::Seat)),
            (statuses("active"), user(), Ok(())),
            (statuses("deactivated"), with(|user| user.status = Some("DEACTIVATED".to_owned())), Ok(())),
            (
                inactive_for(90, NeverSignedIn::LeftOut),
                with(|user| user.status = Some("DEACTIVATED".to_owned())),
                Err(LeftOut::Deactivated),
            ),
            (statuses("PENDING"), user(), Err(LeftOut::Status)),
            (statuses("ACTIVE"), with(|user| user.status = None), Err(LeftOut::Status)),
            (domain("acme.example"), user(), Ok(())),
            (domain("ACME.example."), user(), Ok(())),
            (domain("other.example"), user(), Err(LeftOut::Domain)),
            (domain("acme.example"), with(|user| user.email = None), Err(LeftOut::Domain)),
            (
                domain("acme.example"),
                with(|user| user.email = Some("jo@hr.acme.example".to_owned())),
                Err(LeftOut::Domain),
            ),
            (external, user(), Err(LeftOut::NotExternal)),
        ];
        for (filter, user, expected) in table {
            assert_eq!(filter.judge(&user), expected, "{filter:?} {user:?}");
        }
        let unknown = with(|user| user.is_internal = None);
        let external = UserFilter { origin: UserOrigin::External, ..UserFilter::default() };
        assert_eq!(external.judge(&unknown), Err(LeftOut::NotExternal));
        assert_eq!(external.judge(&with(|user| user.is_internal = Some(false))), Ok(()));
    }

    #[test]
    fn whoever_is_not_seen_to_sign_in_is_inactive_only_on_demand_and_with_an_old_seat() {
        use LastLogin::{At, Unreadable, Unsaid};
        let span = Duration::from_secs(90 * DAY);
        let at = |text: &str| At(text.parse().unwrap());
        let (old, new) = (Some("2026-01-01T00:00:00Z"), Some("2026-11-01T00:00:00Z"));
        let (no, yes) = (NeverSignedIn::LeftOut, NeverSignedIn::Inactive);
        let table = [
            (at("2026-08-30T11:59:59Z"), old, no, Ok(())),
            (at("2026-08-30T12:00:00Z"), old, no, Err(LeftOut::SignedIn(span))),
            (at("2026-11-28T11:00:00Z"), old, yes, Err(LeftOut::SignedIn(span))),
            (at("2027-01-01T00:00:00Z"), old, yes, Err(LeftOut::SignedIn(span))),
            (Unsaid, old, no, Err(LeftOut::NeverSignedIn)),
            (Unsaid, old, yes, Ok(())),
            (Unsaid, new, yes, Err(LeftOut::YoungSeat(span))),
            (Unsaid, None, yes, Err(LeftOut::YoungSeat(span))),
            (Unsaid, Some("long ago"), yes, Err(LeftOut::YoungSeat(span))),
            (Unreadable, old, yes, Err(LeftOut::UnreadableSignIn)),
        ];
        for (last_login, changed, never, expected) in table {
            let user = ListedUser { last_login, seat_type_last_changed_at: changed.map(str::to_owned), ..user() };
            assert_eq!(inactive_for(90, never).judge(&user), expected, "{last_login:?} {changed:?} {never:?}");
        }
    }

    #[test]
    fn the_words_count_everybody() {
        let left_out = BTreeMap::from([(LeftOut::Seat, 88), (LeftOut::SignedIn(Duration::from_secs(90 * DAY)), 100)]);
        let expected = "12 of 200 users of plan 9 are listed; left out are those\n     88  with another seat\n    100  signed in within 90 days";
        assert_eq!(words(PlanId::new(9).unwrap(), 12, &left_out), expected);
        assert_eq!(words(PlanId::new(9).unwrap(), 12, &BTreeMap::new()), "12 of 12 users of plan 9 are listed");
    }
}
