//! Throttling before and during a run, and what several processes of one account come to.

use std::sync::atomic::{AtomicUsize, Ordering};

use seatrun::sandbox::{Options, Quirks, World};
use serde_json::json;

use super::fixture::{Api, Site, downgrades, members, user};
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

#[test]
fn all_processes_of_an_account_share_one_budget_and_the_server_never_has_to_throttle() {
    const RATE: usize = 40;
    let options = Options { rate_per_minute: RATE, ..Options::default() };
    let api = Api::of(World::holding(members(30)).with_quirks(Quirks::BEFORE_SUNSET), &options);
    let mut site = Site::facing(&api);
    site.set("SEATRUN_RATE", &RATE.to_string());
    site.set("SEATRUN_DEADLINE", "2s");
    site.write("in.csv", downgrades(30));
    let users: Vec<_> = (0..30).map(|number| user(number).to_string()).collect();
    let plans: Vec<_> = ["plans"].into_iter().chain(users.iter().map(String::as_str)).collect();
    let running = site.start(&["run", "in.csv", "--yes", "-o", "run.csv"]);
    let others = [site.start(&plans), site.start(&["run", "in.csv", "--dry-run", "-o", "dry.csv"])];
    running.wait();
    drop(others);
    let statuses = api.sandbox.requests().into_iter().map(|request| request.refused.map(|(code, _)| code));
    let statuses: Vec<_> = statuses.collect();
    assert_eq!(statuses.iter().filter(|code| **code == Some(4003)).count(), 0, "{} requests", statuses.len());
    assert!(statuses.len() >= RATE - 2, "the budget is used up: {}", statuses.len());
}
