//! The API's answers as types, read with patience: properties and enum values appear without notice, and types differ
//! from page to page of the documentation.
//!
//! Every property that the documents do not promise is optional here, and nothing is read that no decision needs.

use std::borrow::Cow;

use bytes::Bytes;
use jiff::Timestamp;

use super::client::Raw;
use super::echo::echo;
use super::json::{Place, Properties, Records, UnreadableProperty, shortened};
use super::request::Request;
use crate::model::{Answer, ApiResult, Attributes, PlanId, UserId};

/// How much of a body that is not JSON is quoted, in characters.
const QUOTED: usize = 200;

/// One plan of a user (seed 002, `data`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPlan {
    /// The plan.
    pub plan_id: PlanId,
    /// The plan's name, where it was asked for and the API says it (`include=planName`).
    pub plan_name: Option<String>,
    /// The seat, by whatever name the API has for it.
    pub seat_type: Option<String>,
    /// When the seat last changed, as the API wrote it.
    pub seat_type_last_changed_at: Option<String>,
    /// Whether the user's domain belongs to the plan.
    pub is_internal: Option<bool>,
    /// When a provisional seat ends, as the API wrote it.
    pub provisional_expiration_date: Option<String>,
}

/// One page of a user's plans (seed 002).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPlans {
    /// Where this page ended; missing or empty on the last one.
    pub last_key: Option<String>,
    /// The plans.
    pub plans: Records<UserPlan>,
    /// `lastKey`, where it cannot be read, so that it is not known whether more plans follow.
    pub unreadable: Vec<UnreadableProperty>,
}

/// A user's account, as the profile shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The account's id.
    pub id: Option<u64>,
    /// The account's name.
    pub name: Option<String>,
}

/// A user's profile (`GET /users/me`, `GET /users/{userId}`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserProfile {
    /// The user.
    pub id: Option<UserId>,
    /// Primary address.
    pub email: Option<String>,
    /// First and last name as one text.
    pub name: Option<String>,
    /// The account.
    pub account: Option<Account>,
    /// ACTIVE, DEACTIVATED and so on; not shown by every tenant (marked [?] in the API notes).
    pub status: Option<String>,
    /// The attributes that the API shows.
    pub attributes: Attributes,
    /// What of these could not be read.
    pub unreadable: Vec<UnreadableProperty>,
}

/// A user in the list (`GET /users`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedUser {
    /// The user.
    pub id: UserId,
    /// Primary address.
    pub email: Option<String>,
    /// First and last name as one text.
    pub name: Option<String>,
    /// ACTIVE, PENDING, DECLINED, DEACTIVATED, or a later addition.
    pub status: Option<String>,
    /// The seat in the plan that was asked for; shown only when one was.
    pub seat_type: Option<String>,
    /// When that seat last changed, as the API wrote it.
    pub seat_type_last_changed_at: Option<String>,
    /// Whether the user's domain belongs to the plan that was asked for.
    pub is_internal: Option<bool>,
    /// How many sheets the user owns. Since May 2025 the API says -1 of every active user, which is no number of sheets.
    pub sheet_count: Option<u64>,
    /// When the user last signed in; told only where it was asked for.
    pub last_login: LastLogin,
    /// The attributes that the list shows.
    pub attributes: Attributes,
}

impl ListedUser {
    /// A user of whom nothing but the id is shown.
    pub fn new(id: UserId) -> Self {
        Self {
            id,
            email: None,
            name: None,
            status: None,
            seat_type: None,
            seat_type_last_changed_at: None,
            is_internal: None,
            sheet_count: None,
            last_login: LastLogin::Unsaid,
            attributes: Attributes::default(),
        }
    }
}

/// When a user last signed in. Not to say it and to say something that cannot be read are two things: only the first may
/// mean that a user never has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastLogin {
    /// The list does not say.
    Unsaid,
    /// At this time.
    At(Timestamp),
    /// What the list says is not a time.
    Unreadable,
}

/// One page of the list of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPage {
    /// The users.
    pub users: Records<ListedUser>,
    /// How many pages there are, where the API counts them; a page past the last may repeat it.
    pub total_pages: Option<u64>,
    /// How many users there are on all pages, where the API counts them.
    pub total_count: Option<u64>,
}

