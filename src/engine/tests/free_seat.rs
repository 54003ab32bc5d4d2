//! Which name of the free seat is sent, what is learned of it, and what the row says.

use super::*;

fn viewer(user: u64) -> Job {
    job(user, Action::Downgrade { plan: plan(), to: DowngradeSeat::Viewer })
}

fn asked_for(told: &Told, name: &str) -> usize {
    told.api.world(|world| world.asked_for.iter().filter(|asked| *asked == name).count())
}

/// Thirty VIEWER rows against a tenant that refuses one name in some way.
fn tenant_without(name: &'static str, refusal: (u16, Option<i64>)) -> Scene {
    let scene = Scene::new((1..=30).map(viewer));
    scene.api.world(|world| (world.refused_name, world.refusal) = (Some(name), Some(refusal)));
    scene
}

#[tokio::test(start_paused = true)]
async fn the_free_seats_other_name_is_tried_once_and_remembered_once_accepted() {
    let scene = Scene::new((1..=40).map(down));
    scene.api.world(|world| world.refused_name = Some("CONTRIBUTOR"));
    let told = scene.play().await;
    assert!(told.statuses().iter().all(|status| *status == SUCCESS));
    assert!(told.outcomes[0].as_ref().unwrap().message.contains("VIEWER"), "the row says so");
    let refused = told.tries.iter().filter(|tries| **tries == 2).count();
    assert!(refused <= 8, "only what was in flight before it was learned was refused: {refused}");

    let mut scene = Scene::new((1..=5).map(down));
    for user in 1..=5 {
        scene = scene.fault(user, vec![Fault::Error { http: 400, code: 1031, applied: false }; 9]);
    }
    let told = scene.play().await;
    assert!(told.statuses().iter().all(|status| *status == FAILED));
    assert!(told.tries.iter().all(|tries| *tries == 2), "{:?}", told.tries);
}

#[tokio::test(start_paused = true)]
async fn after_the_sunset_every_viewer_row_succeeds_whatever_code_refuses_the_old_name() {
    let codes = [Some(1008), Some(1012), Some(1018), Some(1031), Some(5999), None];
    let refusals = codes.into_iter().map(|code| (400, code)).chain([(403, None), (403, Some(1999))]);
    for (refusal, rate) in refusals.flat_map(|refusal| [(refusal, 270), (refusal, 0)]) {
        let mut scene = tenant_without("VIEWER", refusal);
        scene.rate = rate;
        let told = scene.play().await;
        assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{refusal:?}: {:?}", told.outcomes);
        let viewers = asked_for(&told, "VIEWER");
        assert!((1..=8).contains(&viewers), "{refusal:?}: {viewers} were sent by the old name, and 8 were in flight");
        assert_eq!(asked_for(&told, "CONTRIBUTOR"), 30, "{refusal:?}");
        assert_eq!(told.accepted_seat_name, Some(DowngradeSeat::Contributor));
        for (outcome, tries) in told.outcomes.iter().flatten().zip(&told.tries) {
            assert!((1..=2).contains(tries), "each request is an attempt on record");
            assert_eq!(
                outcome.message,
                "downgraded to VIEWER, under the name CONTRIBUTOR because the API does not take VIEWER"
            );
            assert!(outcome.hint.as_ref().unwrap().contains("free_seat_name"), "{outcome:?}");
        }
        assert_eq!(told.tries.iter().sum::<usize>(), 30 + viewers);
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_run_found_is_tried_first_and_is_not_believed_for_ever() {
    let mut scene = tenant_without("VIEWER", (400, Some(1031)));
    scene.remembered_seat_name = Some(DowngradeSeat::Contributor);
    let told = scene.play().await;
    assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{:?}", told.outcomes);
    assert_eq!((asked_for(&told, "VIEWER"), asked_for(&told, "CONTRIBUTOR")), (0, 30));
    assert_eq!(told.accepted_seat_name, Some(DowngradeSeat::Contributor));

    let mut scene = tenant_without("CONTRIBUTOR", (400, None));
    scene.remembered_seat_name = Some(DowngradeSeat::Contributor);
    let told = scene.play().await;
    assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{:?}", told.outcomes);
    assert!(asked_for(&told, "CONTRIBUTOR") <= 8);
    assert_eq!(told.accepted_seat_name, Some(DowngradeSeat::Viewer));
}

#[tokio::test(start_paused = true)]
async fn where_both_names_are_refused_the_first_answer_is_reported_and_nothing_is_remembered() {
    let first = Fault::Error { http: 400, code: 1018, applied: false };
    let second = Fault::Error { http: 400, code: 1031, applied: false };
    let told = Scene::new([viewer(1), viewer(2)]).fault(1, [first, second]).play().await;
    let outcome = told.outcomes[0].as_ref().unwrap();
    assert_eq!((outcome.status, outcome.error_code), (Status::Failed, Some(1018)), "{outcome:?}");
    assert!(outcome.message.contains("other name was refused, too"), "{}", outcome.message);
    assert!(outcome.hint.as_ref().unwrap().contains("free_seat_name"), "{outcome:?}");
    assert_eq!((told.tries[0], told.accepted_seat_name), (2, None));
    assert_eq!((asked_for(&told, "VIEWER"), told.statuses()[1]), (2, SUCCESS), "the other row is sent as it says");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_is_about_the_user_is_not_taken_for_one_of_the_name() {
    for (http, code) in [(403, 1013), (403, 1014), (403, 1188), (404, 1006), (404, 1020)] {
        let told = Scene::new([viewer(1)]).fault(1, [Fault::Error { http, code, applied: false }]).play().await;
        assert_eq!((told.statuses(), told.tries[0]), (vec![FAILED], 1), "{http}/{code}");
    }
    let name = Fault::Error { http: 400, code: 1031, applied: false };
    let user = Fault::Error { http: 403, code: 1188, applied: false };
    let told = Scene::new([viewer(1)]).fault(1, [name, user]).play().await;
    assert_eq!(told.outcomes[0].as_ref().unwrap().error_code, Some(1188), "the second answer is the user's");
}

#[tokio::test(start_paused = true)]
async fn a_name_that_the_settings_fix_is_the_only_one_that_is_sent() {
    let mut scene = tenant_without("VIEWER", (400, Some(1031)));
    scene.free_seat_name = FreeSeatName::Contributor;
    let told = scene.play().await;
    assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{:?}", told.outcomes);
    assert_eq!((asked_for(&told, "VIEWER"), told.accepted_seat_name), (0, None));
    assert!(told.outcomes[0].as_ref().unwrap().message.ends_with("as `free_seat_name` says"));

    let mut scene = tenant_without("VIEWER", (400, Some(1031)));
    (scene.free_seat_name, scene.max_errors) = (FreeSeatName::Viewer, Limit::Count(1_000));
    let told = scene.play().await;
    assert!(told.statuses().iter().all(|status| *status == FAILED), "{:?}", told.outcomes);
    assert_eq!(told.tries.iter().sum::<usize>(), 30);
}
