//! Paid seats in words and numbers, for the review, the question and the summary.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::model::PlanId;
use crate::plan::{Amount, PaidSeats, PaidSeatsByPlan};

/// What becomes of the paid seats, in lines that end; none where nothing becomes of any.
pub(super) fn lines(money: &PaidSeatsByPlan) -> String {
    if money.plans.is_empty() {
        return String::new();
    }
    let mut text = total_line(money);
    if money.plans.len() > 1 {
        for (plan, seats) in &money.plans {
            let plan = plan.map_or_else(|| "in a plan that is not known".to_owned(), |plan| format!("in plan {plan}"));
            let _ = writeln!(text, "  {plan}: {}", words(*seats));
        }
    }
    text
}

/// What becomes of the paid seats of all plans together, as a line that ends; none where nothing becomes of any.
pub(super) fn total_line(money: &PaidSeatsByPlan) -> String {
    if money.plans.is_empty() { String::new() } else { format!("paid seats: {}\n", words(money.total())) }
}

/// The same for machines. Ids are text, because many readers of JSON round numbers of that size.
pub(super) fn json(money: &PaidSeatsByPlan) -> Value {
    let seats = |seats: PaidSeats| {
        json!({
            "freed": seats.freed.certain,
            "freed_at_most": seats.freed.at_most(),
            "taken": seats.taken.certain,
            "taken_at_most": seats.taken.at_most(),
        })
    };
    let plan = |(plan, of): (&Option<PlanId>, &PaidSeats)| {
        let mut object = seats(*of);
        object["plan_id"] = plan.map(|plan| plan.to_string()).into();
        object
    };
    let mut object = seats(money.total());
    object["fewer_in_use"] = money.total().fewer().into();
    object["plans"] = money.plans.iter().map(plan).collect();
    object
}

fn words(seats: PaidSeats) -> String {
    let part = |amount: Amount, verb: &str| match (amount.certain, amount.possible) {
        (0, 0) => None,
        (certain, 0) => Some(format!("{certain} {verb}")),
        (_, _) => Some(format!("up to {} {verb}", amount.at_most())),
    };
    match (part(seats.freed, "freed"), part(seats.taken, "taken")) {
        (None, None) => "none freed or taken".to_owned(),
        (Some(one), None) | (None, Some(one)) => one,
        (Some(freed), Some(taken)) => match seats.fewer() {
            None => format!("{freed}, {taken}"),
            Some(0) => format!("{freed}, {taken}: as many in use as before"),
            Some(fewer @ 1..) => format!("{freed}, {taken}: {fewer} fewer in use"),
            Some(fewer) => format!("{freed}, {taken}: {} more in use", fewer.unsigned_abs()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats(freed: (u64, u64), taken: (u64, u64)) -> PaidSeats {
        let amount = |(certain, possible)| Amount { certain, possible };
        PaidSeats { freed: amount(freed), taken: amount(taken) }
    }

    #[test]
    fn what_is_not_certain_is_said_to_be_up_to() {
        let table = [
            (seats((12, 0), (0, 0)), "12 freed"),
            (seats((0, 0), (3, 0)), "3 taken"),
            (seats((12, 2), (0, 0)), "up to 14 freed"),
            (seats((12, 0), (2, 0)), "12 freed, 2 taken: 10 fewer in use"),
            (seats((2, 0), (12, 0)), "2 freed, 12 taken: 10 more in use"),
            (seats((2, 0), (2, 0)), "2 freed, 2 taken: as many in use as before"),
            (seats((2, 1), (2, 0)), "up to 3 freed, 2 taken"),
        ];
        for (seats, expected) in table {
            assert_eq!(words(seats), expected);
        }
    }

    #[test]
    fn several_plans_have_a_line_each_and_machines_get_all_numbers() {
        let mut money = PaidSeatsByPlan::default();
        assert_eq!(lines(&money), "");
        money.plans.insert(PlanId::new(9), seats((12, 0), (2, 0)));
        assert_eq!(lines(&money), "paid seats: 12 freed, 2 taken: 10 fewer in use\n");
        assert_eq!(json(&money)["fewer_in_use"], 10);
        money.plans.insert(None, seats((0, 1), (0, 0)));
        let expected = "paid seats: up to 13 freed, 2 taken\n  \
            in a plan that is not known: up to 1 freed\n  \
            in plan 9: 12 freed, 2 taken: 10 fewer in use\n";
        assert_eq!(lines(&money), expected);
        let json = json(&money);
        assert_eq!((&json["freed"], &json["freed_at_most"]), (&12.into(), &13.into()));
        assert_eq!((&json["fewer_in_use"], &json["plans"][1]["plan_id"]), (&Value::Null, &"9".into()));
    }
}
