//! What the doctor can see without asking anybody: settings, token, proxy, and the state folder with what is in it.

use std::path::{Path, PathBuf};

use rustix::fs::{statfs, statvfs};

use super::Checkup;
use crate::app::CommandError;
use crate::app::context::Context;
use crate::app::runs::unfinished::{self, Unfinished};
use crate::ledger::Ledger;
use crate::settings::token;

/// Below this a ledger that grows by a run may not fit any more, in bytes.
const LITTLE_SPACE: u64 = 100 << 20;

/// Checks what is on this machine.
pub(super) fn examine(context: &Context, checkup: &mut Checkup) {
    settings(context, checkup);
    if !context.is_sandbox_run() {
        found_token(context, checkup);
        proxy(context, checkup);
    }
    let folder = context.state_folder();
    let ledger = Ledger::open(&folder);
    locks(&folder, checkup);
    space(&folder, checkup);
    match &ledger {
        Ok(ledger) => records(context, ledger, checkup),
        Err(error) => checkup.failed("ledger", &CommandError::refused(error.to_string()).hint(remedy(context))),
    }
}

fn remedy(context: &Context) -> String {
    format!("state_dir is {} ({})", context.settings.state_dir.value.display(), context.settings.state_dir.origin)
}

fn settings(context: &Context, checkup: &mut Checkup) {
    let files: Vec<_> = context.settings.files.iter().map(|path| path.display().to_string()).collect();
    let profile = context.settings.profile.as_ref().map(|profile| format!(", profile {}", profile.value));
    let found = if files.is_empty() { "no file; the built-in ones".to_owned() } else { files.join(", ") };
    let found = format!("{found}{}", profile.unwrap_or_default());
    match context.settings.warnings.as_slice() {
        [] => checkup.good("settings", found),
        warnings => checkup.note("settings", format!("{found}; {}", warnings.join("; ")), None),
    }
}

fn found_token(context: &Context, checkup: &mut Checkup) {
    match token::find(&context.settings, &context.environment) {
        Ok(token) => match &token.warning {
            None => checkup.good("token", format!("from {}", token.source)),
            Some(warning) => checkup.note("token", warning.clone(), None),
        },
        Err(error) => checkup.failed("token", &error.into()),
    }
}

fn proxy(context: &Context, checkup: &mut Checkup) {
    let url = &context.settings.api_url.value;
    match context.proxy() {
        Some(_) if url.is_loopback() => checkup.good("proxy", "none is asked for an address on loopback"),
        Some(proxy) => checkup.good("proxy", proxy),
        None => checkup.good("proxy", "none (HTTPS_PROXY is not set)"),
    }
}

/// A share without locks lets two runs change one account at once, and SQLite needs them as well.
fn locks(folder: &Path, checkup: &mut Checkup) {
    let local = "keep it on a local disk: --state-dir, or state_dir in the settings";
    let tried = tempfile::tempfile_in(folder).and_then(|file| file.try_lock().map_err(std::io::Error::from));
    match tried {
        Err(error) => checkup.failed(
            "state folder",
            &CommandError::refused(format!("{} takes no locks: {error}", folder.display())).hint(local),
        ),
        Ok(()) => match share(folder) {
            Some(kind) => checkup.note(
                "state folder",
                format!("{} is on a network share ({kind}), where locks may not hold", folder.display()),
                Some(local),
            ),
            None => checkup.good("state folder", folder.display().to_string()),
        },
    }
}

/// The kind of the share that a folder lies on, by the magic numbers of `statfs(2)`.
fn share(folder: &Path) -> Option<&'static str> {
    match statfs(folder).ok()?.f_type.cast_unsigned() & 0xffff_ffff {
        0x6969 => Some("NFS"),
        0x517b => Some("SMB"),
        0xff53_4d42 => Some("CIFS"),
        0xfe53_4d42 => Some("SMB2"),
        0x0102_1997 => Some("9p"),
        0x6573_5546 => Some("FUSE"),
        _ => None,
    }
}

fn space(folder: &Path, checkup: &mut Checkup) {
    let Ok(found) = statvfs(folder) else { return };
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let mebibytes = free >> 20;
    if free < LITTLE_SPACE {
        let message = format!("only {mebibytes} MiB are free in {}", folder.display());
        checkup.failed("disk space", &CommandError::refused(message).hint("make room: a run that cannot record stops"));
    } else {
        checkup.good("disk space", format!("{mebibytes} MiB are free for the ledger"));
    }
}

fn records(context: &Context, ledger: &Ledger, checkup: &mut Checkup) {
    let runs = match ledger.views().runs() {
        Ok(runs) => runs,
        Err(error) => return checkup.failed("ledger", &error.into()),
    };
    let plural = if runs.len() == 1 { "" } else { "s" };
    checkup.good("ledger", format!("{} holds {} run{plural}", PathBuf::from(ledger.path()).display(), runs.len()));
    damage(ledger, checkup);
    unfinished(context, ledger, checkup);
}

fn damage(ledger: &Ledger, checkup: &mut Checkup) {
    match ledger.damage() {
        Ok(damage) if damage.is_empty() => {}
        Ok(damage) => {
            let hint =
                "rows that are damaged are UNKNOWN and never sent; put a copy back, or move the state folder aside";
            checkup.failed("ledger", &CommandError::refused(damage.join("; ")).hint(hint));
        }
        Err(error) => checkup.failed("ledger", &error.into()),
    }
}

fn unfinished(context: &Context, ledger: &Ledger, checkup: &mut Checkup) {
    match unfinished::list(ledger, context.resume_command()) {
        Ok(runs) if runs.is_empty() => checkup.good("unfinished", "no run was left unfinished"),
        Ok(runs) => {
            for Unfinished { text, command } in runs {
                checkup.note("unfinished", text, Some(&command));
            }
        }
        Err(error) => checkup.failed("unfinished", &error.into()),
    }
}
