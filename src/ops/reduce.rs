//! Reductions: the table of what users call, and the few folds they are made of.
//!
//! A reduction lifts each element into a state, combines states in a tree of fixed shape and finishes the last one.
//! A mask (from `filter`, or the `nan*` variants) leaves elements out; then the state counts those that were taken.

use crate::dtype::DType;

/// How states are made and combined; the language between plan and kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fold {
    /// `a + b`; small integers in 64 bits, f32 in f64 on the host.
    Sum,
    /// `a · b`, in the same types.
    Prod,
    /// The smaller; NaN wins.
    Min,
    /// The larger; NaN wins.
    Max,
    /// (value, index) of the smallest, the first one of equals; the first NaN wins.
    Argmin,
    /// (value, index) of the largest, the first one of equals; the first NaN wins.
    Argmax,
    /// (value, index) of the last that is not NaN; only of floats, for scans.
    Last,
    /// (shift, what the mean is beyond it, sum of squared deviations from the mean, count), merged by Chan, Golub and `LeVeque`'s
    /// formula (1979). A mean in one word would lose digits of what chunks differ by, where it is large beside the deviations.
    Moments,
}

impl Fold {
    /// The name in plans.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Prod => "prod",
            Self::Min => "min",
            Self::Max => "max",
            Self::Argmin => "argmin",
            Self::Argmax => "argmax",
            Self::Last => "last",
            Self::Moments => "moments",
        }
    }
    /// Whether the kernel also needs each element's index.
    #[must_use]
    pub const fn indexed(self) -> bool {
        matches!(self, Self::Argmin | Self::Argmax | Self::Last)
    }
    /// The dtypes of the state's arrays on the host, for values of `dtype`; the last is the count, where there is one.
    #[must_use]
    pub fn states(self, dtype: DType, masked: bool) -> Vec<DType> {
        let sum = if dtype.is_float() { DType::F64 } else { dtype.sum() };
        let mut states = match self {
            Self::Sum | Self::Prod => vec![sum],
            Self::Min | Self::Max => vec![dtype],
            Self::Argmin | Self::Argmax | Self::Last => vec![dtype, DType::I64],
            Self::Moments => vec![DType::F64; 3],
        };
        if masked || self == Self::Moments {
            states.push(DType::I64);
        }
        states
    }
}

/// How the last state becomes the result.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Finish {
    /// The state's first array, as the result's dtype.
    Value,
    /// The state's index.
    Index,
    /// Sum over count.
    Mean,
    /// Sum of squared deviations over (count - ddof).
    Var {
        /// Delta degrees of freedom.
        ddof: f64,
        /// Take the square root.
        root: bool,
        /// Of no more elements than `ddof` it is NaN, and not of any size.
        few_are_nan: bool,
    },
}

/// What an empty reduction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// The fold has an identity, which is the result.
    Identity,
    /// NaN, as in NumPy.
    Nan,
    /// An error.
    Refuse,
}

macro_rules! reductions {
    ($($variant:ident $name:literal $fold:ident $empty:ident $result:ident $skipnan:literal $doc:literal;)*) => {
        /// A reduction as users name it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ReduceOp { $(#[doc = $doc] $variant,)* }
        impl ReduceOp {
            /// Every row.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The NumPy name.
            #[must_use]
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $name),* } }
            /// The fold it is made of.
            #[must_use]
            pub const fn fold(self) -> Fold { match self { $(Self::$variant => Fold::$fold),* } }
            /// What it does without elements.
            #[must_use]
            pub const fn empty(self) -> Empty { match self { $(Self::$variant => Empty::$empty),* } }
            /// Whether NaN elements are left out.
            #[must_use]
            pub const fn skips_nan(self) -> bool { match self { $(Self::$variant => $skipnan),* } }
            /// The dtype of the result for elements of `dtype`.
            #[must_use]
            pub const fn result(self, dtype: DType) -> DType { match self { $(Self::$variant => reductions!(@result $result dtype)),* } }
        }
    };
    (@result Sum $d:ident) => { $d.sum() };
    (@result Mean $d:ident) => { $d.mean() };
    (@result Same $d:ident) => { $d };
    (@result Index $d:ident) => { DType::I64 };
}

reductions! {
    Sum "sum" Sum Identity Sum false "The sum; 0 of nothing.";
    Prod "prod" Prod Identity Sum false "The product; 1 of nothing.";
    Mean "mean" Sum Nan Mean false "The arithmetic mean; NaN of nothing.";
    Var "var" Moments Nan Mean false "The variance; NaN of nothing.";
    Std "std" Moments Nan Mean false "The standard deviation; NaN of nothing.";
    Min "min" Min Refuse Same false "The smallest; NaN if there is one.";
    Max "max" Max Refuse Same false "The largest; NaN if there is one.";
    Least "least" Min Identity Same false "The smallest; NaN if there is one; the largest number of the dtype (infinity) of nothing.";
    Greatest "greatest" Max Identity Same false "The largest; NaN if there is one; the smallest number of the dtype (-infinity) of nothing.";
    Argmin "argmin" Argmin Refuse Index false "The index of the (first) smallest, or of the first NaN.";
    Argmax "argmax" Argmax Refuse Index false "The index of the (first) largest, or of the first NaN.";
    Any "any" Max Identity Same false "Whether any is true; false of nothing.";
    All "all" Min Identity Same false "Whether all are true; true of nothing.";
    CountNonzero "count_nonzero" Sum Identity Index false "How many are not zero.";
    Nansum "nansum" Sum Identity Sum true "The sum of what is not NaN; 0 of nothing.";
    Nanprod "nanprod" Prod Identity Sum true "The product of what is not NaN; 1 of nothing.";
    Nanmean "nanmean" Sum Nan Mean true "The mean of what is not NaN; NaN of nothing.";
    Nanvar "nanvar" Moments Nan Mean true "The variance of what is not NaN; NaN of nothing.";
    Nanstd "nanstd" Moments Nan Mean true "The standard deviation of what is not NaN; NaN of nothing.";
    Nanmin "nanmin" Min Nan Same true "The smallest that is not NaN; NaN if all are, and of nothing.";
    Nanmax "nanmax" Max Nan Same true "The largest that is not NaN; NaN if all are, and of nothing.";
    Nanargmin "nanargmin" Argmin Refuse Index true "The index of the smallest that is not NaN; an error if all are.";
    Nanargmax "nanargmax" Argmax Refuse Index true "The index of the largest that is not NaN; an error if all are.";
}

impl ReduceOp {
    /// How the last state becomes the result; `ddof` is for the variances.
    #[must_use]
    pub const fn finish(self, ddof: f64) -> Finish {
        match self {
            Self::Mean | Self::Nanmean => Finish::Mean,
            Self::Var | Self::Std | Self::Nanvar | Self::Nanstd => {
                let root = matches!(self, Self::Std | Self::Nanstd);
                Finish::Var { ddof, root, few_are_nan: matches!(self, Self::Nanvar | Self::Nanstd) }
            }
            Self::Argmin | Self::Argmax | Self::Nanargmin | Self::Nanargmax => Finish::Index,
            Self::Sum | Self::Prod | Self::Nansum | Self::Nanprod | Self::CountNonzero => Finish::Value,
            Self::Min | Self::Max | Self::Nanmin | Self::Nanmax | Self::Least | Self::Greatest => Finish::Value,
            Self::Any | Self::All => Finish::Value,
        }
    }
}
