//! What a method and a path mean.
//!
//! It decides which requests exist, and refuses the others. It must never look at a body or at the state of the world.

use axum::http::Method;

use super::operation::Operation;
use super::refusal::Refusal;

/// What a path and method mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    CurrentUser,
    Users,
    OneUser { user: u64 },
    Plans { user: u64 },
    Downgrade { user: u64, plan: u64 },
    Upgrade { user: u64, plan: u64 },
    Deactivate { user: u64 },
    Reactivate { user: u64 },
    Remove { user: u64, plan: u64 },
    Update { user: u64 },
}

/// A request that none of the four seeds describes, and that a server may therefore not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `GET /users/me`
    CurrentUser,
    /// `GET /users`
    Users,
    /// `GET /users/{userId}`
    OneUser,
    /// `POST /users/{userId}/plans/{planId}/upgrade`
    Upgrade,
    /// `POST /users/{userId}/reactivate`
    Reactivate,
    /// `DELETE /users/{userId}/plans/{planId}`
    Remove,
}

impl Endpoint {
    pub(super) const BEYOND_SEEDS: [Self; 6] =
        [Self::CurrentUser, Self::Users, Self::OneUser, Self::Upgrade, Self::Reactivate, Self::Remove];
}

impl Route {
    /// The endpoint, unless a seed describes it.
    pub(super) const fn beyond_seeds(self) -> Option<Endpoint> {
        match self {
            Self::CurrentUser => Some(Endpoint::CurrentUser),
            Self::Users => Some(Endpoint::Users),
            Self::OneUser { .. } => Some(Endpoint::OneUser),
            Self::Upgrade { .. } => Some(Endpoint::Upgrade),
            Self::Reactivate { .. } => Some(Endpoint::Reactivate),
            Self::Remove { .. } => Some(Endpoint::Remove),
            Self::Plans { .. } | Self::Downgrade { .. } | Self::Deactivate { .. } | Self::Update { .. } => None,
        }
    }

    /// The user it is about, if about one.
    pub(super) const fn user(self) -> Option<u64> {
        match self {
            Self::CurrentUser | Self::Users => None,
            Self::OneUser { user }
            | Self::Plans { user }
            | Self::Downgrade { user, .. }
            | Self::Upgrade { user, .. }
            | Self::Deactivate { user }
            | Self::Reactivate { user }
            | Self::Remove { user, .. }
            | Self::Update { user } => Some(user),
        }
    }

    /// The operation that a fault can be bound to.
    pub(super) const fn operation(self) -> Option<Operation> {
        match self {
            Self::CurrentUser | Self::Users | Self::OneUser { .. } => None,
            Self::Plans { .. } => Some(Operation::Plans),
            Self::Downgrade { .. } => Some(Operation::Downgrade),
            Self::Upgrade { .. } => Some(Operation::Upgrade),
            Self::Deactivate { .. } => Some(Operation::Deactivate),
            Self::Reactivate { .. } => Some(Operation::Reactivate),
            Self::Remove { .. } => Some(Operation::Remove),
            Self::Update { .. } => Some(Operation::Update),
        }
    }

    /// The user that it changes, if it changes one.
    pub(super) fn changed_user(self) -> Option<u64> {
        self.operation().filter(|operation| operation.is_change()).and(self.user())
    }
}

/// Finds what a request is for. Other parts of the API are not simulated (1006), nor are other things that can be done
/// with a known address (1122); old versions are retired (4005) and new ones unknown (1007).
pub(super) fn route(method: &Method, path: &str) -> Result<Route, Refusal> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    match segments.split_first() {
        Some((&"2.0", rest)) => known_route(method, rest),
        Some((&("1.0" | "1.1"), _)) => Err(Refusal::new(4005)),
        Some((version, _)) if version.parse::<f32>().is_ok() => Err(Refusal::new(1007)),
        _ => Err(Refusal::new(1006)),
    }
}

