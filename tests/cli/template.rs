//! Templates: what `seatrun template` writes, and that it runs once it is filled in.

use super::fixture::Site;

/// An action, the headers of its sheet, and cells that fill a row of it.
type Case = (&'static str, &'static str, &'static str);

const CASES: [Case; 7] = [
    ("downgrade", "user_id,email,action,plan_id,seat_type", "48569348493401201,,downgrade,4843937635559300,VIEWER"),
    ("upgrade", "user_id,email,action,plan_id,seat_type", "48569348493401201,,upgrade,4843937635559300,"),
    ("deactivate", "user_id,email,action", ",jane@acme.example,deactivate"),
    ("reactivate", "user_id,email,action", "48569348493401201,,reactivate"),
    ("remove", "user_id,email,action,plan_id", "48569348493401201,,remove,4843937635559300"),
    (
        "update",
        "user_id,email,action,admin,licensed_sheet_creator,group_admin,resource_viewer,first_name,last_name",
        "48569348493401201,,update,true,,,,,Zoë",
    ),
    ("plans", "user_id,email,action", "48569348493401201,,plans"),
];

#[test]
fn a_template_has_the_headers_of_its_action_and_runs_once_it_is_filled_in() {
    for (action, header, row) in CASES {
        let site = Site::new();
        let ended = site.run(&["template", action]).exits(0);
        assert_eq!(ended.stdout, format!("{header}\n"), "{action}");
        ended.warns(&header.split(',').collect::<Vec<_>>());
        site.run(&["template", action, "-o", "in.csv", "-q"]).exits(0);
        let template = site.read("in.csv");
        assert_eq!(template, format!("\u{feff}{header}\r\n"), "{action}");
        site.run(&["run", "in.csv", "--dry-run", "--offline"]).exits(3).warns(&["no row below it"]);
        site.write("in.csv", format!("{template}{row}\r\n"));
        let ended = site.run(&["run", "in.csv", "--dry-run", "--offline", "--allow-remove"]).exits(0);
        ended.warns(&["PLANNED               1"]);
    }
}

#[test]
fn a_template_replaces_nothing_and_is_a_workbook_where_its_name_says_so() {
    let site = Site::new();
    site.run(&["template", "update", "-o", "in.xlsx"]).exits(0).warns(&["seatrun run in.xlsx --dry-run"]);
    site.run(&["run", "in.xlsx", "--dry-run", "--offline"]).exits(3).warns(&["a header (row 1) and no row below it"]);
    site.run(&["template", "plans", "-o", "in.xlsx"]).exits(2).warns(&["in.xlsx is there already", "hint: "]);
    site.run(&["template", "plans", "-o", "in.ods"]).exits(2).warns(&["ends in .csv or .xlsx"]);
    assert_eq!(site.names(), ["in.xlsx"]);
    site.run(&["template", "rename"]).exits(2).warns(&["possible values"]);
}
