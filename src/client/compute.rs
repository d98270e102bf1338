//! [`Compute`]: arrays that are computed together, and the methods of arrays that run.

use std::sync::Arc;

use ndarray::{Array1, ArrayD, Dimension};

use super::collector::results;
use super::handle::Client;
use super::keeper::kept;
use super::known::resolved;
use super::small;
use crate::array::{Array, Histogram};
use crate::dtype::Element;
use crate::error::{Error, Result};
use crate::functions::{DynArray, DynHistogram, source};
use crate::graph::Node;
use crate::host_array::HostArray;
use crate::schedule::{ChunkValue, Places};

/// Arrays that can be computed together, in one run that does shared work once: a reference to an [`Array`], a [`DynArray`] or a
/// [`Histogram`]; a slice of them or of such references; a tuple of any of these.
pub trait Compute: Sized {
    /// Their values.
    type Output;
    /// The same arrays, persisted.
    type Persisted;
    /// Adds what is computed.
    #[doc(hidden)]
    fn arrays(&self, all: &mut Vec<DynArray>);
    /// The values, from those of each array in turn.
    ///
    /// # Errors
    /// Those of `next`.
    #[doc(hidden)]
    fn output(&self, next: &mut dyn FnMut() -> Result<HostArray>) -> Result<Self::Output>;
    /// The persisted arrays, from each in turn.
    ///
    /// # Errors
    /// Those of `next`.
    #[doc(hidden)]
    fn persisted(&self, next: &mut dyn FnMut() -> Result<DynArray>) -> Result<Self::Persisted>;

    /// Computes them on a client.
    ///
    /// # Errors
    /// Whatever the run meets.
    fn compute_with(self, client: &Client) -> Result<Self::Output> {
        let mut results = results(client, &resolved(client, &nodes(&self))?)?.into_iter();
        self.output(&mut || results.next().ok_or_else(|| Error::bug("no result"))?.into_host(client))
    }
    /// Computes them on a client, in one run, and keeps their chunks: [`Array::persist`] of all.
    ///
    /// # Errors
    /// Whatever the run meets.
    fn persist_with(self, client: &Client) -> Result<Self::Persisted> {
        let mut arrays = Vec::new();
        self.arrays(&mut arrays);
        let mut kept = arrays.iter().zip(kept(client, &resolved(client, &nodes(&self))?)?);
        self.persisted(&mut || {
            let (array, kept) = kept.next().ok_or_else(|| Error::bug("nothing was kept"))?;
            Ok(source::over(kept, array.dtype(), array.chunks().clone()))
        })
    }
}

/// What arrays are, as graphs.
pub(crate) fn nodes<C: Compute>(arrays: &C) -> Vec<Arc<Node>> {
    let mut all = Vec::new();
    arrays.arrays(&mut all);
    all.iter().map(|array| array.node().clone()).collect()
}

/// Computes several arrays in one run on the default client.
///
/// # Errors
/// Whatever the run meets.
///
/// ```
/// let x = gridloom::arange::<f64>(1000);
/// // Of one walk over x, which is made once.
/// let (mean, std, (counts, _)) = gridloom::compute((&x.mean(), &x.std(0.0)?, &x.histogram((4, 0.0, 1000.0))?))?;
/// assert_eq!((mean[[]], counts.to_vec()), (499.5, vec![250; 4]));
/// assert!((std[[]] - 288.67).abs() < 0.01);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn compute<C: Compute>(arrays: C) -> Result<C::Output> {
    arrays.compute_with(&Client::get_default()?)
}

/// Persists several arrays in one run on the default client, which does shared work once.
///
/// # Errors
/// Whatever the run meets.
///
/// ```
/// let x = gridloom::random::Generator::new(1).random::<f64>(1000);
/// let (x, doubled) = gridloom::persist((&x, &(&x * 2.0)))?;
/// assert!(x.places().is_some() && doubled.places().is_some());
/// assert_eq!((x.sum() * 2.0).item()?, doubled.sum().item()?);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn persist<C: Compute>(arrays: C) -> Result<C::Persisted> {
    arrays.persist_with(&Client::get_default()?)
}

