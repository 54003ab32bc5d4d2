//! Where a report goes: its name, and whether it can be written there.
//!
//! A default name never takes the place of a file that seatrun did not write or that was changed since.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::app::output::earlier_report::{EarlierReport, name_of_run};
use crate::app::output::replaceable::{Keep, may_replace};
use crate::app::output::temp_file::{Access, folder_of, sweep_next_to, temp_file_next_to};
use crate::app::output::writing::{replace, write_patiently};
use crate::app::{CommandError, Exit};
use crate::cli::{self, Stream};
use crate::console::{Console, PatientOutput};
use crate::engine::SignalCount;
use crate::ledger::Ledger;
use crate::report::{SheetFormat, WORKSHEET_ROWS};
use crate::tabular::Dialect;

/// Extensions of the workbooks that are read.
const WORKBOOKS: [&str; 4] = ["xlsx", "xlsm", "xls", "ods"];
/// Extensions that promise another workbook than the one that can be written.
const OTHER_WORKBOOKS: [&str; 4] = ["xls", "xlsm", "xlsb", "ods"];

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Standard output.
    Standard,
    /// A file that is replaced as a whole.
    File(PathBuf),
    /// Something that is no file, such as a pipe or `/dev/null`, and is written to as it is.
    Device(PathBuf),
}

/// Where everything goes that a run writes; each place was found to be writable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destinations {
    /// The report.
    pub(crate) report: Destination,
    /// The summary for machines, if one is wanted.
    pub(crate) summary: Option<Destination>,
    /// The page to look at, if one is wanted.
    pub(crate) page: Option<Destination>,
}

impl Destinations {
    /// The places of a report and of what else was asked for.
    pub(crate) fn new(
        report: Destination,
        affected: &cli::OutputArgs,
        input: Option<&Path>,
    ) -> Result<Self, CommandError> {
        let named = |stream: &Option<Stream>, what, flag| {
            stream.as_ref().map(|stream| Destination::named(stream, what, flag, input)).transpose()
        };
        let summary = named(&affected.summary_json, "summary", "--summary-json")?;
        let page = named(&affected.html, "page", "--html")?;
        let mut taken = vec![("report", report.lasting_name())];
        for (what, flag, target) in [("summary", "--summary-json", &summary), ("page", "--html", &page)] {
            let Some(name) = target.as_ref().map(Destination::lasting_name) else { continue };
            if let Some((other, _)) = taken.iter().find(|(_, place)| *place == name) {
                let message = format!("the {other} and the {what} would go to the same place");
                return Err(CommandError::new(Exit::Usage, message).hint(format!("name another with {flag}")));
            }
            taken.push((what, name));
        }
        Ok(Self { report, summary, page })
    }
}

/// What a report is, which decides its default name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Of a run.
    Report,
    /// Of a dry run.
    Review,
    /// The input that puts back what a run has changed.
    Undo,
}

impl Kind {
    const fn suffix(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Review => "review",
            Self::Undo => "undo",
        }
    }
}

impl Destination {
    /// The place of the report that the user named. `input` is what the run reads, which nothing replaces.
    pub(crate) fn of_report(stream: &Stream, input: Option<&Path>) -> Result<Self, CommandError> {
        Self::of_table(stream, "report", "--report", input)
    }

