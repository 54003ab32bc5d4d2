//! The page as a whole: nothing in it can get out, nothing outside is asked for, and its numbers add up.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::assets::{STYLE, fingerprint};
use super::*;
use crate::model::{
    Action, DowngradeSeat, Outcome, PlanId, Reason, ReportedSeat, Seat, Status, StopReason, UpgradeSeat,
};
use crate::report::Estimate;
use crate::report::tests::report_row;
use crate::report::{ReportRow, RowRequest};
use crate::tabular::read::Row;
use crate::tabular::write::record;

/// What spreadsheets and answers can hold to harm whoever looks at it.
const HOSTILE: [&str; 10] = [
    "</script><img src=x onerror=alert(1)>",
    "<!--<script>",
    "]]></style><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "\" autofocus onfocus=\"alert(1)",
    "javascript:alert(1)",
    "=HYPERLINK(\"http://evil.example\")",
    "\u{202e}moc.live\u{202c}",
    "`</code><script>`",
    "\0\u{2028}\u{feff}",
];

struct Made {
    text: String,
    data: Value,
}

static NO_NAMES: BTreeMap<PlanId, String> = BTreeMap::new();

/// A row: what it orders, how it ended, and the seat before.
type Given = (Action, Status, Option<Seat>);

fn page<'a>(occasion: Occasion<'a>, value: &'a str) -> Page<'a> {
    Page {
        occasion,
        stage: Stage::Real,
        input: value,
        report: Some(value),
        began: Timestamp::UNIX_EPOCH,
        took: Some(Duration::from_secs(75)),
        who: Some(value),
        api_url: Some(value),
        plan_names: &NO_NAMES,
        shares: &[],
        highlights: &[],
        approval: None,
        remarks: vec![Remark::stop(value, Some(value.to_owned())), Remark::warning(value, None)],
    }
}

fn make(page: &Page<'_>, rows: &[Given], value: &str) -> Made {
    let lines = || {
        (2..).zip(rows).map(|(number, (action, status, before))| {
            let mut outcome = Outcome::new(*status, Reason::Row, value);
            outcome.hint = Some(format!("hint {value}"));
            outcome.seat_before = before.map(ReportedSeat::Known);
            let input = Row::from_record(&record([value, value])).numbered(number);
            ReportRow { input, request: RowRequest::Unresolved(action), ..report_row(number, outcome) }
        })
    };
    let people = PersonColumns { id: Some(0), email: Some(1), name: vec![1] };
    let mut overview = page.overview();
    lines().for_each(|row| overview.add(&row));
    let mut written = page.begin(Vec::new(), &overview).unwrap();
    lines().for_each(|row| written.write(&row, &people).unwrap());
    let text = String::from_utf8(written.finish().unwrap()).unwrap();
    let data = text.split_once("id=\"data\">").unwrap().1.split_once("</script>").unwrap().0;
    let data = serde_json::from_str(data).unwrap();
    Made { text, data }
}

fn plan(id: u64) -> PlanId {
    PlanId::new(id).unwrap()
}

fn down(id: u64) -> Action {
    Action::Downgrade { plan: plan(id), to: DowngradeSeat::Viewer }
}

fn up(id: u64) -> Action {
    Action::Upgrade { plan: plan(id), to: UpgradeSeat::Member }
}

fn run(ending: &StopReason) -> Occasion<'_> {
    let sent = (0..100).map(|at| Timestamp::from_second(at).unwrap()).collect();
    Occasion::Run { name: "20261121-213746-efjv", ending: Some(ending), traffic: Traffic::new(sent, Some(270)) }
}

fn review() -> Occasion<'static> {
    Occasion::Review(Estimate { requests: 1_234, limit: Some(270) })
}

/// How often a tag is opened.
fn tags(text: &str, tag: &str) -> usize {
    text.matches(&format!("<{tag}")).count()
}

#[test]
fn no_value_can_add_an_element_or_an_attribute() {
    let rows = [(down(1), Status::Failed, Some(Seat::Member))];
    let ending = StopReason::Ledger("plain".to_owned());
    let plain = make(&page(run(&ending), "plain"), &rows, "plain");
    for value in HOSTILE {
        let ending = StopReason::Ledger(value.to_owned());
        let made = make(&page(run(&ending), value), &rows, value);
        // A value may be set as code, which is all the markup that it can bring about.
        for tag in ["script", "/script", "style", "/style", "img", "svg", "!--", "a ", "input", "bdi><script"] {
            assert_eq!(tags(&made.text, tag), tags(&plain.text, tag), "{tag} of {value:?}");
        }
        for attribute in [" onerror=a", " onload=a", "onmouseover='", "onfocus=\""] {
            let outside_of_text = made.text.replace("&#39;", "").replace("&quot;", "");
            let in_tags = outside_of_text.split('<').filter_map(|piece| Some(piece.split_once('>')?.0));
            assert!(in_tags.into_iter().all(|tag| !tag.contains(attribute)), "{attribute} of {value:?}");
        }
        let shown = html::visible(value);
        let row = &made.data["rows"][0];
        assert_eq!((&row[1], &row[2]), (&Value::from(shown.as_str()), &Value::from(shown.as_str())));
        let message = usize::try_from(row[7].as_u64().unwrap()).unwrap();
        assert_eq!(made.data["words"][message], Value::from(shown), "{value:?} is read as it was written");
    }
}

