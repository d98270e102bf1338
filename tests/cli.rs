//! The program `gridloom`: what it prints, and how it ends.

use std::process::{Command, Output};

/// The program, as it was built beside the tests, with settings for where kernels run.
fn gridloom(argument: &str, settings: &[(&str, &str)]) -> (Output, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gridloom"));
    command.arg(argument).envs(settings.iter().copied());
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    (output, text)
}

#[test]
fn info_says_what_runs_where() {
    let (output, text) = gridloom("info", &[]);
    assert!(output.status.success(), "{output:?}");
    assert!(text.starts_with(&format!("gridloom {}\n", env!("CARGO_PKG_VERSION"))), "{text}");
    assert!(text.contains("\nCPU: ") && text.contains("client by default here: client: "), "{text}");
    let adapters = text.matches("\nadapter: ").count();
    let tables = text.matches("g: on the adapter").count();
    let unusable = text.matches("cannot be used: ").count();
    assert_eq!(adapters, tables + unusable, "{text}");
    // Weighted histograms never run on an adapter, arithmetic in 32 bits always does.
    for table in text.split("g: on the adapter").skip(1) {
        let row =
            |name: &str| table.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{name}: {table}"));
        let cells = |name: &str| row(name).split(name).nth(1).unwrap().split_whitespace().collect::<Vec<_>>();
        assert!(!cells("histogram_weighted").contains(&"g"), "{table}");
        assert_eq!(cells("functions of floats (exp, sin, …)")[0], "g", "{table}");
        assert_eq!(cells("arithmetic, comparison, where_").len(), gridloom::DType::ALL.len(), "{table}");
        assert!(table.contains("on the CPU: weighted histogram"), "{table}");
    }
}

#[test]
fn doctor_finds_a_sound_machine_sound() {
    let (output, text) = gridloom("doctor", &[]);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("ok       CPU: elementwise, sums, random, histogram, filter, dot right"), "{text}");
    assert!(text.ends_with("all is well\n"), "{text}");
}

#[test]
fn doctor_says_what_is_wrong_with_settings() {
    let (output, text) = gridloom("doctor", &[("GRIDLOOM_BACKEND", "quantum")]);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("PROBLEM  settings: ") && text.contains("GRIDLOOM_BACKEND=quantum"), "{text}");
    assert!(text.contains("ok       CPU: "), "the rest is checked all the same: {text}");
}

#[test]
fn doctor_says_what_of_vulkan_is_missing() {
    let nowhere = [
        ("VK_DRIVER_FILES", "/nowhere/icd.json"),
        ("VK_ICD_FILENAMES", "/nowhere/icd.json"),
        ("WGPU_BACKEND", "vulkan"),
        ("GRIDLOOM_BACKEND", "auto"),
        ("GRIDLOOM_ADAPTER", ""),
    ];
    let (output, text) = gridloom("doctor", &nowhere);
    assert!(output.status.success(), "a machine without an adapter is sound: {text}");
    assert!(text.contains("note     adapters: none, kernels run on the CPU"), "{text}");
    if cfg!(all(feature = "gpu", target_os = "linux")) {
        assert!(text.contains("VK_DRIVER_FILES names /nowhere/icd.json, which does not exist: unset it"), "{text}");
    } else if cfg!(not(feature = "gpu")) {
        assert!(text.contains("built without the feature `gpu`"), "{text}");
    }
}

#[test]
fn words_that_mean_nothing_are_refused() {
    let (output, _) = gridloom("diagnose", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("unrecognized subcommand 'diagnose'"), "{output:?}");
}
