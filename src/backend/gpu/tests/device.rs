//! Errors, threads, submissions, strides and large grids.

use super::super::*;
use super::*;

#[test]
fn broken_work_is_an_error() {
    let p = program(&[DType::F32], |a| Inst::Unary(UnaryOp::Neg, a[0]), DType::F32);
    let x = gpu().upload(&HostBuffer::zeros(DType::F32, 10).unwrap()).unwrap();
    let piece = |base: i64, out: i64| Piece {
        dims: vec![10],
        out: Access { base: out, strides: vec![1] },
        loads: vec![(0, Access { base, strides: vec![1] })],
        indices: vec![],
    };
    let run =
        |piece: Piece| gpu().run(&Kernel::Map(p.clone()), &Work::Pieces(vec![piece]), std::slice::from_ref(&x), 10);
    assert!(run(piece(0, 0)).is_ok());
    assert!(run(piece(1, 0)).is_err());
    assert!(run(piece(0, -1)).is_err());
}

#[test]
fn limits_and_missing_adapters_are_errors() {
    let error = Gpu::open(Some("no such adapter")).unwrap_err();
    assert!(matches!(&error, Error::NoAdapter { found, .. } if found.contains(&gpu().summary().name)), "{error}");
    let name = gpu().summary().name.to_uppercase();
    assert!(Gpu::open(Some(&name[2..6])).is_ok());
    let caps = gpu().capabilities();
    let n = (caps.max_binding_bytes / 4 + 1) as usize;
    let error = gpu().0.allocate(DType::F32, n).unwrap_err();
    assert!(matches!(error, Error::Device { .. }), "{error}");
    // Memory comes back, on a device of its own: what other tests hold meanwhile must not be counted.
    let own = Gpu::open(None).unwrap();
    let x = own.upload(&HostBuffer::zeros(DType::F32, 1 << 20).unwrap()).unwrap();
    assert_eq!(own.stats().live_bytes, 4 << 20);
    drop(x);
    assert_eq!(own.stats().live_bytes, 0);
}

#[test]
fn bad_wgsl_is_an_error_and_the_device_stays() {
    use crate::plan::expr::ElementFunction;
    let call = |wgsl: &str| {
        let f = Arc::new(ElementFunction {
            name: "f".into(),
            wgsl: wgsl.into(),
            args: vec![DType::F32],
            result: DType::F32,
            rust: Box::new(|_, _, _| {}),
        });
        let mut p = Program { loads: vec![DType::F32], ..Program::default() };
        let x = p.push(Inst::Load { slot: 0 }, DType::F32);
        let y = p.call(&f, vec![x]);
        p.outputs = vec![y];
        let x = gpu().upload(&HostBuffer::from_vec::<f32>(vec![1.0, 4.0])).unwrap();
        let piece = Piece {
            dims: vec![2],
            out: Access { base: 0, strides: vec![1] },
            loads: vec![(0, Access { base: 0, strides: vec![1] })],
            indices: vec![],
        };
        let out = gpu().run(&Kernel::Map(p), &Work::Pieces(vec![piece]), &[x], 2)?;
        gpu().download(&out[0])
    };
    for bad in [
        "fn f(x: f32) -> f32 { return x",
        "fn f(x: f32) -> f32 { return y; }",
        "fn g(x: f32) -> f32 { return x; }",
        "fn f(x: u32) -> f32 { return 1.0; }",
    ] {
        let error = call(bad).unwrap_err();
        // The text is the user's, and so is the mistake in it.
        assert!(matches!(&error, Error::UserFunction { name, .. } if name.contains("WGSL")), "{error}");
        // And again, from the cache.
        assert_eq!(call(bad).unwrap_err().to_string(), error.to_string());
    }
    // The library's functions are not a user's to call.
    assert!(call("fn f(x: f32) -> f32 { return sqrt_f32(x) + 1.0; }").unwrap_err().to_string().contains("sqrt_f32"));
    let good = call("fn f(x: f32) -> f32 { return x + 1.0; }").unwrap();
    assert_eq!(good.stored::<f32>(), &[2.0, 5.0]);
}

