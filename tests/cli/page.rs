//! The page to look at: written for every kind of ending, and its rows are those of the report. How it looks and works
//! in a browser, `tests/page/check` holds.

use std::collections::BTreeMap;

use seatrun::model::Status;
use seatrun::sandbox::SandboxUser;
use serde_json::Value;

use super::fixture::{Api, Rows, Site, downgrades, failing, members, user};

/// The data of the rows, and what `words` says for the places in it.
fn data(page: &str) -> Value {
    let (_, rest) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

/// How many rows of a page have each status.
fn counts(page: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for row in data(page)["rows"].as_array().unwrap() {
        let status = Status::ALL[usize::try_from(row[4].as_u64().unwrap()).unwrap()];
        *counts.entry(status.name().to_owned()).or_default() += 1;
    }
    counts
}

#[track_caller]
fn agrees(page: &str, report: &Rows) {
    let expected: BTreeMap<_, _> = report.counts().into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    assert_eq!(counts(page), expected);
    let data = data(page);
    let numbers: Vec<_> = data["rows"].as_array().unwrap().iter().map(|row| row[0].to_string()).collect();
    assert_eq!(numbers, report.column("result_row"));
}

/// Rows whose addresses are none.
fn hostile() -> String {
    let rows: [&str; 3] = ["jane@acme.example", "</script><img src=x>", "=1+1"];
    let rows = rows.iter().zip(0..).map(|(note, at)| format!("{},downgrade,VIEWER,\"{note}\"\n", user(at)));
    format!("user_id,action,seat_type,Email address\n{}Bo,downgrade,VIEWER,\n", rows.collect::<String>())
}

#[test]
fn a_page_is_written_for_a_review_a_run_a_refusal_and_a_report_and_agrees_with_the_report() {
    let api = Api::holding([failing(0, "1014"), failing(1, "partial"), SandboxUser::new(user(2))]);
    let site = Site::facing(&api);
    site.write("in.csv", format!("{}Bo,downgrade,,VIEWER\n", downgrades(3)));
    let allowed = ["--max-invalid=90%", "--html", "page.html"];
    let with = |arguments: &[&'static str]| [&["run", "in.csv"], arguments, &allowed].concat();

    site.run(&with(&["--dry-run"])).exits(1);
    let page = site.read("page.html");
    agrees(&page, &site.report("in.review.csv"));
    assert!(
        page.contains("Dry run: 3 would be downgraded, 1 needs a look") && page.contains("sandbox.admin@example.com"),
        "{page}"
    );

    site.run(&with(&["--yes", "--max-changes=1"])).exits(3);
    let page = site.read("page.html");
    agrees(&page, &site.report("in.report.csv"));
    assert!(page.contains("Refused: nothing was changed") && page.contains("--max-changes is 1"), "{page}");

    site.run(&with(&["--yes"])).exits(1);
    let page = site.read("page.html");
    let report = site.report("in.report.csv");
    agrees(&page, &report);
    let run = &report.0[0]["result_run_id"];
    assert!(page.contains("<h1>2 downgraded, 3 need a look</h1>") && page.contains("Requests a minute"), "{page}");
    assert!(page.contains(run.as_str()), "{page}");

    site.run(&["report", run, "-o", "again.csv", "--html", "again.html"]).exits(0);
    agrees(&site.read("again.html"), &site.report("again.csv"));
    site.run(&["resume", run, "--yes", "--html", "resumed.html"]).exits(1);
    agrees(&site.read("resumed.html"), &site.report("in.report.csv"));
}

#[test]
fn what_a_spreadsheet_holds_reaches_the_page_as_data() {
    let site = Site::new();
    site.write("in.csv", hostile());
    let ended = site.run(&["run", "in.csv", "--plan-id=5", "--dry-run", "--offline", "--html", "page.html"]);
    ended.exits(1).warns(&["4 rows of in.csv"]);
    let page = site.read("page.html");
    let people: Vec<_> = data(&page)["rows"].as_array().unwrap().iter().map(|row| row[2].clone()).collect();
    assert_eq!(people, ["jane@acme.example", "</script><img src=x>", "=1+1", ""]);
    assert!(!page.contains("<img"), "{page}");
    assert_eq!(data(&page)["rows"][3][1], "Bo", "a row that is no job can be recognized");
    // A page can go where a pipe takes it, too.
    let ended = site.run(&["run", "in.csv", "--plan-id=5", "--dry-run", "--offline", "--html", "-"]).exits(1);
    assert!(ended.stdout.starts_with("<!doctype html>") && ended.stdout.ends_with("</html>\n"), "{ended}");
}

#[test]
fn a_manager_reads_names_and_what_to_do_and_neither_flags_nor_commands() {
    let site = Site::new();
    let rows = format!("{},Jane Doe,jane@acme.example,remove,\n{},Bo Lee,,deactivate,\n", user(0), user(1));
    site.write("in.csv", format!("user_id,Name,email,action,seat_type\n{rows}Bo,,,downgrade,VIEWER\n"));
    let arguments = ["run", "in.csv", "--sandbox", "--html", "page.html", "--max-invalid=90%"];
    site.run(&[&arguments[..], &["--dry-run"]].concat()).exits(1).warns(&["--allow-remove allows it"]);
    let page = site.read("page.html");
    let (_, main) = page.split_once("<h1>").unwrap();
    let (for_managers, for_operators) = main.split_once("For operators").unwrap();
    for words in [
        "would permanently remove 1 user",
        "How to approve",
        "in.review.csv",
        "Look at these first",
        "jane@acme.example",
        "for 30 days; after that it is final",
        "Acme (",
        "Share of users",
    ] {
        assert!(for_managers.contains(words), "{words} is missing: {for_managers}");
    }
    for words in [" --", "`--", "seatrun run", "SDK", "API documentation", "you would"] {
        assert!(!for_managers.contains(words), "{words}: {for_managers}");
    }
    assert!(for_operators.contains("--allow-remove allows it"), "{for_operators}");
    let names: Vec<_> = data(&page)["rows"].as_array().unwrap().iter().map(|row| row[9].clone()).collect();
    assert_eq!(names, ["Jane Doe", "Bo Lee", ""]);

    site.run(&[&arguments[..], &["--yes", "--allow-remove"]].concat()).exits(1);
    assert!(site.read("page.html").contains("<h1>1 deactivated, 1 removed, 1 needs a look</h1>"));
}

#[test]
fn a_page_replaces_neither_the_input_nor_the_report_nor_the_summary() {
    let api = Api::holding(members(1));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(1));
    for (report, summary, page) in
        [("r.csv", "s.json", "in.csv"), ("same", "s.json", "same"), ("r.csv", "same", "same"), ("-", "s.json", "-")]
    {
        let places = ["-o", report, "--summary-json", summary, "--html", page];
        site.run(&[&["run", "in.csv", "--yes"], &places[..]].concat()).exits(2).warns(&["--html"]);
    }
    site.run(&["run", "in.csv", "--yes", "--html", "nowhere/page.html"])
        .exits(3)
        .warns(&["the page nowhere/page.html"]);
    assert_eq!((site.read("in.csv"), api.sandbox.request_count()), (downgrades(1), 0));
    assert_eq!(site.names(), ["in.csv", "s.json"]);
    assert!(site.read("s.json").contains("\"exit_code\": 2"), "{}", site.read("s.json"));
}
