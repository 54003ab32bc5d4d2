//! A manager approves in a spreadsheet, and exactly what was reviewed runs: once, in time, and for nobody whose seat has
//! changed since.

use seatrun::sandbox::HOME_PLAN;

use super::fixture::{Api, Site, downgrades, members, user};

/// A review as a spreadsheet program holds it.
#[derive(Clone)]
pub(crate) struct Review {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Review {
    /// Opens a file that seatrun wrote.
    #[track_caller]
    pub(crate) fn open(site: &Site, name: &str) -> Self {
        let text = site.read(name);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        Self { header, rows }
    }

    #[track_caller]
    pub(crate) fn cell(&mut self, row: usize, column: &str) -> &mut String {
        let at = self.header.iter().position(|name| name == column).unwrap_or_else(|| panic!("no column {column}"));
        &mut self.rows[row][at]
    }

    fn column(&mut self, column: &str) -> Vec<String> {
        (0..self.rows.len()).map(|row| self.cell(row, column).clone()).collect()
    }

    #[track_caller]
    pub(crate) fn set(mut self, row: usize, column: &str, value: &str) -> Self {
        value.clone_into(self.cell(row, column));
        self
    }

    #[track_caller]
    pub(crate) fn approve(mut self, rows: &[usize]) -> Self {
        for row in rows {
            self = self.set(*row, "approved", "yes");
        }
        self
    }

    pub(crate) fn without(mut self, column: &str) -> Self {
        let at = self.header.iter().position(|name| name == column).unwrap();
        for row in self.rows.iter_mut().chain([&mut self.header]) {
            row.remove(at);
        }
        self
    }

    /// What a spreadsheet program makes of ids in a CSV: fifteen digits and zeros.
    fn rounding_ids(mut self) -> Self {
        for column in ["user_id", "plan_id"] {
            for row in 0..self.rows.len() {
                let id = self.cell(row, column);
                *id = format!("{}{}", &id[..15], "0".repeat(id.len() - 15));
            }
        }
        self
    }

