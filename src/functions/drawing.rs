//! Draws by a [`Law`]: fused arithmetic on uniform and normal draws where that is what they are, on the host elsewhere.

use super::arguments::IntoShape;
use super::creation::scalar;
use super::dyn_array::DynArray;
use super::element_rng::{ElementRng, places};
use super::elementwise::where_;
use super::law::{Domain, Law};
use super::promotion::DynOperand;
use super::random::Generator;
use super::samplers::{Sampler, sampler};
use crate::chunks::{AxisSpec, ChunkSpec};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::graph::node::c_strides;
use crate::graph::{HostFunction, HostTask, infer};
use crate::host::HostBuffer;
use crate::ops::RandomOp;
use crate::width::in_memory;

impl Generator {
    /// Draws by a law with these parameters, numbers or arrays that broadcast to `shape`, in NumPy's order; of `dtype`, or of `i64` where draws
    /// are counts. Those of a law that [fuses](Law::fuses) are part of the expression that reads them, on every device; the others are
    /// made on the host, in double precision. Each is a function of the seed, the array's number, its place and the parameters there.
    ///
    /// # Errors
    /// [`Error::Parameter`] for numbers outside their domain, and another number of them; [`Error::DType`] for a `dtype` that is no float;
    /// [`Error::Broadcast`]. An element of an array outside its domain makes NaN (0 of a count) where the law fuses, and fails the run elsewhere.
    ///
    /// ```
    /// use gridloom::{DType, DynArray, functions::Law, random::Generator};
    /// let means: DynArray = gridloom::array([1.0, 100.0]).into();
    /// let x = Generator::new(1).draw_law(Law::Poisson, &[(&means).into()], DType::I64, (1000, 2))?;
    /// let mean = x.mean_axis(0)?.typed::<f64>()?.to_vec()?;
    /// assert!((mean[0] - 1.0).abs() < 0.2 && (mean[1] - 100.0).abs() < 2.0);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn draw_law(
        &self,
        law: Law,
        parameters: &[DynOperand],
        dtype: DType,
        shape: impl IntoShape,
    ) -> Result<DynArray> {
        let (op, shape) = (law.name(), shape.into_shape());
        if parameters.len() != law.parameters().len() {
            let (got, expected) = (parameters.len().to_string(), "one for each of the law's");
            return Err(Error::Parameter { op, what: "the number of parameters", got, expected });
        }
        if !law.is_counted() && !dtype.is_float() {
            return Err(Error::DType { op, got: dtype, expected: "a float" });
        }
        let numbers = parameters.iter().map(|value| value.scalar_of(op, DType::F64).map(|x| x.map(Scalar::to_f64)));
        let numbers = numbers.collect::<Result<Vec<_>>>()?;
        for (number, value) in numbers.iter().enumerate() {
            value.map_or(Ok(()), |value| law.check(number, value))?;
        }
        if let Some(all) = numbers.iter().copied().collect::<Option<Vec<f64>>>() {
            law.check_all(&all)?;
        }
        let made = if law.fuses() {
            self.fused(law, parameters, if law.is_counted() { DType::F64 } else { dtype.computed() }, &shape)?
        } else {
            self.sampled(law, parameters, &numbers, &shape)?
        };
        Ok(made.cast(if law.is_counted() { DType::I64 } else { dtype }))
    }

    /// A float in (0, 1): 0 is half of the next one.
    fn open(&self, dtype: DType, shape: &[u64]) -> Result<DynArray> {
        let half = if dtype == DType::F32 { f64::from(f32::EPSILON) / 4.0 } else { f64::EPSILON / 4.0 };
        self.words(RandomOp::Uniform, dtype, 1, shape)?.maximum(half)
    }
    /// A float in (-1, 1), never 0: an odd number of halves of the steps of uniform ones, all of which the dtype holds.
    fn symmetric(&self, dtype: DType, shape: &[u64]) -> Result<DynArray> {
        let step = if dtype == DType::F32 { f64::from(f32::EPSILON) / 2.0 } else { f64::EPSILON / 2.0 };
        self.words(RandomOp::Uniform, dtype, 1, shape)?.mul(2.0)?.sub(1.0)?.add(step)
    }

    /// A draw as arithmetic. NumPy's formulas where those do not lose digits.
    fn fused(&self, law: Law, parameters: &[DynOperand], dtype: DType, shape: &[u64]) -> Result<DynArray> {
        let p = parameters.iter().zip(law.parameters());
        let p = p.map(|(value, &(_, domain))| within(law.name(), value, domain, dtype, shape));
        let p = p.collect::<Result<Vec<DynArray>>>()?;
        let uniform = || self.words(RandomOp::Uniform, dtype, 1, shape);
        let normal = || self.words(RandomOp::Normal, dtype, 1, shape);
        let exponential = || uniform()?.neg()?.log1p()?.neg();
        match law {
            Law::Normal => normal()?.mul(&p[1])?.add(&p[0]),
            Law::LogNormal => normal()?.mul(&p[1])?.add(&p[0])?.exp(),
            Law::Uniform => {
                let x = uniform()?.mul(p[1].sub(&p[0])?)?.add(&p[0])?;
                // What was rounded to the upper end.
                where_(&x.lt(&p[1])?.bitor(p[1].le(&p[0])?)?, &x, &p[0])
            }
            Law::Exponential => exponential()?.mul(&p[0]),
            Law::Laplace => {
                let v = self.symmetric(dtype, shape)?;
                v.abs()?.neg()?.log1p()?.neg()?.copysign(&v)?.mul(&p[1])?.add(&p[0])
            }
            Law::Logistic => self.symmetric(dtype, shape)?.atanh()?.mul(2.0)?.mul(&p[1])?.add(&p[0]),
            Law::Gumbel => {
                let logarithm = self.open(dtype, shape)?.neg()?.log1p()?.neg()?.ln()?;
                p[0].sub(logarithm.mul(&p[1])?)
            }
            Law::Rayleigh => exponential()?.mul(2.0)?.sqrt()?.mul(&p[0]),
            Law::Power => uniform()?.pow(p[0].reciprocal()?),
            Law::Weibull => where_(&p[0].eq(0.0)?, 0.0, exponential()?.pow(p[0].reciprocal()?)?),
            Law::Pareto => exponential()?.div(&p[0])?.expm1(),
            Law::StandardCauchy => normal()?.div(normal()?),
            Law::Triangular => triangular(&uniform()?, &p),
            Law::Wald => wald(&normal()?, &uniform()?, &p[0], &p[1]),
            // From 1 on: a uniform draw may be 0.
            Law::Geometric => exponential()?.div(p[0].neg()?.log1p()?.neg()?)?.ceil()?.maximum(1.0),
            _ => Err(Error::bug("a law that is no arithmetic")),
        }
    }

    /// Draws that are made on the host.
    fn sampled(&self, law: Law, parameters: &[DynOperand], numbers: &[Option<f64>], shape: &[u64]) -> Result<DynArray> {
        let spec = self.spec(1);
        let mut fixed = [0.0; 3];
        fixed.iter_mut().zip(numbers).for_each(|(to, number)| *to = number.unwrap_or(0.0));
        let name = format!("random.{}", law.name());
        let chunks = super::creation::auto(shape, DType::F64);
        let like = ChunkSpec::Axes(chunks.axes().iter().cloned().map(AxisSpec::Like).collect());
        let lengths: Vec<usize> = shape.iter().map(|&len| in_memory(len)).collect();
        let arrays: Vec<usize> = (0..numbers.len()).filter(|&k| numbers[k].is_none()).collect();
        let input = |&k: &usize| {
            let array = parameters[k].of_dtype(law.name(), DType::F64)?.broadcast_to(lengths.as_slice())?;
            Ok(array.rechunk(like.clone())?.node().clone())
        };
        let inputs = arrays.iter().map(input).collect::<Result<Vec<_>>>()?;
        let (strides, count) = (c_strides(shape), numbers.len());
        let key = (spec, law, arrays.clone(), fixed.map(f64::to_bits), shape);
        let run = {
            let arrays = arrays.clone();
            move |task: &HostTask<'_>| drawn(task, spec, law, (&arrays, fixed, count), &strides)
        };
        // Without arrays, of places alone.
        let function = HostFunction { by_place: inputs.is_empty(), ..HostFunction::named(&name, &key, run) };
        Ok(infer::host(function, inputs, DType::F64, chunks).into())
    }
}

