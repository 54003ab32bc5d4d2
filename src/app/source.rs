//! Where rows come from: a file, or standard input, read as a whole before anything else.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use crate::app::context::Context;
use crate::app::output::writing::hex;
use crate::app::{CommandError, Exit};
use crate::cli;
use crate::cli::Stream;
use crate::input::{FieldError, HiddenRows, IdTrust, InputError, Options, Row, Sheet, is_workbook};
use crate::settings::Setting;

/// An input that was read.
#[derive(Debug)]
pub(crate) struct Source {
    /// The file; none for standard input.
    pub path: Option<PathBuf>,
    /// The name for people.
    pub name: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// What it holds.
    pub sheet: Sheet,
    /// How the file was found; none for standard input and what else is no file.
    stamp: Option<Stamp>,
}

/// A file's length, and when it was last written where the system tells.
type Stamp = (u64, Option<SystemTime>);

impl Source {
    /// Reads an input as a whole.
    pub(crate) fn read(context: &Context, input: &Stream, options: &Options) -> Result<Self, CommandError> {
        Self::try_read(context, input, options)?.map_err(|(name, error)| {
            let failure = CommandError::from(error);
            CommandError { message: format!("{name}: {}", failure.message), ..failure }
        })
    }

    /// Reads an input as a whole. What is wrong with what it holds comes back with its name.
    pub(crate) fn try_read(
        context: &Context,
        input: &Stream,
        options: &Options,
    ) -> Result<Result<Self, (String, InputError)>, CommandError> {
        let (path, name) = match input {
            Stream::Standard => (None, "standard input".to_owned()),
            Stream::File(path) => (Some(path.clone()), path.display().to_string()),
        };
        let unreadable = |error: io::Error| {
            let is_too_large = error.kind() == io::ErrorKind::FileTooLarge;
            let hint = if is_too_large {
                "a million rows take far less: name the sheet itself, or split it"
            } else {
                "check the path"
            };
            CommandError::refused(format!("{name} cannot be read: {error}")).hint(hint)
        };
        let stamp = stamp(path.as_deref()).map_err(unreadable)?;
        let most = match stamp {
            Some(_) => options.limits.file_bytes,
            None => options.limits.stream_bytes,
        };
        let bytes = bytes(path.as_deref(), stamp, most).map_err(unreadable)?;
        refuse_change(path.as_deref(), stamp)?;
        let mut sum = Sha256::new();
        sum.update(&bytes);
        let options = fitting(context, options, &bytes);
        Ok(match Sheet::read(bytes, &options) {
            Ok(sheet) => Ok(Self { path, name, sha256: hex(sum), sheet, stamp }),
            Err(error) => Err((name, error)),
        })
    }

    /// Refuses a file that somebody has written to since it was read.
    pub(crate) fn refuse_change(&self) -> Result<(), CommandError> {
        refuse_change(self.path.as_deref(), self.stamp)
    }

    /// The header of the columns that the report carries.
    pub(crate) fn carried_header(&self) -> impl Iterator<Item = &str> {
        let header = self.sheet.header();
        self.sheet.carried().iter().map(|column| header[*column].as_str())
    }

    /// The column in which rows of a review are approved.
    pub(crate) fn approved_column(&self) -> &str {
        self.sheet.approved().map_or("approved", |own| self.sheet.header()[own].trim())
    }

    /// The cells that the report carries.
    pub(crate) fn carried_cells<'r>(&'r self, row: &'r Row) -> impl Iterator<Item = &'r str> {
        self.sheet.carried().iter().map(|column| row.cell(*column))
    }
}

/// How any input is read: which column holds what.
pub(crate) fn reading(context: &Context) -> Result<Options, CommandError> {
    let settings = &context.settings;
    let columns = settings.columns.iter();
    let map = columns
        .map(|(field, column)| Ok((field.parse()?, column.value.clone())))
        .collect::<Result<_, FieldError>>()
        .map_err(|error| CommandError::new(Exit::Usage, error.to_string()))?;
    Ok(Options {
        delimiter: settings.delimiter.as_ref().map(|delimiter| delimiter.value.get()),
        encoding: settings.encoding.as_ref().map(|encoding| encoding.value.as_str().to_owned()),
        sheet: settings.sheet.as_ref().map(|sheet| sheet.value.clone()),
        header_row: settings.header_row.as_ref().map(|row| row.value),
        map,
        ..Options::default()
    })
}

/// The options that can be meant for an input. A flag is about this very input and is refused where it makes no sense;
/// what files and the environment say of texts and of workbooks is about inputs of that kind.
fn fitting(context: &Context, options: &Options, bytes: &[u8]) -> Options {
    fn is_flag<T>(setting: Option<&Setting<T>>) -> bool {
        setting.is_some_and(|setting| setting.origin.is_flag())
    }
    let settings = &context.settings;
    let is_workbook = is_workbook(bytes);
    let mut options = options.clone();
    options.encoding.take_if(|_| is_workbook && !is_flag(settings.encoding.as_ref()));
    options.delimiter.take_if(|_| is_workbook && !is_flag(settings.delimiter.as_ref()));
    options.sheet.take_if(|_| !is_workbook && !is_flag(settings.sheet.as_ref()));
    options
}

/// How the input of a run is read.
pub(crate) fn options(context: &Context, arguments: &cli::Run) -> Result<Options, CommandError> {
    let settings = &context.settings;
    Ok(Options {
        ids: if arguments.guards.ids_are_exact { IdTrust::Exact } else { IdTrust::Judged },
        plan_id: settings.plan_id.as_ref().map(|setting| setting.value),
        action: settings.action.as_ref().map(|setting| setting.value),
        seat: settings.seat_type.as_ref().map(|setting| setting.value),
        hidden_rows: match (arguments.selection.visible_only, arguments.selection.all_rows) {
            (true, _) => HiddenRows::Skipped,
            (false, true) => HiddenRows::Read,
            (false, false) => HiddenRows::Refused,
        },
        only: (!arguments.selection.only.is_empty()).then(|| arguments.selection.only.clone()),
        ..reading(context)?
    })
}

/// Reads an input as a whole, if it has at most so many bytes.
fn bytes(path: Option<&Path>, stamp: Option<Stamp>, most: u64) -> io::Result<Vec<u8>> {
    let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {most} bytes"));
    let expected = stamp.map_or(0, |(length, _)| length);
    if expected > most {
        return Err(too_large());
    }
    let source: Box<dyn Read> = match path {
        Some(path) => Box::new(File::open(path)?),
        None => Box::new(io::stdin().lock()),
    };
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default() + 1);
    source.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large()) } else { Ok(bytes) }
}

fn stamp(path: Option<&Path>) -> io::Result<Option<Stamp>> {
    let Some(path) = path else { return Ok(None) };
    let metadata = fs::metadata(path)?;
    Ok(metadata.is_file().then(|| (metadata.len(), metadata.modified().ok())))
}

/// An export that is still being written would run without its end, and a row that somebody corrects as it was. A file
/// that is gone by now was read as a whole.
fn refuse_change(path: Option<&Path>, then: Option<Stamp>) -> Result<(), CommandError> {
    match (path, stamp(path).unwrap_or(then)) {
        (Some(path), now) if now != then => {
            Err(CommandError::refused(format!("{} was changed in the meantime", path.display()))
                .hint("start again when nobody writes to it"))
        }
        (Some(_) | None, _) => Ok(()),
    }
}
