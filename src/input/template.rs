//! Template: the columns of an empty sheet for one action, and what each of them takes.
//!
//! It only names what the readers of this room understand; an action's arguments are decided in [`action`](super::action).

use crate::model::ActionName;

use super::Field;
use super::action::{DOWNGRADES, UPGRADES};

/// The columns that a sheet for one action has, in their order.
pub fn template(action: ActionName) -> Vec<Field> {
    let arguments: &[Field] = match action {
        ActionName::Downgrade | ActionName::Upgrade => &[Field::PlanId, Field::SeatType],
        ActionName::Remove => &[Field::PlanId],
        ActionName::Update => &Field::ATTRIBUTES,
        ActionName::Deactivate | ActionName::Reactivate | ActionName::Plans => &[],
    };
    [&[Field::UserId, Field::Email, Field::Action], arguments].concat()
}

impl Field {
    /// What a cell of the field takes in a sheet for one action, in words.
    pub fn takes(self, action: ActionName) -> String {
        match self {
            Self::UserId => {
                "1 to 19 digits; in a spreadsheet the column has to be text, or they are rounded".to_owned()
            }
            Self::Email => "instead of the id, or beside it: then both must mean the same user".to_owned(),
            Self::Action => action.to_string(),
            Self::PlanId => "1 to 19 digits; empty: --plan-id, or the only plan of the token's own user".to_owned(),
            Self::SeatType => match action {
                ActionName::Downgrade => format!("{DOWNGRADES}; empty: --seat-type"),
                ActionName::Upgrade => format!("{UPGRADES}; empty: MEMBER, or --seat-type"),
                ActionName::Deactivate
                | ActionName::Reactivate
                | ActionName::Remove
                | ActionName::Update
                | ActionName::Plans => "nothing: the action gives no seat".to_owned(),
            },
            Self::Admin | Self::LicensedSheetCreator | Self::GroupAdmin | Self::ResourceViewer => {
                "true or false; empty: left as it is".to_owned()
            }
            Self::FirstName | Self::LastName => "text; empty: left as it is".to_owned(),
            Self::Approved => "yes or no; only rows that say yes run".to_owned(),
            Self::SandboxFault
            | Self::ResultKey
            | Self::ResultRow
            | Self::ResultStatus
            | Self::ResultMessage
            | Self::ResultHint
            | Self::ResultRunId
            | Self::ResultSeatBefore
            | Self::ResultSignature
            | Self::UserType
            | Self::SystemAdmin => "nothing that a person writes".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{Options, ParsedRow, Sheet};

    /// A cell that says something, by the words for what it takes.
    fn filling(field: Field, action: ActionName) -> &'static str {
        let cells = [
            (Field::UserId, "48569348493401267"),
            (Field::Email, "jane@acme.example"),
            (Field::Action, action.name()),
            (Field::PlanId, "4843937635559345"),
            (Field::SeatType, if action == ActionName::Upgrade { "MEMBER" } else { "VIEWER" }),
        ];
        cells.into_iter().find(|(known, _)| *known == field).map_or("true", |(_, cell)| cell)
    }

    #[test]
    fn a_template_that_is_filled_in_is_a_job_of_its_action() {
        for action in ActionName::ALL {
            let fields = template(action);
            let header: Vec<_> = fields.iter().map(|field| field.name()).collect();
            let row: Vec<_> = fields.iter().map(|field| filling(*field, action)).collect();
            let text = format!("{}\n{}\n", header.join(","), row.join(","));
            let sheet = Sheet::read(text.into(), &Options::default()).unwrap();
            assert!(sheet.warnings().is_empty(), "{:?}", sheet.warnings());
            let ParsedRow::Job { action: read, notes, .. } = sheet.parse(&sheet.rows().next().unwrap()) else {
                panic!("{header:?}")
            };
            assert_eq!((read.name(), notes.len()), (action, 0));
            assert!(fields.iter().all(|field| !field.takes(action).contains("nothing")), "{action}");
        }
    }
}