/// The draws of a chunk, with parameters of which some are arrays.
fn drawn(
    task: &HostTask<'_>,
    spec: crate::ops::RandomSpec,
    law: Law,
    (arrays, fixed, count): (&[usize], [f64; 3], usize),
    strides: &[i64],
) -> Result<(HostBuffer, Vec<u64>)> {
    let own = task.shape();
    let given: Vec<&[f64]> = task.inputs.iter().map(|(values, _)| values.stored()).collect();
    let mut values = HostBuffer::scratch(DType::F64, in_memory(own.iter().product()))?;
    let (mut last, mut draw): ([f64; 3], Option<Sampler>) = (fixed, None);
    for (i, (made, index)) in values.stored_mut::<f64>().iter_mut().zip(places(strides, task.region)).enumerate() {
        let mut own = fixed;
        arrays.iter().zip(&given).for_each(|(&k, given)| own[k] = given[i]);
        if draw.is_none() || own.map(f64::to_bits) != last.map(f64::to_bits) {
            law.check_all(&own[..count])?;
            (last, draw) = (own, Some(sampler(law, own)));
        }
        if let Some(draw) = &draw {
            *made = draw(&mut ElementRng::new(spec, index));
        }
    }
    Ok((values, own))
}

/// A parameter of a law that fuses, in the dtype: a number as it is, an array as a view of the shape with NaN outside the domain.
fn within(op: &'static str, value: &DynOperand, domain: Domain, dtype: DType, shape: &[u64]) -> Result<DynArray> {
    if let Some(number) = value.scalar_of(op, dtype)? {
        return Ok(scalar(number));
    }
    let lengths: Vec<usize> = shape.iter().map(|&len| in_memory(len)).collect();
    let x = value.of_dtype(op, dtype)?.broadcast_to(lengths.as_slice())?;
    let outside = match domain {
        Domain::Positive => x.le(0.0)?,
        Domain::NotNegative => x.lt(0.0)?,
        Domain::Chance => x.le(0.0)?.bitor(x.gt(1.0)?)?,
        _ => return Ok(x),
    };
    where_(&outside, f64::NAN, &x)
}