    fn text(&self, delimiter: u8) -> String {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        for row in std::iter::once(&self.header).chain(&self.rows) {
            writer.write_record(row).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }

    pub(crate) fn save(&self, site: &Site, name: &str) {
        site.write(name, self.text(b','));
    }
}

/// A review of downgrades to VIEWER, one for each of `count` members.
#[track_caller]
pub(crate) fn reviewed(count: u64) -> (Api, Site, Review) {
    let api = Api::holding(members(count));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(count));
    site.run(&["run", "in.csv", "--dry-run"]).exits(0);
    let review = Review::open(&site, "in.review.csv");
    assert!(api.changes().is_empty(), "a dry run changes nothing");
    (api, site, review)
}

/// The users that were asked to be changed, in order of their numbers.
pub(crate) fn changed(api: &Api, of: u64) -> Vec<u64> {
    let sent: Vec<_> = api.changes().into_iter().filter_map(|request| request.user).collect();
    (0..of).filter(|number| sent.contains(&user(*number))).collect()
}

#[test]
fn exactly_the_approved_rows_run_whatever_the_spreadsheet_did_to_the_file() {
    let (api, site, mut review) = reviewed(6);
    let columns: Vec<_> = review.header.iter().map(String::as_str).collect();
    assert_eq!(&columns[..6], ["user_id", "action", "plan_id", "seat_type", "approved", "result_row"]);
    assert_eq!(columns.last(), Some(&"result_signature"));
    assert_eq!(review.column("approved"), [""; 6]);
    assert_eq!(review.column("result_seat_before"), ["MEMBER"; 6]);
    let mut edited = review.approve(&[1, 4]).set(2, "approved", "no").rounding_ids();
    edited.rows.reverse();
    edited.rows.remove(0);
    site.write("back.csv", format!("\u{feff}{}", edited.text(b';').replace('\n', "\r\n")));
    site.run(&["run", "back.csv", "--yes"]).exits(0);
    assert_eq!(changed(&api, 6), [1, 4]);
    let report = site.read("back.report.csv");
    assert!(!report.contains("result_signature") && !report.contains("s1."), "a report is no review: {report}");
    assert_eq!(["SUCCESS", "SKIPPED"].map(|status| report.matches(&format!(";{status};")).count()), [2, 3], "{report}");
    assert!(report.contains("not approved"), "{report}");
}

#[test]
fn nothing_is_approved_by_itself_unless_it_is_asked_for() {
    let (api, site, review) = reviewed(2);
    site.run(&["run", "in.review.csv", "--yes"]).exits(0).warns(&["no row of the review is approved"]);
    assert_eq!(changed(&api, 2), [0; 0]);
    // Nothing of it has run, so it can still be approved.
    review.approve(&[1]).save(&site, "in.review.csv");
    site.run(&["run", "in.review.csv", "--yes"]).exits(0);
    assert_eq!(changed(&api, 2), [1]);
    site.run(&["run", "in.csv", "--dry-run", "--prefill-approved", "-o", "filled.csv"]).exits(0);
    let mut filled = Review::open(&site, "filled.csv");
    assert_eq!(filled.column("result_status"), ["PLANNED", "UNCHANGED"]);
    assert_eq!(filled.column("approved"), ["yes", ""]);
    site.run(&["run", "filled.csv", "--yes"]).exits(0);
    assert_eq!(changed(&api, 2), [0, 1]);
    site.run(&["run", "in.csv", "--prefill-approved"]).exits(2).warns(&["--dry-run"]);
}

#[test]
fn a_review_runs_once_in_whole_or_in_part() {
    let (api, site, review) = reviewed(4);
    review.clone().approve(&[0, 1]).save(&site, "first.csv");
    review.approve(&[2]).save(&site, "second.csv");
    // What is refused has not run.
    site.run(&["run", "first.csv"]).exits(3).warns(&["--yes"]);
    site.run(&["run", "first.csv", "--sandbox", "--yes"]).exits(0);
    site.run(&["run", "first.csv", "--yes"]).exits(0);
    for file in ["first.csv", "second.csv"] {
        site.run(&["run", file, "--yes"]).exits(3).warns(&["has run already on 20", "as run 20", "--dry-run"]);
        site.run(&["run", file, "--dry-run"]).exits(1).warns(&["a run would be refused: review", "has run already"]);
    }
    assert_eq!(changed(&api, 4), [0, 1]);
    // The review of the review is another one.
    let again = Review::open(&site, "second.review.csv").approve(&[2]);
    again.save(&site, "third.csv");
    site.run(&["run", "third.csv", "--yes"]).exits(0);
    assert_eq!(changed(&api, 4), [0, 1, 2]);
}

#[test]
fn a_review_whose_run_was_interrupted_is_carried_on_and_not_run_again() {
    let api = Api::slowly_holding(members(12), "60");
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(12));
    site.run(&["run", "in.csv", "--dry-run", "--prefill-approved"]).exits(0);
    let running = site.start(&["run", "in.review.csv", "--yes", "--concurrency", "2"]);
    api.until_changes(3);
    running.signal("TERM");
    running.wait().exits(143);
    site.run(&["run", "in.review.csv", "--yes"]).exits(3).warns(&["`seatrun resume 20", "carries that run on"]);
    site.run(&["resume"]).exits(0);
    assert_eq!(api.changes().len(), 12);
}

#[test]
fn a_review_holds_good_for_so_long() {
    let (api, mut site, review) = reviewed(2);
    review.approve(&[0]).save(&site, "in.review.csv");
    site.set("SEATRUN_REVIEW_VALID_FOR", "1ms");
    site.run(&["run", "in.review.csv", "--yes"]).exits(3).warns(&["ago, and reviews hold good for", "--dry-run"]);
    site.run(&["run", "in.review.csv", "--dry-run"]).exits(1).warns(&["a run would be refused", "hold good for"]);
    assert_eq!(changed(&api, 2), [0; 0]);
    site.set("SEATRUN_REVIEW_VALID_FOR", "1h");
    site.run(&["run", "in.review.csv", "--yes"]).exits(0);
    assert_eq!(changed(&api, 2), [0]);
}