fn known_route(method: &Method, segments: &[&str]) -> Result<Route, Refusal> {
    let user = |segment: &str| number(segment, "userId");
    let plan = |segment: &str| number(segment, "planId");
    Ok(match (method.as_str(), segments) {
        ("GET", ["users"]) => Route::Users,
        ("GET", ["users", "me"]) => Route::CurrentUser,
        ("GET", ["users", id]) => Route::OneUser { user: user(id)? },
        ("PUT", ["users", id]) => Route::Update { user: user(id)? },
        ("POST", ["users", id, "deactivate"]) => Route::Deactivate { user: user(id)? },
        ("POST", ["users", id, "reactivate"]) => Route::Reactivate { user: user(id)? },
        ("GET", ["users", id, "plans"]) => Route::Plans { user: user(id)? },
        ("DELETE", ["users", id, "plans", of]) => Route::Remove { user: user(id)?, plan: plan(of)? },
        ("POST", ["users", id, "plans", of, "downgrade"]) => Route::Downgrade { user: user(id)?, plan: plan(of)? },
        ("POST", ["users", id, "plans", of, "upgrade"]) => Route::Upgrade { user: user(id)?, plan: plan(of)? },
        (
            other,
            ["users"]
            | ["users", _]
            | ["users", _, "deactivate" | "reactivate" | "plans"]
            | ["users", _, "plans", _]
            | ["users", _, "plans", _, "downgrade" | "upgrade"],
        ) => return Err(Refusal::about(1122, &[other])),
        _ => return Err(Refusal::new(1006)),
    })
}

fn number(segment: &str, parameter: &str) -> Result<u64, Refusal> {
    segment.parse().map_err(|_| Refusal::about(1018, &[segment, parameter]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_of_the_documents_is_found() {
        let (user, plan) = (48_569_348_493_401_200, 4_843_937_635_559_300);
        let table = [
            (Method::GET, "/2.0/users", Route::Users),
            (Method::GET, "/2.0/users/", Route::Users),
            (Method::GET, "/2.0/users/me", Route::CurrentUser),
            (Method::GET, "/2.0/users/48569348493401200", Route::OneUser { user }),
            (Method::PUT, "/2.0/users/48569348493401200", Route::Update { user }),
            (Method::POST, "/2.0/users/48569348493401200/deactivate", Route::Deactivate { user }),
            (Method::POST, "/2.0/users/48569348493401200/reactivate", Route::Reactivate { user }),
            (Method::GET, "/2.0/users/48569348493401200/plans", Route::Plans { user }),
            (Method::DELETE, "/2.0/users/48569348493401200/plans/4843937635559300", Route::Remove { user, plan }),
            (
                Method::POST,
                "/2.0/users/48569348493401200/plans/4843937635559300/upgrade",
                Route::Upgrade { user, plan },
            ),
            (
                Method::POST,
                "/2.0/users/48569348493401200/plans/4843937635559300/downgrade",
                Route::Downgrade { user, plan },
            ),
        ];
        for (method, path, expected) in table {
            assert_eq!(route(&method, path), Ok(expected), "{method} {path}");
        }
    }

    #[test]
    fn every_other_request_is_refused_with_the_code_for_what_is_wrong() {
        let table = [
            (Method::GET, "/", 1006),
            (Method::GET, "/2.0", 1006),
            (Method::GET, "/2.0/sheets", 1006),
            (Method::GET, "/users/me", 1006),
            (Method::GET, "/1.1/users/me", 4005),
            (Method::GET, "/3.0/users/me", 1007),
            (Method::POST, "/2.0/users", 1122),
            (Method::GET, "/2.0/users/1/deactivate", 1122),
            (Method::PATCH, "/2.0/users/1", 1122),
            (Method::DELETE, "/2.0/users/1", 1122),
            (Method::POST, "/2.0/users/1/plans/2/sidegrade", 1006),
            (Method::GET, "/2.0/users/jane", 1018),
            (Method::GET, "/2.0/users/4.8e16", 1018),
            (Method::GET, "/2.0/users/-1/plans", 1018),
            (Method::DELETE, "/2.0/users/1/plans/99999999999999999999", 1018),
        ];
        for (method, path, expected) in table {
            assert_eq!(route(&method, path).unwrap_err().code(), Some(expected), "{method} {path}");
        }
    }
}
