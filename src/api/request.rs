//! Requests: which method, path, query and body an action is.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::model::{Action, Attributes, DowngradeSeat, Email, Job, PlanId, UserId};

/// The HTTP methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Changes a seat or a status.
    Post,
    /// Changes attributes.
    Put,
    /// Removes.
    Delete,
}

/// One request, relative to the API's base URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query; begins with a slash.
    pub path: String,
    /// The JSON body, where there is one.
    pub body: Option<Value>,
}

/// The query parameters of the list of a user's plans (seed 002).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserPlansQuery {
    /// Where the previous page ended.
    pub last_key: Option<String>,
    /// Items on a page; the API's minimum and default are 100.
    pub max_items: Option<u32>,
    /// Whether the free seat is shown as CONTRIBUTOR (`true`) or VIEWER.
    pub display_contributor_seat_type: Option<bool>,
    /// Whether the names of the plans are asked for (`include=planName`), a parameter that seed 002 does not know.
    pub names: PlanNames,
}

/// Whether the names of plans are asked for beside their ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PlanNames {
    /// They are.
    Asked,
    /// They are not.
    #[default]
    Unasked,
}

impl Request {
    /// The request that carries out a job. A downgrade's seat is given by the name that the tenant takes.
    pub fn change(job: &Job, free_seat: Option<DowngradeSeat>) -> Self {
        let user = job.user;
        match &job.action {
            Action::Downgrade { plan, to } => {
                Self::seat(user, *plan, "downgrade", free_seat.unwrap_or(*to).seat().name())
            }
            Action::Upgrade { plan, to } => Self::seat(user, *plan, "upgrade", to.seat().name()),
            Action::Deactivate => Self::bodyless(Method::Post, format!("/users/{user}/deactivate")),
            Action::Reactivate => Self::bodyless(Method::Post, format!("/users/{user}/reactivate")),
            Action::Remove { plan } => Self::bodyless(Method::Delete, format!("/users/{user}/plans/{plan}")),
            Action::Update(attributes) => {
                Self { method: Method::Put, path: format!("/users/{user}"), body: Some(update_body(attributes)) }
            }
            Action::Plans => Self::user_plans(user, &UserPlansQuery::default()),
        }
    }

    /// `GET /users/me`: whose token it is, and whether a System Admin's.
    pub fn me() -> Self {
        Self::bodyless(Method::Get, "/users/me".to_owned())
    }

    /// `GET /users/{userId}`.
    pub fn user(user: UserId) -> Self {
        Self::bodyless(Method::Get, format!("/users/{user}"))
    }

    /// `GET /users/{userId}/plans` (seed 002).
    pub fn user_plans(user: UserId, query: &UserPlansQuery) -> Self {
        let mut path = format!("/users/{user}/plans");
        let mut separator = '?';
        let mut add = |name: &str, value: &str| {
            let _ = write!(path, "{separator}{name}={value}");
            separator = '&';
        };
        if let Some(key) = &query.last_key {
            add("lastKey", &percent_encode(key));
        }
        if let Some(items) = query.max_items {
            add("maxItems", &items.to_string());
        }
        if let Some(display) = query.display_contributor_seat_type {
            add("displayContributorSeatType", if display { "true" } else { "false" });
        }
        if query.names == PlanNames::Asked {
            add("include", "planName");
        }
        Self::bodyless(Method::Get, path)
    }

    /// `GET /users?email=…&page=…`: a page of the users with these primary addresses, with their status. Pages count
    /// from 1.
    pub fn users_by_email(emails: &[Email], page: u32) -> Self {
        // Whichever spelling of a domain an account was made with, it is found by that one at least.
        let spellings = emails.iter().flat_map(|email| [Some(email.to_string()), email.in_own_letters()]);
        let addresses: Vec<_> = spellings.flatten().map(|address| percent_encode(&address)).collect();
        Self::bodyless(Method::Get, format!("/users?email={}&page={page}", addresses.join(",")))
    }

    /// `GET /users?planId=…&page=…`: a page of a plan's users, with their seats in it. Pages count from 1.
    pub fn users_of_plan(plan: PlanId, page: u64) -> Self {
        Self::bodyless(Method::Get, format!("/users?planId={plan}&page={page}"))
    }