/// What can be read from the JSON object of an answer.
pub trait FromJson: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// The property without which the answer cannot serve.
    fn from_json(answer: &mut Properties<'_>) -> Result<Self, UnreadableProperty>;
}

impl FromJson for UserPlans {
    fn from_json(answer: &mut Properties<'_>) -> Result<Self, UnreadableProperty> {
        let plans = answer.list("data", |plan| {
            let (plan_id, seat_type) = (plan.id("planId")?, plan.text("seatType"));
            // A seat that cannot be read must not look like none.
            plan.is_readable().then_some(())?;
            let read = UserPlan {
                plan_id,
                plan_name: plan.words("planName"),
                seat_type,
                seat_type_last_changed_at: plan.date("seatTypeLastChangedAt"),
                is_internal: plan.flag("isInternal"),
                provisional_expiration_date: plan.date("provisionalExpirationDate"),
            };
            Some(read)
        })?;
        let last_key = answer.text("lastKey");
        Ok(Self { last_key, plans, unreadable: answer.take_unreadable() })
    }
}

impl FromJson for UserProfile {
    fn from_json(answer: &mut Properties<'_>) -> Result<Self, UnreadableProperty> {
        let id = answer.id("id");
        // Whoever cannot be told apart from somebody else cannot be believed.
        if let Some(unreadable) = answer.take_unreadable().into_iter().next() {
            return Err(unreadable);
        }
        Ok(Self {
            id,
            email: answer.text("email"),
            name: full_name(answer),
            account: answer
                .object("account")
                .map(|mut account| Account { id: account.id("id"), name: account.words("name") }),
            status: answer.text("status"),
            attributes: attributes(answer),
            unreadable: answer.take_unreadable(),
        })
    }
}

impl FromJson for UserPage {
    fn from_json(answer: &mut Properties<'_>) -> Result<Self, UnreadableProperty> {
        let users = answer.list("data", |user| {
            let read = ListedUser {
                id: user.id("id")?,
                email: user.text("email"),
                name: full_name(user),
                status: user.text("status"),
                seat_type: user.text("seatType"),
                seat_type_last_changed_at: user.date("seatTypeLastChangedAt"),
                is_internal: user.flag("isInternal"),
                sheet_count: user.optional(|user| user.count("sheetCount")),
                last_login: last_login(user),
                attributes: attributes(user),
            };
            Some(read)
        })?;
        let total_pages = answer.count("totalPages");
        let total_count = answer.count("totalCount");
        Ok(Self { users, total_pages, total_count })
    }
}

/// The attributes of a user, by the names that seed 003 sets them by. Profile and list show the same.
fn attributes(user: &mut Properties<'_>) -> Attributes {
    Attributes {
        admin: user.flag("admin"),
        licensed_sheet_creator: user.flag("licensedSheetCreator"),
        group_admin: user.flag("groupAdmin"),
        resource_viewer: user.flag("resourceViewer"),
        first_name: user.name("firstName"),
        last_name: user.name("lastName"),
    }
}

/// The name of a user as one text: as the API puts it together, else from its parts.
fn full_name(user: &mut Properties<'_>) -> Option<String> {
    user.optional(|user| user.text("name")).or_else(|| {
        let parts = ["firstName", "lastName"].map(|part| user.optional(|user| user.name(part)).unwrap_or_default());
        Some(parts.join(" ").trim().to_owned()).filter(|name| !name.is_empty())
    })
}

fn last_login(user: &mut Properties<'_>) -> LastLogin {
    match user.attempt(|user| user.date("lastLogin")) {
        Ok(None) => LastLogin::Unsaid,
        Ok(Some(text)) => text.parse().map_or(LastLogin::Unreadable, LastLogin::At),
        Err(_) => LastLogin::Unreadable,
    }
}

/// What an HTTP answer to a change says.
pub fn answer(raw: &Raw) -> Answer {
    let body = body(raw);
    match Properties::parse(&body, Place::Root) {
        Ok(mut properties) => {
            let mut word = api_word(&mut properties);
            if raw.http == 200 && (word.result_code.is_some() || word.message.is_some()) {
                word.echo = echo(&properties);
            }
            Answer::Said { http: raw.http, pause: raw.pause, word }
        }
        Err(_) if raw.cut => unreadable(raw, "the answer was cut off or too long"),
        Err(found) if is_json(&body) => unreadable(raw, &format!("JSON, but {} and not an object", found.found)),
        Err(_) => unreadable(raw, &shortened(&plain_text(&raw.body), QUOTED)),
    }
}

