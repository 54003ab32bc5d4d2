//! Throttling, maintenance and a host that is not there cost time, and never a row's tries.

use super::*;

/// Sixty rows against an API that turns the first requests away.
fn sixty(turned_away: usize, fault: Fault) -> Scene {
    let scene = Scene::new((1..=60).map(down));
    scene.api.world(|world| world.turned_away = Some((turned_away, fault)));
    scene
}

/// How long nothing was sent at all, at the longest.
fn longest_silence(told: &Told) -> Duration {
    let times: Vec<_> = told.api.world(|world| world.log.iter().map(|(at, ..)| *at).collect());
    times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap()
}

#[tokio::test(start_paused = true)]
async fn sixty_rows_outlive_fifty_throttles_however_short_the_pauses_are_that_are_asked_for() {
    let maintenance = Fault::Error { http: 503, code: 4001, applied: false };
    // A date that is past is a pause of no time.
    let faults = [Some(0), Some(1), Some(7), None].map(Fault::Throttled);
    let with_eight = faults.into_iter().chain([maintenance, Fault::Unreachable]).map(|fault| (fault, Some(8)));
    // Fewer are in flight by themselves, so each pause turns fewer away.
    let by_itself = faults.into_iter().take(3).map(|fault| (fault, None));
    for (fault, concurrency) in with_eight.chain(by_itself) {
        let told = Scene { concurrency, ..sixty(50, fault) }.play().await;
        assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{fault:?}: {:?}", told.outcomes);
        assert_eq!(told.ending, StopReason::Finished, "{fault:?}");
        assert_eq!(told.tries.iter().sum::<usize>(), 110, "{fault:?}: each request is an attempt on record");
        let silence = longest_silence(&told);
        assert!((1..=62).contains(&silence.as_secs()), "{fault:?}: {silence:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn readings_that_are_turned_away_use_up_no_readings() {
    let scene = Scene::new([remove(1)]).fault(1, [Fault::Reset { applied: true }]);
    scene.api.world(|world| world.reading = Some(Fault::Throttled(Some(30))));
    let api = scene.api.clone();
    tokio::spawn(async move {
        sleep(Duration::from_secs(800)).await;
        api.world(|world| world.reading = None);
    });
    let told = scene.play().await;
    assert_eq!(told.statuses(), [SUCCESS], "{:?}", told.outcomes);
    let readings = told.api.world(|world| world.log.iter().filter(|(_, method, _)| *method == Method::Get).count());
    assert!(readings > 10, "more than may fail otherwise: {readings}");
}

#[tokio::test(start_paused = true)]
async fn a_silence_of_a_quarter_of_an_hour_stops_the_run_and_a_named_pause_does_not_count() {
    let table = [
        (Fault::Throttled(None), 800..=960),
        (Fault::Throttled(Some(0)), 800..=1_000),
        (Fault::Unreachable, 700..=960),
        (Fault::Error { http: 503, code: 4001, applied: false }, 800..=960),
    ];
    for (fault, seconds) in table {
        let told = sixty(usize::MAX, fault).play().await;
        let is_throttled = matches!(told.ending, StopReason::Throttled(_));
        let expected =
            is_throttled || (fault == Fault::Unreachable && matches!(told.ending, StopReason::Unreachable(_)));
        assert!(expected, "{fault:?}: {:?}", told.ending);
        assert!(seconds.contains(&told.took.as_secs()), "{fault:?}: {:?}", told.took);
        assert!(told.statuses().iter().filter(|status| status.is_some()).count() <= 8, "{:?}", told.outcomes);
    }
    let told = sixty(8, Fault::Throttled(Some(3_600))).play().await;
    assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{:?}", told.outcomes);
    assert!(told.took > Duration::from_secs(3_600));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_ends_beyond_the_deadline_is_not_waited_for() {
    for concurrency in [1, 8].map(Some) {
        let mut scene = sixty(usize::MAX, Fault::Throttled(Some(3_600)));
        (scene.concurrency, scene.deadline) = (concurrency, Some(Duration::from_secs(1_800)));
        let told = scene.play().await;
        assert_eq!(told.ending, StopReason::Deadline);
        assert!(told.took < Duration::from_secs(2), "{concurrency:?}: {:?}", told.took);
    }

    let mut scene = sixty(usize::MAX, Fault::Throttled(Some(0)));
    scene.deadline = Some(Duration::from_secs(100));
    let told = scene.play().await;
    assert_eq!(told.ending, StopReason::Deadline);
    assert!((60..=101).contains(&told.took.as_secs()), "{:?}", told.took);
}
