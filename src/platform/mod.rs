//! What differs between systems: files, memory, pages. Everything above asks here, and a system that has none of it (the browser) gets an
//! answer all the same.

pub(crate) mod file;
pub(crate) mod memory;
pub(crate) mod pages;
