//! What comes with a request besides its path: headers, query, body.
//!
//! It decides which of them are understood, and refuses the others with the code for what is wrong. It must never look
//! at the state of the world.

use std::collections::HashMap;

use axum::extract::Query;
use axum::http::{HeaderMap, Uri, header};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::listing::{PlansQuery, UsersQuery};
use super::refusal::Refusal;
use super::rules::ProfileChanges;
use super::seat::Seat;

/// The header of the seeds that tells who sends a request.
pub(super) const INTEGRATION_SOURCE: &str = "smartsheet-integration-source";

/// Refuses an `Accept` that leaves no JSON, a body that is not said to be JSON, and an integration source that is not
/// of the form in the seeds. A request without that header is let in: the SDKs don't send it by themselves.
pub(super) fn check_headers(headers: &HeaderMap, has_body: bool) -> Result<(), Refusal> {
    if let Some(accept) = text(headers, header::ACCEPT.as_str())
        && !["application/json", "application/*", "*/*"].iter().any(|wanted| accept.contains(wanted))
    {
        return Err(Refusal::new(1052));
    }
    let content_type = text(headers, header::CONTENT_TYPE.as_str()).unwrap_or_default().to_ascii_lowercase();
    if has_body && content_type.split(';').next().map(str::trim) != Some("application/json") {
        return Err(Refusal::new(1124));
    }
    match headers.get(INTEGRATION_SOURCE).map(|value| value.to_str()) {
        Some(Ok(source)) if !is_integration_source(source) => Err(Refusal::about(1011, &[INTEGRATION_SOURCE])),
        Some(Err(_)) => Err(Refusal::about(1011, &[INTEGRATION_SOURCE])),
        Some(Ok(_)) | None => Ok(()),
    }
}

/// `TYPE,OrgName,SourceName`. The SDKs' validators let the `OrgName` be empty; whether the server does is not known, so
/// it is taken here.
fn is_integration_source(source: &str) -> bool {
    match source.split(',').collect::<Vec<_>>()[..] {
        [kind, _, name] => ["AI", "SCRIPT", "APPLICATION"].contains(&kind.trim()) && !name.trim().is_empty(),
        _ => false,
    }
}

/// The token of an `Authorization: Bearer …`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text(headers, header::AUTHORIZATION.as_str())?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A header as text, if it is there and is text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The seat of a downgrade (required) or an upgrade.
pub(super) fn wanted_seat(body: &[u8]) -> Result<Option<String>, Refusal> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct SeatBody {
        seat_type: Option<String>,
    }
    if body.is_empty() {
        return Ok(None);
    }
    let body: SeatBody = serde_json::from_slice(body).map_err(|error| unparsable(&error))?;
    Ok(body.seat_type)
}

/// The attributes of an update of `user`. What a profile has besides them can't be set (1032), except its id, which may
/// come along when it is the right one (1029), as SDKs that send a whole user do.
pub(super) fn profile_changes(user: u64, body: &[u8]) -> Result<ProfileChanges, Refusal> {
    const ALLOWED: [&str; 6] =
        ["admin", "licensedSheetCreator", "firstName", "lastName", "groupAdmin", "resourceViewer"];
    const READ_ONLY: [&str; 16] = [
        "account",
        "alternateEmails",
        "company",
        "department",
        "email",
        "isInternal",
        "lastLogin",
        "locale",
        "mobilePhone",
        "name",
        "profileImage",
        "seatType",
        "sheetCount",
        "status",
        "timeZone",
        "title",
    ];
    if body.is_empty() {
        return Err(Refusal::new(1024));
    }
    let mut attributes: Map<String, Value> = serde_json::from_slice(body).map_err(|error| unparsable(&error))?;
    if attributes.remove("id").is_some_and(|id| id.as_u64() != Some(user)) {
        return Err(Refusal::new(1029));
    }
    if let Some(name) = attributes.keys().map(String::as_str).find(|name| !ALLOWED.contains(name)) {
        let unknown = format!("Unknown attribute \"{name}\".");
        let is_known = READ_ONLY.contains(&name);
        return Err(if is_known { Refusal::about(1032, &[name]) } else { Refusal::about(1008, &[&unknown]) });
    }
    serde_json::from_value(Value::Object(attributes)).map_err(|error| unparsable(&error))
}

fn unparsable(error: &serde_json::Error) -> Refusal {
    Refusal::about(1008, &[&error.to_string()])
}

/// The parameters of a query. Unknown ones are passed over.
pub(super) struct Parameters(HashMap<String, String>);

impl Parameters {
    pub(super) fn new(uri: &Uri) -> Result<Self, Refusal> {
        let Query(parameters) = Query::try_from_uri(uri).map_err(|_| Refusal::about(1008, &["the query string"]))?;
        Ok(Self(parameters))
    }

    pub(super) fn plans_query(&self) -> Result<PlansQuery, Refusal> {
        self.number::<u32>("maxItems")?;
        Ok(PlansQuery {
            last_key: self.get("lastKey").map(str::to_owned),
            shows_contributor: self.is_true("displayContributorSeatType")?,
            shows_plan_name: self.list("include").any(|included| included == "planName"),
        })
    }

    pub(super) fn users_query(&self) -> Result<UsersQuery, Refusal> {
        let page_size = self.counting("pageSize")?.unwrap_or(100);
        Ok(UsersQuery {
            plan: self.number("planId")?,
            seats: self.list("seatType").map(Self::known_seat).collect::<Result<_, _>>()?,
            emails: self.get("email").map(|_| self.list("email").map(str::to_owned).collect()),
            page: self.counting("page")?.unwrap_or(1),
            page_size: if self.is_true("includeAll")? { None } else { Some(page_size) },
            tells_login: self.list("include").any(|included| included == "lastLogin"),
            shows_contributor: self.is_true("displayContributorSeatType")?,
        })
    }

