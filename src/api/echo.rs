//! The echo of an update: `data` or `result` of its answer, read with patience.
//!
//! Seed 003 and the official mocks show an array in `data`; the SDKs also know an object, and the name `result`. A
//! property of another type than expected counts as not shown. An id never passes through a float: one with a point or
//! an exponent is not known.

use serde_json::{Map, Value};

use crate::model::{UpdateEcho, UserEcho, UserId};

/// The most users that are kept of one answer; an update changes one.
const MOST: usize = 4;

/// The users that an answer to a change shows. Only an answer with an outcome shows any: a page of users has none.
pub(super) fn echo(body: &Map<String, Value>) -> Option<Box<UpdateEcho>> {
    if !body.contains_key("resultCode") && !body.contains_key("message") {
        return None;
    }
    let shown = |name: &str| match body.get(name) {
        Some(Value::Array(users)) => users.as_slice(),
        Some(user @ Value::Object(_)) => std::slice::from_ref(user),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => &[],
    };
    let users = shown("data").iter().chain(shown("result"));
    let users = users.filter_map(Value::as_object).map(user).filter(|user| !user.is_empty());
    UpdateEcho::from_users(users.take(MOST).collect())
}

fn user(shown: &Map<String, Value>) -> UserEcho {
    let text = |name: &str| shown.get(name).and_then(Value::as_str).map(str::to_owned);
    UserEcho {
        id: shown.get("id").and_then(id),
        email: text("email"),
        first_name: text("firstName"),
        last_name: text("lastName"),
        name: text("name"),
    }
}

/// An id as a number or as text.
fn id(value: &Value) -> Option<UserId> {
    match value {
        Value::Number(number) => number.as_u64().and_then(UserId::new),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Vec<UserEcho> {
        echo(body.as_object().unwrap()).map_or_else(Vec::new, |echo| echo.users().to_vec())
    }

    #[test]
    fn an_echo_is_read_from_every_shape_that_documents_and_sdks_know() {
        let jane = json!({"id": 48_569_348_493_401_201_u64, "email": "jane@acme.example", "firstName": "Jane",
            "lastName": "Doe", "name": "Jane Doe", "profileImage": {"height": 5}});
        let by_text = json!({"id": " 48569348493401201 ", "email": "jane@acme.example", "firstName": "Jane",
            "lastName": "Doe", "name": "Jane Doe"});
        let expected = UserEcho {
            id: UserId::new(48_569_348_493_401_201),
            email: Some("jane@acme.example".into()),
            first_name: Some("Jane".into()),
            last_name: Some("Doe".into()),
            name: Some("Jane Doe".into()),
        };
        let bodies = [
            json!({"message": "SUCCESS", "resultCode": 0, "data": [jane]}),
            json!({"message": "SUCCESS", "resultCode": 0, "data": jane}),
            json!({"message": "SUCCESS", "resultCode": 0, "result": jane}),
            json!({"message": "SUCCESS", "resultCode": 0, "result": [by_text]}),
        ];
        for body in bodies {
            assert_eq!(read(&body), std::slice::from_ref(&expected), "{body}");
        }
    }

    #[test]
    fn an_id_that_a_float_may_have_rounded_is_not_known() {
        let ids = [
            (json!(48_569_348_493_401_200_u64), true),
            (json!("48569348493401200"), true),
            (json!(4.856_934_849_340_12e16), false),
            (json!("4.85693484934012E16"), false),
            (json!("48569348493401200.0"), false),
            (json!(-5), false),
            (json!(0), false),
            (json!(null), false),
            (json!([5]), false),
        ];
        for (id, is_known) in ids {
            let users = read(&json!({"resultCode": 0, "data": {"id": id, "name": "Jane"}}));
            assert_eq!(users[0].id.is_some(), is_known, "{id}");
            assert_eq!(users[0].name.as_deref(), Some("Jane"), "the rest of it is read all the same");
        }
    }

    #[test]
    fn properties_of_any_type_cost_nothing() {
        for odd in [json!(null), json!(true), json!(1.5), json!("text"), json!([]), json!([[]]), json!({"a": 1})] {
            assert_eq!(read(&json!({"resultCode": 0, "data": odd, "result": odd})), [], "{odd}");
            let user = json!({"id": 7, "email": odd, "firstName": odd, "lastName": odd, "name": odd});
            assert_eq!(read(&json!({"resultCode": 0, "data": user}))[0].id, UserId::new(7), "{odd}");
        }
        let page = json!({"pageNumber": 1, "totalPages": 1, "data": [{"id": 7, "name": "Jane"}]});
        assert_eq!(read(&page), [], "a page of users is no echo");
    }
}