/// The outcome or the error that a body tells. Codes decide alike as numbers and as text; a message may be of any type
/// (seed 003).
fn api_word(answer: &mut Properties<'_>) -> ApiResult {
    ApiResult {
        result_code: answer.number("resultCode"),
        error_code: answer.number("errorCode"),
        message: answer.words("message"),
        ref_id: answer.words("refId"),
        detail: answer.words("detail").map(String::into_boxed_str),
        echo: None,
    }
}

/// Reads the answer to `request` as `T`.
///
/// # Errors
/// What was said instead: an error, a page of some gateway, or JSON without the properties that `T` needs.
pub fn read<T: FromJson>(request: &Request, raw: &Raw) -> Result<T, Answer> {
    if raw.http != 200 {
        return Err(answer(raw));
    }
    let body = body(raw);
    let Ok(mut properties) = Properties::parse(&body, Place::Root) else { return Err(answer(raw)) };
    T::from_json(&mut properties).map_err(|unreadable| {
        let word = api_word(&mut properties);
        if word.error_code.is_some() {
            return Answer::Said { http: raw.http, pause: raw.pause, word };
        }
        let endpoint = request.path.split('?').next().unwrap_or_default();
        Answer::Unexpected {
            http: raw.http,
            text: format!("the answer to GET {endpoint} cannot be read: {unreadable}"),
        }
    })
}

/// The body as text, without the mark that some gateways put in front.
fn body(raw: &Raw) -> Cow<'_, str> {
    let bytes = raw.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&raw.body);
    String::from_utf8_lossy(bytes)
}

fn is_json(body: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok()
}

fn unreadable(raw: &Raw, why: &str) -> Answer {
    Answer::Unreadable { http: raw.http, pause: raw.pause, text: why.to_owned() }
}

