//! Functions of elements that are a loop or a look at their bits each: on the host, chunk by chunk, exact in every dtype.

use std::sync::Arc;

use super::dyn_array::DynArray;
use super::elementwise::{float_of, floats};
use super::promotion::{DynOperand, result_type};
use crate::chunks::{AxisSpec, ChunkSpec};
use crate::dtype::{DType, Element, Kind, Scalar};
use crate::error::{Error, Result};
use crate::graph::{HostFunction, HostTask, infer};
use crate::host::HostBuffer;
use crate::width::in_memory;

/// What a chunk of the result is made of: a chunk of each array, of one shape.
type Inputs<'a> = &'a [(Arc<HostBuffer>, Vec<u64>)];

/// A function of chunks of arrays, broadcast together and cut alike.
fn of_chunks(
    op: &'static str,
    arrays: &[DynArray],
    dtype: DType,
    run: impl Fn(Inputs<'_>, &mut HostBuffer) + Send + Sync + 'static,
) -> Result<DynArray> {
    let nodes: Vec<_> = arrays.iter().map(DynArray::node).collect();
    let chunks = infer::broadcast_chunks(op, &nodes)?;
    let alike = |array: &DynArray| match chunks.shape() {
        Some(shape) if *array.chunks() != chunks => {
            let shape: Vec<usize> = shape.into_iter().map(in_memory).collect();
            let like = chunks.axes().iter().cloned().map(AxisSpec::Like).collect();
            Ok(array.broadcast_to(shape)?.rechunk(ChunkSpec::Axes(like))?.node().clone())
        }
        _ => Ok(array.node().clone()),
    };
    let inputs = arrays.iter().map(alike).collect::<Result<Vec<_>>>()?;
    let made = move |task: &HostTask<'_>| {
        let [(first, shape), ..] = task.inputs else { return Err(Error::bug("a function of no array")) };
        let mut out = HostBuffer::scratch(task.dtype, first.len())?;
        run(task.inputs, &mut out);
        Ok((out, shape.clone()))
    };
    Ok(infer::host(HostFunction::named(op, &dtype, made), inputs, dtype, chunks).into())
}

/// A function of numbers of one array.
fn of_floats<R: Element>(
    op: &'static str,
    x: &DynArray,
    f: impl Fn(f64) -> R + Send + Sync + 'static,
) -> Result<DynArray> {
    let run = move |inputs: Inputs<'_>, out: &mut HostBuffer| {
        let made = out.stored_mut::<R::Stored>().iter_mut();
        made.zip(inputs[0].0.stored::<f64>()).for_each(|(made, &x)| *made = f(x).store());
    };
    of_chunks(op, &[x.cast(DType::F64)], R::DTYPE, run)
}

/// A function of the magnitudes of integers, in 64 bits; what is beyond the dtype wraps.
fn of_integers(op: &'static str, x: DynOperand, y: DynOperand, f: fn(u64, u64) -> u64) -> Result<DynArray> {
    let dtype = result_type(&[x.clone(), y.clone()])?;
    if !dtype.is_integer() {
        return Err(Error::DType { op, got: dtype, expected: "integers: cast() it to one" });
    }
    let arrays = [x.of_dtype(op, dtype)?, y.of_dtype(op, dtype)?];
    let signed = dtype.kind() == Kind::Signed;
    let wide = if signed { DType::I64 } else { DType::U64 };
    let run = move |inputs: Inputs<'_>, out: &mut HostBuffer| {
        let [x, y] = [0, 1].map(|k| inputs[k].0.stored::<u64>());
        let size = |bits: u64| if signed { bits.cast_signed().unsigned_abs() } else { bits };
        for (made, (&x, &y)) in out.stored_mut::<u64>().iter_mut().zip(x.iter().zip(y)) {
            *made = f(size(x), size(y));
        }
    };
    Ok(of_chunks(op, &arrays.map(|x| x.cast(wide)), wide, run)?.cast(dtype))
}

/// Euclid's.
fn divisor(mut x: u64, mut y: u64) -> u64 {
    while y != 0 {
        (x, y) = (y, x % y);
    }
    x
}