#[test]
fn a_seat_that_is_no_longer_what_was_reviewed_is_left_alone_unless_that_is_accepted() {
    // Arguments, exit code, what becomes of the three rows, and who was asked to be changed.
    let table = [
        (&["--yes"][..], 0, ["SUCCESS", "SKIPPED", "UNCHANGED"], &[0][..]),
        (&["--yes", "--accept-drift"], 0, ["SUCCESS", "SUCCESS", "UNCHANGED"], &[0, 1]),
        (&["--yes", "--no-preflight"], 3, ["NOT_ATTEMPTED"; 3], &[]),
        (&["--yes", "--no-preflight", "--accept-drift"], 0, ["SUCCESS"; 3], &[0, 1, 2]),
        (&["--dry-run"], 0, ["PLANNED", "SKIPPED", "UNCHANGED"], &[]),
    ];
    for (arguments, code, statuses, asked) in table {
        let (api, site, review) = reviewed(3);
        review.approve(&[0, 1, 2]).save(&site, "in.review.csv");
        api.sandbox.meddle(|world| world.reseat(user(1), HOME_PLAN, "GUEST"));
        api.sandbox.meddle(|world| world.reseat(user(2), HOME_PLAN, "VIEWER"));
        site.run(&[&["run", "in.review.csv", "-o", "out.csv"], arguments].concat()).exits(code);
        let report = site.report("out.csv");
        assert_eq!((report.statuses(), changed(&api, 3)), (statuses.to_vec(), asked.to_vec()), "{arguments:?}");
        let message = &report.0[1]["result_message"];
        let names_both = message.contains("MEMBER") && message.contains("GUEST");
        assert_eq!(names_both, statuses[1] == "SKIPPED", "{arguments:?}: {message}");
    }
}

#[test]
fn what_an_export_says_of_seats_is_compared_with_what_they_are() {
    let api = Api::holding(members(3));
    let site = Site::facing(&api);
    api.sandbox.meddle(|world| world.reseat(user(1), HOME_PLAN, "GUEST"));
    let rows = (0..3).map(|number| format!("{},{}\n", user(number), if number < 2 { "Member" } else { "" }));
    site.write("in.csv", format!("User ID,Seat type\n{}", rows.collect::<String>()));
    let plan = HOME_PLAN.to_string();
    let order = ["--action", "downgrade", "--seat-type", "VIEWER", "--plan-id", &plan];
    site.run(&[&["run", "in.csv", "--dry-run"], &order[..]].concat()).exits(0);
    let mut review = Review::open(&site, "in.review.csv");
    assert_eq!(review.column("result_status"), ["PLANNED", "SKIPPED", "PLANNED"]);
    assert!(review.cell(1, "result_message").contains("the export says MEMBER, and the seat is GUEST now"));
    // Who approves that row has seen both seats; from then on the review counts.
    review.approve(&[0, 1]).save(&site, "in.review.csv");
    site.run(&["run", "in.review.csv", "--yes"]).exits(0);
    assert_eq!(changed(&api, 3), [0, 1]);
}

#[test]
fn a_row_that_was_changed_after_the_review_never_runs() {
    let plan = (HOME_PLAN + 1).to_string();
    let other = user(9).to_string();
    // What somebody edits in the second row, and in which words the report refuses it.
    let table = [
        ("action", "upgrade", "contradicts `result_key`"),
        ("action", "deactivate", "contradicts `result_key`"),
        ("seat_type", "GUEST", "contradicts `result_key`"),
        ("plan_id", &plan, "contradicts `result_key`"),
        ("user_id", &other, "contradicts `result_key`"),
        ("result_seat_before", "GUEST", "does not fit the row"),
        ("result_seat_before", "", "does not fit the row"),
        ("result_signature", "", "nobody can tell whether the row was reviewed"),
        ("result_signature", "approved by me", "is no signature"),
        ("approved", "perhaps", "is neither yes nor no"),
    ];
    for (column, value, words) in table {
        let (api, site, review) = reviewed(3);
        review.approve(&[0, 1]).set(1, column, value).save(&site, "in.review.csv");
        site.run(&["run", "in.review.csv", "--yes", "--max-invalid", "1"]).exits(1);
        let report = site.report("in.report.csv");
        assert_eq!(report.statuses(), ["SUCCESS", "INVALID", "SKIPPED"], "{column}={value}: {report:?}");
        assert!(report.0[1]["result_message"].contains(words), "{column}={value}: {report:?}");
        assert!(!report.0[1]["result_hint"].contains("empty the key"), "{column}={value}: {report:?}");
        assert_eq!(changed(&api, 3), [0], "{column}={value}");
    }
}