#[test]
fn it_asks_the_network_for_nothing() {
    let ending = StopReason::Finished;
    for occasion in [review(), Occasion::Refusal, run(&ending)] {
        let made = make(&page(occasion, "a"), &[(down(1), Status::Success, None)], "a");
        for address in ["http:", "https:", "=\"//", "url(", "@import", "src=", "href=\"h", "data:", "<link", "<iframe"]
        {
            let found: Vec<_> = made.text.lines().filter(|line| line.contains(address)).collect();
            assert!(found.is_empty(), "{address}: {found:?}");
        }
        let policy = made.text.split_once("Content-Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(!made.text.contains(" style=\""), "the policy would not let it in");
    }
}

#[test]
fn the_policy_names_what_stands_in_the_page() {
    let made = make(&page(Occasion::Refusal, "a"), &[(down(1), Status::NotAttempted, None)], "a");
    for (open, close, text) in [("<style>", "</style>", STYLE), ("<script>", "</script>", SCRIPT)] {
        let between = made.text.split_once(open).unwrap().1.split_once(close).unwrap().0;
        assert_eq!(between, text, "the browser sums up exactly this");
        assert!(made.text.contains(&fingerprint(text)));
    }
}

#[test]
fn paid_seats_are_counted_for_changes_alone_and_add_up_over_plans() {
    use Seat::{Contributor, Member, ProvisionalMember, Viewer};
    use Status::{Blocked, Failed, NotAttempted, Planned, Success, Unchanged};
    let ending = StopReason::Finished;
    // rows; given back, taken, net
    let table: [(Occasion<'_>, Vec<Given>, [&str; 3]); 9] = [
        (review(), vec![(Action::Reactivate, Planned, Some(Member))], ["0", "1", "1 more"]),
        (review(), vec![(down(1), Planned, Some(Member))], ["1", "0", "1 fewer"]),
        (review(), vec![(down(1), Planned, None)], ["up to 1", "0", "up to 1 fewer"]),
        (review(), vec![(down(1), Planned, Some(ProvisionalMember))], ["0", "0", "as many as before"]),
        (review(), vec![(up(1), Planned, Some(Viewer)), (up(2), Planned, None)], ["0", "up to 2", "up to 2 more"]),
        (
            review(),
            vec![(down(1), Blocked, Some(Member)), (up(1), Unchanged, Some(Member))],
            ["0", "0", "as many as before"],
        ),
        (Occasion::Refusal, vec![(down(1), NotAttempted, Some(Member))], ["1", "0", "1 fewer"]),
        (
            run(&ending),
            vec![(down(1), NotAttempted, Some(Member)), (down(1), Failed, Some(Member))],
            ["0", "0", "as many as before"],
        ),
        (
            run(&ending),
            vec![
                (down(1), Success, Some(Member)),
                (down(2), Success, Some(Member)),
                (up(1), Success, Some(Contributor)),
            ],
            ["2", "1", "1 fewer"],
        ),
    ];
    for (occasion, rows, expected) in table {
        let made = make(&page(occasion, "a"), &rows, "a");
        let tiles = made.text.split_once("<dl class=\"tiles\">").unwrap().1.split_once("</dl>").unwrap().0;
        let numbers: Vec<_> = tiles.split("<dd>").skip(2).map(|tile| tile.split_once("</dd>").unwrap().0).collect();
        assert_eq!(numbers, expected, "{rows:?}");
    }
}

#[test]
fn every_row_is_counted_once_under_its_action_and_its_status() {
    let rows: Vec<Given> = Status::ALL
        .into_iter()
        .zip(1..)
        .flat_map(|(status, times)| {
            let action = if times % 2 == 0 { down(1) } else { Action::Deactivate };
            std::iter::repeat_n((action, status, None), times * 400)
        })
        .collect();
    let ending = StopReason::Finished;
    let made = make(&page(run(&ending), "a"), &rows, "a");
    assert_eq!(made.data["rows"].as_array().unwrap().len(), rows.len());
    let chart = made.text.split_once("id=\"outcomes\"").unwrap().1.split_once("</section>").unwrap().0;
    let (by_action, all) = chart.split_once("<tfoot>").unwrap();
    for text in [by_action, all] {
        let numbers = text.split("<span class=\"num\">").skip(1);
        let numbers = numbers.map(|piece| piece.split_once('<').unwrap().0.replace(',', "").parse::<usize>().unwrap());
        assert_eq!(numbers.sum::<usize>(), rows.len());
    }
    for (status, times) in Status::ALL.into_iter().zip(1..) {
        let count = html::grouped(times * 400);
        let part = format!("{}</span> <span class=\"num\">{count}</span>", words::status(status));
        assert!(all.contains(&part), "{part}");
    }
}

#[test]
fn what_must_be_known_first_comes_first_and_the_gravest_before_the_rest() {
    let ending = StopReason::TooManyErrors("9 of 10 rows failed".to_owned());
    let rows = [(down(1), Status::Unknown, None), (down(2), Status::Failed, None)];
    let made = make(&Page { remarks: Vec::new(), ..page(run(&ending), "a") }, &rows, "a");
    let (_, body) = made.text.split_once("<h1>").unwrap();
    let places = [
        "Stopped part-way: nothing changed, 0 not attempted, 2 to look at",
        "Too many errors: 9 of 10 rows failed",
        "1 row was sent, and nobody can tell whether it was done",
        "1 failed",
        "What was changed",
        "Outcomes by action",
        "Every row",
        "For operators",
        "<bdi>seatrun resume</bdi>",
        "Requests a minute",
    ]
    .map(|words| body.find(words).unwrap_or_else(|| panic!("{words}")));
    assert!(places.is_sorted(), "{places:?}");
}
