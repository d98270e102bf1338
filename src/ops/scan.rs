//! Scans: the table of what users call. Each element of a scan is the fold of all elements up to it, in their order.

use super::reduce::Fold;
use crate::dtype::DType;

macro_rules! scans {
    ($($variant:ident $name:literal $fold:ident $skipnan:literal $doc:literal;)*) => {
        /// A scan as users name it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ScanOp { $(#[doc = $doc] $variant,)* }
        impl ScanOp {
            /// Every row.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The name.
            #[must_use]
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $name),* } }
            /// The fold whose states are the results.
            #[must_use]
            pub const fn fold(self) -> Fold { match self { $(Self::$variant => Fold::$fold),* } }
            /// Whether NaN counts as nothing: 0 in a sum, 1 in a product.
            #[must_use]
            pub const fn skips_nan(self) -> bool { match self { $(Self::$variant => $skipnan),* } }
        }
    };
}

scans! {
    Cumsum "cumsum" Sum false "Sums; NaN makes all that follow NaN.";
    Cumprod "cumprod" Prod false "Products; NaN makes all that follow NaN.";
    Cummax "cummax" Max false "The largest so far; NaN makes all that follow NaN.";
    Cummin "cummin" Min false "The smallest so far; NaN makes all that follow NaN.";
    Nancumsum "nancumsum" Sum true "Sums in which NaN is 0.";
    Nancumprod "nancumprod" Prod true "Products in which NaN is 1.";
    Ffill "ffill" Last false "The last that is not NaN; NaN before the first.";
}

impl Fold {
    /// The dtype of a scan of elements of `dtype`: sums and products are in 64 bits, but those of floats.
    #[must_use]
    pub const fn scanned(self, dtype: DType) -> DType {
        match self {
            Self::Sum | Self::Prod => dtype.sum(),
            Self::Min | Self::Max | Self::Last | Self::Argmin | Self::Argmax | Self::Moments => dtype,
        }
    }
    /// The name of a scan by it in plans.
    #[must_use]
    pub const fn scan_name(self) -> &'static str {
        match self {
            Self::Sum => "cumsum",
            Self::Prod => "cumprod",
            Self::Max => "cummax",
            Self::Min => "cummin",
            Self::Last => "ffill",
            Self::Argmin | Self::Argmax | Self::Moments => self.name(),
        }
    }
}
