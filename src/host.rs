//! [`HostBuffer`]: the elements of a chunk in host memory.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::dtype::{DType, Element, with_stored};
use crate::error::{Error, Result};
use crate::platform::memory::available_memory;
use crate::platform::pages::{LARGE, Pages, advise_huge};

/// What can lend the bytes of elements: a vector, or someone else's array shared without a copy.
trait Storage: Any + Send + Sync {
    fn bytes(&self) -> &[u8];
    fn bytes_mut(&mut self) -> Option<&mut [u8]>;
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

impl<T: bytemuck::Pod + Send + Sync> Storage for Vec<T> {
    fn bytes(&self) -> &[u8] {
        bytemuck::cast_slice(self)
    }
    fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        Some(bytemuck::cast_slice_mut(self))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl Storage for Pages {
    fn bytes(&self) -> &[u8] {
        Self::bytes(self)
    }
    fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        Some(Self::bytes_mut(self))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// An array of the user's, shared: its elements in memory order.
struct Shared<T: Element>(Arc<ndarray::ArrayD<T>>);

impl<T: Element + bytemuck::NoUninit> Storage for Shared<T> {
    fn bytes(&self) -> &[u8] {
        self.0.as_slice_memory_order().map_or(&[], bytemuck::cast_slice)
    }
    fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        None
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// Someone's bytes, lent.
struct Lent<A>(A);

impl<A: AsRef<[u8]> + Send + Sync + 'static> Storage for Lent<A> {
    fn bytes(&self) -> &[u8] {
        self.0.as_ref()
    }
    fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        None
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// The error where the budget allows so many bytes, but the system does not.
pub(crate) fn refused(doing: &str, bytes: usize) -> Error {
    let hint = "other programs, or a limit of this process, leave less than the client's memory limit; lower that";
    Error::Memory { pool: "host", doing: doing.into(), needed: bytes as u64, limit: available_memory(), hint }
}

/// Asks the system for so many bytes without touching them: for work whose many tables cannot each say that there is no room.
///
/// # Errors
/// [`Error::Memory`] if it has not.
pub(crate) fn probe(doing: &str, bytes: u64) -> Result<()> {
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    let asked = if bytes < LARGE { Ok(()) } else { Vec::<u8>::new().try_reserve_exact(bytes) };
    asked.map_err(|_| refused(doing, bytes))
}

/// `n` times `value`.
///
/// # Errors
/// [`Error::Memory`] if the system has no memory for them.
pub(crate) fn filled<T: Clone>(value: T, n: usize) -> Result<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(n).map_err(|_| refused("a table", n.saturating_mul(size_of::<T>())))?;
    values.resize(n, value);
    Ok(values)
}

/// Elements of one dtype in host memory, aligned for it. `bool` is one byte each, 0 or 1.
pub struct HostBuffer {
    dtype: DType,
    data: Box<dyn Storage>,
}

impl HostBuffer {
    /// `len` zeros.
    ///
    /// # Errors
    /// [`Error::Memory`] if the system has no memory for them.
    pub fn zeros(dtype: DType, len: usize) -> Result<Self> {
        let refused = || refused("a chunk", len.saturating_mul(dtype.size()));
        let mut zeros = with_stored!(dtype, T => {
            let zeros = bytemuck::allocation::try_zeroed_vec::<T>(len).map_err(|()| refused())?;
            Self { dtype, data: Box::new(zeros) }
        });
        advise_huge(zeros.bytes_mut());
        Ok(zeros)
    }
    /// `len` elements that will all be written: they may hold anything until then.
    ///
    /// # Errors
    /// [`Error::Memory`] if the system has no memory for them.
    pub fn scratch(dtype: DType, len: usize) -> Result<Self> {
        let bytes = len.saturating_mul(dtype.size());
        if bytes < LARGE {
            return Self::zeros(dtype, len);
        }
        let pages = Pages::new(bytes).ok_or_else(|| refused("a chunk", bytes))?;
        Ok(Self { dtype, data: Box::new(pages) })
    }
    /// Takes a vector of elements; no copy.
    #[must_use]
    pub fn from_values<T: Element>(values: Vec<T>) -> Self {
        match (Box::new(values) as Box<dyn Any>).downcast::<Vec<T::Stored>>() {
            Ok(same) => Self::from_vec::<T>(*same),
            // In place: `bool` and its byte are of one size.
            Err(others) => Self::from_vec::<T>(
                others.downcast::<Vec<T>>().map_or_else(|_| Vec::new(), |v| v.into_iter().map(T::store).collect()),
            ),
        }
    }
    /// Takes a vector of stored elements.
    #[must_use]
    pub fn from_vec<T: Element>(values: Vec<T::Stored>) -> Self {
        Self { dtype: T::DTYPE, data: Box::new(values) }
    }
    /// Takes a vector of elements in their stored form, of a dtype that is stored so.
    pub(crate) fn from_stored<S: bytemuck::Pod + Send + Sync>(dtype: DType, values: Vec<S>) -> Self {
        Self { dtype, data: Box::new(values) }
    }
    /// Shares an array's elements in memory order, without a copy.
    #[must_use]
    pub fn share<T: Element + bytemuck::NoUninit>(array: Arc<ndarray::ArrayD<T>>) -> Self {
        Self { dtype: T::DTYPE, data: Box::new(Shared(array)) }
    }
    /// Elements in memory that someone else owns, without a copy: a mapped file, an array of another language. The owner lives as long as
    /// the buffer, and lends the same bytes each time.
    ///
    /// # Errors
    /// [`Error::Parameter`] where the bytes are no whole number of elements, do not begin at a multiple of their size, or are of `bool`
    /// and other than 0 and 1.
    ///
    /// ```
    /// use gridloom::{DType, host::HostBuffer};
    /// let owner: std::sync::Arc<[u8]> = vec![1u8, 0, 1].into();
    /// assert_eq!(HostBuffer::lent(DType::Bool, owner)?.into_vec::<bool>(), [true, false, true]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn lent(dtype: DType, owner: impl AsRef<[u8]> + Send + Sync + 'static) -> Result<Self> {
        let refuse = |what, got, expected| Err(Error::Parameter { op: "HostBuffer::lent", what, got, expected });
        let bytes = owner.as_ref();
        if !bytes.len().is_multiple_of(dtype.size()) {
            return refuse("number of bytes", bytes.len().to_string(), "a multiple of the element's size");
        }
        if !with_stored!(dtype, T => bytes.as_ptr().cast::<T>().is_aligned()) {
            return refuse("address", format!("{:p}", bytes.as_ptr()), "a multiple of the element's alignment");
        }
        if dtype == DType::Bool && bytes.iter().any(|&byte| byte > 1) {
            return refuse("buffer of bool", "a byte that is neither 0 nor 1".to_owned(), "0 and 1");
        }
        Ok(Self { dtype, data: Box::new(Lent(owner)) })
    }
    /// The elements' dtype.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.dtype
    }
    /// Number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes().len() / self.dtype.size()
    }
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.data.bytes()
    }
    /// The bytes of an own (not shared) buffer, to be written.
    ///
    /// # Panics
    /// If the buffer shares a user's array: those are never written.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        self.data.bytes_mut().expect("a shared array is never written")
    }
    /// The elements in their stored form.
    #[must_use]
    pub fn stored<S: bytemuck::Pod>(&self) -> &[S] {
        bytemuck::cast_slice(self.bytes())
    }
    /// The elements in their stored form, to be written.
    pub fn stored_mut<S: bytemuck::Pod>(&mut self) -> &mut [S] {
        bytemuck::cast_slice_mut(self.bytes_mut())
    }
    /// Bytes of memory it takes: more than those of its elements after it was shortened in place.
    pub(crate) fn taken(&self) -> usize {
        self.data.as_any().downcast_ref::<Pages>().map_or(self.bytes().len(), Pages::taken)
    }
    /// Shortens to `len` elements, in place where nearly all of the memory stays in use.
    ///
    /// # Errors
    /// [`Error::Memory`] if the system has no memory for a copy.
    pub(crate) fn shortened(mut self, len: usize) -> Result<Self> {
        let bytes = len * self.dtype.size();
        let own = self.data.as_mut().as_any_mut();
        match own.downcast_mut::<Pages>().filter(|pages| 8 * bytes >= 7 * pages.bytes().len()) {
            Some(pages) => pages.shorten(bytes),
            None => {
                let mut short = Self::scratch(self.dtype, len)?;
                short.bytes_mut().copy_from_slice(&self.bytes()[..bytes]);
                return Ok(short);
            }
        }
        Ok(self)
    }
    /// Shortens to `len` elements.
    #[must_use]
    pub fn truncated(self, len: usize) -> Self {
        let dtype = self.dtype;
        with_stored!(dtype, T => {
            let mut values = self.into_stored::<T>();
            values.truncate(len);
            values.shrink_to_fit();
            Self { dtype, data: Box::new(values) }
        })
    }
    /// The vector inside; a copy only of shared arrays.
    #[must_use]
    pub fn into_stored<S: bytemuck::Pod + Send + Sync>(self) -> Vec<S> {
        let own = {
            let Self { data, dtype: _ } = self;
            if data.as_ref().type_id() == std::any::TypeId::of::<Vec<S>>() {
                data.into_any().downcast::<Vec<S>>()
            } else {
                return bytemuck::cast_slice(data.bytes()).to_vec();
            }
        };
        own.map_or_else(|_| Vec::new(), |values| *values)
    }
    /// The elements as a vector of `T`, which must be the dtype; no copy but of `bool` and shared arrays.
    #[must_use]
    pub fn into_vec<T: Element>(self) -> Vec<T> {
        let stored: Vec<T::Stored> = self.into_stored();
        match (Box::new(stored) as Box<dyn Any>).downcast::<Vec<T>>() {
            Ok(same) => *same,
            Err(stored) => stored
                .downcast::<Vec<T::Stored>>()
                .map_or_else(|_| Vec::new(), |stored| stored.into_iter().map(T::restore).collect()),
        }
    }
}

