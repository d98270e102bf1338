//! The WGSL that kernels are printed as: valid for every row of the tables and every kernel, and as it was. Needs no device.

use std::path::Path;
use std::process::Command;

use gridloom::ops::{BinaryOp, Fold, RandomOp, RandomSpec, TernaryOp, UnaryOp};
use gridloom::optimize::optimize;
use gridloom::plan::StageKind;
use gridloom::plan::capability::Capabilities;
use gridloom::plan::expr::{Inst, Program};
use gridloom::plan::family::unsupported;
use gridloom::plan::kernel::{Folding, Kernel};
use gridloom::plan::lower::lower;
use gridloom::random::Generator;
use gridloom::testing::wgsl;
use gridloom::{Array, DType, Element, ElementFn, arange, ones};
use naga::valid::{Capabilities as Naga, ValidationFlags, Validator};

/// What is wrong with a shader, if something is.
fn problem(text: &str, capabilities: &Capabilities) -> Option<String> {
    let module = match naga::front::wgsl::parse_str(text) {
        Ok(module) => module,
        Err(error) => return Some(error.emit_to_string(text)),
    };
    let mut allowed = Naga::IMMEDIATES;
    allowed.set(Naga::FLOAT64, capabilities.f64);
    allowed.set(Naga::SHADER_INT64, capabilities.i64);
    let valid = Validator::new(ValidationFlags::all(), allowed).validate(&module);
    valid.err().map(|error| error.emit_to_string(text))
}

/// Prints a kernel for adapters with and without 64-bit types, as far as they can run it, and validates what comes out.
/// Returns how many shaders that were.
fn check(what: &str, kernel: &Kernel, rank: usize) -> usize {
    let mut checked = 0;
    for capabilities in
        [Capabilities::WEBGPU, Capabilities::FULL, Capabilities { rewrites: true, ..Capabilities::FULL }]
    {
        if unsupported(kernel, &capabilities).is_some() {
            continue;
        }
        for (name, text) in wgsl(kernel, rank, &capabilities).unwrap_or_else(|error| panic!("{what}: {error}")) {
            if let Some(problem) = problem(&text, &capabilities) {
                panic!("{what}: {name}: {problem}\n{text}");
            }
            checked += 1;
        }
    }
    checked
}

/// A load of another array.
fn load(program: &mut Program, dtype: DType) -> u16 {
    program.loads.push(dtype);
    let slot = program.loads.len() as u16 - 1;
    program.push(Inst::Load { slot }, dtype)
}

/// A map of one instruction, whose operands are loads of the given dtypes.
fn map(args: &[DType], result: DType, inst: impl FnOnce(&[u16]) -> Inst) -> Kernel {
    let mut program = Program::default();
    let values: Vec<u16> = args.iter().map(|&dtype| load(&mut program, dtype)).collect();
    let value = program.push(inst(&values), result);
    program.outputs = vec![value];
    Kernel::Map(program)
}

#[test]
fn every_unary_row_is_valid_for_every_dtype_it_takes() {
    for &op in UnaryOp::ALL {
        let mut checked = 0;
        for &dtype in DType::ALL {
            let Some(result) = op.result(dtype) else { continue };
            let kernel = map(&[dtype], result, |x| Inst::Unary(op, x[0]));
            checked += check(&format!("{}({dtype})", op.info().name), &kernel, 2);
        }
        assert!(checked > 0, "{} has no shader", op.info().name);
    }
}

#[test]
fn every_binary_row_is_valid_for_every_dtype_it_takes() {
    for &op in BinaryOp::ALL {
        let mut checked = 0;
        for &dtype in DType::ALL {
            let Some(result) = op.result(dtype) else { continue };
            let kernel = map(&[dtype, op.right(dtype)], result, |x| Inst::Binary(op, x[0], x[1]));
            checked += check(&format!("{}({dtype})", op.info().name), &kernel, 1);
        }
        assert!(checked > 0, "{} has no shader", op.info().name);
    }
}

#[test]
fn every_ternary_row_is_valid_for_every_dtype_it_takes() {
    for &op in TernaryOp::ALL {
        for dtype in DType::all_computed() {
            let any = op == TernaryOp::Where;
            if dtype == DType::Bool && !any {
                continue;
            }
            let first = if any { DType::Bool } else { dtype };
            let kernel = map(&[first, dtype, dtype], dtype, |x| Inst::Ternary(op, [x[0], x[1], x[2]]));
            check(&format!("{}({dtype})", op.info().name), &kernel, 1);
        }
    }
}

