//! The API's JSON as types: lenient in what it reads, because properties and enum values appear without notice.
//!
//! Every property that the documents do not promise is optional here, unknown ones are passed over, and an id is read
//! as an integer, never as a floating-point number.

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::client::Raw;
use super::echo::echo;
use crate::model::{Answer, ApiWord, Attributes, PlanId, UserId};

/// How much of an unreadable body is quoted, in characters.
const QUOTED: usize = 200;

/// One plan of a user (seed 002, `data`).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserPlan {
    /// The plan.
    pub plan_id: PlanId,
    /// The seat, by whatever name the API has for it.
    #[serde(default)]
    pub seat_type: Option<String>,
    /// When the seat last changed, as the API wrote it.
    #[serde(default)]
    pub seat_type_last_changed_at: Option<String>,
    /// Whether the user's domain belongs to the plan.
    #[serde(default)]
    pub is_internal: Option<bool>,
    /// When a provisional seat ends, as the API wrote it.
    #[serde(default)]
    pub provisional_expiration_date: Option<String>,
}

/// One page of a user's plans (seed 002).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserPlans {
    /// Where this page ended; missing or empty on the last one.
    #[serde(default)]
    pub last_key: Option<String>,
    /// The plans.
    pub data: Vec<UserPlan>,
}

/// A user's account, as the profile shows it.
#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    /// The account's id.
    #[serde(default)]
    pub id: Option<u64>,
    /// The account's name.
    #[serde(default)]
    pub name: Option<String>,
}

/// A user's profile (`GET /users/me`, `GET /users/{userId}`).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserProfile {
    /// The user.
    #[serde(default)]
    pub id: Option<UserId>,
    /// Primary address.
    #[serde(default)]
    pub email: Option<String>,
    /// The account.
    #[serde(default)]
    pub account: Option<Account>,
    /// ACTIVE, DEACTIVATED and so on; not shown by every tenant (marked [?] in the API notes).
    #[serde(default)]
    pub status: Option<String>,
    #[serde(flatten)]
    shown: Shown,
}

impl UserProfile {
    /// Whether the user is a System Admin, where the API says.
    pub const fn is_admin(&self) -> Option<bool> {
        self.shown.admin
    }

    /// The attributes that the API shows.
    pub fn attributes(&self) -> Attributes {
        self.shown.attributes()
    }
}

/// The attributes of a user, by the names that seed 003 sets them by. Profile and list show the same.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    #[serde(default)]
    admin: Option<bool>,
    #[serde(default)]
    licensed_sheet_creator: Option<bool>,
    #[serde(default)]
    group_admin: Option<bool>,
    #[serde(default)]
    resource_viewer: Option<bool>,
    #[serde(default)]
    first_name: Option<String>,
    #[serde(default)]
    last_name: Option<String>,
}

impl Shown {
    fn attributes(&self) -> Attributes {
        Attributes {
            admin: self.admin,
            licensed_sheet_creator: self.licensed_sheet_creator,
            group_admin: self.group_admin,
            resource_viewer: self.resource_viewer,
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
        }
    }
}

/// A user in the list (`GET /users`).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedUser {
    /// The user.
    pub id: UserId,
    /// Primary address.
    #[serde(default)]
    pub email: Option<String>,
    /// ACTIVE, PENDING, DECLINED, DEACTIVATED, or one of tomorrow's.
    #[serde(default)]
    pub status: Option<String>,
    /// The seat in the plan that was asked for; shown only when one was.
    #[serde(default)]
    pub seat_type: Option<String>,
    /// When that seat last changed, as the API wrote it.
    #[serde(default)]
    pub seat_type_last_changed_at: Option<String>,
    /// Whether the user's domain belongs to the plan that was asked for.
    #[serde(default)]
    pub is_internal: Option<bool>,
    /// How many sheets the user owns; shown of active users.
    #[serde(default)]
    pub sheet_count: Option<u64>,
    #[serde(flatten)]
    shown: Shown,
}

impl ListedUser {
    /// The attributes that the list shows.
    pub fn attributes(&self) -> Attributes {
        self.shown.attributes()
    }
}

/// One page of the list of users.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserPage {
    /// The users.
    pub data: Vec<ListedUser>,
    /// How many pages there are; a page past the last may repeat it.
    #[serde(default)]
    pub total_pages: Option<u32>,
    /// How many users there are on all pages.
    #[serde(default)]
    pub total_count: Option<u64>,
}

/// What an HTTP answer to a change says.
pub fn answer(raw: &Raw) -> Answer {
    match serde_json::from_slice::<Value>(&raw.body) {
        Ok(Value::Object(object)) => {
            let integer = |name: &str| object.get(name).and_then(Value::as_i64);
            let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
            let detail = object
                .get("detail")
                .filter(|detail| !detail.is_null())
                .map(|detail| detail.as_str().map_or_else(|| quote(&detail.to_string()), str::to_owned));
            let word = ApiWord {
                result_code: integer("resultCode"),
                error_code: integer("errorCode"),
                message: text("message"),
                ref_id: text("refId"),
                detail: detail.map(String::into_boxed_str),
                echo: if raw.http == 200 { echo(&object) } else { None },
            };
            Answer::Said { http: raw.http, pause: raw.pause, word }
        }
        Ok(_) => unreadable(raw, "JSON, but no object"),
        Err(_) if raw.cut => unreadable(raw, "the answer was cut off or too long"),
        Err(_) => unreadable(raw, &quote(&plain_text(&raw.body))),
    }
}