#[test]
fn a_row_that_was_invented_or_borrows_a_signature_never_runs_and_a_copied_one_runs_once() {
    let (api, site, mut review) = reviewed(3);
    let (key, signature) = (review.cell(0, "result_key").clone(), review.cell(0, "result_signature").clone());
    review = review.approve(&[0, 1]);
    let stranger = review.rows[0].iter().map(|cell| cell.replace(&user(0).to_string(), &user(2).to_string()));
    let invented: Vec<_> = stranger.map(|cell| if cell.starts_with("u4") { String::new() } else { cell }).collect();
    review.rows.push(review.rows[0].clone());
    review.rows.push(invented);
    let emptied = review.set(1, "result_signature", &signature).set(0, "result_key", "");
    emptied.save(&site, "in.review.csv");
    site.run(&["run", "in.review.csv", "--yes", "--max-invalid", "9"]).exits(1);
    let report = site.report("in.report.csv");
    // Without its key, the first row still says the same.
    assert_eq!(report.statuses(), ["SUCCESS", "INVALID", "SKIPPED", "SKIPPED", "INVALID"], "{report:?}");
    assert!(report.0[3]["result_message"].contains("a duplicate of row 2"), "{report:?}");
    assert_eq!(report.0[0]["result_key"], key);
    assert_eq!(changed(&api, 3), [0]);
}

#[test]
fn a_row_of_which_one_copy_is_approved_and_another_is_not_never_runs() {
    let (api, site, review) = reviewed(3);
    let mut review = review.approve(&[1]);
    review.rows.push(review.rows[0].clone());
    let said = review.approve(&[0]);
    said.save(&site, "in.review.csv");
    site.run(&["run", "in.review.csv", "--yes", "--max-invalid", "9"]).exits(1);
    let report = site.report("in.report.csv");
    assert_eq!(report.statuses(), ["INVALID", "SUCCESS", "SKIPPED", "SKIPPED"], "{report:?}");
    let message = &report.0[0]["result_message"];
    assert!(message.contains("is that of row 5, too, which is left out"), "{message}");
    assert_eq!(changed(&api, 3), [1]);
}

#[test]
fn a_review_is_refused_anywhere_but_where_and_for_whom_it_was_made() {
    let (api, mut site, review) = reviewed(2);
    review.approve(&[0]).save(&site, "in.review.csv");
    site.run(&["run", "in.review.csv", "--yes", "--state-dir", "other"])
        .exits(3)
        .warns(&["was reviewed with another state folder", "--state-dir"]);
    let elsewhere = Api::holding(members(2));
    site.set("SEATRUN_API_URL", elsewhere.sandbox.base_url());
    site.set("SMARTSHEET_ACCESS_TOKEN", elsewhere.sandbox.token());
    let here = format!("at {}", elsewhere.sandbox.base_url());
    site.run(&["run", "in.review.csv", "--yes"]).exits(3).warns(&[&here, api.sandbox.base_url()]);
    site.run(&["run", "in.csv", "--dry-run", "--sandbox", "--prefill-approved", "-o", "rehearsed.csv"]).exits(0);
    site.run(&["run", "rehearsed.csv", "--yes"]).exits(3).warns(&["was made as a rehearsal"]);
    site.run(&["run", "rehearsed.csv", "--sandbox", "--yes"]).exits(0);
    assert_eq!((changed(&api, 2), changed(&elsewhere, 2)), (vec![], vec![]));
    // A dry run looks at it all the same, and makes a review for whoever this is.
    site.run(&["run", "in.review.csv", "--dry-run", "--prefill-approved", "-o", "new.csv"]).exits(1);
    site.run(&["run", "new.csv", "--yes"]).exits(0);
    assert_eq!((changed(&api, 2), changed(&elsewhere, 2)), (vec![], vec![0]));
}

#[test]
fn an_offline_review_runs_and_is_said_to_have_looked_at_nothing() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(2));
    site.run(&["run", "in.csv", "--dry-run", "--offline"]).exits(0);
    assert_eq!(api.sandbox.request_count(), 0);
    Review::open(&site, "in.review.csv").approve(&[1]).save(&site, "in.review.csv");
    site.run(&["run", "in.review.csv", "--yes"]).exits(0).warns(&["was made without looking at what its users hold"]);
    assert_eq!(changed(&api, 2), [1]);
    site.run(&["run", "in.review.csv", "--yes"]).exits(3).warns(&["has run already"]);
}