#[test]
fn every_cast_is_valid() {
    for &from in DType::ALL {
        for &to in DType::ALL {
            check(&format!("{from} as {to}"), &map(&[from], to, |x| Inst::Cast(x[0])), 1);
        }
    }
}

#[test]
fn every_draw_is_valid() {
    for &op in RandomOp::ALL {
        for dtype in op.dtypes() {
            let mut program = Program { indices: 1, ..Program::default() };
            let spec = RandomSpec { seed: 1, stream: 2, range: 3 };
            let value = program.random(op, spec, 0, dtype);
            program.outputs = vec![value];
            check(&format!("random {} {dtype}", op.name()), &Kernel::Map(program), 3);
        }
    }
}

#[test]
fn every_kernel_is_valid_for_every_dtype_mask_and_number_of_axes() {
    use Fold::{Argmax, Argmin, Max, Min, Moments, Prod, Sum};
    let mut checked = 0;
    for dtype in DType::all_computed() {
        for masked in [false, true] {
            let kernel_of = |indexed: bool| {
                let mut program = Program { indices: indexed.into(), ..Program::default() };
                program.outputs = vec![load(&mut program, dtype)];
                if indexed {
                    let index = program.push(Inst::Index { slot: 0 }, DType::I32);
                    program.outputs.push(index);
                }
                if masked {
                    let mask = load(&mut program, DType::Bool);
                    program.outputs.push(mask);
                }
                program
            };
            for fold in [Sum, Prod, Min, Max, Argmin, Argmax, Moments] {
                let kernel = Kernel::Reduce { program: kernel_of(fold.indexed()), fold, masked };
                for rank in [1, 3] {
                    check(&format!("{} of {dtype}, masked: {masked}", fold.name()), &kernel, rank);
                }
            }
            let all = [Sum, Prod, Min, Max, Argmin, Argmax, Moments];
            for (i, &fold) in all.iter().enumerate() {
                let others = [fold, all[(i + 1) % all.len()], all[(i + 4) % all.len()]];
                for few in [&others[..2], &others] {
                    checked +=
                        check(&format!("{few:?} of {dtype}, masked: {masked}"), &together(dtype, few, masked), 2);
                }
            }
            for uniform in [false, true] {
                let kernel = Kernel::Histogram { program: kernel_of(false), masked, weighted: false, uniform };
                check(&format!("histogram of {dtype}, masked: {masked}"), &kernel, 2);
            }
        }
        let mut program = Program::default();
        program.outputs = vec![load(&mut program, dtype), load(&mut program, DType::Bool)];
        check(&format!("select of {dtype}"), &Kernel::Select(program), 4);
        check(&format!("take of {dtype}"), &Kernel::Take(dtype), 3);
        check(&format!("dot of {dtype}"), &Kernel::Dot(dtype), 2);
    }
    assert!(checked > 500, "{checked} shaders of several folds");
}

/// Folds of one array, the first of which is masked, or all.
fn together(dtype: DType, folds: &[Fold], masked: bool) -> Kernel {
    let mut program = Program { indices: 1, ..Program::default() };
    let (value, mask) = (load(&mut program, dtype), load(&mut program, DType::Bool));
    let index = program.push(Inst::Index { slot: 0 }, DType::I32);
    let mut list = Vec::new();
    for (i, &fold) in folds.iter().enumerate() {
        let folding = Folding { first: program.outputs.len(), ..Folding::only(fold, masked || i == 0) };
        program.outputs.push(value);
        program.outputs.extend(fold.indexed().then_some(index));
        program.outputs.extend(folding.masked.then_some(mask));
        list.push(folding);
    }
    Kernel::Folds { program, folds: list }
}

#[test]
fn a_wrong_shader_is_found() {
    let f = ElementFn::new("right", "fn right(x: f32) -> f32 { return x + 1.0; }", |x: f32| x).unwrap();
    let kernels = kernels(&f.apply(&ones::<f32>(3)), &Capabilities::FULL);
    let text = &wgsl(&kernels[0].0, 1, &Capabilities::FULL).unwrap()[0].1;
    assert_eq!(problem(text, &Capabilities::FULL), None);
    assert!(problem(&text.replace("1.0", "1u"), &Capabilities::FULL).is_some());
    assert!(problem("fn f() -> f64 { return 1.0lf; }", &Capabilities::WEBGPU).is_some());
}

