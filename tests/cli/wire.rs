//! What goes over the wire: the headers of the seeds, one request at a time for a user, and never the token elsewhere.

use std::collections::BTreeMap;

use seatrun::sandbox::{HOME_PLAN, Operation, Options, SandboxUser, World};

use super::fixture::{Api, Site, downgrades, failing, members, user};

#[test]
fn every_request_has_the_headers_of_the_seeds() {
    let plan = HOME_PLAN;
    let sandbox_users = members(4).chain([
        SandboxUser::new(user(4)).seated(plan, "VIEWER"),
        failing(5, "502"),
        SandboxUser { email: Some("bo@example.com".to_owned()), ..SandboxUser::new(user(6)) },
    ]);
    let api = Api::holding(sandbox_users);
    let site = Site::facing(&api);
    let rows = [
        format!("{},,downgrade,VIEWER,", user(0)),
        format!("{},,deactivate,,", user(1)),
        format!("{},,update,,Zoë", user(2)),
        format!("{},,remove,,", user(3)),
        format!("{},,upgrade,MEMBER,", user(4)),
        format!("{},,downgrade,VIEWER,", user(5)),
        ",bo@example.com,plans,,".to_owned(),
    ];
    site.write("in.csv", format!("user_id,email,action,seat_type,first_name\n{}\n", rows.join("\n")));
    site.run(&["run", "in.csv", "--yes", "--allow-remove"]).exits(0);
    site.run(&["plans", &user(0).to_string()]).exits(0);
    let requests = api.sandbox.requests();
    let methods: BTreeMap<_, u32> = requests.iter().fold(BTreeMap::new(), |mut methods, request| {
        *methods.entry(request.method.as_str()).or_default() += 1;
        methods
    });
    assert!(
        methods["GET"] >= 5 && methods["POST"] >= 4 && methods["PUT"] == 1 && methods["DELETE"] == 1,
        "{methods:?}"
    );
    for request in requests {
        assert_eq!(request.token.as_deref(), Some(api.sandbox.token()), "{request:?}");
        assert_eq!(request.integration_source.as_deref(), Some("SCRIPT,,seatrun"), "{request:?}");
        let agent = request.user_agent.as_deref().unwrap();
        assert!(agent.starts_with("seatrun/") && !agent.contains(' '), "{agent}");
        if !request.body.is_empty() {
            assert_eq!(request.content_type.as_deref(), Some("application/json"), "{request:?}");
        }
    }
    // Another name, from the settings.
    let mut site = Site::facing(&api);
    site.set("SEATRUN_INTEGRATION_SOURCE", "SCRIPT,Acme,leavers");
    let before = api.sandbox.requests().len();
    site.run(&["plans", &user(0).to_string()]).exits(0);
    let source = |request: &seatrun::sandbox::LoggedRequest| request.integration_source.clone();
    assert_eq!(source(&api.sandbox.requests()[before]).as_deref(), Some("SCRIPT,Acme,leavers"));
}

#[test]
fn no_two_requests_for_one_user_are_ever_in_flight_and_its_rows_go_in_file_order() {
    let users = 5;
    let sandbox_users = members(users).map(|sandbox_user| {
        let id = sandbox_user.id;
        if id == user(2) { sandbox_user.failing(Operation::Update, "502".parse().unwrap()) } else { sandbox_user }
    });
    let api = Api::slowly_holding(sandbox_users, "5..60");
    let mut site = Site::facing(&api);
    site.set("SEATRUN_LANDING_TIME", "1s");
    let names = ["A", "B", "C", "D"];
    let updates =
        names.iter().flat_map(|name| (0..users).map(move |number| format!("{},update,,{name}\n", user(number))));
    let others = (0..users)
        .map(|number| format!("{id},downgrade,VIEWER,\n{id},plans,,\n{id},deactivate,,\n", id = user(number)));
    let rows: String = updates.chain(others).collect();
    site.write("in.csv", format!("user_id,action,seat_type,last_name\n{rows}"));
    site.run(&["run", "in.csv", "--yes", "--concurrency", "16"]).exits(0);
    let requests = api.sandbox.requests();
    for number in 0..users {
        let of_user: Vec<_> = requests.iter().filter(|request| request.user == Some(user(number))).collect();
        for pair in of_user.windows(2) {
            assert!(pair[0].ended.is_some_and(|ended| ended <= pair[1].began), "{pair:?}");
        }
        let kinds: Vec<_> = of_user
            .iter()
            .filter(|request| request.fault.is_none())
            .filter_map(|request| request.operation)
            .map(Operation::name)
            .collect();
        assert_eq!(kinds, ["update", "update", "update", "update", "downgrade", "plans", "deactivate"], "{of_user:?}");
        assert_eq!(api.sandbox.user(user(number)).unwrap().last_name, "D");
    }
    // Different users do go at the same time, or the claim above would be empty.
    let overlaps = requests.windows(2).filter(|pair| pair[0].ended.is_some_and(|ended| ended > pair[1].began)).count();
    assert!(overlaps > 0);
}

