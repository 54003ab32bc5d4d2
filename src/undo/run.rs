//! The undo of a whole run: user by user, in the order of the run.

use std::collections::HashMap;

use jiff::Timestamp;

use super::change::Change;
use super::undo_rows::Undo;
use super::user;
use crate::model::UserId;

/// How a run that made these changes is undone at `now`. The changes are given in the order of its rows.
pub fn undo(run: &str, changes: &[Change], now: Timestamp) -> Undo {
    let mut users: Vec<Vec<&Change>> = Vec::new();
    let mut index_of: HashMap<UserId, usize> = HashMap::new();
    for change in changes {
        let index = *index_of.entry(change.job.user).or_insert(users.len());
        if index == users.len() {
            users.push(Vec::new());
        }
        users[index].push(change);
    }
    let mut undo = Undo::default();
    for changes in users {
        let of_user = user::undo(run, &changes, now);
        undo.rows.extend(of_user.rows);
        undo.not_undoable.extend(of_user.not_undoable);
        undo.until = [undo.until, of_user.until].into_iter().flatten().min();
    }
    undo.not_undoable.sort();
    undo
}