/// A buffer that several threads write at once, each in places of its own: a result that is made chunk by chunk.
pub struct SharedBuffer {
    /// Its storage: written through the pointer only, until it is taken.
    buffer: std::sync::Mutex<Option<HostBuffer>>,
    start: *mut u8,
    len: usize,
}

// SAFETY: the pointer is into the buffer that the same value owns, which is as good on any thread; writes through it are
// those of `write`, whose callers keep out of each other's places.
unsafe impl Send for SharedBuffer {}
// SAFETY: as above.
unsafe impl Sync for SharedBuffer {}

impl SharedBuffer {
    /// `len` zeros. Memory is taken as they are written.
    ///
    /// # Errors
    /// [`Error::Memory`] if the system has no memory for them.
    pub fn zeros(dtype: DType, len: usize) -> Result<Self> {
        let mut buffer = HostBuffer::zeros(dtype, len)?;
        let bytes = buffer.bytes_mut();
        let (start, len) = (bytes.as_mut_ptr(), bytes.len());
        Ok(Self { buffer: std::sync::Mutex::new(Some(buffer)), start, len })
    }
    /// Writes bytes at a place.
    ///
    /// # Panics
    /// If they do not fit.
    ///
    /// # Safety
    /// No two threads write the same place at the same time, and nobody writes once [`SharedBuffer::take`] was called.
    pub unsafe fn write(&self, at: usize, bytes: &[u8]) {
        assert!(at.checked_add(bytes.len()).is_some_and(|end| end <= self.len), "a write beyond the result");
        // SAFETY: within the buffer, as just asserted; `bytes` is borrowed from elsewhere, for nobody has a reference into the buffer
        // before it is taken; the caller promises that no one else writes here.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.start.add(at), bytes.len()) }
    }
    /// The buffer, once it is written. `None` the second time.
    #[must_use]
    pub fn take(&self) -> Option<HostBuffer> {
        self.buffer.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }
}

impl fmt::Debug for SharedBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedBuffer({} bytes)", self.len)
    }
}

impl fmt::Debug for HostBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostBuffer({} × {})", self.len(), self.dtype)
    }
}
