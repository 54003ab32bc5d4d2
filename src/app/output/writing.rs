//! Writing: how the bytes of a report get to where they go, and by which digest they are known again.
//!
//! A file is written beside its place and renamed, so that nobody ever sees half of one. Making the bytes is most of the
//! work, so writing, syncing and hashing go on beside it, on a thread of their own.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::app::output::temp_file::{Access, persist, temp_file_next_to};
use crate::console::PatientOutput;

/// How much is written at a time, in bytes.
const PIECE: usize = 1 << 16;
/// How many pieces may wait to be written, so that little of the making waits for the disk.
const WAITING: usize = 128;
/// How much is written before the disk is made to take it, in bytes.
const SYNCED: usize = 1 << 25;

/// Writes the file of a path as a whole. Returns its SHA-256, in hexadecimal.
pub(crate) fn replace(
    path: &Path,
    access: Access,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<String> {
    let (SyncingWriter { file, .. }, digest) =
        write_on_thread(SyncingWriter { file: temp_file_next_to(path, access)?, in_memory: 0 }, write)?;
    persist(file, path)?;
    Ok(digest)
}

/// A file whose bytes go to the disk as they come, rather than all of them at the end while somebody waits.
struct SyncingWriter {
    file: NamedTempFile,
    in_memory: usize,
}

impl Write for SyncingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.in_memory += written;
        if self.in_memory >= SYNCED {
            self.file.as_file().sync_data()?;
            self.in_memory = 0;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Writes to an output, and gives it back with the SHA-256 of what was written, in hexadecimal. Both are done beside the
/// making of it, of which they would otherwise take a third of the time.
fn write_on_thread<W: Write + Send>(
    output: W,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<(W, String)> {
    // The output is handed over once there is a thread to take it.
    let handed = Mutex::new(Some(output));
    let hand_over = || {
        let output = handed.lock().unwrap_or_else(PoisonError::into_inner).take();
        output.ok_or_else(|| io::Error::other("it is written already"))
    };
    thread::scope(|scope| {
        let (passed, pieces) = mpsc::sync_channel(WAITING);
        let taking = move || take(hand_over()?, &pieces);
        let Ok(writing) = thread::Builder::new().spawn_scoped(scope, taking) else {
            return write_alone(hand_over()?, write);
        };
        let mut relay = BufWriter::with_capacity(PIECE, ChannelWriter(passed));
        let made = write(&mut relay).and_then(|()| relay.flush());
        // What was not made to its end is not written to its end either.
        drop(relay.into_parts().0);
        let written = writing.join().unwrap_or_else(|_| Err(io::Error::other("the writing of it was given up")));
        // If writing failed, making it failed only because of that.
        let written = written?;
        made.map(|()| written)
    })
}

/// Writes to an output where no thread can be had.
fn write_alone<W: Write + Send>(
    output: W,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<(W, String)> {
    let mut output = BufWriter::with_capacity(PIECE, HashedOutput { output, digest: Sha256::new() });
    write(&mut output)?;
    let HashedOutput { output, digest } = output.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok((output, hex(digest)))
}

/// An output, and the SHA-256 of what was written to it.
struct HashedOutput<W> {
    output: W,
    digest: Sha256,
}

impl<W: Write> Write for HashedOutput<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.output.write(bytes)?;
        self.digest.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// Writes to an output that has a thread and a patience of its own.
pub(crate) fn write_patiently(
    output: PatientOutput<'_>,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<String> {
    let mut output = BufWriter::with_capacity(PIECE, output);
    let written = write(&mut output).and_then(|()| output.flush());
    // What was not made to its end is not written to its end either.
    drop(output.into_parts().0);
    written.map(|()| String::new())
}

/// Writes the pieces to an output, and hashes them.
fn take<W: Write>(mut output: W, pieces: &Receiver<Vec<u8>>) -> io::Result<(W, String)> {
    let mut digest = Sha256::new();
    for piece in pieces {
        output.write_all(&piece)?;
        digest.update(&piece);
    }
    output.flush()?;
    Ok((output, hex(digest)))
}

/// Passes on what is written to it, a piece at a time.
struct ChannelWriter(SyncSender<Vec<u8>>);

impl Write for ChannelWriter {
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
pub(crate) fn digest_of(file: &mut File) -> io::Result<String> {
    let mut hashing = Hashing(Sha256::new());
    io::copy(file, &mut hashing)?;
    Ok(hex(hashing.0))
}

/// Hashes what is written to it.
struct Hashing(Sha256);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A SHA-256 in hexadecimal.
pub(crate) fn hex(digest: Sha256) -> String {
    digest.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Takes so many bytes and no more.
    struct Small(usize);

    impl Write for Small {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_written_comes_out_as_it_was_with_its_digest() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7] {
            let bytes: Vec<_> = (0..=250).cycle().take(length).collect();
            // At once, and in handfuls.
            for handful in [length.max(1), 1000] {
                let make = |output: &mut (dyn Write + Send)| {
                    bytes.chunks(handful).try_for_each(|bytes| output.write_all(bytes))
                };
                for (written, digest) in
                    [write_on_thread(Vec::new(), make), write_alone(Vec::new(), make)].map(Result::unwrap)
                {
                    assert!(written == bytes, "{length} bytes, {handful} at a time");
                    assert_eq!(digest, hex(Sha256::new_with_prefix(&bytes)));
                }
            }
        }
    }

    #[test]
    fn an_output_that_fails_is_why_and_ends_what_would_never_end() {
        for most in [0, PIECE, 2 * WAITING * PIECE] {
            let endless = |output: &mut (dyn Write + Send)| loop {
                output.write_all(b"another row\n")?;
            };
            let Err(error) = write_on_thread(Small(most), endless) else { panic!("it was written") };
            assert_eq!(error.kind(), io::ErrorKind::StorageFull, "after {most} bytes");
        }
    }

    #[test]
    fn what_is_not_made_to_its_end_leaves_the_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("report.csv");
        fs::write(&place, "whole").unwrap();
        let broken_off = |output: &mut (dyn Write + Send)| {
            output.write_all(&vec![b'x'; 2 * SYNCED])?;
            Err(io::Error::other("no more"))
        };
        assert_eq!(replace(&place, Access::Private, broken_off).unwrap_err().to_string(), "no more");
        assert_eq!(fs::read(&place).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    #[should_panic(expected = "not made")]
    fn a_maker_that_panics_is_not_waited_for() {
        let _ = write_on_thread(Vec::new(), |_| panic!("not made"));
    }
}
