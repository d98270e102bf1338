//! The backend's only unsafe code: an instance that knows no windows, shaders without the checks that wgpu would put around every
//! access, and compiled pipelines from a file.

/// wgpu's way to the drivers, for computing alone.
#[cfg(any(windows, target_vendor = "apple"))]
pub(crate) fn instance(descriptor: wgpu::InstanceDescriptor) -> wgpu::Instance {
    wgpu::Instance::new(descriptor)
}
/// wgpu's way to the drivers, for computing alone. wgpu would ask Vulkan for windows too, and Mesa's layer that puts devices
/// in order then looks for a desktop: where there is none, as in a container or over ssh, it writes errors to stderr.
#[cfg(not(any(windows, target_vendor = "apple")))]
pub(crate) fn instance(descriptor: wgpu::InstanceDescriptor) -> wgpu::Instance {
    use wgpu::hal::{self, api::Vulkan, vulkan};
    const WINDOWS: [&std::ffi::CStr; 3] = [c"VK_KHR_wayland_surface", c"VK_KHR_xcb_surface", c"VK_KHR_xlib_surface"];
    if !descriptor.backends.contains(wgpu::Backends::VULKAN) {
        return wgpu::Instance::new(descriptor);
    }
    let settings = hal::InstanceDescriptor {
        name: "gridloom",
        flags: descriptor.flags,
        memory_budget_thresholds: descriptor.memory_budget_thresholds,
        backend_options: descriptor.backend_options.clone(),
        telemetry: None,
        display: None,
    };
    let computing: Box<vulkan::CreateInstanceCallback<'_>> =
        Box::new(|asked| asked.extensions.retain(|name| !WINDOWS.contains(name)));
    // SAFETY: as for any instance, the Vulkan library that the system has must keep to Vulkan. Of what wgpu asks for, the callback
    // must leave out nothing that is used: these three extensions make windows' surfaces, which is all that they are for,
    // wgpu looks for each of them in the same list before it makes one, and nobody here does.
    match unsafe { vulkan::Instance::init_with_callback(&settings, Some(computing)) } {
        // SAFETY: it was just made, and is handed over.
        Ok(instance) => unsafe { wgpu::Instance::from_hal::<Vulkan>(instance) },
        // There is no Vulkan: wgpu says so in its own way.
        Err(_) => wgpu::Instance::new(descriptor),
    }
}

/// Compiles WGSL. With `checks`, wgpu puts bounds checks, loop limits and division guards into it.
pub(crate) fn shader(device: &wgpu::Device, label: &str, source: String, checks: bool) -> wgpu::ShaderModule {
    let descriptor =
        wgpu::ShaderModuleDescriptor { label: Some(label), source: wgpu::ShaderSource::Wgsl(source.into()) };
    if checks {
        return device.create_shader_module(descriptor);
    }
    // SAFETY: the source is the crate's own: a template from `shaders/` and a program printed from the tables. Callers ask for
    // checks where a user's text is in it. Without them it must stay within its buffers, end its loops and divide
    // safely: `params::check_bounds` proves every launch's places on the host before it is recorded; loops run to counts
    // from the parameters, and the one rejection loop (random integers) ends with probability 1, each round at least 1/2;
    // integer division makes its divisor harmless first (`shaders/lib/int.wgsl`).
    // The tests run the same shaders with checks on.
    unsafe { device.create_shader_module_trusted(descriptor, wgpu::ShaderRuntimeChecks::unchecked()) }
}

/// The driver's cache of compiled pipelines, with what an earlier process kept of it.
pub(crate) fn pipeline_cache(device: &wgpu::Device, kept: Option<&[u8]>) -> wgpu::PipelineCache {
    let descriptor = wgpu::PipelineCacheDescriptor { label: Some("gridloom"), data: kept, fallback: true };
    // SAFETY: the bytes must be what `get_data` gave. They come from a file that `pipeline_file.rs` wrote for this adapter and driver,
    // with a checksum that has just been compared; wgpu and the driver compare their own headers too, and begin
    // with an empty cache where they do not fit.
    unsafe { device.create_pipeline_cache(&descriptor) }
}
