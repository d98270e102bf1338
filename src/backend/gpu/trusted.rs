//! The backend's only unsafe code: shaders without the checks that wgpu would put around every access.

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