/// The largest integers that divide both (`np.gcd`), without a sign; 0 of two zeros. Broadcast together, in their
/// [`result_type`](super::result_type), on the host.
///
/// # Errors
/// [`Error::Broadcast`]; [`Error::DType`] for what is no integer.
///
/// ```
/// use gridloom::{DynArray, functions::{gcd, lcm}};
/// let x: DynArray = gridloom::array([12, -18, 0]).into();
/// assert_eq!(gcd(&x, 8)?.typed::<i32>()?.to_vec()?, [4, 2, 8]);
/// assert_eq!(lcm(&x, 8)?.typed::<i32>()?.to_vec()?, [24, 72, 0]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn gcd(x: impl Into<DynOperand>, y: impl Into<DynOperand>) -> Result<DynArray> {
    of_integers("gcd", x.into(), y.into(), divisor)
}
/// The smallest integers that both divide (`np.lcm`), without a sign, wrapped; 0 where one is 0. As [`gcd`].
///
/// # Errors
/// As [`gcd`].
pub fn lcm(x: impl Into<DynOperand>, y: impl Into<DynOperand>) -> Result<DynArray> {
    of_integers("lcm", x.into(), y.into(), |x, y| x.checked_div(divisor(x, y)).unwrap_or(0).wrapping_mul(y))
}

/// `x · 2^n`, rounded once (`np.ldexp`), for integers `n`; of integers and `bool` in `f64`. Broadcast together, on the host.
///
/// # Errors
/// [`Error::Broadcast`]; [`Error::DType`] for exponents that are no integers.
///
/// ```
/// use gridloom::{DynArray, functions::ldexp};
/// let x: DynArray = gridloom::array([0.75, -1.0]).into();
/// let n: DynArray = gridloom::array([3, -1074]).into();
/// assert_eq!(ldexp(&x, &n)?.typed::<f64>()?.to_vec()?, [6.0, -5e-324]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn ldexp(x: impl Into<DynOperand>, n: impl Into<DynOperand>) -> Result<DynArray> {
    let (op, x, n) = ("ldexp", x.into(), n.into());
    let dtype = float_of(result_type(std::slice::from_ref(&x))?);
    let kind = result_type(std::slice::from_ref(&n))?;
    if kind.is_float() {
        return Err(Error::DType { op, got: kind, expected: "integers as exponents: cast() them" });
    }
    // Beyond this all is 0 or infinite, also in 64 bits without a sign.
    let n = n.of_dtype(op, kind)?;
    let n = if kind == DType::Bool { n } else { n.clip_high(5000)? };
    let run = |inputs: Inputs<'_>, out: &mut HostBuffer| {
        let (x, n) = (inputs[0].0.stored::<f64>(), inputs[1].0.stored::<i64>());
        for (made, (&x, &n)) in out.stored_mut::<f64>().iter_mut().zip(x.iter().zip(n)) {
            *made = scaled(x, n);
        }
    };
    // Every float is one of `f64`, and so is its multiple where the result is not beyond the dtype.
    let arrays = [x.of_dtype(op, dtype)?.cast(DType::F64), n.cast(DType::I64)];
    Ok(of_chunks(op, &arrays, DType::F64, run)?.cast(dtype))
}

/// `x · 2^n`, of which only the last step may round.
fn scaled(mut x: f64, n: i64) -> f64 {
    let mut n = n.clamp(-5000, 5000);
    // So far down that what this rounds, the next step makes 0 anyway.
    while n < -1022 {
        (x, n) = (x * power(-969), n + 969);
    }
    while n > 1023 {
        (x, n) = (x * power(1023), n - 1023);
    }
    x * power(n)
}
/// `2^n` of a normal number.
fn power(n: i64) -> f64 {
    f64::from_bits((n + 1023).cast_unsigned() << 52)
}

/// A number's fraction, from ½ to below 1, and its power of two; 0, infinities and NaN are their own.
fn parts(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    let (x, more) = if x.abs() < f64::MIN_POSITIVE { (x * power(54), -54) } else { (x, 0) };
    let exponent = i32::from(u16::try_from(x.to_bits() >> 52 & 0x7ff).unwrap_or(0)) - 1022;
    (f64::from_bits(x.to_bits() & !(0x7ff << 52) | 1022 << 52), exponent + more)
}

