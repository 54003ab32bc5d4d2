//! What becomes of a SUCCESS that is not taken at its word (`--verify`).

use super::*;
use crate::model::{Event, PriorAttempts, Reason, ReportedSeat, Seat};

impl Scene {
    fn verifying(mut self) -> Self {
        self.verification = Verification::ReadBack;
        self
    }
}

fn update(user: u64) -> Job {
    job(user, Action::Update(Box::new(Attributes { admin: Some(true), ..Attributes::default() })))
}

fn readings(told: &Told) -> usize {
    told.api.world(|world| world.log.iter().filter(|(_, method, _)| *method == Method::Get).count())
}

const BAD_GATEWAY: Fault = Fault::Html { http: 502, applied: false };
const EXPIRED: Fault = Fault::Error { http: 401, code: 1003, applied: false };

#[tokio::test(start_paused = true)]
async fn each_change_is_read_back_once_and_the_seat_found_is_reported() {
    let jobs = [down(1), up(2), remove(3), job(4, Action::Deactivate), update(5), job(6, Action::Plans)];
    let told = Scene::new(jobs).verifying().play().await;
    let seat = |seat| Some(ReportedSeat::Known(seat));
    let table = [
        (seat(Seat::Contributor), "downgraded to CONTRIBUTOR; read back: the seat is CONTRIBUTOR"),
        (seat(Seat::Member), "upgraded to MEMBER; read back: the seat is MEMBER"),
        (None, "removed from the plan; read back: the user is not in the plan"),
        (None, "deactivated; read back: the user is DEACTIVATED"),
        (None, "updated; read back: admin is true"),
        (None, "4843937635559300:MEMBER"),
    ];
    for (outcome, (seat, message)) in told.outcomes.iter().flatten().zip(table) {
        assert_eq!((outcome.status, outcome.reason), (Status::Success, Reason::Answered), "{outcome:?}");
        assert_eq!((&outcome.seat_after, outcome.message.as_str()), (&seat, message));
        assert_eq!(outcome.http_status, Some(200));
    }
    assert_eq!((told.changes().len(), readings(&told)), (5, 6), "one reading for each, and the listing");
}

#[tokio::test(start_paused = true)]
async fn the_free_seats_two_names_are_no_contradiction() {
    let viewer = job(1, Action::Downgrade { plan: plan(), to: DowngradeSeat::Viewer });
    let told = Scene::new([viewer]).verifying().play().await;
    let outcome = told.outcomes[0].as_ref().unwrap();
    assert_eq!((outcome.status, outcome.result_code), (Status::Success, Some(0)));
    assert_eq!(outcome.seat_after, Some(ReportedSeat::Known(Seat::Contributor)), "the name that the API shows");
}

