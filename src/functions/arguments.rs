//! [`IntoShape`], [`Lengths`], [`Axes`], [`Indices`] and [`Shifts`]: shapes, axes, and places along one, as users write them.

use crate::error::{Error, Result};
use crate::graph::infer;

/// A shape: a number, a tuple, an array or a slice of lengths.
pub trait IntoShape {
    /// The lengths.
    fn into_shape(self) -> Vec<u64>;
}
impl IntoShape for usize {
    fn into_shape(self) -> Vec<u64> {
        vec![self as u64]
    }
}
impl<const N: usize> IntoShape for [usize; N] {
    fn into_shape(self) -> Vec<u64> {
        self.iter().map(|&d| d as u64).collect()
    }
}
impl IntoShape for &[usize] {
    fn into_shape(self) -> Vec<u64> {
        self.iter().map(|&d| d as u64).collect()
    }
}
impl IntoShape for Vec<usize> {
    fn into_shape(self) -> Vec<u64> {
        self.as_slice().into_shape()
    }
}
impl IntoShape for () {
    fn into_shape(self) -> Vec<u64> {
        vec![]
    }
}
macro_rules! tuple_shape {
    ($($n:literal: $($ty:ident)*;)*) => {$(
        impl IntoShape for ($($ty,)*) {
            fn into_shape(self) -> Vec<u64> {
                let lengths: [usize; $n] = self.into();
                lengths.into_shape()
            }
        }
    )*};
}
tuple_shape! {
    1: usize;
    2: usize usize;
    3: usize usize usize;
    4: usize usize usize usize;
    5: usize usize usize usize usize;
    6: usize usize usize usize usize usize;
}

/// Which axes: numbers (negative from the end), ndarray's `Axis`, or a list of either kind of number.
#[derive(Clone, Debug)]
pub struct Axes(pub(crate) Vec<i64>);

/// Which places along an axis: numbers of any integer type (negative from the end), in an array, a slice or a vector.
///
/// ```
/// let x = gridloom::array([10i64, 20, 30]);
/// let last: Vec<usize> = vec![2, 2];
/// assert_eq!(x.take(&last, 0)?.sum().item()?, 60);
/// assert_eq!(x.take([0, -1], 0)?.sum().item()?, 40);
/// # Ok::<(), gridloom::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Indices(pub(crate) Vec<i64>);

/// A shape in which one length may be left open with -1: a number, a tuple, an array, a slice or a vector.
///
/// ```
/// let x = gridloom::arange::<i32>(12);
/// assert_eq!(x.reshape((3, -1))?.shape(), x.reshape([3, 4])?.shape());
/// assert_eq!(x.reshape(-1)?.shape(), Some(vec![12]));
/// # Ok::<(), gridloom::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Lengths(pub(crate) Vec<i64>);

/// How far: a number (negative backwards), or a list of them, one an axis.
///
/// ```
/// let x = gridloom::arange::<i32>(4).roll(1)?;
/// assert_eq!(x.to_vec()?, [3, 0, 1, 2]);
/// # Ok::<(), gridloom::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Shifts(pub(crate) Vec<i64>);

/// One length, which may be -1.
#[derive(Clone, Copy, Debug)]
pub struct Length(i64);

macro_rules! length {
    ($($t:ty => $number:expr),*) => {$(
        impl From<$t> for Length {
            fn from(length: $t) -> Self {
                Self($number(length))
            }
        }
        impl From<$t> for Lengths {
            fn from(length: $t) -> Self {
                Self(vec![$number(length)])
            }
        }
        impl From<$t> for Shifts {
            fn from(shift: $t) -> Self {
                Self(vec![$number(shift)])
            }
        }
    )*};
}
length! { i32 => i64::from, i64 => i64::from, isize => signed, usize => infer::axis_number }

macro_rules! length_tuples {
    ($($($name:ident)*;)*) => {$(
        impl<$($name: Into<Length>),*> From<($($name,)*)> for Lengths {
            #[allow(non_snake_case, reason = "the tuple's fields are named by the macro's idents")]
            fn from(($($name,)*): ($($name,)*)) -> Self {
                Self(vec![$($name.into().0),*])
            }
        }
    )*};
}
length_tuples! { A; A B; A B C; A B C D; A B C D E; A B C D E F; }
impl From<()> for Lengths {
    fn from((): ()) -> Self {
        Self(Vec::new())
    }
}

impl Axes {
    /// The axis, where there is one.
    pub(super) fn one(&self, op: &'static str) -> Result<i64> {
        match self.0.as_slice() {
            [axis] => Ok(*axis),
            axes => Err(Error::Parameter { op, what: "axis", got: format!("{axes:?}"), expected: "one axis" }),
        }
    }
}

/// A number of the machine's width in the graph's, which is no narrower on any target.
pub(super) fn signed(number: isize) -> i64 {
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}

/// A number of any integer type; one that does not fit is the last of its sign, which no axis has.
fn number<T: Copy + Into<i128>>(n: T) -> i64 {
    let n: i128 = n.into();
    i64::try_from(n).unwrap_or(if n < 0 { i64::MIN } else { i64::MAX })
}

macro_rules! lists {
    ($($list:ident: $($t:ty => $number:expr),*;)*) => {$($(
        impl From<&[$t]> for $list {
            fn from(list: &[$t]) -> Self {
                Self(list.iter().map(|&n| $number(n)).collect())
            }
        }
        impl<const N: usize> From<[$t; N]> for $list {
            fn from(list: [$t; N]) -> Self {
                list.as_slice().into()
            }
        }
        impl<const N: usize> From<&[$t; N]> for $list {
            fn from(list: &[$t; N]) -> Self {
                list.as_slice().into()
            }
        }
        impl From<Vec<$t>> for $list {
            fn from(list: Vec<$t>) -> Self {
                list.as_slice().into()
            }
        }
        impl From<&Vec<$t>> for $list {
            fn from(list: &Vec<$t>) -> Self {
                list.as_slice().into()
            }
        }
    )*)*};
}
lists! {
    Axes: i32 => i64::from, i64 => i64::from, isize => signed, usize => infer::axis_number;
    Lengths: i32 => i64::from, i64 => i64::from, isize => signed, usize => infer::axis_number;
    Shifts: i32 => i64::from, i64 => i64::from, isize => signed, usize => infer::axis_number;
    Indices: i8 => number, i16 => number, i32 => number, i64 => number, isize => |n: isize| n as i64,
        u8 => number, u16 => number, u32 => number, u64 => number, usize => |n: usize| number(n as u64);
}

impl From<i64> for Axes {
    fn from(axis: i64) -> Self {
        Self(vec![axis])
    }
}
impl From<i32> for Axes {
    fn from(axis: i32) -> Self {
        Self(vec![axis.into()])
    }
}
impl From<isize> for Axes {
    fn from(axis: isize) -> Self {
        Self(vec![axis as i64])
    }
}
impl From<usize> for Axes {
    fn from(axis: usize) -> Self {
        Self(vec![infer::axis_number(axis)])
    }
}
impl From<ndarray::Axis> for Axes {
    fn from(axis: ndarray::Axis) -> Self {
        axis.index().into()
    }
}