/// The floats next to `x` on the side of `y` (`np.nextafter`); `y` itself where both are equal, NaN with a NaN. Broadcast together, in their
/// [`result_type`](super::result_type); integers and `bool` in `f64`. On the host.
///
/// # Errors
/// [`Error::Broadcast`].
///
/// ```
/// use gridloom::{DynArray, functions::nextafter};
/// let x: DynArray = gridloom::array([1.0, 0.0]).into();
/// assert_eq!(nextafter(&x, 2.0)?.typed::<f64>()?.to_vec()?, [1.0 + f64::EPSILON, 5e-324]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn nextafter(x: impl Into<DynOperand>, y: impl Into<DynOperand>) -> Result<DynArray> {
    let arrays = floats("nextafter", [x.into(), y.into()])?;
    let dtype = arrays[0].dtype();
    let run = move |inputs: Inputs<'_>, out: &mut HostBuffer| {
        let (size, y) = (dtype.size(), inputs[1].0.bytes());
        let x = inputs[0].0.bytes().chunks_exact(size).zip(y.chunks_exact(size));
        for (made, (x, y)) in out.bytes_mut().chunks_exact_mut(size).zip(x) {
            let bits = next(Scalar::from_stored(dtype, x), Scalar::from_stored(dtype, y));
            made.copy_from_slice(&bits.to_le_bytes()[..size]);
        }
    };
    of_chunks("nextafter", &arrays, dtype, run)
}

/// The bits of the number next to `x`: they grow away from 0.
fn next(x: Scalar, y: Scalar) -> u64 {
    let (from, to) = (x.to_f64(), y.to_f64());
    let sign = 1 << (8 * x.dtype().size() - 1);
    match from.partial_cmp(&to) {
        None if from.is_nan() => x.bits(),
        None | Some(std::cmp::Ordering::Equal) => y.bits(),
        Some(order) if from == 0.0 => 1 | if order.is_gt() { sign } else { 0 },
        Some(order) if order.is_gt() == (from < 0.0) => x.bits() + 1,
        Some(_) => x.bits() - 1,
    }
}

impl DynArray {
    /// Fractions from ½ to below 1, with the sign of the element, and the powers of two that they are multiplied with, as `i32`
    /// (`np.frexp`); of 0, infinities and NaN themselves and 0. Integers and `bool` in `f64`. On the host.
    ///
    /// # Errors
    /// None that can happen: its steps refuse some arrays, and these are none of them.
    ///
    /// ```
    /// let (fractions, powers) = gridloom::DynArray::from(gridloom::array([6.0, -5e-324])).frexp()?;
    /// assert_eq!(fractions.typed::<f64>()?.to_vec()?, [0.75, -0.5]);
    /// assert_eq!(powers.typed::<i32>()?.to_vec()?, [3, -1073]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn frexp(&self) -> Result<(Self, Self)> {
        let fractions = of_floats::<f64>("frexp.fraction", self, |x| parts(x).0)?;
        let powers = of_floats::<i32>("frexp.power", self, |x| parts(x).1)?;
        Ok((fractions.cast(float_of(self.dtype())), powers))
    }

    /// The distance to the next number away from 0, negative below 0 (`np.spacing`); of halves, as NumPy has it, that to the next one above.
    /// NaN of infinities and NaN; integers and `bool` in `f64`. On the host.
    ///
    /// # Errors
    /// None that can happen: its steps refuse some arrays, and these are none of them.
    ///
    /// ```
    /// let x = gridloom::DynArray::from(gridloom::array([1.0, -4.0]));
    /// assert_eq!(x.spacing()?.typed::<f64>()?.to_vec()?, [f64::EPSILON, -4.0 * f64::EPSILON]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn spacing(&self) -> Result<Self> {
        let dtype = float_of(self.dtype());
        let run = move |inputs: Inputs<'_>, out: &mut HostBuffer| {
            let size = dtype.size();
            let x = inputs[0].0.bytes().chunks_exact(size);
            for (made, x) in out.bytes_mut().chunks_exact_mut(size).zip(x) {
                let x = Scalar::from_stored(dtype, x);
                let down = x.to_f64() < 0.0 && !dtype.is_half();
                let end = if down { f64::NEG_INFINITY } else { f64::INFINITY };
                let end = Scalar::from_f64(dtype, end);
                let next = Scalar::from_stored(dtype, &next(x, end).to_le_bytes()[..size]);
                let distance = if x.to_f64().is_finite() { next.to_f64() - x.to_f64() } else { f64::NAN };
                let distance = Scalar::from_f64(dtype, distance);
                made.copy_from_slice(&distance.bits().to_le_bytes()[..size]);
            }
        };
        of_chunks("spacing", &[self.cast(dtype)], dtype, run)
    }
}
