//! Files survive: the plain default name is that of the newest report, and what is there before is kept.

use super::approvals::Review;
use super::fixture::{Api, Site, downgrades, members};

/// The run that wrote a report.
fn run_of(site: &Site, name: &str) -> String {
    site.report(name).column("result_run_id")[0].to_owned()
}

#[test]
fn the_plain_name_is_the_newest_report_and_an_earlier_one_is_renamed_after_its_run() {
    let api = Api::holding(members(3));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(3));
    site.run(&["run", "in.csv", "--yes"]).exits(0);
    let first = run_of(&site, "in.report.csv");
    // Who has looked at a report may have written into it.
    site.write("in.report.csv", site.read("in.report.csv") + "\n");
    let earlier = format!("in.report.{first}.csv");
    let said = format!("the report of the earlier run {first} is now {earlier}");
    site.run(&["run", "in.csv", "--yes"]).exits(0).warns(&[&said]);
    let second = run_of(&site, "in.report.csv");
    assert_ne!(first, second);
    assert_eq!(run_of(&site, &earlier), first);
    assert_eq!(site.names(), ["in.csv", &earlier, "in.report.csv"]);
    // The report of the earlier run is written again without taking the plain name from the newer one.
    site.run(&["report", &first]).exits(0).warns(&["is the report of another run"]);
    assert_eq!(run_of(&site, "in.report.csv"), second);
    // A rehearsal, a refusal and somebody else's file take nothing away.
    site.run(&["run", "in.csv", "--sandbox", "--yes"]).exits(0).warns(&["in.report.2.csv"]);
    site.write("in.csv", downgrades(3).replace("downgrade", "deactivate"));
    site.run(&["run", "in.csv"]).exits(3);
    assert_eq!(run_of(&site, "in.report.csv"), second);
    site.write("other.csv", downgrades(1));
    site.write("other.report.csv", "my notes\n");
    site.run(&["run", "other.csv", "--yes"])
        .exits(0)
        .warns(&["other.report.csv exists and is not replaced", "other.report.2.csv"]);
    assert_eq!(site.read("other.report.csv"), "my notes\n");
}

/// What somebody does with a review.
type Use = fn(&Site);

#[test]
fn a_review_that_is_still_in_use_is_not_replaced() {
    // What somebody does with the review, and whether another dry run leaves it alone.
    let table: [(&str, &[&str], Use, bool); 5] = [
        ("nobody has looked at it", &[], |_| {}, false),
        (
            "it is filled in",
            &[],
            |site| Review::open(site, "in.review.csv").approve(&[1]).save(site, "in.review.csv"),
            true,
        ),
        ("it is open in LibreOffice", &[], |site| site.write(".~lock.in.review.csv#", ""), true),
        ("it was approved from the beginning", &["--prefill-approved"], |_| {}, true),
        (
            "it has run",
            &["--prefill-approved"],
            |site| _ = site.run(&["run", "in.review.csv", "--yes"]).exits(0),
            false,
        ),
    ];
    for (what, flags, change, is_kept) in table {
        let api = Api::holding(members(2));
        let site = Site::facing(&api);
        site.write("in.csv", downgrades(2));
        site.run(&[&["run", "in.csv", "--dry-run"], flags].concat()).exits(0);
        change(&site);
        let before = site.read("in.review.csv");
        let ended = site.run(&["run", "in.csv", "--dry-run"]).exits(0);
        assert_eq!(site.read("in.review.csv") == before, is_kept, "{what}: {ended}");
        assert_eq!(site.names().contains(&"in.review.2.csv".to_owned()), is_kept, "{what}: {ended}");
        assert_eq!(ended.stderr.contains("in.review.csv exists and is not replaced"), is_kept, "{what}: {ended}");
    }
}

#[test]
fn a_dry_run_that_could_not_reach_the_api_takes_the_place_of_nothing() {
    let api = Api::holding(members(2));
    let mut site = Site::facing(&api);
    site.write("in.csv", downgrades(2));
    site.run(&["run", "in.csv", "--dry-run"]).exits(0);
    let before = site.read("in.review.csv");
    site.set("SEATRUN_API_URL", &Api::gone());
    site.run(&["run", "in.csv", "--dry-run"]).exits(3).warns(&["report: in.review.2.csv"]);
    assert_eq!(site.read("in.review.csv"), before);
    assert_eq!(site.report("in.review.2.csv").statuses(), ["NOT_ATTEMPTED"; 2]);
}
