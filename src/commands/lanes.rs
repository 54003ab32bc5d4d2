//! Lanes: work on many things at once, as many as there are processors, with the results in the things' order.

use std::convert::Infallible;
use std::sync::mpsc;
use std::thread;

use crate::input::{Entry, Row, Sheet, Stretch};

/// How many rows are read at a time.
const STRETCH: usize = 4096;

/// Has every row of a sheet made out by `read`, and used by `each` with its number, in the order of the rows.
pub(super) fn each_entry(sheet: &Sheet, read: impl Fn(&Row<'_>) -> Entry + Sync, mut each: impl FnMut(u64, Entry)) {
    let read = |rows: Stretch<'_>| rows.map(|row| (row.number, read(&row))).collect::<Vec<_>>();
    let Ok(()) = lanes(&sheet.stretches(STRETCH), read, |entries| {
        for (row, entry) in entries {
            each(row, entry);
        }
        Ok::<_, Infallible>(())
    });
}

/// Has `work` done on each of `items`, and `each` use the results one after the other. The first error of `each` ends it.
/// A lane is never more than two results ahead of their use.
///
/// Every lane goes through all of `items` and passes over those of the others, so going through them should cost little.
pub(super) fn lanes<T, R: Send, E>(
    items: &(impl Iterator<Item = T> + Clone + Send),
    work: impl Fn(T) -> R + Sync,
    mut each: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let count = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let work = &work;
        let lane = |number| {
            let (done, results) = mpsc::sync_channel(1);
            let own = items.clone().skip(number).step_by(count);
            scope.spawn(move || own.map(work).try_for_each(|result| done.send(result)));
            results
        };
        let lanes: Vec<_> = (0..count).map(lane).collect();
        // They take turns, so the first that has nothing left was the last to have anything.
        lanes.iter().cycle().map_while(|results| results.recv().ok()).try_for_each(&mut each)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_their_items_and_none_is_lost() {
        for count in [0, 1, 2, 3, 1000] {
            let mut used = Vec::new();
            let every = |result| {
                used.push(result);
                Ok::<_, ()>(())
            };
            assert_eq!(lanes(&(0..count), |item| item * 2, every), Ok(()));
            assert_eq!(used, (0..count).map(|item| item * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_ends_work_that_would_never_end() {
        assert_eq!(lanes(&(0_u64..), |item| item, |item| if item < 100 { Ok(()) } else { Err(item) }), Err(100));
    }
}
