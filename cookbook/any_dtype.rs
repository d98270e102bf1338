//! A program that learns dtypes when it runs: it reads whatever a file holds, and mixes it as NumPy would.

use gridloom::{DType, Index, functions};

fn main() -> gridloom::Result<()> {
    let path = std::env::temp_dir().join("gridloom-cookbook-any.npy");
    gridloom::array([[1i16, 2, 3], [4, 5, 6]]).to_npy(&path)?;

    let x = gridloom::read_npy_dyn(&path, "auto")?;
    println!("{x}"); // Array<i16> (2, 3), ...
    let y = x.index(&[Index::Ellipsis, Index::Slice { start: None, stop: None, step: Some(-1) }])?; // x[..., ::-1]
    let scaled = y.true_divide(4)?; // integers are divided as floats
    assert_eq!(scaled.dtype(), DType::F64);

    let joined = functions::concatenate(&[x, scaled], 0)?; // i16 and f64: f64
    let values = joined.compute()?;
    assert_eq!((values.dtype(), values.shape()), (DType::F64, &[4, 3][..]));
    assert_eq!(values.into_ndarray::<f64>()?[[2, 0]], 0.75);
    std::fs::remove_file(path).ok();
    Ok(())
}
