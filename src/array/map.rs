//! Functions of the user's, three ways: traced ([`Array::map`]), in both languages ([`ElementFn`]), and on the host
//! ([`Array::map_chunks`]).

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};
use std::sync::Arc;

use ndarray::{ArrayD, ArrayViewD};

use super::elementwise::{Operand, where_};
use super::typed::Array;
use crate::dtype::{Element, Number, Ordered, Real};
use crate::error::{Error, Result, infallible};
use crate::graph::{HostFunction, Unique, infer};
use crate::host::HostBuffer;
use crate::ops::unary::unary_rows;
use crate::ops::wgsl_names::defines_function;
use crate::ops::{BinaryOp, ElementFunction, UnaryOp};

/// A symbolic element: what the closure given to [`Array::map`] computes with. Its methods are the element functions;
/// using them writes the expression down once, and it is fused on every backend.
#[derive(Clone, Debug)]
#[must_use = "a symbolic element is part of an expression"]
pub struct Sym<T: Element>(Array<T>);

impl<T: Element> Sym<T> {
    fn with<U: Element>(&self, op: BinaryOp, rhs: impl Into<SymOperand<T>>) -> Sym<U> {
        // Symbols of one closure have one shape, and scalars fit any: this cannot fail.
        Sym(infallible(self.0.binary(op, rhs.into().0)))
    }
    /// Converted to another type, as [`Array::cast`].
    pub fn cast<U: Element>(&self) -> Sym<U> {
        Sym(self.0.cast())
    }
    /// `self = rhs`.
    pub fn eq(&self, rhs: impl Into<SymOperand<T>>) -> Sym<bool> {
        self.with(BinaryOp::Eq, rhs)
    }
}
impl<T: Ordered> Sym<T> {
    /// `self < rhs`.
    pub fn lt(&self, rhs: impl Into<SymOperand<T>>) -> Sym<bool> {
        self.with(BinaryOp::Lt, rhs)
    }
    /// `self ≤ rhs`.
    pub fn le(&self, rhs: impl Into<SymOperand<T>>) -> Sym<bool> {
        self.with(BinaryOp::Le, rhs)
    }
    /// `self > rhs`.
    pub fn gt(&self, rhs: impl Into<SymOperand<T>>) -> Sym<bool> {
        self.with(BinaryOp::Gt, rhs)
    }
    /// `self ≥ rhs`.
    pub fn ge(&self, rhs: impl Into<SymOperand<T>>) -> Sym<bool> {
        self.with(BinaryOp::Ge, rhs)
    }
}
impl<T: Number> Sym<T> {
    /// The smaller; NaN wins.
    pub fn minimum(&self, rhs: impl Into<SymOperand<T>>) -> Self {
        self.with(BinaryOp::Minimum, rhs)
    }
    /// The larger; NaN wins.
    pub fn maximum(&self, rhs: impl Into<SymOperand<T>>) -> Self {
        self.with(BinaryOp::Maximum, rhs)
    }
}
impl<T: Real> Sym<T> {
    /// `self^rhs`.
    pub fn pow(&self, rhs: impl Into<SymOperand<T>>) -> Self {
        self.with(BinaryOp::Pow, rhs)
    }
    /// `√(self² + rhs²)`.
    pub fn hypot(&self, rhs: impl Into<SymOperand<T>>) -> Self {
        self.with(BinaryOp::Hypot, rhs)
    }
}
impl Sym<bool> {
    /// `x` where true, `y` where false.
    pub fn select<T: Element>(&self, x: impl Into<SymOperand<T>>, y: impl Into<SymOperand<T>>) -> Sym<T> {
        let (x, y) = (x.into().0, y.into().0);
        Sym(infallible(where_(&self.0, x, y)))
    }
}

/// A symbolic element or a scalar.
#[derive(Clone, Debug)]
pub struct SymOperand<T: Element>(Array<T>);
impl<T: Element> From<Sym<T>> for SymOperand<T> {
    fn from(sym: Sym<T>) -> Self {
        Self(sym.0)
    }
}
impl<T: Element> From<&Sym<T>> for SymOperand<T> {
    fn from(sym: &Sym<T>) -> Self {
        Self(sym.0.clone())
    }
}
impl<T: Element> From<T> for SymOperand<T> {
    fn from(value: T) -> Self {
        Self(Array::from(value))
    }
}

