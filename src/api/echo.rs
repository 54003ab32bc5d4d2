//! The echo of an update: `data` or `result` of its answer.
//!
//! Seed 003 and the official mocks show an array in `data`; the SDKs also know an object, and the name `result`. What
//! cannot be read counts as not shown: the outcome stands without it.

use super::json::Properties;
use crate::model::{UpdateEcho, UserEcho};

/// The most users that are kept of one answer; an update changes one.
const MOST: usize = 4;

/// The users that the answer to a change shows.
pub(super) fn echo(answer: &mut Properties<'_>) -> Option<Box<UpdateEcho>> {
    let mut users = shown(answer, "data");
    users.extend(shown(answer, "result"));
    users.retain(|user| !user.is_empty());
    users.truncate(MOST);
    UpdateEcho::from_users(users)
}

fn shown(answer: &mut Properties<'_>, name: &'static str) -> Vec<UserEcho> {
    match answer.list(name, |shown| Some(user(shown))) {
        Ok(users) => users.read,
        Err(_) => answer.optional(|answer| answer.object(name)).map(|mut shown| user(&mut shown)).into_iter().collect(),
    }
}

fn user(shown: &mut Properties<'_>) -> UserEcho {
    UserEcho {
        id: shown.optional(|shown| shown.id("id")),
        email: shown.optional(|shown| shown.text("email")),
        first_name: shown.optional(|shown| shown.name("firstName")),
        last_name: shown.optional(|shown| shown.name("lastName")),
        name: shown.optional(|shown| shown.text("name")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::json::Place;
    use super::*;
    use crate::model::UserId;

    fn read(body: &Value) -> Vec<UserEcho> {
        let text = body.to_string();
        let mut answer = Properties::parse(&text, Place::Root).unwrap();
        echo(&mut answer).map_or_else(Vec::new, |echo| echo.users().to_vec())
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
    fn an_id_that_a_float_may_have_rounded_is_not_known_and_the_rest_is_read_all_the_same() {
        for id in
            [json!(4.856_934_849_340_12e16), json!("4.8E16"), json!(5.0), json!(-5), json!(0), json!(null), json!([5])]
        {
            let users = read(&json!({"resultCode": 0, "data": {"id": id, "name": "Jane"}}));
            assert_eq!((users[0].id, users[0].name.as_deref()), (None, Some("Jane")), "{id}");
        }
    }

    #[test]
    fn properties_of_any_type_cost_nothing() {
        for odd in [json!(null), json!(true), json!(1.5), json!("text"), json!([]), json!([[]]), json!({"a": 1})] {
            assert_eq!(read(&json!({"resultCode": 0, "data": odd, "result": odd})), [], "{odd}");
            let user = json!({"id": 7, "email": odd, "firstName": odd, "lastName": odd, "name": odd});
            assert_eq!(read(&json!({"resultCode": 0, "data": user}))[0].id, UserId::new(7), "{odd}");
        }
    }
}