/// A body as one line of text, the tags of a gateway's page taken out.
fn plain_text(body: &Bytes) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(16 * QUOTED)]);
    let mut plain = String::new();
    let mut in_tag = false;
    for letter in text.chars() {
        match letter {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                plain.push(' ');
            }
            _ if in_tag => {}
            _ if letter.is_control() => plain.push(' '),
            _ => plain.push(letter),
        }
    }
    let words: Vec<_> = plain.split_whitespace().collect();
    if words.is_empty() { "an empty body".to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RetryAfter;

    fn raw(http: u16, body: &str) -> Raw {
        Raw { http, pause: RetryAfter::Absent, body: Bytes::copy_from_slice(body.as_bytes()), cut: false }
    }

    fn list() -> Request {
        Request::users_of_plan(PlanId::new(7).unwrap(), 1)
    }

    fn unexpected<T: FromJson>(body: &str) -> String {
        match read::<T>(&list(), &raw(200, body)) {
            Err(Answer::Unexpected { text, .. }) => text,
            other => panic!("{body}: {:?}", other.err()),
        }
    }

    /// The listed user of the official documentation, with every property.
    const OFFICIAL: &str = r#"{"id":48569348493401200,"email":"jane.doe@smartsheet.com","firstName":"Jane",
        "lastName":"Doe","name":"Jane Doe","admin":true,"groupAdmin":true,"licensedSheetCreator":true,
        "resourceViewer":true,"isInternal":true,"status":"ACTIVE","seatType":"MEMBER",
        "seatTypeLastChangedAt":"2025-06-14T09:55:30.123456789Z","provisionalExpirationDate":null,
        "lastLogin":"2020-08-25T12:15:47Z","customWelcomeScreenViewed":"2020-08-25T12:15:47Z",
        "profileImage":{"imageId":"u!1!nAtdn5RJB_o","height":1050,"width":1050},"sheetCount":-1}"#;

    /// One value of every JSON type, and those that programs are known to confuse.
    const VALUES: [&str; 14] = [
        "null",
        "true",
        "-1",
        "0",
        "1.5",
        "1e300",
        "48569348493401201",
        r#""""#,
        r#""text""#,
        r#""17""#,
        "[]",
        r#"[{"a":null}]"#,
        "{}",
        r#"{"id":{"deep":[[[]]]}}"#,
    ];

    /// The JSON object `example` with one property replaced.
    fn replaced(example: &str, name: &str, value: &str) -> String {
        let mut object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(example).unwrap();
        object.insert(name.to_owned(), "REPLACED".into());
        serde_json::to_string(&object).unwrap().replace(r#""REPLACED""#, value)
    }

    #[test]
    fn a_listed_user_is_read_whatever_any_one_property_is_and_the_others_on_the_page_are_served() {
        let other = r#"{"id":9007199254740993,"status":"ACTIVE"}"#;
        let names: Vec<String> =
            serde_json::from_str::<serde_json::Map<_, _>>(OFFICIAL).unwrap().keys().cloned().collect();
        assert_eq!(names.len(), 18);
        for name in names.iter().map(String::as_str).chain(["new"]) {
            for value in VALUES {
                let user = replaced(OFFICIAL, name, value);
                let body = format!(r#"{{"totalPages":1,"totalCount":2,"data":[{other},{user}]}}"#);
                let page: UserPage =
                    read(&list(), &raw(200, &body)).unwrap_or_else(|answer| panic!("{body}: {answer:?}"));
                let Records { read, unreadable, left_out } = page.users;
                assert_eq!(read[0].id.get(), 9_007_199_254_740_993, "the other user, {name}: {value}");
                assert_eq!(left_out + read.len(), 2, "{name}: {value}");
                if name != "id" {
                    assert_eq!(left_out, 0, "{name}: {value}");
                    assert_eq!(read[1].id.get(), 48_569_348_493_401_200);
                }
                let is_needed = [
                    "id",
                    "email",
                    "firstName",
                    "lastName",
                    "admin",
                    "groupAdmin",
                    "licensedSheetCreator",
                    "resourceViewer",
                    "isInternal",
                    "status",
                    "seatType",
                    "seatTypeLastChangedAt",
                ]
                .contains(&name);
                assert!(is_needed || unreadable.is_empty(), "{name}: {value} is not needed, and costs {unreadable:?}");
                for complaint in &unreadable {
                    assert!(complaint.place.starts_with("data[1]"), "{complaint}");
                }
            }
        }
    }

    #[test]
    fn a_plan_and_a_profile_are_read_whatever_a_property_is_that_is_not_their_id() {
        let plan = r#"{"planId":4843937635559300,"planName":"Acme","seatType":"MEMBER","isInternal":true,
            "seatTypeLastChangedAt":"2025-06-14T09:55:30Z","provisionalExpirationDate":null}"#;
        let profile = r#"{"id":5,"email":"a@b.example","account":{"id":1,"name":"A"},"admin":true,"status":"ACTIVE",
            "alternateEmails":[],"locale":"en_US","lastLogin":"2020-08-25T12:15:47Z"}"#;
        let request = Request::user(UserId::new(5).unwrap());
        for value in VALUES {
            for name in ["planId", "planName", "seatType", "isInternal", "seatTypeLastChangedAt", "new"] {
                let body = format!(r#"{{"data":[{{"planId":1}},{}]}}"#, replaced(plan, name, value));
                let page: UserPlans = read(&request, &raw(200, &body)).unwrap();
                assert_eq!(page.plans.read.len() + page.plans.left_out, 2, "{name}: {value}");
                let is_needed = ["planId", "seatType"].contains(&name);
                assert!(is_needed || page.plans.left_out == 0, "{name}: {value}");
            }
            for name in ["email", "account", "admin", "status", "alternateEmails", "locale", "lastLogin", "new"] {
                let found: UserProfile = read(&request, &raw(200, &replaced(profile, name, value))).unwrap();
                assert_eq!(found.id.map(UserId::get), Some(5), "{name}: {value}");
            }
        }
    }

    #[test]
    fn totals_of_any_kind_leave_a_page_readable() {
        for value in VALUES {
            for name in ["totalPages", "totalCount", "pageNumber", "pageSize"] {
                let body =
                    replaced(r#"{"pageNumber":1,"pageSize":100,"totalPages":1,"totalCount":1,"data":[]}"#, name, value);
                let page: UserPage = read(&list(), &raw(200, &body)).unwrap();
                let expected = match value {
                    "0" => Some(0),
                    r#""17""# => Some(17),
                    "48569348493401201" => Some(48_569_348_493_401_201),
                    _ => None,
                };
                match name {
                    "totalPages" => assert_eq!((page.total_pages, page.total_count), (expected, Some(1)), "{value}"),
                    "totalCount" => assert_eq!((page.total_pages, page.total_count), (Some(1), expected), "{value}"),
                    _ => assert_eq!((page.total_pages, page.total_count), (Some(1), Some(1)), "{name}: {value}"),
                }
            }
        }
    }

    #[test]
    fn an_error_is_read_with_everything_it_says_whatever_its_types_are() {
        let body = r#"{"errorCode":1359,"message":"no","refId":"abc","detail":{"a":1},"new":[1.5]}"#;
        let Answer::Said { http: 403, word, .. } = answer(&raw(403, body)) else { panic!("not read") };
        assert_eq!((word.error_code, word.ref_id.as_deref()), (Some(1359), Some("abc")));
        assert_eq!(word.detail.as_deref(), Some(r#"{"a":1}"#));
        for code in ["2109", r#""2109""#, "2109.0"] {
            let body = format!(r#"{{"errorCode":{code},"message":["no",1],"refId":17}}"#);
            let Answer::Said { word, .. } = answer(&raw(400, &body)) else { panic!("not read: {body}") };
            assert_eq!(word.error_code, Some(2109), "{code}");
            assert_eq!((word.message.as_deref(), word.ref_id.as_deref()), (Some(r#"["no",1]"#), Some("17")));
        }
    }

    #[test]
    fn what_is_not_an_answer_of_the_api_is_quoted_in_one_line() {
        let table = [
            ("<html><h1>502 Bad\nGateway</h1></html>", "502 Bad Gateway"),
            ("", "an empty body"),
            (r#"{"resultCode":0,"mess"#, r#"{"resultCode":0,"mess"#),
            ("[1]", "JSON, but a list and not an object"),
        ];
        for (body, expected) in table {
            let Answer::Unreadable { text, .. } = answer(&raw(200, body)) else { panic!("{body} was read") };
            assert_eq!(text, expected, "{body}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_with_what_is_there_instead() {
        let table = [
            (r#"{"data":"none"}"#, r#"the answer to GET /users cannot be read: `data` is the text "none""#),
            (r#"{"data":null}"#, "the answer to GET /users cannot be read: `data` is null"),
            ("{}", "the answer to GET /users cannot be read: `data` is missing"),
            (r#"{"data":[{"id":{}}]}"#, "the answer to GET /users cannot be read: `data[0].id` is an object"),
            (r#"{"data":[{}]}"#, "the answer to GET /users cannot be read: `data[0]` is without an id"),
            (r#"{"data":[5]}"#, "the answer to GET /users cannot be read: `data[0]` is the number 5"),
        ];
        for (body, expected) in table {
            assert_eq!(unexpected::<UserPage>(body), expected, "{body}");
        }
        let one = UserId::new(5).unwrap();
        let profile = read::<UserProfile>(&Request::user(one), &raw(200, r#"{"id":[]}"#));
        assert!(
            matches!(&profile, Err(Answer::Unexpected { text, .. }) if text.contains("GET /users/5 cannot be read: `id` is a list")),
            "{profile:?}"
        );
    }

    #[test]
    fn a_mark_in_front_and_letters_that_are_not_utf8_leave_an_answer_readable() {
        let mut body = b"\xef\xbb\xbf{\"data\":[{\"id\":5,\"firstName\":\"Zo\xeb\"}]}".to_vec();
        body.extend_from_slice(b"\r\n");
        let raw = Raw { http: 200, pause: RetryAfter::Absent, body: body.into(), cut: false };
        let page: UserPage = read(&list(), &raw).unwrap();
        assert_eq!(page.users.read[0].attributes.first_name.as_deref(), Some("Zo\u{fffd}"));
    }

    #[test]
    fn an_error_is_an_error_whatever_the_status_and_no_error_is_an_empty_page() {
        let table = [(200, r#"{"errorCode":4003}"#), (404, r#"{"errorCode":1006}"#), (200, r#"{"errorCode":"4003"}"#)];
        for (http, body) in table {
            assert!(matches!(read::<UserPlans>(&list(), &raw(http, body)), Err(Answer::Said { .. })), "{body}");
        }
        assert!(matches!(read::<UserPlans>(&list(), &raw(200, "<p>")), Err(Answer::Unreadable { .. })));
    }
}
