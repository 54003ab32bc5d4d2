//! Writing: how the bytes of a report get to where they go, and what they sum up to.
//!
//! A file is written beside its place and renamed, so that nobody ever sees half of one. Making the bytes is most of the
//! work, so writing, syncing and summing up go on beside it, on a thread of their own.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

/// How much is written at a time, in bytes.
const PIECE: usize = 1 << 16;
/// How many pieces may wait to be written. What is made while the disk is busy with a stretch fits in.
const WAITING: usize = 128;
/// How much is written before the disk is made to take it, in bytes.
const STRETCH: usize = 1 << 25;

/// Writes the file of a path as a whole. Returns its SHA-256, in hexadecimal.
pub(super) fn replace(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<String> {
    let (Steady { file, .. }, sum) = through(Steady { file: beside(path)?, in_memory: 0 }, write)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(sum)
}

/// A file beside `path` that becomes it, or is gone when the process ends before.
pub(super) fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".seatrun-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// A file whose bytes go to the disk as they come, rather than all of them at the end while somebody waits.
struct Steady {
    file: NamedTempFile,
    in_memory: usize,
}

impl Write for Steady {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.in_memory += written;
        if self.in_memory >= STRETCH {
            self.file.as_file().sync_data()?;
            self.in_memory = 0;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Writes to an output, and sums up what is written. Both are done beside the making of it, of which they would otherwise
/// take a third of the time.
pub(super) fn through<W: Write + Send>(
    output: W,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<(W, String)> {
    thread::scope(|scope| {
        let (passed, pieces) = mpsc::sync_channel(WAITING);
        let writing = scope.spawn(move || take(output, &pieces));
        let mut relay = BufWriter::with_capacity(PIECE, Relay(passed));
        let made = write(&mut relay).and_then(|()| relay.flush());
        // What was not made to its end is not written to its end either.
        drop(relay.into_parts().0);
        let written = writing.join().unwrap_or_else(|_| Err(io::Error::other("the writing of it was given up")));
        // If writing failed, making it failed only because of that.
        let written = written?;
        made.map(|()| written)
    })
}

/// Writes the pieces to an output, and sums them up.
fn take<W: Write>(mut output: W, pieces: &Receiver<Vec<u8>>) -> io::Result<(W, String)> {
    let mut sum = Sha256::new();
    for piece in pieces {
        output.write_all(&piece)?;
        sum.update(&piece);
    }
    output.flush()?;
    Ok((output, hex(sum)))
}

/// Passes on what is written to it, a piece at a time.
struct Relay(SyncSender<Vec<u8>>);

impl Write for Relay {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let bytes = &bytes[..bytes.len().min(PIECE)];
        self.0.send(bytes.to_vec()).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The SHA-256 of a file, in hexadecimal.
pub(super) fn sum_of(file: &mut File) -> io::Result<String> {
    let mut summing = Summing(Sha256::new());
    io::copy(file, &mut summing)?;
    Ok(hex(summing.0))
}

/// Sums up what is written to it.
struct Summing(Sha256);

impl Write for Summing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A SHA-256 in hexadecimal.
pub(super) fn hex(sum: Sha256) -> String {
    sum.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}
