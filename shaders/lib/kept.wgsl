// A value that a compiler cannot see through: for those that take floats for real numbers, and make one operation of two, or none. The
// bits are changed by a zero of which the compiler does not know that it is one: where parameters start is below 2^31.
fn kept_f32(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ (launch.base >> 31u)); }
fn kept_f64(x: f64) -> f64 { return bitcast<f64>(bitcast<u64>(x) ^ u64(launch.base >> 31u)); }
// The same with another zero, so that an operand is not known to be the other one.
fn apart_f32(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ ((launch.base >> 31u) << 1u)); }
fn apart_f64(x: f64) -> f64 { return bitcast<f64>(bitcast<u64>(x) ^ u64((launch.base >> 31u) << 1u)); }
