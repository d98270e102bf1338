//! Operators: between arrays, scalars (either side) and ndarrays (either side), in place too. They panic at the caller's
//! line where shapes do not broadcast, as ndarray's do; the methods of the same name return the error.

use std::ops::{
    Add, AddAssign, BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Div, DivAssign, Mul, MulAssign,
    Neg, Not, Rem, RemAssign, Shl, ShlAssign, Shr, ShrAssign, Sub, SubAssign,
};

use ndarray::{ArrayBase, Data, Dimension};

use super::elementwise::Operand;
use super::typed::Array;
use crate::dtype::{Bits, Element, Integer, Number, bf16, f16};
use crate::ops::{BinaryOp, UnaryOp};

#[track_caller]
fn apply<T: Element>(op: BinaryOp, x: impl Operand<T>, y: impl Operand<T>) -> Array<T> {
    match x.operand().binary(op, y.operand()) {
        Ok(array) => array,
        Err(error) => panic!("{error}"),
    }
}

// One rule a kind of operand; `$op` is the row of the table.
macro_rules! operator {
    ($trait:ident $method:ident $assign:ident $assign_method:ident $op:ident $bound:ident: $($scalar:ty)*) => {
        impl<T: $bound, R: Operand<T>> $trait<R> for &Array<T> {
            type Output = Array<T>;
            #[track_caller]
            fn $method(self, rhs: R) -> Array<T> { apply(BinaryOp::$op, self, rhs) }
        }
        impl<T: $bound, R: Operand<T>> $trait<R> for Array<T> {
            type Output = Self;
            #[track_caller]
            fn $method(self, rhs: R) -> Self { apply(BinaryOp::$op, self, rhs) }
        }
        impl<T: $bound, R: Operand<T>> $assign<R> for Array<T> {
            #[track_caller]
            fn $assign_method(&mut self, rhs: R) { *self = apply(BinaryOp::$op, &*self, rhs); }
        }
        impl<T: $bound, S: Data<Elem = T>, D: Dimension> $trait<&Array<T>> for &ArrayBase<S, D> {
            type Output = Array<T>;
            #[track_caller]
            fn $method(self, rhs: &Array<T>) -> Array<T> { apply(BinaryOp::$op, self, rhs) }
        }
        $(
            impl $trait<&Array<$scalar>> for $scalar {
                type Output = Array<$scalar>;
                fn $method(self, rhs: &Array<$scalar>) -> Array<$scalar> { apply(BinaryOp::$op, self, rhs) }
            }
            impl $trait<Array<$scalar>> for $scalar {
                type Output = Array<$scalar>;
                fn $method(self, rhs: Array<$scalar>) -> Array<$scalar> { apply(BinaryOp::$op, self, rhs) }
            }
        )*
    };
}
operator!(Add add AddAssign add_assign Add Number: u8 u16 u32 u64 i8 i16 i32 i64 f16 bf16 f32 f64);
operator!(Sub sub SubAssign sub_assign Sub Number: u8 u16 u32 u64 i8 i16 i32 i64 f16 bf16 f32 f64);
operator!(Mul mul MulAssign mul_assign Mul Number: u8 u16 u32 u64 i8 i16 i32 i64 f16 bf16 f32 f64);
operator!(Div div DivAssign div_assign Div Number: u8 u16 u32 u64 i8 i16 i32 i64 f16 bf16 f32 f64);
operator!(Rem rem RemAssign rem_assign Rem Number: u8 u16 u32 u64 i8 i16 i32 i64 f16 bf16 f32 f64);
operator!(BitAnd bitand BitAndAssign bitand_assign And Bits: bool u8 u16 u32 u64 i8 i16 i32 i64);
operator!(BitOr bitor BitOrAssign bitor_assign Or Bits: bool u8 u16 u32 u64 i8 i16 i32 i64);
operator!(BitXor bitxor BitXorAssign bitxor_assign Xor Bits: bool u8 u16 u32 u64 i8 i16 i32 i64);
operator!(Shl shl ShlAssign shl_assign Shl Integer: u8 u16 u32 u64 i8 i16 i32 i64);
operator!(Shr shr ShrAssign shr_assign Shr Integer: u8 u16 u32 u64 i8 i16 i32 i64);

impl<T: Number> Neg for &Array<T> {
    type Output = Array<T>;
    fn neg(self) -> Array<T> {
        self.unary(UnaryOp::Neg)
    }
}
impl<T: Number> Neg for Array<T> {
    type Output = Self;
    fn neg(self) -> Self {
        self.unary(UnaryOp::Neg)
    }
}
impl<T: Bits> Not for &Array<T> {
    type Output = Array<T>;
    fn not(self) -> Array<T> {
        self.unary(UnaryOp::Not)
    }
}
impl<T: Bits> Not for Array<T> {
    type Output = Self;
    fn not(self) -> Self {
        self.unary(UnaryOp::Not)
    }
}