/// The kernels that an array's plan runs on an adapter, with the axes of their domains.
fn kernels<T: Element>(x: &Array<T>, capabilities: &Capabilities) -> Vec<(Kernel, usize)> {
    let plan = lower(&optimize(&[x.node().clone()]).unwrap(), Some(capabilities)).unwrap();
    let kernel = |kind: &StageKind| match kind {
        StageKind::Kernel { kernel, domain, .. } => Some((kernel.clone(), domain.ndim())),
        _ => None,
    };
    plan.stages.iter().filter_map(|stage| kernel(&stage.kind)).collect()
}

/// Compares all shaders that an array's plan runs with those on file.
fn snapshot<T: Element>(name: &str, x: &Array<T>, capabilities: &Capabilities) {
    let mut all = String::new();
    for (kernel, rank) in kernels(x, capabilities) {
        for (name, text) in wgsl(&kernel, rank, capabilities).unwrap() {
            assert_eq!(problem(&text, capabilities), None, "{name}");
            all = format!("{all}// ---- {name}\n{text}\n");
        }
    }
    insta::with_settings!({ description => x.node().op.name(), omit_expression => true }, {
        insta::assert_snapshot!(name, all);
    });
}

#[test]
fn shaders_are_as_they_were() {
    let (web, full) = (&Capabilities::WEBGPU, &Capabilities::FULL);
    let x = Array::from(ndarray::Array2::<f32>::zeros((30, 20)));
    snapshot("map_f32", &((&x * 2.0 + 1.0).sin() + x.t().t()), web);
    snapshot("map_u8_wraps", &(ones::<u8>(10) + 255), web);
    snapshot("map_f64", &ones::<f64>(10).exp(), full);
    snapshot("map_i32_divides", &(arange::<i32>(10) / 3), web);
    snapshot("sum_f32", &x.sum(), web);
    snapshot("mean_of_filtered", &x.filter(&x.gt(0.0)).unwrap().mean(), web);
    snapshot("argmax_i32", &arange::<i32>(10).argmax().unwrap(), web);
    snapshot("var_f32", &x.var_axis(0, 0.0).unwrap(), web);
    snapshot("select_i32", &arange::<i32>(10).filter(&arange::<i32>(10).gt(3)).unwrap(), web);
    snapshot("take_u16", &Array::from(vec![1u16, 2]).take([0, 0], 0).unwrap(), web);
    snapshot("dot_f32", &x.dot(&x.t()).unwrap(), web);
    let noise = Generator::new(42).normal(9.0f32, 1.0, (5000, 5000)) + ones((5000, 5000));
    let low = noise.filter(&noise.lt(10.0)).unwrap();
    let f = ElementFn::new(
        "exp_f32",
        "// Not the library's.\nfn exp_f32(x: f32) -> f32 { return x + params; }\nconst params = 1.0;",
        |x: f32| x + 1.0,
    );
    let g = ElementFn::new("exp_f32", "fn exp_f32(x: f32) -> f32 { return x; }", |x: f32| x);
    let y = ones::<f32>(10);
    snapshot("functions", &(f.unwrap().apply(&y) + g.unwrap().apply(&y) + y.exp()), web);
    snapshot("exercise", &low.histogram((100, -9.0, 11.0)).unwrap().counts, web);
}

/// Names of users' functions begin with `user`, so none of ours does.
#[test]
fn no_name_of_ours_is_a_users() {
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders")];
    let mut files = 0;
    while let Some(at) = open.pop() {
        if at.is_dir() {
            open.extend(std::fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path()));
        } else if at.extension().is_some_and(|kind| kind == "wgsl") {
            let text = std::fs::read_to_string(&at).unwrap();
            let code = text.lines().map(|line| line.split("//").next().unwrap());
            let mut words = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
            assert_eq!(words.find(|word| word.starts_with("user")), None, "{}", at.display());
            files += 1;
        }
    }
    assert!(files > 20, "{files}");
}

#[test]
fn the_shader_library_is_made_from_the_rust_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(output) = Command::new("python3").arg("tools/twin.py").arg("--check").current_dir(root).output() else {
        // Without Python the files cannot be made either.
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "run tools/twin.py: {said}");
}
