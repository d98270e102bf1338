//! Loops compiled for several instruction sets; the best that this machine has is chosen at run time.

#[cfg(target_arch = "x86_64")]
use std::sync::LazyLock;

/// Levels of x86-64 (the psABI's). On other processors the baseline has what loops need: every 64-bit ARM has NEON.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Isa {
    V1,
    V3,
    V4,
}

#[cfg(target_arch = "x86_64")]
impl Isa {
    #[inline(always)]
    fn best() -> Self {
        // Found once: asking for every feature each time takes as long as a short strip.
        static BEST: LazyLock<Isa> = LazyLock::new(Isa::detect);
        *BEST
    }

    fn detect() -> Self {
        macro_rules! all {
            ($($feature:tt)*) => { true $(&& std::arch::is_x86_feature_detected!($feature))* };
        }
        if !all!("sse4.2" "popcnt" "avx2" "bmi1" "bmi2" "fma" "lzcnt") {
            Self::V1
        } else if !all!("avx512f" "avx512bw" "avx512cd" "avx512dq" "avx512vl") {
            Self::V3
        } else {
            Self::V4
        }
    }
}

/// Defines functions that hand their arguments to a closure, which is compiled once for each level and must be marked
/// `#[inline(always)]`. What it works on comes as arguments where that matters: of those the compiler knows that they do not
/// overlap, of what a closure captures it does not.
macro_rules! dispatchers {
    ($($(#[$doc:meta])* $name:ident <$($G:ident),*> ($($x:ident: $X:ty),*);)*) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub(crate) fn $name<$($G,)* R>($($x: $X,)* f: impl FnOnce($($X),*) -> R) -> R {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "sse4.2,popcnt,avx2,bmi1,bmi2,fma,lzcnt")]
                fn v3<$($G,)* R>($($x: $X,)* f: impl FnOnce($($X),*) -> R) -> R {
                    f($($x),*)
                }
                #[target_feature(enable = "sse4.2,popcnt,avx2,bmi1,bmi2,fma,lzcnt")]
                #[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl")]
                fn v4<$($G,)* R>($($x: $X,)* f: impl FnOnce($($X),*) -> R) -> R {
                    f($($x),*)
                }
                match Isa::best() {
                    Isa::V1 => {}
                    // SAFETY: this machine has what the level asks for.
                    Isa::V3 => return unsafe { v3($($x,)* f) },
                    // SAFETY: as above.
                    Isa::V4 => return unsafe { v4($($x,)* f) },
                }
            }
            f($($x),*)
        }
    )*};
}
dispatchers! {
    /// Runs `f` compiled for the best instruction set of this machine.
    simd<>();
    /// The same with states and a row of elements.
    simd_rows<A, T>(accs: &mut [A], values: &mut [T]);
    /// The same with one operand and its result.
    simd1<X, O>(x: &[X], out: &mut [O]);
    /// The same with two operands.
    simd2<X, Y, O>(x: &[X], y: &[Y], out: &mut [O]);
    /// The same with three operands.
    simd3<X, Y, Z, O>(x: &[X], y: &[Y], z: &[Z], out: &mut [O]);
}
