//! How kernels share their work among threads, and what they read.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

/// The bytes of a task's input chunks.
pub(super) type Inputs<'a> = [&'a [u8]];

/// Whether a kernel shares its work among threads: where it runs in a pool. Elsewhere each thread has a task of its own.
pub(super) fn shared() -> bool {
    rayon::current_thread_index().is_some()
}

/// Does every job, shared among the pool's threads where there are any.
pub(super) fn each_job<J: Send>(jobs: Vec<J>, work: &(dyn Fn(J) + Sync)) {
    let jobs: Vec<_> = jobs.into_iter().map(|job| Mutex::new(Some(job))).collect();
    in_pool(jobs.len(), &|i| {
        let job = jobs[i].lock().unwrap_or_else(PoisonError::into_inner).take();
        job.into_iter().for_each(work);
    });
}

/// Calls `work` with each number below `count`. The one way into the pool: rayon's own functions are compiled for each closure,
/// some 700 lines of LLVM each.
pub(super) fn in_pool(count: usize, work: &(dyn Fn(usize) + Sync)) {
    if shared() {
        (0..count).into_par_iter().with_max_len(1).for_each(work);
    } else {
        (0..count).for_each(work);
    }
}