#[test]
fn threads_share_a_device() {
    std::thread::scope(|scope| {
        for t in 0..4u32 {
            scope.spawn(move || {
                for i in 0..20u32 {
                    let n = 1000 + 100 * i as usize;
                    let x = HostBuffer::from_vec::<u32>((0..n as u32).map(|k| k * (t + 1)).collect());
                    let p = program(&[DType::U32], |a| Inst::Binary(BinaryOp::Mul, a[0], a[0]), DType::U32);
                    let got = map_1d(p, &[x], n);
                    for k in 0..n as u32 {
                        assert_eq!(got.stored::<u32>()[k as usize], (k * (t + 1)).wrapping_mul(k * (t + 1)));
                    }
                }
            });
        }
    });
}

#[test]
fn many_launches_go_in_few_submissions() {
    // A device of its own: what other tests launch meanwhile must not be counted.
    let gpu = Gpu::open(None).unwrap();
    let p = program(&[DType::F32], |a| Inst::Unary(UnaryOp::Neg, a[0]), DType::F32);
    let flat = Access { base: 0, strides: vec![1] };
    let piece = Piece { dims: vec![1000], out: flat.clone(), loads: vec![(0, flat)], indices: vec![] };
    let mut x = gpu.upload(&HostBuffer::from_vec::<f32>((0..1000).map(|i| i as f32).collect())).unwrap();
    for _ in 0..1001 {
        x = gpu.run(&Kernel::Map(p.clone()), &Work::Pieces(vec![piece.clone()]), &[x], 1000).unwrap().remove(0);
    }
    let got = gpu.download(&x).unwrap();
    assert!(got.stored::<f32>().iter().enumerate().all(|(i, &v)| v == -(i as f32)));
    let stats = gpu.stats();
    assert_eq!(stats.dispatches, 1001);
    assert!(stats.submits < 40, "{stats:?}");
}

#[test]
fn strides_of_every_kind() {
    // Six axes, transposed, reversed and broadcast, in two pieces with an offset.
    let dims = [2u64, 3, 4, 5, 6, 7];
    let n: u64 = dims.iter().product();
    let host = HostBuffer::from_vec::<i32>((0..n as i32 + 50).collect());
    let input = gpu().upload(&host).unwrap();
    let p = program(&[DType::I32, DType::I32], |a| Inst::Binary(BinaryOp::Sub, a[0], a[1]), DType::I32);
    let mut pieces = Vec::new();
    for half in 0..2i64 {
        pieces.push(Piece {
            dims: vec![1, 3, 4, 5, 6, 7],
            out: Access { base: half * 2520, strides: vec![2520, 1, 3, 12, 60, 360] },
            loads: vec![
                (0, Access { base: 50 + half * 2520 + 839 * 3 + 2, strides: vec![2520, -1, -3, -12, -60, -360] }),
                (0, Access { base: half, strides: vec![1, 0, 5, 0, 1, 0] }),
            ],
            indices: vec![],
        });
    }
    let out = gpu().run(&Kernel::Map(p), &Work::Pieces(pieces.clone()), &[input.clone(), input], n as usize).unwrap();
    let got = gpu().download(&out[0]).unwrap();
    for piece in &pieces {
        for point in 0..2520u64 {
            let mut rest = point;
            let mut at = [0u64; 6];
            for k in (0..6).rev() {
                at[k] = rest % piece.dims[k];
                rest /= piece.dims[k];
            }
            let expected = piece.loads[0].1.at(&at) - piece.loads[1].1.at(&at);
            assert_eq!(i64::from(got.stored::<i32>()[piece.out.at(&at) as usize]), expected, "{at:?}");
        }
    }
}

