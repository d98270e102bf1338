//! Functions of elements, made from the tables: a method a row.

use ndarray::{ArrayBase, Data, Dimension};

use super::typed::Array;
use crate::dtype::{Bits, Element, Integer, Number, Ordered, Real};
use crate::error::{Result, infallible};
use crate::functions;
use crate::ops::binary::binary_rows;
use crate::ops::unary::unary_rows;
use crate::ops::{BinaryOp, UnaryOp};

/// The other side of an operation: an array, a scalar, or an ndarray (which is copied; [`super::from_shared`] shares).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no operand beside an array of `{T}`",
    label = "not a `{T}`, nor an array of it",
    note = "write numbers in the array's own type (`1.0` beside floats, `1u8` beside `u8`), or `cast` the other array; `DynArray` mixes types"
)]
pub trait Operand<T: Element> {
    /// The operand as an array; a scalar as a 0-d one.
    fn operand(self) -> Array<T>;
}
impl<T: Element> Operand<T> for &Array<T> {
    fn operand(self) -> Array<T> {
        self.clone()
    }
}
impl<T: Element> Operand<T> for Array<T> {
    fn operand(self) -> Self {
        self
    }
}
impl<T: Element> Operand<T> for T {
    fn operand(self) -> Array<T> {
        Array::from(self)
    }
}
impl<T: Element, S: Data<Elem = T>, D: Dimension> Operand<T> for &ArrayBase<S, D> {
    fn operand(self) -> Array<T> {
        Array::from(self)
    }
}

impl<T: Element> Array<T> {
    /// A row of the unary table, which the caller's bounds make sure is defined for `T`.
    pub(super) fn unary<U: Element>(&self, op: UnaryOp) -> Array<U> {
        Array::wrap(infallible(self.as_dyn().unary(op)))
    }
    /// A row of the binary table.
    pub(super) fn binary<U: Element, R: Element>(&self, op: BinaryOp, rhs: impl Operand<R>) -> Result<Array<U>> {
        self.as_dyn().binary(op, rhs.operand().as_dyn()).map(Array::wrap)
    }
    /// The elements as another type: integers wrap, float → integer truncates and saturates with NaN → 0, nonzero → `true`,
    /// `true` → 1. Keeps shape and chunks.
    ///
    /// ```
    /// let x = gridloom::array([1.9, -1.9, f64::NAN, 1e9]).cast::<i16>();
    /// assert_eq!(x.compute()?.as_slice().unwrap(), [1, -1, 0, 32767]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "astype")]
    pub fn cast<U: Element>(&self) -> Array<U> {
        Array::wrap(self.as_dyn().cast(U::DTYPE))
    }
}

macro_rules! unary_methods {
    ($($variant:ident $method:ident $class:ident |$x:ident| $rust:expr, $wgsl:literal, $ulp:expr, ($arg:expr) => ($result:expr), $doc:literal;)*) => {
        $(unary_methods! { @$class $variant $method $doc
            concat!("```\nlet x = gridloom::array([", stringify!($arg), "]);\nassert_eq!(x.", stringify!($method),
                "().compute()?[[0]], ", stringify!($result), ");\n# Ok::<(), gridloom::Error>(())\n```") })*
    };
    (@Real $v:ident $m:ident $doc:literal $example:expr) => { unary_methods! { @method [Real] T $v $m $doc $example } };
    (@Num $v:ident $m:ident $doc:literal $example:expr) => { unary_methods! { @method [Number] T $v $m $doc $example } };
    (@Bits $v:ident $m:ident $doc:literal $example:expr) => { unary_methods! { @method [Bits] T $v $m $doc $example } };
    (@Test $v:ident $m:ident $doc:literal $example:expr) => { unary_methods! { @method [Real] bool $v $m $doc $example } };
    (@Count $v:ident $m:ident $doc:literal $example:expr) => { unary_methods! { @method [Integer] u8 $v $m $doc $example } };
    (@method [$bound:ident] $out:ident $v:ident $m:ident $doc:literal $example:expr) => {
        impl<T: $bound> Array<T> {
            #[doc = $doc]
            ///
            /// Of each element; keeps shape and chunks.
            #[doc = $example]
            pub fn $m(&self) -> Array<$out> {
                self.unary(UnaryOp::$v)
            }
        }
    };
}
unary_rows!(unary_methods);

/// An example of a row: `x.method(y)`, with what comes after the call.
macro_rules! example {
    ($a:expr, $m:ident, $b:expr, $after:literal, $result:expr) => {
        concat!(
            "```\nlet x = gridloom::array([",
            stringify!($a),
            "]);\nassert_eq!(x.",
            stringify!($m),
            "(",
            stringify!($b),
            ")",
            $after,
            ".compute()?[[0]], ",
            stringify!($result),
            ");\n# Ok::<(), gridloom::Error>(())\n```"
        )
    };
}