#[test]
fn rows_of_several_reviews_are_judged_each_by_its_own() {
    let (api, site, first) = reviewed(4);
    site.run(&["run", "in.csv", "--dry-run"]).exits(0);
    let second = Review::open(&site, "in.review.csv");
    first.clone().approve(&[3]).save(&site, "spent.csv");
    site.run(&["run", "spent.csv", "--yes"]).exits(0);
    let mut merged = second.approve(&[0, 1]);
    merged.rows.push(first.approve(&[2]).rows[2].clone());
    merged.save(&site, "merged.csv");
    site.run(&["run", "merged.csv", "--yes", "--max-invalid", "1"]).exits(1);
    let report = site.report("merged.report.csv");
    assert_eq!(report.statuses(), ["SUCCESS", "SUCCESS", "SKIPPED", "SKIPPED", "INVALID"], "{report:?}");
    assert!(report.0[4]["result_message"].contains("has run already"), "{report:?}");
    assert_eq!(changed(&api, 4), [0, 1, 3]);
}

#[test]
fn a_review_that_has_lost_its_column_of_approvals_is_refused() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(2));
    site.run(&["run", "in.csv", "--dry-run"]).exits(0);
    let renamed = site.read("in.review.csv").replacen(",approved,", ",Freigegeben,", 1);
    site.write("renamed.csv", renamed.replace(",VIEWER,,", ",VIEWER,no,"));
    for arguments in [&["--yes"][..], &["--dry-run"], &["--dry-run", "--offline"]] {
        let ended = site.run(&[&["run", "renamed.csv"], arguments].concat()).exits(3);
        ended.warns(&["its column `approved` is missing", "--map approved=COLUMN"]);
    }
    site.run(&["run", "renamed.csv", "--yes", "--map", "approved=Freigegeben"]).exits(0);
    assert_eq!(changed(&api, 2), [] as [u64; 0]);
}

#[test]
fn approval_without_a_signature_is_honoured_and_said_to_be_unsigned() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    let row = |approved: &str, number| format!("{approved},{},downgrade,{HOME_PLAN},VIEWER\n", user(number));
    let text = format!("Approved,user_id,action,plan_id,seat_type\n{}{}", row("yes", 0), row("no", 1));
    site.write("in.csv", text);
    site.run(&["run", "in.csv", "--dry-run"]).exits(0).warns(&["`Approved`", "is not signed"]);
    // A column of its own is used where it stands, and emptied.
    let mut review = Review::open(&site, "in.review.csv");
    assert_eq!((review.header[0].clone(), review.column("Approved")), ("Approved".into(), vec![String::new(); 2]));
    assert!(!review.header.contains(&"approved".to_owned()));
    site.run(&["run", "in.csv", "--yes"]).exits(0).warns(&["`Approved`", "is not signed"]);
    assert_eq!(changed(&api, 2), [0]);
}

#[test]
fn the_report_of_a_review_is_a_plain_input_and_keeps_the_ids_of_rows_that_did_not_run() {
    let (api, site, review) = reviewed(3);
    let edited = review.approve(&[0, 1]).set(1, "user_id", &user(9).to_string());
    edited.rounding_ids().save(&site, "in.review.csv");
    site.run(&["run", "in.review.csv", "--yes", "--max-invalid", "1"]).exits(1);
    let mut report = Review::open(&site, "in.report.csv");
    assert_eq!(report.column("result_status"), ["SUCCESS", "INVALID", "SKIPPED"]);
    // Of the rows that did not run, one is approved now, and the other still contradicts its key.
    report.approve(&[2]).save(&site, "again.csv");
    site.run(&["run", "again.csv", "--yes", "--max-invalid", "1"]).exits(1).warns(&["is not signed"]);
    assert_eq!(site.report("again.report.csv").statuses(), ["UNCHANGED", "INVALID", "SUCCESS"]);
    assert_eq!(changed(&api, 3), [0, 2]);
}

#[test]
fn a_review_comes_through_standard_input_too() {
    let (api, site, review) = reviewed(2);
    let text = review.approve(&[1]).text(b'\t');
    site.run_fed(&["run", "-", "--yes"], &text).exits(0);
    assert_eq!(changed(&api, 2), [1]);
    site.run_fed(&["run", "-", "--yes"], &text).exits(3).warns(&["has run already"]);
}