macro_rules! sym_operators {
    ($($trait:ident $method:ident: $($scalar:ty)*;)*) => {$(
        impl<T: Number, R: Into<SymOperand<T>>> $trait<R> for Sym<T> {
            type Output = Self;
            fn $method(self, rhs: R) -> Self { self.with(BinaryOp::$trait, rhs) }
        }
        impl<T: Number, R: Into<SymOperand<T>>> $trait<R> for &Sym<T> {
            type Output = Sym<T>;
            fn $method(self, rhs: R) -> Sym<T> { self.with(BinaryOp::$trait, rhs) }
        }
        $(
            impl $trait<Sym<$scalar>> for $scalar {
                type Output = Sym<$scalar>;
                fn $method(self, rhs: Sym<$scalar>) -> Sym<$scalar> { Sym(Array::from(self)).with(BinaryOp::$trait, rhs) }
            }
        )*
    )*};
}
sym_operators! {
    Add add: f32 f64 i32 i64;
    Sub sub: f32 f64 i32 i64;
    Mul mul: f32 f64 i32 i64;
    Div div: f32 f64 i32 i64;
    Rem rem: f32 f64 i32 i64;
}
impl<T: Number> Neg for Sym<T> {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.unary(UnaryOp::Neg))
    }
}

macro_rules! sym_methods {
    ($($variant:ident $method:ident $class:ident |$x:ident| $rust:expr, $wgsl:literal, $ulp:expr, ($arg:expr) => ($result:expr), $doc:literal;)*) => {
        $(sym_methods! { @$class $variant $method $doc })*
    };
    (@Real $v:ident $m:ident $doc:literal) => { sym_methods! { @method [Real] T $v $m $doc } };
    (@Num $v:ident $m:ident $doc:literal) => { sym_methods! { @method [Number] T $v $m $doc } };
    (@Test $v:ident $m:ident $doc:literal) => { sym_methods! { @method [Real] bool $v $m $doc } };
    (@Bits $v:ident $m:ident $doc:literal) => { sym_methods! { @method [crate::dtype::Bits] T $v $m $doc } };
    (@Count $v:ident $m:ident $doc:literal) => { sym_methods! { @method [crate::dtype::Integer] u8 $v $m $doc } };
    (@method [$bound:path] $out:ident $v:ident $m:ident $doc:literal) => {
        impl<T: $bound> Sym<T> {
            #[doc = $doc]
            pub fn $m(&self) -> Sym<$out> { Sym(self.0.unary(UnaryOp::$v)) }
        }
    };
}
unary_rows!(sym_methods);

impl<T: Element> Array<T> {
    /// `f` of each element. The closure runs once, on a symbolic element; what it computes is fused into the kernel of
    /// every backend. Keeps shape and chunks.
    ///
    /// ```
    /// let x = gridloom::array([0.0, 1.0]).map(|v| v.exp() * 2.0 + 1.0);
    /// assert_eq!(x.compute()?[[0]], 3.0);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn map<U: Element>(&self, f: impl FnOnce(Sym<T>) -> Sym<U>) -> Array<U> {
        f(Sym(self.clone())).0
    }
    /// `f` of each element and the corresponding one of another array, broadcast together, traced as in [`Array::map`].
    ///
    /// # Errors
    /// [`Error::Broadcast`].
    pub fn map2<R: Element, U: Element>(
        &self,
        other: impl Operand<R>,
        f: impl FnOnce(Sym<T>, Sym<R>) -> Sym<U>,
    ) -> Result<Array<U>> {
        let other = other.operand();
        let chunks = infer::broadcast_chunks("map2", &[self.node(), other.node()])?;
        // Both are made the common shape, so that every operation of the closure fits.
        let spread = |node: &Arc<crate::graph::Node>| match chunks.shape() {
            Some(shape) if node.dims() != chunks.dims() => infer::broadcast_to(node, &shape),
            _ => Ok(node.clone()),
        };
        Ok(f(Sym(Self::wrap(spread(self.node())?)), Sym(Array::wrap(spread(other.node())?))).0)
    }

    /// `f` of each chunk, on the host; the chunk it returns must have the same shape. `name` is shown in plans and errors. It is
    /// handed the chunk itself, in C order, and what it returns is used as it is (copied only where it is not in C order): both count
    /// against the client's memory limit; what else `f` allocates does not. There is no call for an array without elements.
    ///
    /// # Errors
    /// None here; computing fails with [`Error::UserFunction`] where `f` panics or changes the shape.
    ///
    /// ```
    /// let x = gridloom::arange::<f64>(4).map_chunks("halve", |chunk| chunk.mapv(|v| v / 2.0));
    /// assert_eq!(x.sum().item()?, 3.0);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn map_chunks<U: Element>(
        &self,
        name: &str,
        f: impl Fn(ArrayViewD<'_, T>) -> ArrayD<U> + Send + Sync + 'static,
    ) -> Array<U> {
        let called = name.to_owned();
        let run = move |task: &crate::graph::HostTask<'_>| {
            let (buffer, shape) = &task.inputs[0];
            let dims: Vec<usize> = shape.iter().map(|&d| crate::width::in_memory(d)).collect();
            let values = T::restored(buffer.stored());
            let view = ArrayViewD::from_shape(dims.as_slice(), values).map_err(|e| Error::bug(e.to_string()))?;
            let out = f(view);
            if out.shape() != dims {
                let problem =
                    format!("returned a chunk of shape {:?} for one of {dims:?}; it must keep the shape", out.shape());
                return Err(Error::UserFunction { name: called.clone(), problem });
            }
            Ok((buffer_of(out, task)?, shape.clone()))
        };
        let function = HostFunction::new(name, run);
        Array::wrap(infer::host(function, vec![self.node().clone()], U::DTYPE, self.chunks().clone()))
    }
}