#[test]
fn large_grids_and_large_reductions() {
    // More workgroups than one dimension has.
    let n = 20_000_000usize;
    let mut p = Program { indices: 1, ..Program::default() };
    let i = p.push(Inst::Index { slot: 0 }, DType::I32);
    p.outputs = vec![i];
    let out = Access { base: 0, strides: vec![1] };
    let piece = Piece { dims: vec![n as u64], out, loads: vec![], indices: vec![Access { base: 7, strides: vec![3] }] };
    let start = std::time::Instant::now();
    let x = gpu().run(&Kernel::Map(p), &Work::Pieces(vec![piece]), &[], n).unwrap();
    let got = gpu().download(&x[0]).unwrap();
    eprintln!("map {:?}", start.elapsed());
    assert!(got.stored::<i32>().iter().enumerate().all(|(i, &v)| v == 7 + 3 * i as i32));
    let mut p = program(&[DType::I32], |a| Inst::Unary(UnaryOp::Abs, a[0]), DType::I32);
    p.outputs = vec![1];
    let piece = |out: Vec<i64>, dims: Vec<u64>, load: Vec<i64>| Piece {
        dims,
        out: Access { base: 0, strides: out },
        loads: vec![(0, Access { base: 0, strides: load })],
        indices: vec![],
    };
    let expected: i64 = (0..n as i64).map(|i| 7 + 3 * i).sum();
    let kernel = Kernel::Reduce { program: p, fold: crate::ops::Fold::Sum, masked: false };
    for (piece, outs) in [
        (piece(vec![0], vec![n as u64], vec![1]), 1),
        (piece(vec![1, 0], vec![4000, 5000], vec![5000, 1]), 4000),
        (piece(vec![0, 1], vec![5000, 4000], vec![4000, 1]), 4000),
        (piece(vec![0, 1], vec![200_000, 100], vec![100, 1]), 100),
        (piece(vec![1, 0], vec![200_000, 100], vec![100, 1]), 200_000),
        (piece(vec![1, 0], vec![1_000_000, 20], vec![20, 1]), 1_000_000),
    ] {
        let start = std::time::Instant::now();
        let states = gpu().run(&kernel, &Work::Pieces(vec![piece.clone()]), &x, outs).unwrap();
        let got = gpu().download(&states[0]).unwrap();
        eprintln!("sum {:?} {:?} slots {}", piece.dims, start.elapsed(), got.len() / outs);
        assert_eq!(got.stored::<i64>().iter().sum::<i64>(), expected, "{piece:?}");
    }
}

#[test]
fn a_lost_device_is_an_error() {
    let gpu = Gpu::open(None).unwrap();
    let x = gpu.upload(&HostBuffer::zeros(DType::F32, 1000).unwrap()).unwrap();
    gpu.destroy();
    let p = program(&[DType::F32], |a| Inst::Unary(UnaryOp::Neg, a[0]), DType::F32);
    let flat = Access { base: 0, strides: vec![1] };
    let piece = Piece { dims: vec![1000], out: flat.clone(), loads: vec![(0, flat)], indices: vec![] };
    let ran = gpu.run(&Kernel::Map(p), &Work::Pieces(vec![piece]), std::slice::from_ref(&x), 1000);
    eprintln!("{ran:?}");
    let down = gpu.download(&x);
    eprintln!("{down:?}");
    assert!(down.is_err());
    let up = gpu.upload(&HostBuffer::zeros(DType::F32, 1000).unwrap());
    eprintln!("{up:?}");
    assert!(up.is_err());
}

#[test]
fn compiled_pipelines_are_kept_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipelines");
    let device = gpu().0.device.reopen().unwrap();
    let kept = device.device.features().contains(wgpu::Features::PIPELINE_CACHE);
    let compile = || {
        let cache = Cache::new(device.clone(), Some(path.clone()));
        let dot = dot::Dot::new(DType::F32, tile::Tile::SMALL);
        cache.get(&dot).unwrap();
        assert_eq!(cache.compiled(), 1);
    };
    compile();
    assert_eq!(path.exists(), kept, "{:?}", gpu().summary());
    if kept {
        let size = std::fs::metadata(&path).unwrap().len();
        assert!(size > 16, "{size} bytes");
        // Read, then damaged and begun anew.
        compile();
        std::fs::write(&path, vec![7; size as usize]).unwrap();
        compile();
        assert_ne!(std::fs::read(&path).unwrap(), vec![7; size as usize]);
    }
}

/// What [`trusted::open`] is for. Without its lock the loader's races are real but rare: Helgrind names them at once.
#[test]
fn devices_are_opened_while_others_are_dropped() {
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..8 {
                    let device = Device::open(None).unwrap();
                    device.check("open").unwrap();
                }
            });
        }
    });
}
