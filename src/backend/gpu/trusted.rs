//! The backend's only unsafe code: shaders without the checks that wgpu would put around every access, and compiled pipelines
//! from a file.

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
