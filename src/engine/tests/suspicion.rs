//! Answers that are not believed as they stand: contradictions, login pages, a lone 401.

use super::*;
use crate::model::Reason;

const LOGIN_PAGE: &str = "<html><title>Sign in</title></html>";

fn requests(told: &Told, path: &str) -> usize {
    told.api.world(|world| world.log.iter().filter(|(_, _, sent)| sent == path).count())
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_contradicts_itself_is_read_back_and_the_row_says_what_was_odd() {
    let failure = r#"{"message":"FAILURE","resultCode":0}"#;
    let accepted = r#"{"message":"SUCCESS","resultCode":0}"#;
    let with_code = r#"{"errorCode":1014,"message":"no licences"}"#;
    // http, body, whether it is sent again when it was not done, what the row says
    let table = [
        (200, failure, true, "result code 0"),
        (202, accepted, true, "HTTP 200"),
        (200, with_code, false, "error code"),
        (404, LOGIN_PAGE, false, "not how the API answers"),
        (409, r#"{"message":"conflict"}"#, false, "409"),
        (499, "", true, "gave up waiting"),
        (302, "", true, "never redirects"),
    ];
    for (http, body, is_sent_again, words) in table {
        for applied in [true, false] {
            let told = Scene::new([down(7)]).fault(7, [Fault::Says { http, body, applied }]).play().await;
            let outcome = told.outcomes[0].as_ref().unwrap();
            let (status, tries) = match (applied, is_sent_again) {
                (true, _) => (Status::Success, 1),
                (false, true) => (Status::Success, 2),
                (false, false) => (Status::Failed, 1),
            };
            assert_eq!((outcome.status, told.tries[0]), (status, tries), "{http} {body} {applied}: {outcome:?}");
            let is_said = tries == 2 || outcome.message.contains(words);
            assert!(is_said, "{http} {body} {applied}: {}", outcome.message);
            assert!(tries == 2 || outcome.reason != Reason::GaveUp);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_captive_portal_stops_the_run_at_its_first_page_and_no_row_fails_for_it() {
    for (http, body) in [(200, LOGIN_PAGE), (302, ""), (307, LOGIN_PAGE), (404, LOGIN_PAGE), (403, LOGIN_PAGE)] {
        for rate in [270, 5, 0] {
            let mut scene = Scene::new((1..=100).map(down));
            scene.rate = rate;
            let portal = Fault::Says { http, body, applied: false };
            scene.api.world(|world| {
                world.everything_from = Some((20, portal));
                // The page of a portal, not the API's word that it lacks the operation.
                world.me = Some(Fault::Says { http: 302, body: "", applied: false }).filter(|_| http == 404);
            });
            let told = scene.play().await;
            let is_told = matches!(&told.ending, StopReason::NotTheApi(_)) || http == 404;
            assert!(is_told, "{http} at {rate}: {:?}", told.ending);
            if http != 404 {
                let text = told.ending.describe();
                assert!(
                    text.starts_with("this is not the Smartsheet API: a captive portal or a login page?"),
                    "{text}"
                );
                let failed = told.statuses().iter().filter(|status| **status == FAILED).count();
                assert_eq!(failed, 0, "{http} at {rate}: {:?}", told.outcomes);
                let changes = told.changes().len();
                assert!(changes <= 20 + 8 + 1, "{http} at {rate}: {changes} changes were sent");
                assert_eq!(requests(&told, "/users/me"), 1, "{http} at {rate}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lone_page_costs_one_question_and_nothing_is_sent_while_it_is_open() {
    for rate in [270, 3, 0] {
        let mut scene =
            Scene::new((1..=40).map(down)).fault(5, [Fault::Says { http: 302, body: LOGIN_PAGE, applied: false }]);
        scene.rate = rate;
        let told = scene.play().await;
        assert_eq!(told.ending, StopReason::Finished);
        assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{rate}: {:?}", told.outcomes);
        assert_eq!(requests(&told, "/users/me"), 1, "{rate}");
        let log = told.api.world(|world| world.log.clone());
        let asked = log.iter().position(|(_, _, path)| path == "/users/me").unwrap();
        let (at, answered) = (log[asked].0, log[asked].0 + Duration::from_millis(100));
        let meanwhile = log[asked + 1..].iter().filter(|(sent, ..)| *sent > at && *sent < answered).count();
        assert_eq!(meanwhile, 0, "{rate}: requests while it is not known whether it is the API");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_for_every_row_of_a_user_does_not_stop_an_api_that_answers_otherwise() {
    let mut scene = Scene::new((1..=40).map(down));
    for user in 1..=10 {
        scene = scene.fault(user, [Fault::Says { http: 404, body: LOGIN_PAGE, applied: false }]);
    }
    let told = scene.play().await;
    assert_eq!(told.ending, StopReason::Finished);
    assert!(told.statuses()[..10].iter().all(|status| *status == FAILED), "{:?}", told.outcomes);
    assert!(told.statuses()[10..].iter().all(|status| *status == SUCCESS), "{:?}", told.outcomes);
    assert!(requests(&told, "/users/me") <= 2, "what was said a moment ago is not asked again");
}

#[tokio::test(start_paused = true)]
async fn one_401_among_answers_that_are_fine_is_the_servers_mistake() {
    let unauthorized = Fault::Error { http: 401, code: 1003, applied: false };
    for page in [unauthorized, Fault::Html { http: 401, applied: false }] {
        let told = Scene::new((1..=40).map(down)).fault(20, [page]).play().await;
        assert_eq!(told.ending, StopReason::Finished, "{page:?}");
        assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{page:?}: {:?}", told.outcomes);
        assert_eq!((told.tries[19], requests(&told, "/users/me")), (2, 1), "{page:?}");
    }
    let told = Scene::new([down(1), down(2)]).fault(1, vec![unauthorized; 50]).play().await;
    assert_eq!((told.statuses(), told.ending), (vec![FAILED, SUCCESS], StopReason::Finished), "not for ever");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_dies_is_asked_about_once_and_stops_the_run() {
    let scene = Scene::new((1..=200).map(down));
    let api = scene.api.clone();
    tokio::spawn(async move {
        sleep(Duration::from_secs(3)).await;
        api.world(|world| world.dead_token = true);
    });
    let told = scene.play().await;
    assert!(matches!(told.ending, StopReason::Token(_)), "{:?}", told.ending);
    assert!((1..=2).contains(&requests(&told, "/users/me")));
    let failed = told.statuses().iter().filter(|status| **status == FAILED).count();
    assert!((1..=8).contains(&failed), "only what was in flight: {failed}");
}

#[tokio::test(start_paused = true)]
async fn a_length_that_was_not_said_stops_the_run_as_our_own_mistake() {
    for body in [LOGIN_PAGE, r#"{"message":"length required"}"#] {
        let told =
            Scene::new((1..=50).map(down)).fault(3, [Fault::Says { http: 411, body, applied: false }]).play().await;
        assert!(matches!(told.ending, StopReason::Bug(_)), "{:?}", told.ending);
    }
}

#[tokio::test(start_paused = true)]
async fn a_4000_on_a_reading_is_tried_once_more_at_the_most() {
    let unexpected = Fault::Error { http: 500, code: 4000, applied: false };
    for (wanted, fault) in [(remove(1), Some(Fault::Reset { applied: true })), (job(1, Action::Plans), None)] {
        let scene = Scene::new([wanted.clone()]).fault(1, fault);
        scene.api.world(|world| world.reading = Some(unexpected));
        let told = scene.play().await;
        let readings = told.api.world(|world| world.log.iter().filter(|(_, method, _)| *method == Method::Get).count());
        assert_eq!(readings, 2, "{wanted}: {:?}", told.outcomes);
        let expected = if fault.is_some() { Some(Status::Unknown) } else { FAILED };
        assert_eq!(told.statuses(), [expected], "{wanted}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_profile_of_another_user_is_no_reading() {
    for profile_of in [Some(8), None] {
        let scene = Scene::new([job(7, Action::Reactivate)]).fault(7, [Fault::Reset { applied: true }]);
        scene.api.world(|world| {
            world.inactive.insert(7, true);
            world.profile_of = profile_of;
        });
        let told = scene.play().await;
        let expected = if profile_of.is_some() { Some(Status::Unknown) } else { SUCCESS };
        assert_eq!(told.statuses(), [expected], "{:?}", told.outcomes);
        let message = &told.outcomes[0].as_ref().unwrap().message;
        assert_eq!(message.contains("the profile of user 8"), profile_of.is_some(), "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_strange_page_and_then_a_token_that_is_not_accepted_end_the_run_rather_than_hold_it_for_ever() {
    for rate in [270, 5, 0] {
        let page = Fault::Says { http: 200, body: LOGIN_PAGE, applied: false };
        let mut scene = Scene::new((1..=20).map(down)).fault(7, [page]);
        scene.rate = rate;
        scene.api.world(|world| world.me = Some(Fault::Error { http: 401, code: 1003, applied: false }));
        let told = scene.play().await;
        assert!(matches!(&told.ending, StopReason::Token(_)), "{rate}: {:?}", told.ending);
        assert!(told.took < Duration::from_secs(600), "{rate}: {:?}", told.took);
    }
}
