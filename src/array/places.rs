//! [`Axes`] and [`Indices`]: which axes, and which places along one, as users write them.

use crate::graph::infer;

/// Which axes: numbers (negative from the end), ndarray's `Axis`, or a list of either kind of number.
#[derive(Clone, Debug)]
pub struct Axes(pub(super) Vec<i64>);

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
pub struct Indices(pub(super) Vec<i64>);

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
    Axes: i32 => i64::from, i64 => i64::from, isize => |n: isize| n as i64, usize => infer::axis_number;
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
