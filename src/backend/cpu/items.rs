//! What sorts compare.

/// What is compared: a key, with or without the place that its element has in its line.
pub(super) trait Item: Copy + Ord + Default + Send + Sync + 'static {
    fn new(key: u64, place: usize) -> Self;
    fn key(self) -> u64;
    fn place(self) -> i64;
}
macro_rules! items {
    ($($item:ident $t:ty: $new:expr, $key:expr, $place:expr;)*) => {$(
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
        pub(super) struct $item($t);
        impl Item for $item {
            #[inline(always)]
            fn new(key: u64, place: usize) -> Self { let new: fn(u64, usize) -> $t = $new; Self(new(key, place)) }
            #[inline(always)]
            fn key(self) -> u64 { let key: fn($t) -> u64 = $key; key(self.0) }
            #[inline(always)]
            fn place(self) -> i64 { let place: fn($t) -> i64 = $place; place(self.0) }
        }
    )*};
}
items! {
    Narrow u32: |key, _| key as u32, u64::from, |_| 0;
    Wide u64: |key, _| key, |item| item, |_| 0;
    NarrowPlace u64: |key, place| key << 32 | place as u64, |item| item >> 32, |item| i64::from(item as u32);
    WidePlace u128: |key, place| u128::from(key) << 64 | place as u128, |item| (item >> 64) as u64, |item| item as i64;
}