    /// The same, telling when each user last signed in, too (`include=lastLogin`). That is never told in an answer of more
    /// than 100 users (API notes, "list users").
    pub fn users_of_plan_with_logins(plan: PlanId, page: u64) -> Self {
        Self::bodyless(Method::Get, format!("/users?planId={plan}&include=lastLogin&page={page}&pageSize=100"))
    }

    fn seat(user: UserId, plan: PlanId, verb: &str, seat: &str) -> Self {
        Self {
            method: Method::Post,
            path: format!("/users/{user}/plans/{plan}/{verb}"),
            body: Some(json!({ "seatType": seat })),
        }
    }

    fn bodyless(method: Method, path: String) -> Self {
        Self { method, path, body: None }
    }
}

fn update_body(attributes: &Attributes) -> Value {
    let mut body = Map::new();
    let flags = [
        ("admin", attributes.admin),
        ("licensedSheetCreator", attributes.licensed_sheet_creator),
        ("groupAdmin", attributes.group_admin),
        ("resourceViewer", attributes.resource_viewer),
    ];
    for (name, value) in flags {
        if let Some(value) = value {
            body.insert(name.to_owned(), Value::Bool(value));
        }
    }
    for (name, value) in [("firstName", &attributes.first_name), ("lastName", &attributes.last_name)] {
        if let Some(value) = value {
            body.insert(name.to_owned(), Value::String(value.clone()));
        }
    }
    Value::Object(body)
}

/// Everything but the unreserved characters of RFC 3986 as `%XX`.
fn percent_encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UpgradeSeat;

    #[test]
    fn every_action_is_the_request_of_its_document() {
        let user = UserId::new(48_569_348_493_401_201).unwrap();
        let plan = PlanId::new(4_843_937_635_559_300).unwrap();
        let names = Attributes {
            admin: Some(false),
            licensed_sheet_creator: Some(true),
            group_admin: Some(true),
            resource_viewer: Some(false),
            first_name: Some("Zoë \"Z\"".into()),
            last_name: Some("Doe".into()),
        };
        let seat_path = |verb: &str| format!("/users/48569348493401201/plans/4843937635559300{verb}");
        let table = [
            (
                Action::Downgrade { plan, to: DowngradeSeat::Viewer },
                Method::Post,
                seat_path("/downgrade"),
                Some(json!({"seatType": "VIEWER"})),
            ),
            (
                Action::Upgrade { plan, to: UpgradeSeat::Member },
                Method::Post,
                seat_path("/upgrade"),
                Some(json!({"seatType": "MEMBER"})),
            ),
            (Action::Deactivate, Method::Post, "/users/48569348493401201/deactivate".into(), None),
            (Action::Reactivate, Method::Post, "/users/48569348493401201/reactivate".into(), None),
            (Action::Remove { plan }, Method::Delete, seat_path(""), None),
            (
                Action::Update(Box::new(names)),
                Method::Put,
                "/users/48569348493401201".into(),
                Some(json!({
                    "admin": false, "licensedSheetCreator": true, "groupAdmin": true, "resourceViewer": false,
                    "firstName": "Zoë \"Z\"", "lastName": "Doe",
                })),
            ),
            (Action::Plans, Method::Get, "/users/48569348493401201/plans".into(), None),
        ];
        for (action, method, path, body) in table {
            let request = Request::change(&Job { user, action }, None);
            assert_eq!(request, Request { method, path, body });
        }
    }

    #[test]
    fn query_values_are_encoded() {
        let email = Email::new("jane+test@acme.example").unwrap();
        assert_eq!(Request::users_by_email(&[email], 1).path, "/users?email=jane%2Btest%40acme.example&page=1");
        let query = UserPlansQuery {
            last_key: Some("a b&c=".into()),
            max_items: Some(100),
            display_contributor_seat_type: Some(true),
            names: PlanNames::Asked,
        };
        assert_eq!(
            Request::user_plans(UserId::new(5).unwrap(), &query).path,
            "/users/5/plans?lastKey=a%20b%26c%3D&maxItems=100&displayContributorSeatType=true&include=planName"
        );
    }
}