impl<T: Element> Compute for &Array<T> {
    type Output = ArrayD<T>;
    type Persisted = Array<T>;
    fn arrays(&self, all: &mut Vec<DynArray>) {
        all.push(self.as_dyn().clone());
    }
    fn output(&self, next: &mut dyn FnMut() -> Result<HostArray>) -> Result<ArrayD<T>> {
        next()?.into_ndarray()
    }
    fn persisted(&self, next: &mut dyn FnMut() -> Result<DynArray>) -> Result<Array<T>> {
        next().map(Array::wrap)
    }
}
impl Compute for &DynArray {
    type Output = HostArray;
    type Persisted = DynArray;
    fn arrays(&self, all: &mut Vec<DynArray>) {
        all.push((*self).clone());
    }
    fn output(&self, next: &mut dyn FnMut() -> Result<HostArray>) -> Result<HostArray> {
        next()
    }
    fn persisted(&self, next: &mut dyn FnMut() -> Result<DynArray>) -> Result<DynArray> {
        next()
    }
}
/// Counts and edges.
impl<C: Element> Compute for &Histogram<C> {
    type Output = (Array1<C>, Array1<f64>);
    type Persisted = Histogram<C>;
    fn arrays(&self, all: &mut Vec<DynArray>) {
        all.extend([&self.counts.as_dyn(), &self.edges.as_dyn()].map(|&array| array.clone()));
    }
    fn output(&self, next: &mut dyn FnMut() -> Result<HostArray>) -> Result<Self::Output> {
        let flat = |_| Error::bug("a histogram that is not 1-d");
        let counts = next()?.into_ndarray()?.into_dimensionality().map_err(flat)?;
        Ok((counts, next()?.into_ndarray()?.into_dimensionality().map_err(flat)?))
    }
    fn persisted(&self, next: &mut dyn FnMut() -> Result<DynArray>) -> Result<Histogram<C>> {
        Ok(Histogram { counts: Array::wrap(next()?), edges: Array::wrap(next()?) })
    }
}
/// Counts and edges.
impl Compute for &DynHistogram {
    type Output = (HostArray, HostArray);
    type Persisted = DynHistogram;
    fn arrays(&self, all: &mut Vec<DynArray>) {
        all.extend([self.counts.clone(), self.edges.clone()]);
    }
    fn output(&self, next: &mut dyn FnMut() -> Result<HostArray>) -> Result<Self::Output> {
        Ok((next()?, next()?))
    }
    fn persisted(&self, next: &mut dyn FnMut() -> Result<DynArray>) -> Result<DynHistogram> {
        Ok(DynHistogram { counts: next()?, edges: next()? })
    }
}
impl<'a, A> Compute for &'a [A]
where
    &'a A: Compute,
{
    type Output = Vec<<&'a A as Compute>::Output>;
    type Persisted = Vec<<&'a A as Compute>::Persisted>;
    fn arrays(&self, all: &mut Vec<DynArray>) {
        self.iter().for_each(|array| array.arrays(all));
    }
    fn output(&self, next: &mut dyn FnMut() -> Result<HostArray>) -> Result<Self::Output> {
        self.iter().map(|array| array.output(next)).collect()
    }
    fn persisted(&self, next: &mut dyn FnMut() -> Result<DynArray>) -> Result<Self::Persisted> {
        self.iter().map(|array| array.persisted(next)).collect()
    }
}
/// As what it refers to: a slice may be of references.
impl<'a, A: ?Sized> Compute for &&'a A
where
    &'a A: Compute,
{
    type Output = <&'a A as Compute>::Output;
    type Persisted = <&'a A as Compute>::Persisted;
    fn arrays(&self, all: &mut Vec<DynArray>) {
        (**self).arrays(all);
    }
    fn output(&self, next: &mut dyn FnMut() -> Result<HostArray>) -> Result<Self::Output> {
        (**self).output(next)
    }
    fn persisted(&self, next: &mut dyn FnMut() -> Result<DynArray>) -> Result<Self::Persisted> {
        (**self).persisted(next)
    }
}
macro_rules! tuples {
    ($($($name:ident $at:tt)*;)*) => {$(
        impl<$($name: Compute),*> Compute for ($($name,)*) {
            type Output = ($($name::Output,)*);
            type Persisted = ($($name::Persisted,)*);
            fn arrays(&self, all: &mut Vec<DynArray>) {
                $(self.$at.arrays(all);)*
            }
            fn output(&self, next: &mut dyn FnMut() -> Result<HostArray>) -> Result<Self::Output> {
                Ok(($(self.$at.output(next)?,)*))
            }
            fn persisted(&self, next: &mut dyn FnMut() -> Result<DynArray>) -> Result<Self::Persisted> {
                Ok(($(self.$at.persisted(next)?,)*))
            }
        }
    )*};
}
tuples! {
    A 0; A 0 B 1; A 0 B 1 C 2; A 0 B 1 C 2 D 3; A 0 B 1 C 2 D 3 E 4; A 0 B 1 C 2 D 3 E 4 F 5;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6; A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7;
}