    /// The place of an empty sheet, where nothing may be yet: it may be one that somebody has filled in.
    pub(crate) fn of_template(stream: &Stream) -> Result<Self, CommandError> {
        match stream {
            Stream::File(path) if fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) => {
                let message = format!("{} is there already, and a template would replace it", path.display());
                Err(CommandError::new(Exit::Usage, message).hint("name another file with --output, or take it away"))
            }
            Stream::File(_) | Stream::Standard => Self::of_table(stream, "template", "--output", None),
        }
    }

    /// The place that the user named with `flag` for `what`, which is a table.
    pub(crate) fn of_table(
        stream: &Stream,
        what: &str,
        flag: &str,
        input: Option<&Path>,
    ) -> Result<Self, CommandError> {
        if let Stream::File(path) = stream
            && OTHER_WORKBOOKS.iter().any(|extension| ends_in(path, extension))
        {
            let message = format!("{} cannot be written: a {what} is CSV or an .xlsx workbook", path.display());
            return Err(CommandError::new(Exit::Usage, message).hint("name a file that ends in .csv or .xlsx"));
        }
        Self::named(stream, what, flag, input)
    }

    /// The place that the user named with `flag` for `what`.
    pub(crate) fn named(stream: &Stream, what: &str, flag: &str, input: Option<&Path>) -> Result<Self, CommandError> {
        let path = match stream {
            Stream::Standard => {
                Self::Standard.check(what, flag)?;
                return Ok(Self::Standard);
            }
            Stream::File(path) if path.as_os_str().is_empty() => {
                return Err(CommandError::new(Exit::Usage, format!("{flag} names no file")));
            }
            Stream::File(path) => path,
        };
        // A link is followed, or renaming would put a file in its place.
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        let is_input = input.and_then(|input| fs::canonicalize(input).ok()).is_some_and(|input| input == place);
        if is_input {
            let message = format!("the {what} would replace the input, {}", path.display());
            return Err(CommandError::new(Exit::Usage, message).hint(format!("name another file with {flag}")));
        }
        let is_device = fs::metadata(&place).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir());
        let target = if is_device { Self::Device(place) } else { Self::File(place) };
        target.check(what, flag)?;
        Ok(target)
    }

    /// The default place of a report on `input`: beside it, or in the working folder for standard input.
    pub(crate) fn of_input(
        input: Option<&Path>,
        kind: Kind,
        keep: Keep,
        memory: Option<&Ledger>,
    ) -> Result<Self, CommandError> {
        let usual = Self::usual_name(input, kind);
        let input = input.and_then(|input| fs::canonicalize(input).ok());
        let is_input = |path: &Path| input.is_some() && fs::canonicalize(path).ok() == input;
        let is_earlier = |path: &Path| {
            let has_room = |earlier: EarlierReport| !earlier.renamed().exists();
            keep == Keep::Run
                && path == usual
                && memory.and_then(|memory| EarlierReport::find(path, memory, None)).is_some_and(has_room)
        };
        Self::free(&usual, |path| !is_input(path) && (is_earlier(path) || may_replace(path, keep, memory)))
    }

    /// The name that a report on `input` has if nothing is in its place. That of a report is as the first one's was.
    pub(crate) fn usual_name(input: Option<&Path>, kind: Kind) -> PathBuf {
        let stem = input.and_then(Path::file_stem).map_or_else(|| "stdin".into(), |stem| stem.to_string_lossy());
        let numbered = stem.rsplit_once('.').filter(|(_, number)| number.bytes().all(|digit| digit.is_ascii_digit()));
        let bare = numbered.map_or(&*stem, |(rest, _)| rest);
        let stem = [".report", ".review"].iter().find_map(|suffix| bare.strip_suffix(suffix)).unwrap_or(&stem);
        let folder = input.and_then(Path::parent).unwrap_or(Path::new(""));
        // What people fill in stays in the program in which they have the rest.
        let is_workbook = |path: &Path| WORKBOOKS.iter().any(|extension| ends_in(path, extension));
        let extension = if kind == Kind::Review && input.is_some_and(is_workbook) { "xlsx" } else { "csv" };
        folder.join(format!("{stem}.{}.{extension}", kind.suffix()))
    }

    /// The place that a run wrote its report to, or a free one beside it when somebody changed what is there.
    pub(crate) fn again(
        place: &str,
        run: &str,
        memory: Option<&Ledger>,
        console: &Console,
    ) -> Result<Self, CommandError> {
        if place == "-" {
            return Ok(Self::Standard);
        }
        let usual = PathBuf::from(place);
        if fs::metadata(&usual).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
            return Ok(Self::Device(usual));
        }
        if memory.and_then(|memory| EarlierReport::find(&usual, memory, Some(run))).is_some() {
            let target = Self::File(name_of_run(&usual, run));
            target.check("report", "--report")?;
            console.say(&format!("{place} is the report of another run: this one goes to {}", target.lasting_name()));
            return Ok(target);
        }
        let target = Self::free(&usual, |path| may_replace(path, Keep::Run, memory))?;
        if target != Self::File(usual) {
            let name = target.name().unwrap_or_default();
            console.warn(&format!("{place} was changed since seatrun wrote it: the report goes to {name}"));
        }
        Ok(target)
    }

    /// The first of `usual` and its numbered neighbours that may be taken.
    fn free(usual: &Path, may_take: impl Fn(&Path) -> bool) -> Result<Self, CommandError> {
        let stem = usual.with_extension("");
        let extension = usual.extension().unwrap_or("csv".as_ref()).display();
        let mut names = (1_u32..10_000).map(|number| match number {
            1 => usual.to_owned(),
            _ => PathBuf::from(format!("{}.{number}.{extension}", stem.display())),
        });
        let place = names
            .find(|path| may_take(path))
            .ok_or_else(|| CommandError::refused(format!("no name is left beside {}", usual.display())))?;
        let target = Self::File(place);
        target.check("report", "--report")?;
        Ok(target)
    }

    /// The name that does not depend on the working folder; `-` for standard output.
    pub(crate) fn lasting_name(&self) -> String {
        match self {
            Self::Standard => "-".to_owned(),
            Self::File(path) | Self::Device(path) => absolute(path),
        }
    }

    /// The name of a file that can be written again.
    pub(crate) fn lasting_file(&self) -> Option<String> {
        match self {
            Self::File(path) => Some(absolute(path)),
            Self::Standard | Self::Device(_) => None,
        }
    }

    /// Whether it is the file of a path.
    pub(crate) fn is(&self, path: &Path) -> bool {
        match self {
            Self::Standard => false,
            Self::File(place) | Self::Device(place) => {
                place == path || fs::canonicalize(path).is_ok_and(|path| fs::canonicalize(place).ok() == Some(path))
            }
        }
    }

    /// The name, for people; none for standard output.
    pub(crate) fn name(&self) -> Option<String> {
        match self {
            Self::Standard => None,
            Self::File(path) | Self::Device(path) => Some(path.display().to_string()),
        }
    }

    /// The form of the report that goes there, where the input was written in `dialect`.
    pub(crate) fn form(&self, dialect: Dialect) -> SheetFormat {
        match self {
            Self::File(path) | Self::Device(path) if ends_in(path, "xlsx") => SheetFormat::Workbook,
            Self::Standard | Self::File(_) | Self::Device(_) => SheetFormat::Csv(dialect),
        }
    }

    /// Refuses a report of more rows than its form holds, found out before the first request.
    pub(crate) fn check_rows(&self, rows: impl FnOnce() -> u64) -> Result<(), CommandError> {
        match self.form(Dialect::default()) {
            SheetFormat::Csv(_) => Ok(()),
            SheetFormat::Workbook => {
                let rows = rows();
                if rows <= WORKSHEET_ROWS {
                    return Ok(());
                }
                let name = self.name().unwrap_or_default();
                let message =
                    format!("{name} cannot hold {rows} rows: a worksheet has {WORKSHEET_ROWS} below its header");
                Err(CommandError::new(Exit::Usage, message).hint("name a file that ends in .csv with --report"))
            }
        }
    }

    /// Writes what holds names of people, as a whole. Standard output and devices are waited for until a signal comes.
    /// Returns the SHA-256 of a file, in hexadecimal; of anything else nothing.
    pub(crate) fn write(
        &self,
        signals: &SignalCount,
        write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> io::Result<String> {
        self.write_for(Access::Private, signals, write)
    }

    /// Writes as [`Destination::write`] what holds no names, and may be read by whomever the umask lets.
    pub(crate) fn write_for(
        &self,
        access: Access,
        signals: &SignalCount,
        write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> io::Result<String> {
        let before = signals.get();
        let is_given_up = || signals.get() != before;
        match self {
            Self::File(path) => {
                if ends_in(path, "xlsx") {
                    // The library that writes workbooks puts its rows into a file of its own first. Where the rest of the
                    // machine is read-only, as in a container, the report's folder is the place that can be written.
                    let _ = tempfile::env::override_temp_dir(folder_of(path));
                }
                replace(path, access, write)
            }
            Self::Standard => write_patiently(PatientOutput::standard(&is_given_up), write),
            Self::Device(path) => write_patiently(PatientOutput::device(path.clone(), &is_given_up), write),
        }
    }

    /// Writes a listing as a whole, and returns the digest of what was written. A reader of standard output that goes away,
    /// such as `head`, has seen enough.
    pub(crate) fn write_listing(
        &self,
        access: Access,
        write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> io::Result<String> {
        match (self.write_for(access, &SignalCount::default(), write), self) {
            (Err(error), Self::Standard) if error.kind() == io::ErrorKind::BrokenPipe => Ok(String::new()),
            (written, _) => written,
        }
    }

    /// Whether it can be written, found out before the first request.
    fn check(&self, what: &str, flag: &str) -> Result<(), CommandError> {
        let tried = match self {
            Self::Standard => check_standard_output(),
            Self::Device(path) => check_device(path),
            Self::File(path) if path.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Self::File(path) => {
                sweep_next_to(path);
                temp_file_next_to(path, Access::Private).map(drop)
            }
        };
        tried.map_err(|error| {
            let name = self.name().unwrap_or_else(|| "on standard output".to_owned());
            CommandError::refused(format!("the {what} {name} cannot be written: {error}"))
                .hint(format!("name another with {flag}"))
        })
    }
}

/// Opens a device to see whether it can be. A named pipe is not opened: its reader would take that for the end.
fn check_device(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.file_type().is_fifo() {
        return Ok(());
    }
    OpenOptions::new().write(true).open(path).map(drop)
}

/// Finds out whether there is a standard output. In place of one that was closed, Rust opens `/dev/null` for reading and
/// writing, which no redirection does.
fn check_standard_output() -> io::Result<()> {
    let stdout = io::stdout();
    let null = fs::metadata("/dev/null")?;
    let is_null = rustix::fs::fstat(&stdout)?.st_rdev == null.rdev();
    let is_both_ways = rustix::fs::fcntl_getfl(&stdout)?.contains(OFlags::RDWR);
    if is_null && is_both_ways { Err(io::Error::other("it is closed")) } else { Ok(()) }
}

/// Whether a path has this extension, in capitals or not.
fn ends_in(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

/// The name under which the ledger remembers a file.
pub(crate) fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_is_refused_more_rows_than_a_worksheet_has_and_nothing_else_is() {
        let (book, csv) = (Destination::File("Out.XLSX".into()), Destination::File("out.csv".into()));
        assert!(book.check_rows(|| 1_048_575).is_ok());
        assert!(csv.check_rows(|| 1_048_576).is_ok() && Destination::Standard.check_rows(|| 1_048_576).is_ok());
        let failure = book.check_rows(|| 1_048_576).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.message.contains("Out.XLSX cannot hold 1048576 rows"), "{}", failure.message);
        assert!(failure.hint.unwrap().contains(".csv"));
    }

    #[test]
    fn a_numbered_name_keeps_its_extension() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["in.report.csv", "in.report.xlsx", "report"] {
            let usual = folder.path().join(name);
            let Ok(Destination::File(place)) = Destination::free(&usual, |path| path != usual) else {
                panic!("{name}")
            };
            let expected = name.strip_suffix(".xlsx").map_or("csv", |_| "xlsx");
            assert_eq!(place.extension().unwrap(), expected, "{}", place.display());
            assert!(place.file_stem().unwrap().to_str().unwrap().ends_with(".2"), "{}", place.display());
        }
    }
}
