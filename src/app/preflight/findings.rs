//! What the API shows of a user, as the directory notes it.

use crate::api::{ListedUser, UserPlan, UserProfile};
use crate::model::{Email, ReportedSeat};
use crate::plan::{Person, SeatRecord};

pub(super) fn person_of_listed(user: &ListedUser) -> Person {
    Person {
        email: user.email.as_deref().and_then(Email::new),
        status: user.status.clone(),
        attributes: user.attributes.clone(),
        sheets: user.sheet_count,
    }
}

pub(super) fn person_of_profile(profile: &UserProfile) -> Person {
    Person {
        email: profile.email.as_deref().and_then(Email::new),
        status: profile.status.clone(),
        attributes: profile.attributes.clone(),
        sheets: None,
    }
}

pub(super) fn seat_of_listed(user: &ListedUser) -> Option<SeatRecord> {
    Some(SeatRecord {
        seat: ReportedSeat::from_api(user.seat_type.as_deref()?),
        changed: user.seat_type_last_changed_at.as_deref().and_then(|at| at.parse().ok()),
        is_internal: user.is_internal,
    })
}

/// A plan whose seat type is missing still is a plan that the user is in.
pub(super) fn seat_of_plan(plan: &UserPlan) -> SeatRecord {
    SeatRecord {
        seat: ReportedSeat::from_api(plan.seat_type.as_deref().unwrap_or("no seat")),
        changed: plan.seat_type_last_changed_at.as_deref().and_then(|at| at.parse().ok()),
        is_internal: plan.is_internal,
    }
}
