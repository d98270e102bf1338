//! [`Threads`]: the pool in which a kernel that is alone shares its work.

use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

/// The pool in which a kernel that is alone shares its work, made at first use.
#[derive(Clone, Debug)]
pub struct Threads {
    count: usize,
    pool: Arc<OnceLock<Option<Pool>>>,
}

/// A pool whose threads have ended when it is gone: rayon's own would end some time later.
#[derive(Debug)]
struct Pool {
    pool: Option<rayon::ThreadPool>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    fn new(count: usize) -> Option<Self> {
        let mut threads = Vec::with_capacity(count);
        let spawn = |thread: rayon::ThreadBuilder| {
            let name = format!("gridloom-kernel-{}", thread.index());
            threads.push(std::thread::Builder::new().name(name).spawn(|| thread.run())?);
            Ok(())
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(count).spawn_handler(spawn).build().ok()?;
        Some(Self { pool: Some(pool), threads })
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        drop(self.pool.take());
        for thread in self.threads.drain(..) {
            // Kernels do not panic, and if one did its caller was told.
            let _ = thread.join();
        }
    }
}

impl Threads {
    /// So many threads.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { count, pool: Arc::default() }
    }
    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }
    /// Runs a job whose parts may run on all threads; on this one alone if the others cannot be started.
    pub fn install<R: Send>(&self, job: impl FnOnce() -> R + Send) -> R {
        if self.count == 1 {
            return job();
        }
        match self.pool.get_or_init(|| Pool::new(self.count)).as_ref().and_then(|pool| pool.pool.as_ref()) {
            Some(pool) => pool.install(job),
            None => job(),
        }
    }
}
