//! Throttling before and during a run, and what several processes of one account come to.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::fixture::user;
use super::loopback::Answer;
use super::rude_server::{PLAN, RudeServer, listed_users};

fn downgrade(count: u64) -> String {
    let rows: Vec<_> = (0..count).map(|number| format!("{},downgrade,VIEWER,{PLAN}", user(number))).collect();
    format!("user_id,action,seat_type,plan_id\n{}\n", rows.join("\n"))
}

#[test]
fn a_throttle_before_the_first_answer_is_waited_for() {
    let turned_away = AtomicUsize::new(0);
    let server = RudeServer::new(listed_users(2), move |request, account| {
        if turned_away.fetch_add(1, Ordering::SeqCst) == 0 { Answer::Throttled("0") } else { account.answer(request) }
    });
    let site = server.site();
    site.write("in.csv", downgrade(2));
    site.run(&["run", "in.csv", "--yes"]).exits(0);
    assert_eq!(site.report("in.report.csv").statuses(), ["SUCCESS"; 2]);
}

#[test]
fn a_throttle_that_does_not_end_is_waited_for_until_the_longest_silence_or_the_deadline() {
    let maintenance = Answer::Json(503, json!({"errorCode": 4001, "message": "Maintenance.", "refId": "r"}));
    let table = [
        ("SEATRUN_LONGEST_SILENCE", maintenance, "Maintenance."),
        ("SEATRUN_DEADLINE", Answer::Throttled("0"), "the deadline was reached"),
    ];
    for (limit, answer, words) in table {
        let server = RudeServer::new(listed_users(1), move |_, _| answer.clone());
        let mut site = server.site();
        site.set(limit, "1s");
        site.write("in.csv", downgrade(1));
        site.run(&["run", "in.csv", "--yes"]).exits(3).warns(&[words]);
        assert_eq!(site.report("in.report.csv").statuses(), ["NOT_ATTEMPTED"], "{limit}");
    }
}