#[tokio::test(start_paused = true)]
async fn a_success_that_is_not_so_is_unknown_in_so_many_words_and_holds_back_the_users_later_rows() {
    let jobs = [down(1), job(1, Action::Deactivate), job(2, Action::Deactivate), remove(3)];
    let told = Scene::new(jobs)
        .fault(1, [Fault::Untrue])
        .fault(2, [Fault::Untrue])
        .fault(3, [Fault::Untrue])
        .verifying()
        .play()
        .await;
    let expected = [Some(Status::Unknown), Some(Status::NotAttempted), Some(Status::Unknown), Some(Status::Unknown)];
    assert_eq!(told.statuses(), expected, "{:?}", told.outcomes);
    for (at, words) in [(0, "shows MEMBER"), (2, "shows that the user is ACTIVE"), (3, "shows MEMBER")] {
        let outcome = told.outcomes[at].as_ref().unwrap();
        assert_eq!(outcome.message, format!("the API said SUCCESS, and reading back {words}"));
        assert_eq!((outcome.result_code, outcome.reason), (Some(0), Reason::ReadBack));
    }
    assert_eq!(told.tries, [1, 0, 1, 1], "it is not sent again behind anybody's back");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_shows_its_changes_late_is_looked_at_again() {
    for (after, status, looks) in [(2, Status::Success, 3), (6, Status::Success, 4), (60, Status::Unknown, 4)] {
        let told = Scene::new([down(1)]).fault(1, [Fault::Late(Duration::from_secs(after))]).verifying().play().await;
        assert_eq!(told.statuses(), [Some(status)], "after {after} s: {:?}", told.outcomes);
        assert_eq!((told.tries[0], readings(&told)), (1, looks), "after {after} s");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_back_stays_a_success_and_says_that_it_could_not_be_verified() {
    let gone = Fault::Error { http: 403, code: 1004, applied: false };
    let table = [
        (down(1), BAD_GATEWAY, "502"),
        (down(1), gone, "1004"),
        (job(1, Action::Deactivate), gone, "1004"),
        (update(1), Fault::Error { http: 404, code: 1006, applied: false }, "no such user"),
    ];
    for (wanted, fault, words) in table {
        let scene = Scene::new([wanted.clone()]).verifying();
        scene.api.world(|world| world.reading = Some(fault));
        let told = scene.play().await;
        let outcome = told.outcomes[0].as_ref().unwrap();
        assert_eq!((outcome.status, outcome.result_code), (Status::Success, Some(0)), "{wanted} {fault:?}");
        let said = &outcome.message;
        assert!(said.contains("could not be verified") && said.contains(words), "{wanted} {fault:?}: {said}");
        assert_eq!((told.tries[0], told.ending), (1, StopReason::Finished), "{wanted} {fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_stops_before_reading_back_leaves_the_job_done_on_record() {
    let stopped_by_token = |scene: Scene| {
        scene.api.world(|world| world.reading = Some(EXPIRED));
        scene
    };
    let stopped_by_signal = |mut scene: Scene| {
        scene.api.world(|world| world.reading = Some(Fault::Timeout { applied: false }));
        scene.signals = vec![(Duration::from_secs(1), Signal::Term), (Duration::from_secs(2), Signal::Term)];
        scene
    };
    let stops: [&dyn Fn(Scene) -> Scene; 2] = [&stopped_by_token, &stopped_by_signal];
    for stop in stops {
        let told = stop(Scene::new([down(1)]).verifying()).play().await;
        assert_ne!(told.ending, StopReason::Finished);
        assert_eq!(told.statuses(), [None], "{:?}", told.outcomes);
        assert!(matches!(told.states[0], JobState::Done { .. }), "{:?}", told.states);
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_was_done_when_an_earlier_session_died_is_read_and_never_sent() {
    let done = [Event::Begun, Event::Done, Event::Reopened];
    let state = done.into_iter().fold(JobState::default(), |state, event| state.next(event).unwrap());
    for (applied, expected) in [(true, Status::Success), (false, Status::Unknown)] {
        let mut scene = Scene::new([remove(1)]);
        scene.states = vec![state];
        if applied {
            scene.api.world(|world| world.seats.clear());
        }
        let told = scene.play().await;
        assert_eq!((told.statuses(), told.tries[0]), (vec![Some(expected)], 0), "even without --verify this time");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_before_a_users_row_ended_as_unknown_is_not_said_to_be_unsent() {
    let in_doubt = [Event::Begun, Event::Orphaned];
    let in_doubt = in_doubt.into_iter().fold(JobState::default(), |state, event| state.next(event).unwrap());
    let doubted = in_doubt.next(Event::Cleared(PriorAttempts::Uncertain)).unwrap();
    let done = JobState::default().next(Event::Begun).and_then(|state| state.next(Event::Done)).unwrap();
    for (state, expected) in [
        (JobState::default(), Status::NotAttempted),
        (in_doubt, Status::Unknown),
        (doubted, Status::Unknown),
        (done, Status::Success),
    ] {
        let mut scene = Scene::new([job(1, Action::Reactivate), down(1)]).fault(1, [Fault::Reset { applied: true }]);
        scene.states = vec![JobState::default(), state];
        scene.api.world(|world| world.reading = Some(Fault::Error { http: 403, code: 1004, applied: false }));
        let told = scene.play().await;
        assert_eq!(told.statuses(), [Some(Status::Unknown), Some(expected)], "{state:?}");
    }
}

/// How many requests changed something, how many were pages, and how many read a user alone.
fn kinds(told: &Told) -> (usize, usize, usize) {
    told.api.world(|world| {
        let is_page = |path: &str| path.starts_with("/users?");
        let reads = world.log.iter().filter(|(_, method, _)| *method == Method::Get);
        let (pages, alone): (Vec<_>, Vec<_>) = reads.partition(|(.., path)| is_page(path));
        (world.log.len() - pages.len() - alone.len(), pages.len(), alone.len())
    })
}

/// Downgrades of the first `rows` of so many users, to be verified.
fn among(users: u64, rows: u64) -> Scene {
    let scene = Scene { rate: 0, ..Scene::new((1..=rows).map(down)).verifying() };
    scene.api.world(|world| world.seats.extend((1..=users).map(|user| (user, "MEMBER"))));
    scene
}

#[tokio::test(start_paused = true)]
async fn changed_users_are_looked_at_by_pages_where_these_are_fewer_and_alone_otherwise() {
    // users of the plan, rows, pages, users read alone
    for (users, rows, pages, alone) in
        [(800, 500, 8, 0), (150, 3, 1, 0), (800, 2, 0, 2), (5_000, 10, 1, 0), (100, 100, 1, 0)]
    {
        let told = among(users, rows).play().await;
        assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{:?}", told.outcomes);
        assert!(told.outcomes.iter().flatten().all(|outcome| outcome.message.contains("read back")));
        assert_eq!(kinds(&told), (usize::try_from(rows).unwrap(), pages, alone), "{rows} of {users}");
    }
    let mut scene = among(5_000, 10);
    // The last ten are on none of the pages that are worth reading.
    scene.jobs = (4_991..=5_000).map(down).collect();
    assert_eq!(kinds(&scene.play().await), (10, 1, 10));
}

#[tokio::test(start_paused = true)]
async fn who_is_shown_otherwise_on_a_page_is_read_alone_before_anything_is_said() {
    let told =
        among(200, 100).fault(7, [Fault::Untrue]).fault(8, [Fault::Late(Duration::from_millis(5_500))]).play().await;
    let unknown: Vec<_> = (0..).zip(told.statuses()).filter(|(_, status)| *status != SUCCESS).collect();
    assert_eq!(unknown, [(6, Some(Status::Unknown))], "user 8 shows it when read alone");
    let (_, pages, alone) = kinds(&told);
    assert!(pages == 1 && (5..=8).contains(&alone), "{pages} pages, {alone} alone");
}

#[tokio::test(start_paused = true)]
async fn where_pages_are_refused_or_throttled_everybody_is_read_all_the_same() {
    let scene = among(100, 20);
    scene.api.world(|world| world.refuses_lists = true);
    let told = scene.play().await;
    assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{:?}", told.outcomes);
    assert_eq!(kinds(&told), (20, 1, 20));

    let scene = among(100, 20);
    scene.api.world(|world| world.reading = Some(Fault::Throttled(Some(30))));
    let api = scene.api.clone();
    tokio::spawn(async move {
        sleep(Duration::from_secs(100)).await;
        api.world(|world| world.reading = None);
    });
    let told = scene.play().await;
    assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{:?}", told.outcomes);
    let (changes, pages, alone) = kinds(&told);
    assert!((changes, alone) == (20, 0) && pages <= 6, "{pages} pages, {alone} alone");
}

#[tokio::test(start_paused = true)]
async fn a_row_before_another_of_its_user_is_read_at_once() {
    let mut scene = among(100, 20);
    scene.jobs = (1..=20).flat_map(|user| [down(user), up(user)]).collect();
    let told = scene.play().await;
    assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{:?}", told.outcomes);
    assert_eq!(kinds(&told), (40, 1, 20));
}

#[tokio::test(start_paused = true)]
async fn what_a_crash_left_in_doubt_is_looked_for_by_pages_before_anything_is_changed() {
    let in_doubt = [Event::Begun, Event::Orphaned];
    let in_doubt = in_doubt.into_iter().fold(JobState::default(), |state, event| state.next(event).unwrap());
    let mut scene = among(100, 60);
    scene.verification = Verification::Waived;
    scene.states = vec![in_doubt; 50];
    scene.api.world(|world| world.seats.extend((1..=45).map(|user| (user, "CONTRIBUTOR"))));
    let told = scene.play().await;
    assert!(told.statuses().iter().all(|status| *status == SUCCESS), "{:?}", told.outcomes);
    assert_eq!(kinds(&told), (15, 1, 5), "five are not done, which is read again and sent");
    assert_eq!(told.api.world(|world| world.log[0].1), Method::Get);
}

#[tokio::test(start_paused = true)]
async fn rows_that_wait_to_be_looked_at_count_among_those_of_which_some_have_failed() {
    let refused = Fault::Error { http: 404, code: 1006, applied: false };
    let mut scene = among(100, 90);
    for user in (1..=90).step_by(3) {
        scene = scene.fault(user, [refused]);
    }
    scene.max_errors = Limit::Percent(50.0);
    let told = scene.play().await;
    assert_eq!(told.ending, StopReason::Finished);
    assert_eq!(told.statuses().iter().filter(|status| **status == FAILED).count(), 30);
}
