//! The test suite: one binary, run once for each device (`tests/run.sh` sets the environment).

mod common;

// Numbers.
mod assignment; // elements replaced, places, lent buffers and sources
mod blocks; // functions of chunks with other axes and sizes
mod comparison; // closeness, equality of wholes, logic, functions of a few rows
mod concurrent; // many threads on one client
mod create; // constants and ranges, up to each type's limits
mod dem; // real input against NumPy's numbers
mod derived; // products over axes, norms, means with weights, covariances, slopes
mod dot; // matrix products
mod dynamic; // arrays without a type
mod einsum; // sums over named axes, products of many matrices
mod exact; // functions of bits, views of bytes, limits of dtypes
mod extremes; // properties of numbers up to each type's limits
mod fours; // what adapters do four elements at a time, beside the CPU
mod halves; // floats of two bytes
mod histogram; // histograms and bin counts against NumPy's
mod joins; // joined arrays as loads
mod laws; // NumPy's distributions, permutations, choices
mod layout; // indexing, axes, reshape, joins
mod masked; // arrays some of whose elements do not count
mod math; // the float functions against mpmath
mod moving; // windows, blocks of neighbours, bits, polynomials
mod npy; // files read by region, in both orders of bytes and of axes
mod overlap; // functions of chunks with halos, sums of products along an axis
mod pad; // borders, entries put in and taken out, blocks
mod parity; // every row of the tables on every dtype
mod places; // places as arrays, choices, elements put at places, grids of bins
mod properties; // random expressions and chunkings
mod quantiles; // medians and quantiles, all methods
mod random; // Philox and distributions
mod rearrange; // flips, rolls, repeats, parts, grids
mod reductions; // every reduction
mod scan; // scans and differences
mod search; // what is looked up in whole arrays, sets
mod select; // filters and unknown lengths
mod short_axes; // axes of a few places, every width of them
mod sort; // sorts, places, the ends of lines
mod together; // several results of one walk

// Runs.
mod counts; // what an adapter is given
#[cfg(feature = "dashboard")]
mod dashboard; // what it answers, and to whom
mod faults; // whatever fails, a right result or a typed error
mod limits; // budgets, spilling, many runs on one client
mod memory; // what is held is what the budget counts
mod misuse; // what nobody should do, and some do
mod order; // which task is when, and what lives then, without any numbers
mod planning; // what grows with chunks, ranks and inputs before anything runs
mod plans; // what is planned once
mod progress; // how far runs are
#[cfg(feature = "gpu")]
mod several; // several adapters as one
mod sync; // waiting for the device, and what it counts
mod trace; // traces and saved reports

// The house.
mod circles; // no file needs one that needs it
#[cfg(feature = "cli")]
mod cli; // the program
mod errors; // every message
mod errors_npy; // damaged and hostile files
mod layers; // imports point down
mod names; // NumPy's names
mod plan; // what is fused, and where it runs
mod plot; // pictures
mod repr; // one line, HTML, drawings
#[cfg(feature = "gpu")]
mod shaders; // the composed WGSL
mod unknown; // axes of unknown length
