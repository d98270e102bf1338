//! Ten short programs to copy from: the files of the folder `cookbook/`, as they stand there. They run with the documentation's
//! tests.

macro_rules! programs {
    ($($name:ident $title:literal;)*) => {$(
        #[doc = $title]
        ///
        /// ```
        #[doc = include_str!(concat!("../cookbook/", stringify!($name), ".rs"))]
        /// ```
        pub mod $name {}
    )*};
}
programs! {
    pi "Random points: none is stored.";
    file_statistics "Statistics of a file that is larger than memory.";
    file_to_file "From one file to another within a budget of memory.";
    stencil "Differences of neighbours, as views.";
    masks "Replacing, counting and selecting by conditions.";
    k_means "Arrays that stay where they are computed, round after round.";
    least_squares "Products over all the data, and a few numbers back.";
    own_functions "Functions of your own: traced, in WGSL and Rust, on the host.";
    limits "In the background, with a deadline, cancelled, within a budget.";
    any_dtype "Dtypes that are known at run time.";
}
