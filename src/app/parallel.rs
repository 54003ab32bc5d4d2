//! Work on many items at once, on as many threads as there are processors, with the results in the order of the items.

use std::convert::Infallible;
use std::io;
use std::sync::mpsc;
use std::thread;

use crate::input::{Row, RowChunk, Sheet};

/// Threads, at the most: more would wait for whoever uses the results, and hold theirs in memory meanwhile.
const MOST: usize = 8;
/// How many rows are read at a time.
const ROWS_OF_A_CHUNK: usize = 4096;

/// Has every row of a sheet made out by `read`, and used by `each` with its number, in the order of the rows.
pub(crate) fn each_entry<T: Send>(sheet: &Sheet, read: impl Fn(&Row) -> T + Sync, mut each: impl FnMut(u64, T)) {
    let read = |rows: RowChunk<'_>| rows.map(|row| (row.number, read(&row))).collect::<Vec<_>>();
    let Ok(()) = map_ordered(&sheet.chunks(ROWS_OF_A_CHUNK), read, |entries| {
        for (row, entry) in entries {
            each(row, entry);
        }
        Ok::<_, Infallible>(())
    });
}

/// Has `work` done on each of `items`, and `each` use the results one after the other. The first error of `each` ends it.
///
/// Every thread goes through all of `items` and passes over those of the others, so going through them should cost little.
pub(crate) fn map_ordered<T, R: Send, E>(
    items: &(impl Iterator<Item = T> + Clone + Send),
    work: impl Fn(T) -> R + Sync,
    each: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let count = thread::available_parallelism().map_or(1, usize::from);
    map_on_threads(count.min(MOST), items, work, each)
}

/// A thread is never more than two results ahead of their use: one that waits, and one in hand.
fn map_on_threads<T, R: Send, E>(
    count: usize,
    items: &(impl Iterator<Item = T> + Clone + Send),
    work: impl Fn(T) -> R + Sync,
    mut each: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    thread::scope(|scope| {
        let work = &work;
        let start = |number| {
            let (done, results) = mpsc::sync_channel(1);
            let own = items.clone().skip(number).step_by(count);
            let run = move || own.map(work).try_for_each(|result| done.send(result));
            thread::Builder::new().spawn_scoped(scope, run).map(|_| results)
        };
        match (0..count).map(start).collect::<io::Result<Vec<_>>>() {
            // They take turns, so the first that has nothing left was the last to have anything.
            Ok(threads) => threads.iter().cycle().map_while(|results| results.recv().ok()).try_for_each(&mut each),
            // The threads that could be had end, because nobody takes their results.
            Err(_) => items.clone().map(work).try_for_each(&mut each),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const COUNTS: [usize; 4] = [1, 2, 3, 7];

    #[test]
    fn results_come_in_the_order_of_their_items_and_none_is_lost() {
        for (threads, count) in COUNTS.into_iter().flat_map(|threads| [0, 1, 2, 3, 1000].map(|count| (threads, count)))
        {
            let mut used = Vec::new();
            let every = |result| {
                used.push(result);
                Ok::<_, ()>(())
            };
            assert_eq!(map_on_threads(threads, &(0..count), |item| item * 2, every), Ok(()));
            assert_eq!(used, (0..count).map(|item| item * 2).collect::<Vec<_>>(), "{threads} threads");
        }
    }

    #[test]
    fn an_error_ends_work_that_would_never_end() {
        for threads in COUNTS {
            let each = |item| if item < 100 { Ok(()) } else { Err(item) };
            assert_eq!(map_on_threads(threads, &(0_u64..), |item| item, each), Err(100));
        }
    }

    #[test]
    fn no_thread_is_far_ahead_of_the_use_of_its_results() {
        for threads in COUNTS {
            let begun = AtomicUsize::new(0);
            let work = |item| {
                begun.fetch_add(1, Ordering::SeqCst);
                item
            };
            let each = |item: usize| {
                // Besides those that were used, the one in use, and of each thread one that waits and one in hand.
                assert!(begun.load(Ordering::SeqCst) <= item + 1 + 2 * threads, "{threads} threads at {item}");
                Ok::<_, ()>(())
            };
            assert_eq!(map_on_threads(threads, &(0..500), work, each), Ok(()));
        }
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn work_that_panics_is_not_taken_for_the_end() {
        let work = |item| if item < 50 { item } else { panic!("no {item}") };
        let _ = map_on_threads(2, &(0..100), work, |_| Ok::<_, ()>(()));
    }
}
