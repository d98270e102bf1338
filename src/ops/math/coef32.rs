//! Constants of [`m32`](super::m32), pi and the logarithms in parts, and the
//! polynomials.
#![expect(clippy::approx_constant, reason = "parts and minimax coefficients that resemble named constants")]

pub(super) const LOG2_E: f32 = 1.442695;
/// ln 2 = `LN2_HI + LN2_LO`; 10 bits, so that `n * LN2_HI` is exact for any exponent.
pub(super) const LN2_HI: f32 = 0.6933594;
pub(super) const LN2_LO: f32 = -0.00021219444;
pub(super) const LN2: f32 = 0.6931472;
pub(super) const FRAC_2_PI: f32 = 0.63661975;
/// pi/2 in three parts.
pub(super) const PI_2_HI: f32 = 1.5707964;
pub(super) const PI_2_MID: f32 = -4.371139e-8;
pub(super) const PI_2_LO: f32 = -1.7151245e-15;
pub(super) const PI_4_HI: f32 = 0.7853982;
pub(super) const PI_4_LO: f32 = -2.1855694e-8;
pub(super) const TAU: f32 = 6.2831855;
pub(super) const TAU_LO: f32 = -1.7484555e-7;

/// 2 / (3 ln 2), and log10(2); the `_HI` parts have 12 bits.
pub(super) const LOG_SCALE: f32 = 0.9617967;
pub(super) const LOG_SCALE_HI: f32 = 0.96191406;
pub(super) const LOG_SCALE_LO: f32 = -0.000117368574;
pub(super) const LOG10_2: f32 = 0.30103;
pub(super) const LOG10_2_HI: f32 = 0.3010254;
pub(super) const LOG10_2_LO: f32 = 4.605039e-6;

// Minimax coefficients, lowest power first, fitted by a Remez exchange in
// 120-digit arithmetic and rounded to `f32`; the note is the fit's relative error.

/// (e^r - 1 - r) / r^2 on |r| <= ln 2 / 2; 2^-28.
pub(super) const EXP: [f32; 5] = [0.5, 0.1666652, 0.04166621, 0.008368851, 0.0013950376];
/// (2^r - 1) / r on |r| <= 1/2; 2^-29.
pub(super) const EXP2: [f32; 6] = [0.6931472, 0.2402265, 0.05550328, 0.009618004, 0.0013400262, 0.00015476317];
/// (ln(1 + f) - f + f^2/2) / f^3 on sqrt(1/2) <= 1 + f <= sqrt(2); 2^-30.
pub(super) const LN: [f32; 9] =
    [0.3333331, -0.24999987, 0.20002227, -0.16669272, 0.14218628, -0.123839244, 0.11873001, -0.1179265, 0.069185644];
/// 3 (atanh(s)/s - 1 - z/3) / z^2, z = s^2 <= 0.0295; 2^-35.
pub(super) const ATANH: [f32; 3] = [0.60000217, 0.42821804, 0.35105243];
/// (sin(r)/r - 1) / z, z = r^2, |r| <= pi/4; 2^-28.
pub(super) const SIN: [f32; 3] = [-0.16666655, 0.008332203, -0.00019519914];
/// (cos(r) - 1 + z/2) / z^2, z = r^2, |r| <= pi/4; 2^-33.
pub(super) const COS: [f32; 3] = [0.041666653, -0.001388759, 2.4460633e-05];
/// (tan(r)/r - 1) / z, z = r^2, |r| <= pi/4; 2^-28.
pub(super) const TAN: [f32; 7] =
    [0.33333346, 0.13332734, 0.054054372, 0.021302983, 0.010795493, 0.00012843964, 0.0043615443];
/// (asin(x)/x - 1) / z, z = x^2 <= 1/4; 2^-31.
pub(super) const ASIN: [f32; 6] = [0.16666663, 0.07500359, 0.044540714, 0.031632625, 0.015036408, 0.036746662];
/// (atan(x)/x - 1) / z, z = x^2, x <= 1/2; 2^-30.
pub(super) const ATAN: [f32; 6] = [-0.3333333, 0.19999644, -0.14274663, 0.109604426, -0.080516845, 0.03960677];
/// (sinh(x)/x - 1) / z, z = x^2 <= 1; 2^-34.
pub(super) const SINH: [f32; 4] = [0.16666667, 0.0083333505, 0.00019836148, 2.8170416e-06];
/// (tanh(x)/x - 1) / z, z = x^2 <= 0.31; 2^-30.
pub(super) const TANH: [f32; 5] = [-0.33333322, 0.1333266, -0.05385736, 0.02108403, -0.006282309];
/// (atanh(x)/x - 1) / z, z = x^2 <= 1/4; 2^-30.
pub(super) const ARTANH: [f32; 7] =
    [0.33333334, 0.19999829, 0.1429255, 0.109921746, 0.1014277, 0.028430074, 0.17163047];
/// erf(x)/x - 1 in z = x^2 <= 1; 2^-30.
pub(super) const ERF: [f32; 7] =
    [0.12837917, -0.37612626, 0.112836, -0.026854444, 0.005189535, -0.00080208416, 7.889119e-05];
/// ln(erfc(x)) / x on 1 <= x <= 3.95; 2^-34 of the error function.
pub(super) const ERFC: [f32; 9] = [
    -1.1284833,
    -0.6360054,
    -0.104360566,
    0.021479212,
    -0.0019644802,
    -0.0004377759,
    0.00019553571,
    -3.065089e-05,
    1.881036e-06,
];
