//! What the answer to an update shows: another user, another name, or what was asked for.

use super::*;

fn rename(user: u64, first: &str) -> Job {
    job(user, Action::Update(Box::new(Attributes { first_name: Some(first.to_owned()), ..Attributes::default() })))
}

/// An update whose answer shows `echo`, of a user whose profile shows `first_name`.
fn answered_with(echo: &Value, first_name: Option<&'static str>) -> Scene {
    let scene = Scene::new([rename(7, "Jane"), job(7, Action::Deactivate)]);
    scene.api.world(|world| (world.echo, world.first_name) = (Some(echo.clone()), first_name));
    scene
}

fn readings(told: &Told) -> usize {
    told.api.world(|world| world.log.iter().filter(|(_, method, _)| *method == Method::Get).count())
}

#[tokio::test(start_paused = true)]
async fn the_row_carries_the_name_and_the_address_that_the_answer_shows() {
    let jane = json!({"id": 7, "email": "jane@acme.example", "firstName": "Jane", "lastName": "Doe"});
    let as_text = json!({"id": "7", "email": "jane@acme.example", "firstName": "Jane", "lastName": "Doe"});
    for echo in [json!([jane]), jane, as_text] {
        let told = answered_with(&echo, None).play().await;
        assert_eq!(told.statuses(), [SUCCESS, SUCCESS]);
        let message = &told.outcomes[0].as_ref().unwrap().message;
        assert_eq!(message, "updated; the API shows Jane Doe <jane@acme.example>", "{echo}");
        assert_eq!(readings(&told), 0, "{echo}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_user_in_the_answer_makes_the_row_unknown_and_holds_back_the_users_later_rows() {
    for other in [json!(48_569_348_493_401_201_u64), json!("48569348493401201")] {
        let told = answered_with(&json!([{"id": other, "firstName": "Jane"}]), None).play().await;
        assert_eq!(told.statuses(), [Some(Status::Unknown), Some(Status::NotAttempted)], "{:?}", told.outcomes);
        let outcome = told.outcomes[0].as_ref().unwrap();
        assert!(outcome.message.contains("ANOTHER USER") && outcome.message.contains("48569348493401201"));
        assert_eq!(outcome.result_code, Some(0));
    }
    let rounded = json!([{"id": 4.856_934_849_340_12e16, "firstName": "Jane"}]);
    let told = answered_with(&rounded, None).play().await;
    assert_eq!(told.statuses(), [SUCCESS, SUCCESS], "an id that a float may have rounded says nothing");
}

#[tokio::test(start_paused = true)]
async fn another_name_in_the_answer_is_read_back_once_before_the_row_is_called_done() {
    let joan = json!({"id": 7, "firstName": "Joan", "lastName": "Doe"});
    // what the profile shows then, how the row ends, what it says
    let table = [
        (Some("Jane"), Status::Success, "read back: admin is true, firstName is Jane"),
        (Some("Joan"), Status::Unknown, "reading back shows that admin is true, firstName is Joan"),
        (None, Status::Success, "could not be verified"),
    ];
    for (first_name, status, words) in table {
        let told = answered_with(&joan, first_name).play().await;
        let outcome = told.outcomes[0].as_ref().unwrap();
        assert_eq!(outcome.status, status, "{outcome:?}");
        assert!(outcome.message.contains("the API's answer shows another name: Joan Doe"), "{}", outcome.message);
        assert!(outcome.message.contains(words), "{first_name:?}: {}", outcome.message);
        assert_eq!((readings(&told), told.tries[0]), (1, 1), "{first_name:?}");
    }
}
