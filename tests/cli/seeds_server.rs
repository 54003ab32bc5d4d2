//! A server that knows the four documents of the specification of record and nothing else: downgrade a user, deactivate
//! a user, list a user's plans, update a user.
//!
//! It is written from these documents alone, so that the program meets a server that shares no idea with it. What no
//! document names does not exist here: `GET /users/me`, `GET /users`, upgrade, reactivate and remove are answered as an
//! unknown operation, and an unknown query parameter or body field is a 400.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};

use super::fixture::{Site, user};
use super::loopback::{Answer, Loopback, Request};

pub(crate) const TOKEN: &str = "a-token-of-the-seeds";
pub(crate) const PLAN: u64 = 4_843_937_635_559_301;
pub(crate) const OTHER_PLANS: [u64; 4] =
    [4_843_937_635_559_302, 4_843_937_635_559_303, 4_843_937_635_559_304, 4_843_937_635_559_305];

/// The domains whose users cannot be deactivated.
const ISP_DOMAINS: [&str; 17] = [
    "aol.com",
    "charter.net",
    "comcast.net",
    "duck.com",
    "email.com",
    "gmail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "mail.ru",
    "outlook.com",
    "rocketmail.com",
    "usa.com",
    "verizon.net",
    "web.de",
    "yahoo.com",
];

/// Somebody on the server.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: u64,
    pub(crate) email: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) is_internal: bool,
    pub(crate) is_active: bool,
    /// `admin`, `licensedSheetCreator`, `groupAdmin`, `resourceViewer`.
    pub(crate) attributes: BTreeMap<String, bool>,
    /// Plan and seat, in the order in which they are listed.
    pub(crate) seats: Vec<(u64, String)>,
    pub(crate) next: Next,
}

/// What is odd about the next change of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Normal,
    /// The change is made, and the answer says `PARTIAL_SUCCESS`.
    Partial,
    /// The change is made, and the connection is closed before the answer.
    LosesAnswer,
    /// Nothing is changed, and nothing is answered.
    Stalls,
}

impl Person {
    /// A member of the plan, with an address of the plan's domain.
    pub(crate) fn new(number: u64) -> Self {
        Self {
            id: user(number),
            email: format!("user.{number}@acme.example"),
            first_name: "Jane".to_owned(),
            last_name: format!("Doe {number}"),
            is_internal: true,
            is_active: true,
            attributes: BTreeMap::new(),
            seats: vec![(PLAN, "MEMBER".to_owned())],
            next: Next::Normal,
        }
    }

    pub(crate) fn external(self) -> Self {
        Self { is_internal: false, email: format!("user.{}@partner.example", self.id), ..self }
    }

    pub(crate) fn seated(mut self, plan: u64, seat: &str) -> Self {
        self.seats.retain(|(known, _)| *known != plan);
        self.seats.push((plan, seat.to_owned()));
        self
    }

    pub(crate) fn next(self, next: Next) -> Self {
        Self { next, ..self }
    }

    fn has(&self, attribute: &str) -> bool {
        self.attributes.get(attribute).copied().unwrap_or_default()
    }
}

/// What the server answers where no document knows the operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    NotFound,
    MethodNotAllowed,
    NotImplemented,
}

impl Unknown {
    pub(crate) const ALL: [Self; 3] = [Self::NotFound, Self::MethodNotAllowed, Self::NotImplemented];

    pub(crate) fn answer(self) -> Answer {
        match self {
            Self::NotFound => error(404, 1006, "Not Found"),
            Self::MethodNotAllowed => Answer::Text(405, "text/plain", String::new()),
            Self::NotImplemented => Answer::Text(501, "text/plain", "Not Implemented".to_owned()),
        }
    }
}

/// The type of `errorCode` and `message` in a 400 or 403 of an update, which the document calls `any`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorType {
    Numbers,
    Texts,
    Floats,
    Composites,
}

impl ErrorType {
    fn answer(self, status: u16, code: u64, message: &str) -> Answer {
        let (code, message) = match self {
            Self::Numbers => (json!(code), json!(message)),
            Self::Texts => (json!(code.to_string()), json!(message)),
            Self::Floats => (json!(f64::from(u32::try_from(code).unwrap())), json!(7)),
            Self::Composites => (json!(code), json!({"text": message, "arguments": [1, null]})),
        };
        Answer::Json(status, json!({"errorCode": code, "message": message}))
    }
}