impl<T: Element> Array<T> {
    /// The values, on the default client.
    ///
    /// # Errors
    /// Whatever the run meets: data without elements to reduce, a failing user function, file or device.
    pub fn compute(&self) -> Result<ArrayD<T>> {
        compute(self)
    }
    /// The values one after another in C order, on the default client.
    ///
    /// # Errors
    /// As [`Array::compute`].
    ///
    /// ```
    /// assert_eq!(gridloom::arange::<i32>(4).reshape([2, 2])?.t().to_vec()?, [0, 2, 1, 3]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "tolist")]
    pub fn to_vec(&self) -> Result<Vec<T>> {
        // Results are made in C order, and hold nothing else.
        Ok(self.compute()?.into_raw_vec_and_offset().0)
    }
    /// The values as an ndarray whose number of axes the compiler knows, on the default client.
    ///
    /// # Errors
    /// [`Error::Rank`] if the array has another number of axes, before it runs; as [`Array::compute`].
    ///
    /// ```
    /// let x = gridloom::ones::<f64>((2, 3)).compute_nd::<ndarray::Ix2>()?;
    /// assert_eq!(x[[1, 2]], 1.0);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn compute_nd<D: Dimension>(&self) -> Result<ndarray::Array<T, D>> {
        if D::NDIM.is_some_and(|n| n != self.ndim()) {
            let given = format!("compute_nd::<Ix{}> of ", D::NDIM.unwrap_or_default());
            let expected = "as many axes as the dimension type names";
            return Err(Error::Rank { op: "compute_nd", expected, given, shape: self.node().dims() });
        }
        self.compute()?.into_dimensionality().map_err(|error| Error::bug(error.to_string()))
    }
    /// The only element, of an array that has one.
    ///
    /// # Errors
    /// [`Error::NotOneElement`]; whatever the run meets.
    pub fn item(&self) -> Result<T> {
        self.item_with(&Client::get_default()?)
    }
    /// [`Array::item`] on a client.
    ///
    /// # Errors
    /// As [`Array::item`].
    pub fn item_with(&self, client: &Client) -> Result<T> {
        let several = |shape| Error::NotOneElement { shape };
        if self.size().is_some_and(|n| n != 1) {
            return Err(several(self.node().dims()));
        }
        let values = client.compute(self)?;
        let mut values = values.iter();
        match (values.next(), values.next()) {
            (Some(&value), None) => Ok(value),
            _ => Err(several(self.node().dims())),
        }
    }
    /// The same array, computed: chunks are kept in memory and read by whatever is built on the result. Unknown lengths keep
    /// their identity.
    ///
    /// On an adapter it returns when the kernels are submitted, which is before they are done: what is built on the result runs
    /// after them in any case. [`Client::sync`] waits for them, of one array or of many.
    ///
    /// # Errors
    /// Whatever the run meets. A device that fails later fails [`Client::sync`], or the runs that read the result.
    ///
    /// ```
    /// let x = gridloom::arange::<f64>(10).persist()?;
    /// assert_eq!(x.sum().item()?, 45.0);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn persist(&self) -> Result<Self> {
        self.persist_with(&Client::get_default()?)
    }
    /// [`Array::persist`] on a client.
    ///
    /// # Errors
    /// Whatever the run meets.
    pub fn persist_with(&self, client: &Client) -> Result<Self> {
        Compute::persist_with(self, client)
    }
    /// The same array with known lengths (Dask's `compute_chunk_sizes`): one of unknown lengths is computed and its chunks are kept, as
    /// by [`Array::persist`]; another is itself. Empty chunks are left out.
    ///
    /// # Errors
    /// Whatever the run meets; [`Error::UnknownLength`] where two lengths are unknown, or another one is 0.
    ///
    /// ```
    /// let x = gridloom::arange::<i32>(10);
    /// let odd = x.filter(&(&x % 2).eq(1))?.resolve()?;
    /// assert_eq!(odd.shape(), Some(vec![5]));
    /// assert_eq!(odd.reshape((1, 5))?.to_vec()?, [1, 3, 5, 7, 9]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn resolve(&self) -> Result<Self> {
        self.as_dyn().resolve().map(Self::wrap)
    }
    /// [`Array::resolve`] on a client.
    ///
    /// # Errors
    /// Whatever the run meets.
    pub fn resolve_with(&self, client: &Client) -> Result<Self> {
        self.as_dyn().resolve_with(client).map(Self::wrap)
    }
    /// Where the chunks of a persisted array are now, in bytes; `None` for other arrays. Chunks stay where they were made and move
    /// when memory gets short: from the device to the host, from there to the spill folder.
    ///
    /// ```
    /// let x = gridloom::arange::<f64>(1000).persist()?;
    /// let places = x.places().unwrap();
    /// assert_eq!(places.host + places.device + places.disk, 8000);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[must_use]
    pub fn places(&self) -> Option<Places> {
        self.as_dyn().places()
    }
}

