//! Requests whose answers were lost may be carried out later: no later row of the user leaves until then.

use super::*;
use crate::model::Event;

const LOST: Fault = Fault::Reset { applied: false };

/// When each change request for a user left, in seconds.
fn departures(told: &Told, user: u64, began: Instant) -> Vec<u64> {
    let of_user = format!("/users/{user}/");
    told.changes()
        .into_iter()
        .filter(|(_, path)| path.starts_with(&of_user))
        .map(|(at, _)| (at - began).as_secs())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn what_could_do_harm_twice_is_sent_again_only_once_the_first_can_no_longer_land() {
    let began = Instant::now();
    // what is lost, with what behind it, and whether it waits
    let table = [
        (vec![down(1)], false),
        (vec![up(1)], false),
        (vec![job(1, Action::Deactivate)], false),
        (vec![remove(1)], true),
        (vec![down(1), job(1, Action::Deactivate)], true),
        (vec![up(1), down(1)], true),
    ];
    for (jobs, waits) in table {
        let began = Instant::now().max(began);
        let others = (2..=20).map(down);
        let told = Scene::new(jobs.iter().cloned().chain(others)).fault(1, [LOST]).play().await;
        assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{jobs:?}: {:?}", told.outcomes);
        let sent = departures(&told, 1, began);
        let is_late = (60..=63).contains(&(sent[1] - sent[0]));
        assert_eq!(is_late, waits, "{jobs:?}: {sent:?}");
        assert!(is_late || sent[1] - sent[0] < 10, "{jobs:?}: {sent:?}");
        assert!(departures(&told, 20, began)[0] < 10, "{jobs:?}: other users go on meanwhile");
        let message = &told.outcomes[0].as_ref().unwrap().message;
        assert!(message.contains("sent again"), "{message}");
        assert_eq!(told.api.world(|world| world.overlaps), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_lands_late_never_overtakes_a_later_row() {
    for after in [0, 5, 30, 55] {
        let late = Fault::LandsLate(Duration::from_secs(after));
        let jobs = [down(1), up(1), remove(2), job(3, Action::Deactivate), job(3, Action::Reactivate)];
        let scene = Scene::new(jobs).fault(1, [late]).fault(2, [late]).fault(3, [late]);
        let told = scene.play().await;
        assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{after} s: {:?}", told.outcomes);
        assert_eq!(told.tries, [1; 5], "{after} s: nothing is sent twice");
        told.api.world(|world| {
            assert_eq!((world.seats.get(&1), world.seats.get(&2)), (Some(&"MEMBER"), None), "{after} s");
            assert!(!world.inactive.contains_key(&3), "{after} s");
        });
    }
}

#[tokio::test(start_paused = true)]
async fn neither_a_signal_nor_the_deadline_waits_for_what_may_still_land() {
    let mut signalled = Scene::new([remove(1)]).fault(1, [LOST]);
    signalled.signals = vec![(Duration::from_secs(10), Signal::Term)];
    let mut limited = Scene::new([remove(1)]).fault(1, [LOST]);
    limited.deadline = Some(Duration::from_secs(30));
    for scene in [signalled, limited] {
        let told = scene.play().await;
        assert_eq!((told.statuses(), told.tries[0]), (vec![None], 1));
        assert!(matches!(told.states[0], JobState::InDoubt { .. }), "it stays in doubt: {:?}", told.states);
        assert!(told.took < Duration::from_secs(12), "{:?}", told.took);
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_crash_it_counts_from_the_recorded_start() {
    let orphan = [Event::Begun, Event::Orphaned];
    let orphan = orphan.into_iter().fold(JobState::default(), |state, event| state.next(event).unwrap());
    for (ago, waits) in [(0, 60), (45, 15), (61, 0), (86_400, 0)] {
        let mut scene = Scene::new([remove(1)]);
        (scene.states, scene.sent_ago) = (vec![orphan], Some(Duration::from_secs(ago)));
        let told = scene.play().await;
        assert_eq!(told.statuses(), [SUCCESS], "{:?}", told.outcomes);
        let took = told.took.as_secs();
        assert!((waits..=waits + 4).contains(&took), "sent {ago} s ago: {took} s");
    }
}