macro_rules! binary_methods {
    ($($variant:ident $method:ident $class:ident |$x:ident, $y:ident| $rust:expr, $wgsl:literal, $ulp:expr, ($a:expr, $b:expr) => ($result:expr), $doc:literal;)*) => {
        $(binary_methods! { @$class $variant $method $doc ($a, $b) => ($result) })*
    };
    (@Num $($row:tt)*) => { binary_methods! { @method [Number] T T $($row)* } };
    (@Real $($row:tt)*) => { binary_methods! { @method [Real] T T $($row)* } };
    (@Bits $($row:tt)*) => { binary_methods! { @method [Bits] T T $($row)* } };
    (@Int $($row:tt)*) => { binary_methods! { @method [Integer] T T $($row)* } };
    (@Powi $($row:tt)*) => { binary_methods! { @method [Number] i32 T $($row)* } };
    (@Equal $($row:tt)*) => { binary_methods! { @comparison [Element] $($row)* } };
    (@Compare $($row:tt)*) => { binary_methods! { @comparison [Ordered] $($row)* } };
    (@method [$bound:ident] $rhs:ident $out:ident $v:ident $m:ident $doc:literal ($a:expr, $b:expr) => ($result:expr)) => {
        impl<T: $bound> Array<T> {
            #[doc = $doc]
            ///
            /// Of corresponding elements of arrays (or an array and a scalar), broadcast together; chunks follow the larger
            /// operand.
            ///
            /// # Errors
            /// [`Error::Broadcast`](crate::Error::Broadcast).
            #[doc = example!($a, $m, $b, "?", $result)]
            pub fn $m(&self, rhs: impl Operand<$rhs>) -> Result<Array<$out>> {
                self.binary(BinaryOp::$v, rhs)
            }
        }
    };
    (@comparison [$bound:ident] $v:ident $m:ident $doc:literal ($a:expr, $b:expr) => ($result:expr)) => {
        impl<T: $bound> Array<T> {
            #[doc = $doc]
            ///
            /// Of corresponding elements of arrays (or an array and a scalar), broadcast together; chunks follow the larger
            /// operand. An operator, which Rust's own cannot be.
            ///
            /// # Panics
            /// As the other operators, where the shapes do not broadcast.
            #[doc = concat!("[`try_", stringify!($m), "`](Self::try_", stringify!($m), ") gives the error.")]
            #[doc = ""]
            #[doc = example!($a, $m, $b, "", $result)]
            #[track_caller]
            pub fn $m(&self, rhs: impl Operand<T>) -> Array<bool> {
                match self.binary(BinaryOp::$v, rhs) {
                    Ok(array) => array,
                    Err(error) => panic!("{error}"),
                }
            }
        }
    };
}
binary_rows!(binary_methods);

macro_rules! tried_comparisons {
    ($($name:ident $of:ident $v:ident $bound:ident;)*) => {$(
        impl<T: $bound> Array<T> {
            #[doc = concat!("[`", stringify!($of), "`](Self::", stringify!($of), ") for operands whose shapes may not fit.")]
            ///
            /// # Errors
            /// [`Error::Broadcast`](crate::Error::Broadcast).
            pub fn $name(&self, rhs: impl Operand<T>) -> Result<Array<bool>> {
                self.binary(BinaryOp::$v, rhs)
            }
        }
    )*};
}
tried_comparisons! {
    try_eq eq Eq Element;
    try_ne ne Ne Element;
    try_lt lt Lt Ordered;
    try_le le Le Ordered;
    try_gt gt Gt Ordered;
    try_ge ge Ge Ordered;
}

impl<T: Number> Array<T> {
    /// `self · y + z`, rounded once for floats; integers wrap.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast).
    pub fn fma(&self, y: impl Operand<T>, z: impl Operand<T>) -> Result<Self> {
        functions::fma(self.as_dyn(), y.operand().as_dyn(), z.operand().as_dyn()).map(Self::wrap)
    }
    /// Each element limited to [`low`, `high`]; NaN stays NaN, and `high` wins where `low > high`, as in NumPy.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast).
    ///
    /// ```
    /// let x = gridloom::array([-1, 5, 11]).clip(0, 10)?;
    /// assert_eq!(x.compute()?.as_slice().unwrap(), [0, 5, 10]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn clip(&self, low: impl Operand<T>, high: impl Operand<T>) -> Result<Self> {
        functions::clip(self.as_dyn(), low.operand().as_dyn(), high.operand().as_dyn()).map(Self::wrap)
    }
}

/// `x` where `condition` is true, `y` elsewhere (`np.where`); all three broadcast together.
///
/// # Errors
/// [`Error::Broadcast`](crate::Error::Broadcast).
///
/// ```
/// use gridloom::{array, where_};
/// let x = array([1.0, -2.0, 3.0]);
/// let y = where_(&x.lt(0.0), 0.0, &x)?;
/// assert_eq!(y.compute()?.as_slice().unwrap(), [1.0, 0.0, 3.0]);
/// # Ok::<(), gridloom::Error>(())
/// ```
#[doc(alias = "where")]
pub fn where_<T: Element>(condition: &Array<bool>, x: impl Operand<T>, y: impl Operand<T>) -> Result<Array<T>> {
    functions::where_(condition.as_dyn(), x.operand().as_dyn(), y.operand().as_dyn()).map(Array::wrap)
}