#[test]
fn rows_that_free_a_paid_seat_go_before_rows_that_take_one() {
    let plan = HOME_PLAN;
    // The own user and two members fill the plan: an upgrade works only once somebody has given a seat back.
    let sandbox_users = members(2).chain([2, 3].map(|number| SandboxUser::new(user(number)).seated(plan, "VIEWER")));
    let api = Api::of(World::holding(sandbox_users).with_licences(plan, 3), &Options::default());
    let site = Site::facing(&api);
    let rows =
        [(2, "upgrade", "MEMBER"), (0, "downgrade", "VIEWER"), (3, "upgrade", "MEMBER"), (1, "downgrade", "VIEWER")];
    let rows = rows.map(|(number, action, seat)| format!("{},{action},{plan},{seat}\n", user(number)));
    site.write("in.csv", format!("user_id,action,plan_id,seat_type\n{}", rows.concat()));
    site.run(&["run", "in.csv", "--yes"]).exits(0);
    assert_eq!([0, 1, 2, 3].map(|number| api.seat(number)), ["CONTRIBUTOR", "CONTRIBUTOR", "MEMBER", "MEMBER"]);
}

#[test]
fn the_token_is_nowhere_but_in_its_header() {
    let api = || Api::holding([failing(0, "502"), failing(1, "reset"), failing(2, "1014"), SandboxUser::new(user(3))]);
    let input = downgrades(4);
    for talk in [&["-vvv", "--log-format", "json"][..], &["-vvv"], &["--no-progress"]] {
        let api = api();
        let token = api.sandbox.token().to_owned();
        let mut site = Site::facing(&api);
        site.set("SEATRUN_LOG", "trace");
        site.write("in.csv", &input);
        let files = ["--summary-json", "summary.json"];
        let mut said = vec![site.run(&[&["run", "in.csv", "--yes"], talk, &files].concat())];
        said.push(site.run(&[&["plans", "1"], talk].concat()));
        said.push(site.run(&["config", "show"]).exits(0));
        site.set("SEATRUN_TOKEN_FILE", "token");
        site.write("token", &token);
        site.set("SMARTSHEET_ACCESS_TOKEN", "");
        said.push(site.run(&["run", "in.csv", "--dry-run", "-vvv"]));
        site.write("token", "");
        for ended in said {
            for text in [&ended.stdout, &ended.stderr] {
                assert!(!text.contains(&token) && !text.contains("Bearer"), "{ended}");
            }
        }
        for (path, bytes) in site.everything() {
            let holds = |needle: &str| bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
            assert!(!holds(&token) && !holds("Bearer"), "{}", path.display());
        }
    }
    // The claim means something only if there was much to be said.
    let api = api();
    let mut site = Site::facing(&api);
    site.set("SEATRUN_LOG", "trace");
    site.write("in.csv", &input);
    site.run(&["run", "in.csv", "--yes", "-vvv"]).warns(&["attempt", "downgrade"]);
}

#[test]
fn an_offline_review_needs_no_token_and_makes_no_connection() {
    let api = Api::holding(members(2));
    let mut site = Site::facing(&api);
    site.set("SMARTSHEET_ACCESS_TOKEN", "");
    site.write("in.csv", format!("{}Bo,downgrade,1,VIEWER\n", downgrades(2)));
    let ended = site.run(&["run", "in.csv", "--dry-run", "--offline", "--max-invalid", "1"]).exits(1);
    ended.warns(&[
        "downgrade   to VIEWER       2",
        "2 requests, about 1.0 s at 270 a minute",
        "PLANNED               2",
    ]);
    assert_eq!(site.report("in.review.csv").statuses(), ["PLANNED", "PLANNED", "INVALID"]);
    assert_eq!(api.sandbox.request_count(), 0);
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(2));
    site.run(&["run", "in.csv", "--dry-run"]).exits(0);
    assert!(api.sandbox.request_count() > 0 && api.changes().is_empty());
}

#[test]
fn a_small_file_does_not_wait_for_the_limit_and_a_large_one_keeps_it() {
    let api = Api::holding(members(5));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(5));
    // Five changes and what is read before are more than three requests, and the fourth is a minute away.
    let ended = site.run(&["run", "in.csv", "--yes", "--rate", "3", "--deadline", "2s"]).exits(4);
    ended.warns(&["deadline"]);
    assert_eq!(api.sandbox.request_count(), 3);
    // The budget belongs to the account, so it is spent for the next run, too.
    site.run(&["run", "in.csv", "--yes", "--rate", "6", "--deadline", "2s"]).exits(4);
    assert_eq!(api.sandbox.request_count(), 6);
}
