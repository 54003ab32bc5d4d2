//! Fields: what a column can hold, and the header names by which each is known.
//!
//! Names only; which column of a sheet holds a field is decided in [`columns`](super::columns).

use std::fmt;
use std::str::FromStr;

use crate::model::{SIGNATURE_COLUMN, normalize_name};

use super::cell;

/// Something a column can hold that this program understands (interface, "Input").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The user's id.
    UserId,
    /// The user's primary email address.
    Email,
    /// What is to be done.
    Action,
    /// In which plan.
    PlanId,
    /// To which seat; what the seat was, where nothing in the sheet is an order.
    SeatType,
    /// Update: system admin.
    Admin,
    /// Update: can create and own sheets.
    LicensedSheetCreator,
    /// Update: can create and edit groups.
    GroupAdmin,
    /// Update: can access resource views.
    ResourceViewer,
    /// Update: first name.
    FirstName,
    /// Update: last name.
    LastName,
    /// Whether a person has approved the row.
    Approved,
    /// Which misbehaviour a rehearsal is to meet.
    SandboxFault,
    /// A report's key: user, action and arguments as text that no spreadsheet rounds.
    ResultKey,
    /// The row's number in the sheet that was reviewed.
    ResultRow,
    /// How the row ended the last time.
    ResultStatus,
    /// Why it ended so.
    ResultMessage,
    /// What to do about that.
    ResultHint,
    /// The run in which the row ended.
    ResultRunId,
    /// A report's seat before; in a review, the seat that was reviewed.
    ResultSeatBefore,
    /// A review's signature.
    ResultSignature,
    /// An export's older name for the seat that was held.
    UserType,
    /// An export's word on whether the user was a system admin.
    SystemAdmin,
}

impl Field {
    /// How many fields there are.
    pub(super) const COUNT: usize = Self::ALL.len();

    /// Every field, in the order of the interface's table.
    const ALL: [Self; 23] = [
        Self::UserId,
        Self::Email,
        Self::Action,
        Self::PlanId,
        Self::SeatType,
        Self::Admin,
        Self::LicensedSheetCreator,
        Self::GroupAdmin,
        Self::ResourceViewer,
        Self::FirstName,
        Self::LastName,
        Self::Approved,
        Self::SandboxFault,
        Self::ResultKey,
        Self::ResultRow,
        Self::ResultStatus,
        Self::ResultMessage,
        Self::ResultHint,
        Self::ResultRunId,
        Self::ResultSeatBefore,
        Self::ResultSignature,
        Self::UserType,
        Self::SystemAdmin,
    ];

    /// The fields that a user writes, and so can map with `--map` or mistype.
    pub(super) const WRITTEN: &'static [Self] = Self::ALL.split_at(12).0;

