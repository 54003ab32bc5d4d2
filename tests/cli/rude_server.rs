//! A server whose answers are those of the public documents, and which a test can make rude.
//!
//! A closure sees each request with the account behind it. It answers by itself, or changes what the account would have
//! answered, so that a claim shows in one place what is odd about its server.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::fixture::{Site, user};
use super::loopback::{Answer, Loopback, Request};

pub(crate) const PLAN: u64 = 4_843_937_635_559_301;
const OWN_USER: u64 = 48_569_348_493_400_001;
const PAGE_SIZE: usize = 100;

/// A listed user with every property of the official example: an ACTIVE, internal member.
pub(crate) fn listed(number: u64) -> Value {
    json!({
        "id": user(number),
        "email": format!("user.{number}@acme.example"),
        "firstName": "Jane",
        "lastName": format!("Doe {number}"),
        "name": format!("Jane Doe {number}"),
        "admin": false,
        "groupAdmin": false,
        "licensedSheetCreator": true,
        "resourceViewer": false,
        "isInternal": true,
        "status": "ACTIVE",
        "seatType": "MEMBER",
        "seatTypeLastChangedAt": "2025-06-14T09:55:30.123456789Z",
        "provisionalExpirationDate": null,
        "lastLogin": "2026-11-20T09:55:30.123456Z",
        "customWelcomeScreenViewed": "2025-06-14T09:55:30Z",
        "profileImage": {"imageId": "u!1!nAtdn5RJB_o!k6_e_3h2R3w!wmYXPek-yVD", "height": 1050, "width": 1050},
        "sheetCount": -1,
    })
}

/// That many listed users.
pub(crate) fn listed_users(count: u64) -> Vec<Value> {
    (0..count).map(listed).collect()
}

/// A listed user with other values for some properties.
pub(crate) fn listed_with(number: u64, properties: &Value) -> Value {
    let mut user = listed(number);
    for (name, value) in properties.as_object().unwrap() {
        user[name.as_str()] = value.clone();
    }
    user
}

/// The users of one plan, as they are listed, the token's own among them.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) users: Vec<Value>,
}

impl Account {
    /// What a polite server says.
    pub(crate) fn answer(&mut self, request: &Request) -> Answer {
        let segments = request.segments();
        let id = segments.get(1).copied().unwrap_or_default();
        let place = self.users.iter().position(|user| user["id"].to_string().as_str() == id);
        match (request.method.as_str(), &segments[..], place) {
            ("GET", ["users", "me"], _) => Answer::Json(200, profile(&self.users[0])),
            ("GET", ["users"], _) => Answer::Json(200, self.list(request)),
            ("GET", ["users", _], Some(place)) => Answer::Json(200, profile(&self.users[place])),
            ("GET", ["users", _, "plans"], Some(place)) => Answer::Json(200, plans(&self.users[place], request)),
            (_, _, Some(place)) => change(&mut self.users[place], request, &segments),
            _ => not_found(),
        }
    }

    fn list(&self, request: &Request) -> Value {
        let shows_seats = ["planId", "seatType"].iter().any(|name| request.parameter(name).is_some());
        let emails = request.parameter("email").map(str::to_lowercase);
        let is_wanted = |user: &&Value| {
            let email = user["email"].as_str().unwrap_or_default().to_lowercase();
            emails.as_ref().is_none_or(|emails| emails.split(',').any(|wanted| wanted.trim() == email))
        };
        let mut users: Vec<Value> = self.users.iter().filter(is_wanted).cloned().collect();
        if !shows_seats {
            for user in &mut users {
                user.as_object_mut().unwrap().remove("seatType");
            }
        }
        let number = |name, default| request.parameter(name).map_or(default, |text| text.parse().unwrap());
        let size = number("pageSize", PAGE_SIZE).min(PAGE_SIZE);
        let pages = users.len().div_ceil(size).max(1);
        // Past the end, the last page comes again.
        let page = number("page", 1).clamp(1, pages);
        let count = users.len();
        let data: Vec<_> = users.into_iter().skip((page - 1) * size).take(size).collect();
        json!({"pageNumber": page, "pageSize": size, "totalPages": pages, "totalCount": count, "data": data})
    }
}

