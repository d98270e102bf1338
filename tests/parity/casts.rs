//! Casts between all pairs of dtypes, against Rust's `as` (and `!= 0` to `bool`).

use gridloom::{Array, Element};
use ndarray::Array1;

use crate::common::{Sample, chunked, chunkings, data, device, each_type, same};

/// The crate's cast law, by Rust's `as`.
trait Cast<U> {
    fn cast(self) -> U;
}
macro_rules! casts {
    ($($from:ty: $($to:ty)*;)*) => {$(
        $(impl Cast<$to> for $from {
            #[allow(trivial_numeric_casts, reason = "one rule for all pairs")]
            fn cast(self) -> $to { self as $to }
        })*
        impl Cast<bool> for $from {
            fn cast(self) -> bool { self != (0 as $from) }
        }
        impl Cast<$from> for bool {
            fn cast(self) -> $from { u8::from(self) as $from }
        }
    )*};
}
casts! {
    u8: u8 u16 u32 u64 i8 i16 i32 i64 f32 f64;
    u16: u8 u16 u32 u64 i8 i16 i32 i64 f32 f64;
    u32: u8 u16 u32 u64 i8 i16 i32 i64 f32 f64;
    u64: u8 u16 u32 u64 i8 i16 i32 i64 f32 f64;
    i8: u8 u16 u32 u64 i8 i16 i32 i64 f32 f64;
    i16: u8 u16 u32 u64 i8 i16 i32 i64 f32 f64;
    i32: u8 u16 u32 u64 i8 i16 i32 i64 f32 f64;
    i64: u8 u16 u32 u64 i8 i16 i32 i64 f32 f64;
    f32: u8 u16 u32 u64 i8 i16 i32 i64 f32 f64;
    f64: u8 u16 u32 u64 i8 i16 i32 i64 f32 f64;
}
impl Cast<Self> for bool {
    fn cast(self) -> Self {
        self
    }
}

/// Values that casts turn about: around the limits of every integer type, on both sides.
fn around_limits() -> Vec<f64> {
    let limits = [7, 8, 15, 16, 24, 25, 31, 32, 53, 63, 64, 127, 128].map(|n| 2f64.powi(n));
    let near =
        |v: f64| [v - 1.0, v - 0.5, v, v + 0.5, v + 1.0, v.next_down(), v.next_up(), f64::from((v as f32).next_down())];
    limits.into_iter().flat_map(near).flat_map(|v| [v, -v]).collect()
}

fn check<A: Sample + Cast<U>, U: Element>(values: &[A], which: usize) -> Result<(), String> {
    let ways = chunkings(&[values.len()]);
    let x: Array<A> = chunked(&Array1::from(values.to_vec()).into_dyn(), &ways[which % ways.len()]);
    let got = x.cast::<U>().compute().map_err(|error| error.to_string())?;
    for (&value, &got) in values.iter().zip(&got) {
        let want: U = value.cast();
        if same(got, want) {
            continue;
        }
        // A device may take a subnormal number for zero, and give zero for one, of either sign.
        let (from, to) = (value.scalar().to_f64(), want.scalar().to_f64());
        let tiny = |v: f64, dtype| v != 0.0 && v.abs() < super::smallest_normal(dtype);
        let zero = same(got, A::default().cast()) || U::DTYPE.is_float() && got.scalar().to_f64() == 0.0;
        let flushed = A::DTYPE.is_float() && tiny(from, A::DTYPE) && zero;
        let flushed_result = U::DTYPE.is_float() && tiny(to, U::DTYPE) && got.scalar().to_f64() == 0.0;
        if !(device().runs(A::DTYPE) && device().runs(U::DTYPE) && (flushed || flushed_result)) {
            return Err(format!("{value:?} from {} to {}: got {got:?}, expected {want:?}", A::DTYPE, U::DTYPE));
        }
    }
    Ok(())
}

macro_rules! from_each {
    ($($name:ident $from:ty;)*) => {$(
        #[test]
        fn $name() {
            let mut values: Vec<$from> = <$from>::edges();
            values.extend(around_limits().into_iter().map(|v| <f64 as Cast<$from>>::cast(v)));
            values.extend(data::<$from>(&[200], 7));
            let mut problems = Vec::new();
            let mut which = 0;
            each_type!(all, U => {
                which += 1;
                problems.extend(check::<$from, U>(&values, which).err());
            });
            assert!(problems.is_empty(), "{}", problems.join("\n"));
        }
    )*};
}
from_each! {
    bool_casts_as_rust_does bool;
    u8_casts_as_rust_does u8;
    u16_casts_as_rust_does u16;
    u32_casts_as_rust_does u32;
    u64_casts_as_rust_does u64;
    i8_casts_as_rust_does i8;
    i16_casts_as_rust_does i16;
    i32_casts_as_rust_does i32;
    i64_casts_as_rust_does i64;
    f32_casts_as_rust_does f32;
    f64_casts_as_rust_does f64;
}

/// The cast of a cast is not the cast: both steps count.
#[test]
fn casts_in_a_row_wrap_at_each_step() {
    let x: Array<i32> = gridloom::array([-1, 255, 256, 70_000, i32::MIN]);
    let got = x.cast::<u8>().cast::<i32>().cast::<i8>().cast::<u32>().compute().unwrap();
    let want = [u32::MAX, u32::MAX, 0, 112, 0];
    assert_eq!(got.as_slice().unwrap(), want);
}