/// By the inverse of the distribution function, which is a parabola before the mode and another one behind it.
fn triangular(u: &DynArray, p: &[DynArray]) -> Result<DynArray> {
    let [left, mode, right] = p else { return Err(Error::bug("a triangle of other than three numbers")) };
    let width = right.sub(left)?;
    let rising = mode.sub(left)?;
    let before = u.mul(rising.mul(&width)?)?.sqrt()?.add(left)?;
    let behind = right.sub(u.neg()?.add(1.0)?.mul(right.sub(mode)?.mul(&width)?)?.sqrt()?)?;
    where_(&u.le(rising.div(&width)?)?, before, behind)
}

/// Michael, Schucany and Haas, "Generating random variates using transformations with multiple roots", 1976: one of the two roots, the
/// smaller of which is `mean / (1 + 2 / z)` with `z = √(1 + 4 scale / y) - 1`.
fn wald(normal: &DynArray, u: &DynArray, mean: &DynArray, scale: &DynArray) -> Result<DynArray> {
    let y = normal.square()?.mul(mean)?;
    let z = scale.mul(4.0)?.div(y)?.log1p()?.mul(0.5)?.expm1()?;
    let root = mean.div(z.reciprocal()?.mul(2.0)?.add(1.0)?)?;
    where_(&u.le(mean.div(mean.add(&root)?)?)?, &root, mean.square()?.div(&root)?)
}
