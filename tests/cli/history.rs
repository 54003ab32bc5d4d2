//! The history: what was run, what became of one user and why, and which runs wait for somebody.

use seatrun::sandbox::{HOME_PLAN, SandboxUser};
use serde_json::Value;

use super::fixture::{Api, Rows, Site, downgrades, failing, members, user};

fn json(site: &Site, arguments: &[&str]) -> Vec<Value> {
    let text = site.run(&[&["history", "--json"], arguments].concat()).exits(0).stdout;
    serde_json::from_str::<Value>(&text).unwrap().as_array().unwrap().clone()
}

fn named(number: u64) -> SandboxUser {
    SandboxUser {
        email: Some(format!("user{number}@acme.example")),
        first_name: Some("Ann".to_owned()),
        last_name: Some("Lee".to_owned()),
        ..SandboxUser::new(user(number))
    }
}

#[test]
fn a_listing_fits_80_columns_and_says_below_a_run_what_is_not_well() {
    let api = Api::holding([failing(0, "1014")].into_iter().chain(members(3).skip(1)));
    let site = Site::facing(&api);
    site.write("a rather long name of an input, from the personnel office, of 30 November.csv", downgrades(3));
    site.run(&["run", "a rather long name of an input, from the personnel office, of 30 November.csv", "--yes"])
        .exits(1);
    site.write("well.csv", downgrades(2).replacen(&user(0).to_string(), &user(2).to_string(), 1));
    site.run(&["run", "well.csv", "--yes"]).exits(0);
    let text = site.run(&["history"]).exits(0).stdout;
    let lines: Vec<_> = text.lines().collect();
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{text}");
    assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>(), ["RUN", "STARTED", "BY", "ACTION", "ROWS", "FREED"]);
    assert!(lines[1].contains("downgrade") && lines[1].ends_with('0'), "{text}");
    assert!(lines[2].contains("downgrade") && lines[2].ends_with('2'), "{text}");
    assert_eq!((lines[3], lines.len()), ("  1 FAILED", 4), "{text}");
    assert_eq!(site.run(&["history", "-n", "1"]).exits(0).stdout.lines().count(), 2);
    assert_eq!((json(&site, &["-n", "1"]).len(), json(&site, &[]).len()), (1, 2));
    let newest = &json(&site, &[])[0];
    assert_eq!((&newest["actions"]["downgrade"], &newest["counts"]["UNCHANGED"]), (&2.into(), &2.into()));
}

#[test]
fn who_did_what_to_somebody_and_why_is_found_by_id_and_by_address() {
    let api = Api::holding((0..3).map(named));
    let site = Site::facing(&api);
    let header = "email,action,plan_id,seat_type,manager,reason\n";
    let rows = (0..2).map(|number| {
        format!("user{number}@acme.example,downgrade,{HOME_PLAN},VIEWER,user2@acme.example,ticket {number}\n")
    });
    site.write("in.csv", format!("{header}{}", rows.collect::<String>()));
    site.run(&["run", "in.csv", "--yes"]).exits(0);
    for query in ["user1@acme.example".to_owned(), "USER1@ACME.example".to_owned(), user(1).to_string()] {
        let found = json(&site, &["--user", &query]);
        assert_eq!(found.len(), 1, "{query}: who is only somebody's manager is not meant");
        let row = &found[0];
        assert_eq!(row["user_id"], user(1).to_string().as_str(), "ids are strings");
        assert_eq!((&row["email"], &row["name"]), (&"user1@acme.example".into(), &"Ann Lee".into()));
        assert_eq!(
            (&row["seat_before"], &row["seat_after"], &row["reason"]),
            (&"MEMBER".into(), &"VIEWER".into(), &"ticket 1".into())
        );
        let text = site.run(&["history", "--user", &query]).exits(0).stdout;
        for words in
            ["SUCCESS", "downgrade", "(user1@acme.example)", "row 3 of in.csv, run ", "MEMBER", "ticket 1", "by "]
        {
            assert!(text.contains(words), "`{words}` is missing: {text}");
        }
    }
    site.run(&["history", "--user", "user2@acme.example"]).exits(3).warns(&["no run", "user2@acme.example", "hint: "]);
    site.run(&["history", "--user", "somebody"]).exits(2).warns(&["neither the id of a user nor an address"]);
}