/// Reads a 200's body as `T`.
///
/// # Errors
/// What was said instead: an error, a page of some gateway, or JSON without the properties that `T` needs.
pub fn read<T: DeserializeOwned>(raw: &Raw) -> Result<T, Answer> {
    if raw.http != 200 {
        return Err(answer(raw));
    }
    serde_json::from_slice(&raw.body).map_err(|_| answer(raw))
}

fn unreadable(raw: &Raw, why: &str) -> Answer {
    Answer::Unreadable { http: raw.http, pause: raw.pause, text: why.to_owned() }
}

fn quote(text: &str) -> String {
    let mut letters = text.chars();
    let beginning: String = letters.by_ref().take(QUOTED).collect();
    if letters.next().is_some() { format!("{beginning}…") } else { beginning }
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
    use crate::model::Pause;

    fn raw(http: u16, body: &str) -> Raw {
        Raw { http, pause: Pause::Unsaid, body: Bytes::copy_from_slice(body.as_bytes()), cut: false }
    }

    #[test]
    fn an_error_is_read_with_everything_it_says() {
        let body = r#"{"errorCode":1359,"message":"no","refId":"abc","detail":{"a":1},"new":[1.5]}"#;
        let Answer::Said { http: 403, word, .. } = answer(&raw(403, body)) else { panic!("not read") };
        assert_eq!(word.error_code, Some(1359));
        assert_eq!(word.ref_id.as_deref(), Some("abc"));
        assert_eq!(word.detail.as_deref(), Some(r#"{"a":1}"#));
    }

    #[test]
    fn what_is_no_api_answer_is_quoted_in_one_line() {
        let table = [
            ("<html><h1>502 Bad\nGateway</h1></html>", "502 Bad Gateway"),
            ("", "an empty body"),
            (r#"{"resultCode":0,"mess"#, r#"{"resultCode":0,"mess"#),
            ("[1]", "JSON, but no object"),
        ];
        for (body, expected) in table {
            let Answer::Unreadable { text, .. } = answer(&raw(200, body)) else { panic!("{body} was read") };
            assert_eq!(text, expected, "{body}");
        }
    }

    #[test]
    fn a_page_of_plans_survives_what_no_document_names() {
        let body = r#"{"lastKey":"k","surprise":{},"data":[
            {"planId":4843937635559300,"seatType":"GALACTIC","isInternal":true,"provisionalExpirationDate":null},
            {"planId":9007199254740993}]}"#;
        let page: UserPlans = read(&raw(200, body)).unwrap();
        assert_eq!(page.data[0].seat_type.as_deref(), Some("GALACTIC"));
        assert_eq!(page.data[1].plan_id.get(), 9_007_199_254_740_993, "not rounded by a float");
    }

    #[test]
    fn a_listed_user_is_read_with_seat_and_attributes_whatever_is_missing() {
        let body = r#"{"pageNumber":1,"totalPages":2,"totalCount":101,"data":[{"id":9007199254740993},
            {"id":48569348493401200,"email":"jane@acme.example","status":"ACTIVE","seatType":"MEMBER","admin":true,
             "firstName":"Jane","isInternal":true,"seatTypeLastChangedAt":"2025-06-14T09:55:30Z","sheetCount":null}]}"#;
        let page: UserPage = read(&raw(200, body)).unwrap();
        assert_eq!((page.total_pages, page.total_count), (Some(2), Some(101)));
        assert_eq!(page.data[0].id.get(), 9_007_199_254_740_993, "not rounded by a float");
        assert_eq!((page.data[0].attributes(), page.data[0].is_internal), (Attributes::default(), None));
        let attributes = page.data[1].attributes();
        assert_eq!((attributes.admin, attributes.first_name.as_deref()), (Some(true), Some("Jane")));
        assert_eq!((page.data[1].is_internal, page.data[1].sheet_count), (Some(true), None));
    }

    #[test]
    fn a_200_that_is_no_page_is_an_answer_and_not_an_empty_page() {
        assert!(matches!(read::<UserPlans>(&raw(200, "{}")), Err(Answer::Said { .. })));
        assert!(matches!(read::<UserPlans>(&raw(200, "<p>")), Err(Answer::Unreadable { .. })));
        assert!(matches!(read::<UserPlans>(&raw(200, r#"{"errorCode":4003}"#)), Err(Answer::Said { .. })));
        assert!(matches!(read::<UserPlans>(&raw(404, r#"{"errorCode":1006}"#)), Err(Answer::Said { http: 404, .. })));
    }
}
