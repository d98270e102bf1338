//! [`Watch`]: what may end a loop of planning. Some loops grow with the number of chunks, which may be 2⁴⁰: whoever has a deadline,
//! a token to cancel by, or a memory budget, is asked as they go on.

use crate::error::Result;

/// Steps between two looks at what may end a loop: some ten microseconds.
const TICKS: u32 = 1 << 10;
/// Bytes that are asked for at a time.
const BLOCK: u64 = 1 << 20;

/// Asks now and then whether to go on, and for memory.
#[allow(missing_debug_implementations, reason = "two functions")]
pub struct Watch<'a> {
    go_on: &'a dyn Fn() -> Result<()>,
    hold: &'a dyn Fn(u64) -> Result<()>,
    ticks: u32,
    /// Bytes that were asked for, and those of them that stay in use.
    held: u64,
    kept: u64,
}

impl<'a> Watch<'a> {
    /// Asks these: whether to go on, and for so many more bytes as long as the plan is used.
    pub fn new(go_on: &'a dyn Fn() -> Result<()>, hold: &'a dyn Fn(u64) -> Result<()>) -> Self {
        Self { go_on, hold, ticks: 0, held: 0, kept: 0 }
    }
    /// Nothing ends it.
    #[must_use]
    pub fn none() -> Self {
        Self::new(&|| Ok(()), &|_| Ok(()))
    }
    /// A step of a loop.
    ///
    /// # Errors
    /// What says that it should end.
    #[inline]
    pub fn step(&mut self) -> Result<()> {
        self.ticks += 1;
        if self.ticks >= TICKS {
            self.ticks = 0;
            (self.go_on)()?;
        }
        Ok(())
    }
    /// So many bytes are in use beside those that are kept. They are asked for a block at a time; less than half a block is not.
    ///
    /// # Errors
    /// Where there is no room.
    pub fn holds(&mut self, bytes: u64) -> Result<()> {
        let all = self.kept.saturating_add(bytes);
        if all > self.held.saturating_add(BLOCK / 2) {
            let more = (all - self.held).next_multiple_of(BLOCK);
            (self.hold)(more)?;
            self.held += more;
        }
        Ok(())
    }
    /// So many bytes are kept from now on.
    ///
    /// # Errors
    /// Where there is no room.
    pub fn keeps(&mut self, bytes: u64) -> Result<()> {
        self.holds(bytes)?;
        self.kept = self.kept.saturating_add(bytes);
        Ok(())
    }
}