impl DynArray {
    /// The values, on the default client.
    ///
    /// # Errors
    /// Whatever the run meets: see [`Array::compute`].
    pub fn compute(&self) -> Result<HostArray> {
        compute(self)
    }
    /// The same array, computed, its chunks kept in memory: see [`Array::persist`]. On a client of your own: [`Client::persist`].
    ///
    /// # Errors
    /// Whatever the run meets.
    pub fn persist(&self) -> Result<Self> {
        persist(self)
    }
    /// The same array with known lengths (Dask's `compute_chunk_sizes`): one of unknown lengths is computed and its chunks are kept, as
    /// by [`persist`](Self::persist); another is itself. Empty chunks are left out.
    ///
    /// # Errors
    /// Whatever the run meets; [`Error::UnknownLength`] where two lengths are unknown, or another one is 0.
    pub fn resolve(&self) -> Result<Self> {
        self.resolve_with(&Client::get_default()?)
    }
    /// [`resolve`](Self::resolve) on a client.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    pub fn resolve_with(&self, client: &Client) -> Result<Self> {
        let dims = self.node().dims();
        match dims.iter().filter(|len| len.is_none()).count() {
            0 => return Ok(self.clone()),
            1 if !dims.contains(&Some(0)) => {}
            // Two lengths are not told apart by a chunk's shape, and of no chunks nothing is told.
            _ => {
                let hint = "resolve() what it is made of";
                return Err(Error::UnknownLength { op: "resolve", shape: dims, hint });
            }
        }
        let kept = kept(client, &resolved(client, &[self.node().clone()])?)?
            .pop()
            .ok_or_else(|| Error::bug("nothing was kept"))?
            .known();
        let chunks = kept.chunks.clone();
        Ok(source::over(kept, self.dtype(), chunks))
    }
    /// Where the chunks of a persisted array are now, in bytes; `None` for other arrays: see [`Array::places`].
    #[must_use]
    pub fn places(&self) -> Option<Places> {
        let crate::graph::Op::Source(source) = &self.node().op else { return None };
        let grid = source.value.grid().filter(|_| source.value.is_kept())?;
        let mut places = Places::default();
        for chunk in 0..grid.to_make() {
            let value = source.value.kept(&grid.coord(chunk))?.downcast::<ChunkValue>().ok()?;
            places += value.places();
        }
        Some(places)
    }
}

impl Client {
    /// Runs what the arrays are and returns their values: see [`Compute`].
    ///
    /// # Errors
    /// Whatever the run meets.
    pub fn compute<C: Compute>(&self, arrays: C) -> Result<C::Output> {
        arrays.compute_with(self)
    }
    /// Persists several arrays in one run: see [`persist`].
    ///
    /// # Errors
    /// Whatever the run meets.
    pub fn persist<C: Compute>(&self, arrays: C) -> Result<C::Persisted> {
        arrays.persist_with(self)
    }
}

impl Client {
    /// Whether computing these is over in some 0.1 ms on the CPU, by an estimate: few elements, on the host already. Such runs are worth no
    /// thread of their own ([`Client::spawn`]). Functions and sources of a user's may take any time: what has one is not small.
    ///
    /// ```
    /// let client = gridloom::Client::new()?;
    /// assert!(client.is_small(&gridloom::arange::<f64>(100).sum()));
    /// assert!(!client.is_small(&gridloom::ones::<f64>((5000, 5000))));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[must_use]
    pub fn is_small<C: Compute>(&self, arrays: C) -> bool {
        let nodes = nodes(&arrays);
        let foreign = |node: &Arc<Node>| match &node.op {
            crate::graph::Op::Host(function) => function.value.key.is_none(),
            crate::graph::Op::Source(source) => !source.value.in_memory(),
            _ => false,
        };
        small::is_small(&nodes) && !crate::graph::post_order(&nodes).iter().any(foreign)
    }
}

impl<C: Element> Histogram<C> {
    /// Counts and edges, computed in one run.
    ///
    /// # Errors
    /// Whatever the run meets; [`Error::Parameter`] where the data's range is not finite or there is no data.
    pub fn compute(&self) -> Result<(Array1<C>, Array1<f64>)> {
        compute(self)
    }
}

impl DynHistogram {
    /// Counts and edges, computed in one run.
    ///
    /// # Errors
    /// As [`Histogram::compute`].
    pub fn compute(&self) -> Result<(HostArray, HostArray)> {
        compute(self)
    }
}