/// An array's elements in C order: its own, or a copy where they are in another order.
fn buffer_of<T: Element>(array: ArrayD<T>, task: &crate::graph::HostTask<'_>) -> Result<HostBuffer> {
    let len = array.len();
    if !array.is_standard_layout() {
        (task.room)((len * T::DTYPE.size()) as u64)?;
        let mut copy = HostBuffer::scratch(T::DTYPE, len)?;
        copy.stored_mut::<T::Stored>().iter_mut().zip(&array).for_each(|(to, from)| *to = from.store());
        return Ok(copy);
    }
    let (mut values, start) = array.into_raw_vec_and_offset();
    // Parts of a larger array are moved to its start.
    values.drain(..start.unwrap_or(0));
    values.truncate(len);
    values.shrink_to_fit();
    Ok(HostBuffer::from_values(values))
}

/// A function of one element given twice: as WGSL for devices and as Rust for the host. It fuses like the built-in ones.
///
/// ```
/// use gridloom::ElementFn;
/// let f = ElementFn::new("cubic", "fn cubic(x: f32) -> f32 { return x * x * x; }", |x: f32| x * x * x)?;
/// assert_eq!(f.apply(&gridloom::array([2.0f32])).compute()?[[0]], 8.0);
/// # Ok::<(), gridloom::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ElementFn<T: Element, U: Element> {
    function: Unique<ElementFunction>,
    types: std::marker::PhantomData<fn(T) -> U>,
}

impl<T: Element, U: Element> ElementFn<T, U> {
    /// The pair: `wgsl` defines `fn name(x: T) -> U`, with functions, structures, aliases, constants and private variables beside
    /// it if need be. What a text defines is its own: names of WGSL's builtin functions, of this library and of other texts may be
    /// used again, and only the language and the text itself can be named. On devices `bool`, `u8` and `u16` are
    /// `bool`, `u32`, `u32`, and `i8`, `i16` are `i32`. Its loops may take 7,000 iterations an element in all: Mesa's software driver
    /// ends every loop of a thread that has made 65,535, without a word. The same driver makes 0 of what is multiplied by a literal `0.0`,
    /// NaN and infinities too, and does not look at a zero's sign beside one.
    ///
    /// # Errors
    /// [`Error::UserFunction`] where `name` is not an identifier, `wgsl` does not define it, or (with feature `gpu`) does not compile,
    /// has other types, or holds what belongs to a whole shader: entry points, bindings, overrides, directives; for what makes one
    /// thread wait for others or belongs to fragments: barriers, subgroups, `discard`, derivatives; and for what compilers do not survive:
    /// values or variables of more than 8,192 bytes, statements with more than 512 characters of operators, conditions and loops more than 64 deep. What an
    /// adapter lacks (64-bit numbers within the text) is found when it runs there.
    pub fn new(name: &str, wgsl: &str, rust: impl Fn(T) -> U + Send + Sync + 'static) -> Result<Self> {
        let identifier = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let refuse = |problem: String| Error::UserFunction { name: name.to_owned(), problem };
        if !identifier || !defines_function(wgsl, name) {
            return Err(refuse("the WGSL text must define a function of this name, a plain identifier".to_owned()));
        }
        let run = move |args: &[&[u8]], n: usize, out: &mut [u8]| {
            let x: &[T::Stored] = bytemuck::cast_slice(args[0]);
            let out: &mut [U::Stored] = bytemuck::cast_slice_mut(out);
            for (o, &x) in out[..n].iter_mut().zip(x) {
                *o = rust(T::restore(x)).store();
            }
        };
        let function = ElementFunction {
            name: name.to_owned(),
            wgsl: wgsl.to_owned(),
            args: vec![T::DTYPE],
            result: U::DTYPE,
            rust: Box::new(run),
        };
        #[cfg(feature = "gpu")]
        crate::backend::gpu::user::check(&function).map_err(refuse)?;
        Ok(Self { function: Unique::new(Arc::new(function)), types: std::marker::PhantomData })
    }
    /// The function of each element; keeps shape and chunks.
    pub fn apply(&self, x: &Array<T>) -> Array<U> {
        Array::wrap(infallible(infer::call(&self.function, &[x.node()])))
    }
}