/// How the server behaves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manners {
    pub(crate) unknown: Unknown,
    pub(crate) error_type: ErrorType,
    pub(crate) plans_on_a_page: usize,
}

impl Default for Manners {
    fn default() -> Self {
        Self { unknown: Unknown::NotFound, error_type: ErrorType::Numbers, plans_on_a_page: 2 }
    }
}

pub(crate) struct SeedsServer {
    pub(crate) http: Loopback,
    people: Arc<Mutex<Vec<Person>>>,
}

impl SeedsServer {
    pub(crate) fn holding(people: impl IntoIterator<Item = Person>, manners: Manners) -> Self {
        let people = Arc::new(Mutex::new(people.into_iter().collect::<Vec<_>>()));
        let held = Arc::clone(&people);
        let http = Loopback::serve(move |request| answer(request, &mut held.lock().unwrap(), manners));
        Self { http, people }
    }

    /// A site that talks to this server, with one request in flight and no rate to wait for.
    pub(crate) fn site(&self) -> Site {
        let mut site = Site::new();
        site.set("SEATRUN_API_URL", &self.http.url());
        site.set("SMARTSHEET_ACCESS_TOKEN", TOKEN);
        site.set("SEATRUN_RATE", "0");
        site.set("SEATRUN_CONCURRENCY", "1");
        site
    }

    pub(crate) fn person(&self, number: u64) -> Person {
        self.people.lock().unwrap().iter().find(|person| person.id == user(number)).unwrap().clone()
    }

    pub(crate) fn seat(&self, number: u64) -> String {
        self.person(number).seats.into_iter().find(|(plan, _)| *plan == PLAN).unwrap().1
    }
}

/// An answer of the shape that the documents call the default.
fn error(status: u16, code: u32, message: &str) -> Answer {
    Answer::Json(status, json!({"refId": "1a2b3c4d5e6f", "errorCode": code, "message": message}))
}

/// A 400 of the operations whose document lists no field for it.
fn bare_refusal() -> Answer {
    Answer::Json(400, json!({}))
}

fn answer(request: &Request, people: &mut [Person], manners: Manners) -> Answer {
    if request.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
        return error(401, 1002, "Your Access Token is invalid.");
    }
    if !request.header("smartsheet-integration-source").is_some_and(is_integration_source) {
        return error(400, 1011, "smartsheet-integration-source is not TYPE,OrgName,SourceName");
    }
    let segments = request.segments();
    let operation: fn(&Request, &mut Person, &[&str], Manners) -> Answer =
        match (request.method.as_str(), &segments[..]) {
            ("POST", ["users", _, "plans", _, "downgrade"]) => downgrade,
            ("POST", ["users", _, "deactivate"]) => deactivate,
            ("GET", ["users", _, "plans"]) => list_plans,
            ("PUT", ["users", _]) => update,
            _ => return manners.unknown.answer(),
        };
    let known: &[&str] =
        if request.method == "GET" { &["lastKey", "maxItems", "displayContributorSeatType"] } else { &[] };
    if let Some((name, _)) = request.query.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        return error(400, 1018, &format!("The parameter {name} is not known."));
    }
    if !request.body.is_empty() && request.header("content-type") != Some("application/json") {
        return error(400, 1018, "The body is no application/json.");
    }
    let person = people.iter_mut().find(|person| segments[1] == person.id.to_string());
    let Some(person) = person else { return error(404, 1006, "Not Found") };
    if request.is_change() && person.next == Next::Stalls {
        return Answer::Stall;
    }
    let answer = operation(request, person, &segments, manners);
    match (&answer, person.next) {
        (Answer::Json(200, body), Next::Partial) if request.is_change() => {
            person.next = Next::Normal;
            let mut body = body.clone();
            body["message"] = json!("PARTIAL_SUCCESS");
            body["resultCode"] = json!(3);
            Answer::Json(200, body)
        }
        (Answer::Json(200, _), Next::LosesAnswer) if request.is_change() => {
            person.next = Next::Normal;
            Answer::HangUp
        }
        _ => answer,
    }
}

