//! `seatrun plans`, and the served sandbox that it is pointed at.

use seatrun::sandbox::{Options, Quirks, SandboxUser, World};
use serde_json::{Value, json};

use super::fixture::{Api, Rows, Site, user};

const PLANS: [u64; 5] =
    [4_843_937_635_559_301, 4_843_937_635_559_302, 4_843_937_635_559_303, 4_843_937_635_559_304, 4_843_937_635_559_305];

/// Somebody in five plans, two on a page, and somebody in one.
fn api() -> Api {
    let seats = ["MEMBER", "VIEWER", "GUEST", "PROVISIONAL_MEMBER", "MEMBER"];
    let busy =
        PLANS.into_iter().zip(seats).fold(SandboxUser::new(user(0)), |busy, (plan, seat)| busy.seated(plan, seat));
    let quiet = SandboxUser { email: Some("bo@example.com".to_owned()), ..SandboxUser::new(user(1)) }
        .seated(PLANS[1], "VIEWER");
    let world = World::holding([busy, quiet]).with_quirks(Quirks { plans_on_a_page: 2, ..Quirks::BEFORE_SUNSET });
    Api::of(world, &Options::default())
}

#[test]
fn every_plan_of_every_user_is_listed_to_the_last_page() {
    let api = api();
    let site = Site::facing(&api);
    let (busy, quiet) = (user(0).to_string(), user(1).to_string());
    let ended = site.run(&["plans", &busy, &quiet, &busy]).exits(0);
    let header = "user_id,email,name,plan_id,plan_name,seat_type,seat_type_last_changed_at,is_internal,provisional_expiration_date";
    assert_eq!(ended.stdout.lines().next(), Some(header));
    let rows = Rows::of(&ended.stdout);
    let plans = rows.column("plan_id");
    assert_eq!(plans[..5], PLANS.map(|plan| plan.to_string()));
    assert_eq!(rows.column("seat_type"), ["MEMBER", "VIEWER", "GUEST", "PROVISIONAL_MEMBER", "MEMBER", "VIEWER"]);
    assert_eq!(rows.column("user_id"), [&busy, &busy, &busy, &busy, &busy, &quiet]);
    assert_eq!((rows.column("email")[5], rows.column("name")[5]), ("bo@example.com", "User 48569348493401218"));
    assert!(!rows.0[3]["provisional_expiration_date"].is_empty() && rows.0[0]["is_internal"] == "true", "{rows:?}");

    let ended = site.run(&["plans", &busy, "--json", "--display-contributor-seat-type", "--max-items", "100"]).exits(0);
    let json: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(json[0]["email"].is_string() && json[0]["name"].is_string(), "{json}");
    assert_eq!((&json[0]["user_id"], &json[0]["plans"][1]["seat_type"]), (&json!(busy), &json!("CONTRIBUTOR")));
    assert_eq!(json[0]["plans"][0]["plan_id"], PLANS[0].to_string(), "an id is never a number in JSON");
    assert_eq!(json[0]["plans"].as_array().unwrap().len(), 5);
    let asked = api.sandbox.requests().into_iter().map(|request| request.path).collect::<Vec<_>>();
    assert!(asked.iter().any(|path| path.contains("maxItems=100") && path.contains("displayContributorSeatType=true")));
    site.run(&["plans", &busy, "--max-items", "50"]).exits(2).warns(&["50"]);
}

#[test]
fn users_come_from_a_file_as_well_and_one_who_is_unknown_is_named() {
    let api = api();
    let site = Site::facing(&api);
    site.write("users.csv", format!("user_id,email\n{},\n,BO@example.com\n", user(0)));
    let ended = site.run(&["plans", "--input", "users.csv", "-o", "plans.csv"]).exits(0);
    assert_eq!(ended.stdout, "");
    assert_eq!(site.report("plans.csv").0.len(), 6);
    let ended = site.run(&["plans", &user(7).to_string(), &user(1).to_string()]).exits(1);
    assert_eq!(Rows::of(&ended.stdout).column("seat_type"), ["VIEWER"]);
    ended.warns(&[&user(7).to_string()]);
    let ended = site.run_fed(&["plans", "--input", "-", "--json"], &format!("user_id\n{}\n", user(1))).exits(0);
    assert_eq!(serde_json::from_str::<Value>(&ended.stdout).unwrap()[0]["user_id"], user(1).to_string());
}

#[test]
fn a_user_is_named_by_id_or_address_and_an_address_that_nobody_has_is_said() {
    let api = api();
    let site = Site::facing(&api);
    let (busy, quiet) = (user(0).to_string(), user(1).to_string());
    let ended = site.run(&["plans", "BO@Example.com.", &quiet, &busy]).exits(0);
    let rows = Rows::of(&ended.stdout);
    assert_eq!(rows.column("user_id"), [&quiet, &busy, &busy, &busy, &busy, &busy]);
    assert_eq!(rows.column("email")[0], "bo@example.com");
    let ended = site.run(&["plans", "nobody@example.com", "bo@example.com"]).exits(1);
    assert_eq!(Rows::of(&ended.stdout).column("user_id"), [&quiet]);
    ended.warns_in_one_line(&["nobody in the account", "nobody@example.com"]);
    for wrong in ["bo", "bo@", "@example.com", "4.8E+16", "*@example.com "] {
        site.run(&["plans", wrong]).exits(2).warns(&["neither the id of a user nor an address"]);
    }
}

#[test]
fn a_served_sandbox_says_where_it_is_and_serves_until_it_is_stopped() {
    let mut site = Site::new();
    let served = site.start(&["sandbox", "--users", "30", "--seed", "7"]);
    let said = served.until_said("token: ");
    let word = |key: &str| said.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned();
    let url = word("url: ");
    assert!(url.starts_with("http://127.0.0.1:") && url.ends_with("/2.0"), "{url}");
    site.set("SEATRUN_API_URL", &url);
    site.set("SMARTSHEET_ACCESS_TOKEN", &word("token: "));
    site.write("in.csv", format!("user_id,action\n{},plans\n", user(0)));
    site.run(&["run", "in.csv", "--yes"]).exits(1);
    assert_eq!(site.report("in.report.csv").column("result_error_code"), ["1006"]);
    served.signal("INT");
    let ended = served.wait().exits(0);
    assert_eq!(ended.stdout.lines().count(), 2);
    site.run(&["sandbox", "--faults", "boom=1%"]).exits(2).warns(&["--faults", "boom"]);
    site.run(&["sandbox", "--latency", "slow"]).exits(2).warns(&["--latency"]);
}

#[test]
fn what_packagers_and_the_curious_ask_for_is_printed() {
    let site = Site::new();
    let table: [(&[&str], &str); 6] = [
        (&["--version"], concat!("seatrun ", env!("CARGO_PKG_VERSION"))),
        (&["--help"], "resume"),
        (&["run", "--help"], "--max-changes"),
        (&["completions", "bash"], "_seatrun"),
        (&["man"], ".TH seatrun"),
        (&["config", "show"], "rate"),
    ];
    for (arguments, printed) in table {
        let ended = site.run(arguments).exits(0);
        assert!(ended.stdout.contains(printed) && ended.stderr.is_empty(), "{ended}");
    }
    site.run(&[]).exits(2);
}