#[test]
fn a_run_is_named_by_a_part_of_its_id_or_as_the_latest() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(2));
    site.run(&["run", "in.csv", "--yes"]).exits(0);
    site.run(&["run", "in.csv", "--yes"]).exits(0);
    let runs = json(&site, &[]);
    let newest = runs[0]["run"].as_str().unwrap();
    let part = newest.rsplit('-').next().unwrap();
    for name in [newest, part, "latest"] {
        assert!(json(&site, &[name]).iter().all(|row| row["run"] == newest), "{name}");
        site.run(&["report", name, "-o", "-"]).exits(0);
    }
    site.run(&["history", "20"]).exits(3).warns(&["is a part of several run ids", newest]);
    assert_eq!(site.run(&["history", "latest"]).exits(0).stdout.lines().count(), 3);
}

#[test]
fn an_undo_needs_no_words_and_can_be_for_one_user() {
    let api = Api::holding((0..3).map(named));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(3));
    site.run(&["run", "in.csv", "--yes"]).exits(0);
    site.run(&["undo"]).exits(0).warns(&["in.undo.csv"]);
    let undo = Rows::of(&site.read("in.undo.csv"));
    assert_eq!(undo.column("email"), (0..3).map(|n| format!("user{n}@acme.example")).collect::<Vec<_>>());
    assert_eq!(undo.column("name"), ["Ann Lee"; 3]);
    // Its own file is replaced, and one that somebody has edited is not.
    let one = ["undo", "latest", "--user", "user1@acme.example"];
    site.run(&one).exits(0).warns(&["1 row to undo run ", "in.undo.csv"]);
    assert_eq!(Rows::of(&site.read("in.undo.csv")).column("user_id"), [user(1).to_string()]);
    site.write("in.undo.csv", site.read("in.undo.csv") + "\n");
    site.run(&one).exits(0).warns(&["in.undo.2.csv"]);
    site.run(&["run", "in.undo.2.csv", "--yes"]).exits(0);
    assert_eq!([0, 1, 2].map(|number| api.seat(number) == "MEMBER"), [false, true, false]);
    site.run(&["undo", "--user", "nobody@acme.example"]).exits(3);
}

#[test]
fn an_interrupted_run_is_told_of_until_it_is_carried_on_and_only_such_a_run_goes_on_unattended() {
    let api = Api::slowly_holding(members(12), "60");
    let site = Site::facing(&api);
    let silent = |arguments: &[&str]| {
        let ended = site.run(arguments).exits(0);
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""), "{arguments:?}");
    };
    silent(&["resume", "--if-unfinished"]);
    site.write("in.csv", downgrades(10));
    let outputs = ["--html", "page.html", "--summary-json", "summary.json"];
    let running = site.start(&[&["run", "in.csv", "--yes", "--concurrency", "2"], &outputs[..]].concat());
    api.until_changes(4);
    running.signal("TERM");
    running.wait().exits(143);
    let summary = |site: &Site| serde_json::from_str::<Value>(&site.read("summary.json")).unwrap();
    assert_eq!(summary(&site)["exit_code"], 143);
    let page = site.read("page.html");
    let (run, left) = {
        let run = json(&site, &[])[0].clone();
        (run["run"].as_str().unwrap().to_owned(), run["counts"]["NOT_ATTEMPTED"].as_u64().unwrap())
    };
    let told = format!("run {run} was interrupted with {left} rows to go: seatrun resume {run}");
    site.write(
        "other.csv",
        downgrades(12).lines().take(1).chain(downgrades(12).lines().skip(11)).collect::<Vec<_>>().join("\n"),
    );
    site.run(&["run", "other.csv", "--yes"]).exits(0).warns(&[&told]);
    let doctor = site.run(&["doctor"]).exits(0);
    assert!(told.split(": ").all(|part| doctor.stdout.contains(part)), "{doctor}");
    site.run(&["resume", "--if-unfinished"]).exits(0);
    assert_eq!(site.report("in.report.csv").statuses(), ["SUCCESS"; 10]);
    assert_eq!(summary(&site)["exit_code"], 0, "what was written is written again");
    assert_ne!(site.read("page.html"), page);
    silent(&["resume", "--if-unfinished"]);

    // A dead token is nothing that passes by itself.
    let api = Api::holding(members(1).chain([failing(1, "401-for-good")]).chain(members(4).skip(2)));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(4));
    site.run(&["run", "in.csv", "--yes", "--concurrency", "1"]).exits(4);
    let before = api.sandbox.request_count();
    site.run(&["resume", "--if-unfinished"]).exits(0);
    assert_eq!(api.sandbox.request_count(), before);
}
