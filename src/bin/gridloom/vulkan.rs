//! Why there may be no adapter: what of Vulkan is missing. Only looks at files.

use std::path::{Path, PathBuf};

/// What to do to get an adapter, most likely cause first.
pub(crate) fn advice() -> Vec<String> {
    if !cfg!(feature = "gpu") {
        return vec!["this program was built without the feature `gpu`: build it with `--features gpu,cli`".to_owned()];
    }
    let mut advice = Vec::new();
    if let Ok(value) = std::env::var("WGPU_BACKEND") {
        advice.push(format!("WGPU_BACKEND={value} hides adapters of other interfaces: unset it"));
    }
    if cfg!(all(unix, not(target_vendor = "apple"))) {
        advice.extend(linux());
    }
    if advice.is_empty() {
        advice.push("install the vendor's graphics driver".to_owned());
    }
    advice
}

fn linux() -> Vec<String> {
    let mut advice = Vec::new();
    if !folders().iter().any(|folder| folder.join("libvulkan.so.1").exists()) {
        advice.push("the Vulkan loader libvulkan.so.1 is missing: apt-get install libvulkan1 (Debian, Ubuntu), dnf install vulkan-loader (Fedora)".to_owned());
    }
    for name in ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] {
        let set = std::env::var_os(name).unwrap_or_default();
        for file in std::env::split_paths(&set).filter(|file| !file.as_os_str().is_empty() && !file.exists()) {
            advice.push(format!("{name} names {}, which does not exist: unset it", file.display()));
        }
    }
    if manifests() == 0 {
        advice.push("no Vulkan driver is installed (no manifest in vulkan/icd.d): apt-get install mesa-vulkan-drivers for AMD, Intel and software rendering, or NVIDIA's driver".to_owned());
    }
    let nodes = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
    let nodes: Vec<PathBuf> =
        nodes.map(|node| node.path()).filter(|path| path.to_string_lossy().contains("renderD")).collect();
    let nvidia = Path::new("/dev/nvidiactl").exists();
    if nodes.is_empty() && !nvidia {
        advice.push("no GPU is visible (/dev/dri/renderD*, /dev/nvidiactl): in a container, pass it through (docker run --device /dev/dri, or --gpus all with NVIDIA_DRIVER_CAPABILITIES=all)".to_owned());
    }
    for node in nodes.iter().filter(|node| std::fs::File::open(node).is_err()) {
        advice.push(format!("{} may not be opened: add your user to the group render", node.display()));
    }
    advice
}

/// Where the loader is looked for.
fn folders() -> Vec<PathBuf> {
    let own = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&own).collect();
    let arch = std::env::consts::ARCH;
    for folder in ["/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib", "/run/opengl-driver/lib"] {
        folders.push(folder.into());
        folders.push(format!("{folder}/{arch}-linux-gnu").into());
    }
    folders
}

/// Drivers that say they are there.
fn manifests() -> usize {
    let roots = ["/etc", "/usr/share", "/usr/local/share", "/usr/local/etc", "/run/opengl-driver/share"];
    let folders = roots.iter().map(|root| Path::new(root).join("vulkan/icd.d"));
    let files = folders.filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    files.filter(|file| file.path().extension().is_some_and(|e| e == "json")).count()
}