    /// The names of the fields that can be mapped.
    pub const NAMES: &'static [&'static str] = &{
        let mut names = [""; Self::WRITTEN.len()];
        let mut at = 0;
        while at < names.len() {
            names[at] = Self::WRITTEN[at].name();
            at += 1;
        }
        names
    };

    /// The six attributes of an update (seed 003).
    pub(super) const ATTRIBUTES: [Self; 6] = [
        Self::Admin,
        Self::LicensedSheetCreator,
        Self::GroupAdmin,
        Self::ResourceViewer,
        Self::FirstName,
        Self::LastName,
    ];

    /// The name that documents and templates use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UserId => "user_id",
            Self::Email => "email",
            Self::Action => "action",
            Self::PlanId => "plan_id",
            Self::SeatType => "seat_type",
            Self::Admin => "admin",
            Self::LicensedSheetCreator => "licensed_sheet_creator",
            Self::GroupAdmin => "group_admin",
            Self::ResourceViewer => "resource_viewer",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Approved => "approved",
            Self::SandboxFault => "sandbox_fault",
            Self::ResultKey => "result_key",
            Self::ResultRow => "result_row",
            Self::ResultStatus => "result_status",
            Self::ResultMessage => "result_message",
            Self::ResultHint => "result_hint",
            Self::ResultRunId => "result_run_id",
            Self::ResultSeatBefore => "result_seat_before",
            Self::ResultSignature => SIGNATURE_COLUMN,
            Self::UserType => "user_type",
            Self::SystemAdmin => "system_admin",
        }
    }

    /// Other header names for it, folded.
    const fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Email => &["emailaddress", "useremail"],
            Self::Action => &["operation"],
            Self::SeatType => &[TARGET_SEAT],
            Self::UserId
            | Self::PlanId
            | Self::Admin
            | Self::LicensedSheetCreator
            | Self::GroupAdmin
            | Self::ResourceViewer
            | Self::FirstName
            | Self::LastName
            | Self::Approved
            | Self::SandboxFault
            | Self::ResultKey
            | Self::ResultRow
            | Self::ResultStatus
            | Self::ResultMessage
            | Self::ResultHint
            | Self::ResultRunId
            | Self::ResultSeatBefore
            | Self::ResultSignature
            | Self::UserType
            | Self::SystemAdmin => &[],
        }
    }

    /// Whether a header names the column of addresses.
    pub fn names_address(header: &str) -> bool {
        Self::of_header(header) == Some(Self::Email)
    }

    /// The field that a header names, if it names one.
    pub(super) fn of_header(header: &str) -> Option<Self> {
        let folded = normalize_name(cell::trim(header));
        let means = |field: &Self| is_name(field.name(), &folded) || field.aliases().contains(&folded.as_str());
        Self::ALL.into_iter().find(means)
    }
}

/// Whether a folded header is a name of documents, which are in small letters and have nothing but `_` to fold away.
pub(super) fn is_name(name: &str, folded: &str) -> bool {
    name.bytes().filter(|byte| *byte != b'_').eq(folded.bytes())
}

/// The folded header `Target seat`: the one name of a seat column that cannot mean what a user's seat *was*.
pub(super) const TARGET_SEAT: &str = "targetseat";

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no field, as the left side of `--map FIELD=COLUMN`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a field: it is one of {list}", list = written_names())]
pub struct FieldError(pub String);

fn written_names() -> String {
    Field::WRITTEN.iter().map(|field| field.name()).collect::<Vec<_>>().join(", ")
}

impl FromStr for Field {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        Self::of_header(text)
            .filter(|field| Self::WRITTEN.contains(field))
            .ok_or_else(|| FieldError(text.trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_known_by_every_name_of_the_interface_whatever_their_case_and_spacing() {
        let table = [
            ("user_id", Some(Field::UserId)),
            ("userId", Some(Field::UserId)),
            (" USER  ID ", Some(Field::UserId)),
            ("user-id", Some(Field::UserId)),
            ("ID", None),
            ("Email", Some(Field::Email)),
            ("E-mail Address", Some(Field::Email)),
            ("User email", Some(Field::Email)),
            ("Operation", Some(Field::Action)),
            ("planId", Some(Field::PlanId)),
            ("Seat type", Some(Field::SeatType)),
            ("Target seat", Some(Field::SeatType)),
            ("licensedSheetCreator", Some(Field::LicensedSheetCreator)),
            ("First\u{a0}Name", Some(Field::FirstName)),
            ("User type", Some(Field::UserType)),
            ("System Admin", Some(Field::SystemAdmin)),
            ("\u{feff}result_key\u{200b}", Some(Field::ResultKey)),
            ("Plan Asset Admin", None),
            ("", None),
        ];
        for (header, expected) in table {
            assert_eq!(Field::of_header(header), expected, "{header:?}");
        }
    }

    #[test]
    fn only_fields_that_a_user_writes_can_be_mapped() {
        assert_eq!("seatType".parse(), Ok(Field::SeatType));
        let error = "result_key".parse::<Field>().unwrap_err().to_string();
        let list = error.split_once("one of").unwrap().1;
        assert!(list.contains("user_id") && list.contains("approved") && !list.contains("result"), "{error}");
    }
}