    /// A parameter of the list of a user's plans that seed 002 does not name.
    pub(super) fn beyond_seeds(&self) -> Option<&str> {
        const SEED: [&str; 3] = ["lastKey", "maxItems", "displayContributorSeatType"];
        self.0.keys().map(String::as_str).find(|name| !SEED.contains(name))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get(name).unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty())
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Refusal> {
        let parse = |value: &str| value.parse().map_err(|_| Refusal::about(1018, &[value, name]));
        self.get(name).map(parse).transpose()
    }

    /// A number from 1 on.
    fn counting(&self, name: &str) -> Result<Option<usize>, Refusal> {
        match self.number(name)? {
            Some(0) => Err(Refusal::about(1018, &["0", name])),
            number => Ok(number),
        }
    }

    /// Python's SDK writes `True`.
    fn is_true(&self, name: &str) -> Result<bool, Refusal> {
        match self.get(name) {
            None => Ok(false),
            Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
            Some(value) if value.eq_ignore_ascii_case("false") => Ok(false),
            Some(value) => Err(Refusal::about(1018, &[value, name])),
        }
    }

    fn known_seat(name: &str) -> Result<String, Refusal> {
        match Seat::named(name) {
            Seat::Other(name) => Err(Refusal::about(1018, &[&name, "seatType"])),
            Seat::Free | Seat::Guest | Seat::Member | Seat::Provisional => Ok(name.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::super::rules::code;
    use super::*;

    const USER: u64 = 48_569_348_493_401_200;

    /// A parser, a body, and the code of what comes out.
    type Row<'a> = (&'a dyn Fn(&str) -> u16, &'a str, u16);

    #[test]
    fn headers_are_refused_with_the_code_for_what_is_wrong() {
        let table = [
            ("accept", "text/html", false, 1052),
            ("accept", "text/html, */*;q=0.8", false, 0),
            ("content-type", "text/plain", true, 1124),
            ("content-type", "text/plain", false, 0),
            ("content-type", "Application/JSON; charset=utf-8", true, 0),
            ("x-anything", "else", true, 1124),
            (INTEGRATION_SOURCE, "SCRIPT,,seatrun", false, 0),
            (INTEGRATION_SOURCE, "AI,SampleOrg,My-AI-Connector-v2", false, 0),
            (INTEGRATION_SOURCE, "SCRIPT,seatrun", false, 1011),
            (INTEGRATION_SOURCE, "SCRIPT,a,b,c", false, 1011),
            (INTEGRATION_SOURCE, "SCRIPT,Org,", false, 1011),
            (INTEGRATION_SOURCE, "ROBOT,Org,name", false, 1011),
        ];
        for (name, value, has_body, expected) in table {
            let headers = HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))]);
            assert_eq!(code(check_headers(&headers, has_body)), expected, "{name}: {value}");
        }
    }

    #[test]
    fn a_token_is_what_follows_bearer() {
        for (value, expected) in
            [("Bearer abc", Some("abc")), ("bearer  abc", Some("abc")), ("Basic abc", None), ("abc", None)]
        {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))]);
            assert_eq!(bearer(&headers), expected, "{value}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }

    #[test]
    fn bodies_are_refused_with_the_code_for_what_is_wrong() {
        let changes = |body: &str| code(profile_changes(USER, body.as_bytes()));
        let seat = |body: &str| code(wanted_seat(body.as_bytes()));
        let table: [Row<'_>; 15] = [
            (&seat, "", 0),
            (&seat, r#"{"seatType": "VIEWER"}"#, 0),
            (&seat, "{}", 0),
            (&seat, r#"{"seatType": "VIEWER""#, 1008),
            (&seat, r#"{"seatType": 1}"#, 1008),
            (&seat, r#"{"seat": "VIEWER"}"#, 1008),
            (&changes, "", 1024),
            (&changes, "[]", 1008),
            (&changes, "{}", 0),
            (&changes, r#"{"admin": "yes"}"#, 1008),
            (&changes, r#"{"email": "a@example.com"}"#, 1032),
            (&changes, r#"{"shoeSize": 44}"#, 1008),
            (&changes, r#"{"id": 48569348493401200, "admin": true}"#, 0),
            (&changes, r#"{"id": 48569348493401201, "admin": true}"#, 1029),
            (&changes, r#"{"firstName": null, "lastName": "Doe"}"#, 0),
        ];
        for (parse, body, expected) in table {
            assert_eq!(parse(body), expected, "{body}");
        }
    }

    #[test]
    fn queries_are_read_as_sdks_write_them() {
        let users =
            |query: &str| Parameters::new(&format!("/2.0/users?{query}").parse().unwrap()).unwrap().users_query();
        let query =
            users("planId=4843937635559300&seatType=VIEWER,GUEST&email=a%40x.com,%20b%40x.com&includeAll=False")
                .unwrap();
        assert_eq!((query.plan, query.page, query.page_size), (Some(4_843_937_635_559_300), 1, Some(100)));
        assert_eq!(query.seats, ["VIEWER", "GUEST"]);
        assert_eq!(query.emails.unwrap(), ["a@x.com", "b@x.com"]);
        assert_eq!(users("includeAll=True").unwrap().page_size, None);
        assert!(users("include=lastLogin&displayContributorSeatType=true").unwrap().tells_login);
        for wrong in ["page=0", "page=x", "pageSize=-1", "planId=abc", "seatType=OWNER", "includeAll=maybe"] {
            assert_eq!(code(users(wrong)), 1018, "{wrong}");
        }
    }
}