fn is_integration_source(text: &str) -> bool {
    let parts: Vec<_> = text.split(',').collect();
    parts.len() == 3 && ["AI", "SCRIPT", "APPLICATION"].contains(&parts[0]) && !parts[2].is_empty()
}

fn success() -> Value {
    json!({"message": "SUCCESS", "resultCode": 0})
}

fn downgrade(request: &Request, person: &mut Person, segments: &[&str], _: Manners) -> Answer {
    let body = request.json();
    let is_seat_alone = body.as_object().is_some_and(|fields| fields.len() == 1);
    let Some(seat @ ("GUEST" | "VIEWER")) = body["seatType"].as_str().filter(|_| is_seat_alone) else {
        return bare_refusal();
    };
    if seat == "GUEST" && person.is_internal {
        return bare_refusal();
    }
    let held = person.seats.iter_mut().find(|(plan, _)| segments[3] == plan.to_string());
    let Some((_, held)) = held else { return error(404, 1006, "Not Found") };
    seat.clone_into(held);
    Answer::Json(200, success())
}

fn deactivate(request: &Request, person: &mut Person, _: &[&str], _: Manners) -> Answer {
    let is_at_isp = person.email.split_once('@').is_some_and(|(_, domain)| ISP_DOMAINS.contains(&domain));
    if is_at_isp || !person.is_internal || !request.body.is_empty() {
        return bare_refusal();
    }
    person.is_active = false;
    Answer::Json(200, success())
}

fn list_plans(request: &Request, person: &mut Person, _: &[&str], manners: Manners) -> Answer {
    let items = request.parameter("maxItems").map_or(Ok(100), str::parse);
    let Some(items) = items.ok().filter(|items: &usize| *items >= 100) else {
        return error(400, 1018, "maxItems is at least 100.");
    };
    let shows_contributor = match request.parameter("displayContributorSeatType") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return error(400, 1018, "displayContributorSeatType is true or false."),
    };
    let start = match request.parameter("lastKey") {
        None => 0,
        Some(key) => match person.seats.iter().position(|(plan, _)| key == plan.to_string()) {
            Some(place) => place + 1,
            None => return error(400, 1018, "lastKey is not known."),
        },
    };
    let page = person.seats.iter().skip(start).take(items.min(manners.plans_on_a_page));
    let data = page.clone().map(|(plan, seat)| {
        let seat = if seat == "VIEWER" && shows_contributor { "CONTRIBUTOR" } else { seat };
        let expires = (seat == "PROVISIONAL_MEMBER").then_some("2026-12-14T09:55:30Z");
        json!({
            "planId": plan,
            "seatType": seat,
            "seatTypeLastChangedAt": "2025-06-14T09:55:30Z",
            "isInternal": person.is_internal,
            "provisionalExpirationDate": expires,
        })
    });
    let mut body = json!({"data": data.collect::<Vec<_>>()});
    let mut page = page;
    let last = page.next_back().filter(|last| Some(*last) != person.seats.last());
    if let Some((plan, _)) = last {
        body["lastKey"] = json!(plan.to_string());
    }
    Answer::Json(200, body)
}

fn update(request: &Request, person: &mut Person, _: &[&str], manners: Manners) -> Answer {
    let Value::Object(fields) = request.json() else {
        return manners.error_type.answer(400, 1008, "Unable to parse request.");
    };
    let mut changed = person.clone();
    if fields.is_empty() || !fields.iter().all(|(name, value)| set(&mut changed, name, value)) {
        return manners.error_type.answer(400, 1032, "An attribute is not known or has a wrong value.");
    }
    if let Some((code, message)) = refusal(&fields, &changed) {
        return manners.error_type.answer(if code == 2109 { 400 } else { 403 }, code, message);
    }
    *person = changed;
    let mut body = success();
    body["data"] = json!([{
        "email": person.email,
        "name": format!("{} {}", person.first_name, person.last_name),
        "firstName": person.first_name,
        "lastName": person.last_name,
        "profileImage": {"imageId": "u!1!nAtdn5RJB_o!k6_e_3h2R3w!wmYXPek-yVD", "height": 1050, "width": 1050},
        "id": person.id,
    }]);
    Answer::Json(200, body)
}