fn profile(user: &Value) -> Value {
    let mut profile = json!({"account": {"id": 5_094_772_010_117_508_u64, "name": "Acme"}});
    let shown =
        ["id", "email", "firstName", "lastName", "admin", "groupAdmin", "licensedSheetCreator", "resourceViewer"];
    for name in shown {
        profile[name] = user[name].clone();
    }
    profile
}

fn plans(user: &Value, request: &Request) -> Value {
    let mut plan = json!({
        "planId": PLAN,
        "seatType": user["seatType"],
        "seatTypeLastChangedAt": user["seatTypeLastChangedAt"],
        "isInternal": user["isInternal"],
        "provisionalExpirationDate": null,
    });
    if request.parameter("include") == Some("planName") {
        plan["planName"] = json!("Acme Enterprise");
    }
    json!({"data": [plan]})
}

fn change(user: &mut Value, request: &Request, segments: &[&str]) -> Answer {
    let mut body = json!({"message": "SUCCESS", "resultCode": 0});
    let fields = request.json();
    match (request.method.as_str(), segments.last()) {
        ("POST", Some(&("downgrade" | "upgrade"))) => user["seatType"] = fields["seatType"].clone(),
        ("POST", Some(&"deactivate")) => user["status"] = json!("DEACTIVATED"),
        ("POST", Some(&"reactivate")) => user["status"] = json!("ACTIVE"),
        ("DELETE", _) => user["seatType"] = Value::Null,
        ("PUT", _) => {
            for (name, value) in fields.as_object().unwrap() {
                user[name.as_str()] = value.clone();
            }
            let name = ["firstName", "lastName"].map(|name| user[name].as_str().unwrap_or_default()).join(" ");
            user["name"] = json!(name);
            body["data"] = json!([{
                "id": user["id"],
                "email": user["email"],
                "name": user["name"],
                "firstName": user["firstName"],
                "lastName": user["lastName"],
                "profileImage": user["profileImage"],
            }]);
        }
        _ => return not_found(),
    }
    Answer::Json(200, body)
}

fn not_found() -> Answer {
    Answer::Json(404, json!({"errorCode": 1006, "message": "Not Found", "refId": "1a2b3c4d5e6f"}))
}

pub(crate) struct RudeServer {
    pub(crate) http: Loopback,
    account: Arc<Mutex<Account>>,
}

impl RudeServer {
    /// The token's own user, a System Admin, comes before these users in the list.
    pub(crate) fn new(
        users: Vec<Value>,
        manners: impl Fn(&Request, &mut Account) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let own = listed_with(0, &json!({"id": OWN_USER, "email": "admin@acme.example", "admin": true}));
        let account = Account { users: [own].into_iter().chain(users).collect() };
        let account = Arc::new(Mutex::new(account));
        let held = Arc::clone(&account);
        let http = Loopback::serve(move |request| manners(request, &mut held.lock().unwrap()));
        Self { http, account }
    }

    pub(crate) fn polite(users: Vec<Value>) -> Self {
        Self::new(users, |request, account| account.answer(request))
    }

    /// A site that talks to this server, without a rate to wait for.
    pub(crate) fn site(&self) -> Site {
        let mut site = Site::new();
        site.set("SEATRUN_API_URL", &self.http.url());
        site.set("SMARTSHEET_ACCESS_TOKEN", "a-token");
        site.set("SEATRUN_RATE", "0");
        site
    }

    /// A property of a user, as it is listed now.
    pub(crate) fn property(&self, number: u64, name: &str) -> Value {
        let account = self.account.lock().unwrap();
        account.users.iter().find(|listed| listed["id"] == user(number)).unwrap()[name].clone()
    }
}