/// A review of a file that lists the second of three members twice: in rows 3 and 5.
#[track_caller]
fn reviewed_with_a_duplicate() -> (Api, Site, Review) {
    let api = Api::holding(members(3));
    let site = Site::facing(&api);
    site.write("in.csv", format!("{}{},downgrade,{HOME_PLAN},VIEWER\n", downgrades(3), user(1)));
    site.run(&["run", "in.csv", "--dry-run"]).exits(0);
    let mut review = Review::open(&site, "in.review.csv");
    assert_eq!(review.column("result_status"), ["PLANNED", "PLANNED", "PLANNED", "SKIPPED"]);
    (api, site, review)
}

#[test]
fn of_a_user_who_is_listed_twice_the_kept_row_runs_and_its_duplicate_stays_skipped() {
    // The approved rows, what is done to the review, exit code, statuses, who was changed.
    let as_it_is: fn(Review) -> Review = |review| review;
    let reversed: fn(Review) -> Review = |mut review| {
        review.rows.reverse();
        review
    };
    let unnumbered: fn(Review) -> Review = |review| review.without("result_row");
    let table = [
        (&[1][..], as_it_is, 0, ["SKIPPED", "SUCCESS", "SKIPPED", "SKIPPED"], &[1][..]),
        (&[1, 3], as_it_is, 0, ["SKIPPED", "SUCCESS", "SKIPPED", "SKIPPED"], &[1]),
        (&[0, 1], reversed, 0, ["SKIPPED", "SKIPPED", "SUCCESS", "SUCCESS"], &[0, 1]),
        (&[1], unnumbered, 0, ["SKIPPED", "SUCCESS", "SKIPPED", "SKIPPED"], &[1]),
        (&[0, 3], as_it_is, 1, ["SUCCESS", "SKIPPED", "SKIPPED", "INVALID"], &[0]),
        (&[3], reversed, 1, ["INVALID", "SKIPPED", "SKIPPED", "SKIPPED"], &[]),
    ];
    for (approved, change, code, statuses, asked) in table {
        let (api, site, review) = reviewed_with_a_duplicate();
        change(review.approve(approved)).save(&site, "in.review.csv");
        let ended = site.run(&["run", "in.review.csv", "--yes", "--max-invalid", "0"]).exits(code);
        let report = site.report("in.report.csv");
        assert_eq!((report.statuses(), changed(&api, 3)), (statuses.to_vec(), asked.to_vec()), "{approved:?} {ended}");
        let duplicate = report.0.iter().find(|row| row["result_message"].contains("a duplicate of row 3"));
        assert!(duplicate.is_some(), "{approved:?}: {report:?}");
        if code == 1 {
            ended.warns_in_one_line(&["is approved and does not run", "which the review has kept, is not approved"]);
        }
    }
}

#[test]
fn a_row_that_ended_in_its_review_repeats_its_reason_and_is_no_mistake_of_the_review() {
    let api = Api::holding(members(3));
    let site = Site::facing(&api);
    site.write("in.csv", format!("{}x7,downgrade,{HOME_PLAN},VIEWER\n", downgrades(3)));
    // The approved rows; whether a warning says that the last one does not run.
    for (approved, is_warned) in [(&[0][..], false), (&[1, 3], true)] {
        site.run(&["run", "in.csv", "--dry-run", "--max-invalid", "1"]).exits(1);
        Review::open(&site, "in.review.csv").approve(approved).save(&site, "back.csv");
        let ended = site.run(&["run", "back.csv", "--yes", "--max-invalid", "0"]).exits(1);
        let report = site.report("back.report.csv");
        assert_eq!(report.statuses()[3], "INVALID", "{ended}");
        assert_eq!(report.0[3]["result_message"], site.report("in.review.csv").0[3]["result_message"]);
        assert_eq!(ended.stderr.contains("row 5 is approved and does not run"), is_warned, "{ended}");
    }
    assert_eq!(changed(&api, 3), [0, 1]);
}

#[test]
fn a_dry_run_of_an_approved_review_says_how_to_run_it_and_leaves_it_alone() {
    let (api, site, review) = reviewed(3);
    review.approve(&[0, 2]).save(&site, "in.review.csv");
    let (before, names) = (site.read("in.review.csv"), site.names());
    let ended =
        site.run(&["run", "in.review.csv", "--dry-run"]).exits(0).warns(&["seatrun run in.review.csv runs these"]);
    assert!(!ended.stderr.contains("report"), "{ended}");
    assert_eq!((site.read("in.review.csv"), site.names()), (before, names));
    site.run(&["run", "in.review.csv", "--yes"]).exits(0);
    assert_eq!(changed(&api, 3), [0, 2]);
}