/// Sets one property of a person, and says whether the document knows it with this type.
fn set(person: &mut Person, name: &str, value: &Value) -> bool {
    match (name, value) {
        ("firstName", Value::String(text)) => text.clone_into(&mut person.first_name),
        ("lastName", Value::String(text)) => text.clone_into(&mut person.last_name),
        ("admin" | "licensedSheetCreator" | "groupAdmin" | "resourceViewer", Value::Bool(is_set)) => {
            person.attributes.insert(name.to_owned(), *is_set);
        }
        _ => return false,
    }
    true
}

/// Why an update is refused, by the constraints of the document.
fn refusal(fields: &Map<String, Value>, changed: &Person) -> Option<(u64, &'static str)> {
    let needs_licence = changed.has("groupAdmin") || changed.has("resourceViewer");
    if fields.contains_key("licensedSheetCreator") && !changed.has("admin") {
        return Some((
            2109,
            "User subscription updates (upgrade/downgrade) cannot be performed through this method. Please use the bulk \
             upgrade/downgrade API.",
        ));
    }
    if fields.get("licensedSheetCreator") == Some(&json!(false)) && needs_licence {
        return Some((1102, "A user must be a licensed sheet creator to be a group administrator."));
    }
    None
}

/// Sends a request with the headers of the documents, and these, and returns status and body.
fn ask(server: &SeedsServer, line: &str, headers: &str, body: &str) -> (u16, Value) {
    let host = server.http.url().trim_start_matches("http://").trim_end_matches("/2.0").to_owned();
    let mut stream = TcpStream::connect(&host).unwrap();
    let (method, path) = line.split_once(' ').unwrap();
    let known = format!("authorization: Bearer {TOKEN}\r\nsmartsheet-integration-source: AI,,x\r\n");
    write!(stream, "{method} /2.0{path} HTTP/1.1\r\nhost: {host}\r\n{known}{headers}\r\n{body}").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap_or_default())
}

#[test]
fn the_server_answers_as_its_documents_say_and_knows_nothing_else() {
    let server = SeedsServer::holding([Person::new(0).seated(OTHER_PLANS[0], "VIEWER")], Manners::default());
    let id = user(0);
    let with_body = |line: String, body: &str| {
        let headers = format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
        ask(&server, &line, &headers, body)
    };
    let downgrade = format!("POST /users/{id}/plans/{PLAN}/downgrade");
    assert_eq!(with_body(downgrade.clone(), r#"{"seatType":"VIEWER"}"#), (200, success()));
    for body in [r#"{"seatType":"CONTRIBUTOR"}"#, r#"{"seatType":"GUEST"}"#, "{}", r#"{"seatType":"VIEWER","a":1}"#] {
        assert_eq!(with_body(downgrade.clone(), body), (400, json!({})), "{body}");
    }
    let (status, body) = with_body(format!("PUT /users/{id}"), r#"{"firstName":"Bo"}"#);
    assert_eq!((status, &body["resultCode"], &body["data"][0]["firstName"]), (200, &json!(0), &json!("Bo")));
    assert_eq!(with_body(format!("POST /users/{id}/deactivate"), ""), (200, success()));
    assert_eq!(ask(&server, &format!("POST /users/{id}/deactivate"), "", "").0, 411);
    let lines = ["/users/me".to_owned(), "/users?page=1".to_owned(), format!("/users/{id}")];
    for line in lines {
        let (status, body) = ask(&server, &format!("GET {line}"), "", "");
        assert_eq!((status, &body["errorCode"], &body["message"]), (404, &json!(1006), &json!("Not Found")), "{line}");
    }
    let server = SeedsServer::holding(
        [Person::new(0).seated(OTHER_PLANS[0], "VIEWER")],
        Manners { plans_on_a_page: 1, ..Manners::default() },
    );
    let plans = format!("GET /users/{id}/plans");
    let (_, first) = ask(&server, &plans, "", "");
    let (_, second) = ask(&server, &format!("{plans}?lastKey={PLAN}&displayContributorSeatType=true"), "", "");
    assert_eq!((&first["lastKey"], &first["data"][0]["seatType"]), (&json!(PLAN.to_string()), &json!("MEMBER")));
    assert_eq!((&second["lastKey"], &second["data"][0]["seatType"]), (&Value::Null, &json!("CONTRIBUTOR")));
    assert_eq!(ask(&server, &format!("{plans}?include=planName"), "", "").0, 400);
}
