//! The backend's only unsafe code: an instance that knows no windows, devices that are opened and closed one at a time, shaders
//! without the checks that wgpu would put around every access or as SPIR-V made here, what a device keeps of floats and how much
//! memory it has, and compiled pipelines from a file.

use super::spirv::FloatModes;

/// wgpu's way to the drivers, for computing alone.
#[cfg(any(windows, target_vendor = "apple"))]
pub(crate) fn instance(descriptor: wgpu::InstanceDescriptor) -> wgpu::Instance {
    wgpu::Instance::new(descriptor)
}
/// wgpu's way to the drivers, for computing alone: one a process, so that none ends while a device is opened, see [`LOADER`].
#[cfg(not(any(windows, target_vendor = "apple")))]
pub(crate) fn instance(descriptor: wgpu::InstanceDescriptor) -> wgpu::Instance {
    static INSTANCE: std::sync::OnceLock<wgpu::Instance> = std::sync::OnceLock::new();
    INSTANCE.get_or_init(|| without_windows(descriptor)).clone()
}

/// wgpu would ask Vulkan for windows too, and Mesa's layer that puts devices in order then looks for a desktop: where there is none,
/// as in a container or over ssh, it writes errors to stderr.
#[cfg(not(any(windows, target_vendor = "apple")))]
fn without_windows(descriptor: wgpu::InstanceDescriptor) -> wgpu::Instance {
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

/// Held while a Vulkan device is opened or closed. The loader frees what it knows of a device under another lock than it reads its lists
/// under (`loader_get_icd_and_device` of 1.3.239, which each `vkGetDeviceProcAddr` comes to): a device that is closed while
/// another thread opens one was seen to end the process. The same thread may close what it fails to open.
#[cfg(not(target_vendor = "apple"))]
static LOADER: parking_lot::ReentrantMutex<()> = parking_lot::const_reentrant_mutex(());

/// Opens a device.
#[cfg(target_vendor = "apple")]
pub(crate) fn open(
    adapter: &wgpu::Adapter,
    asked: &wgpu::DeviceDescriptor<'_>,
) -> Result<(wgpu::Device, wgpu::Queue), String> {
    pollster::block_on(adapter.request_device(asked)).map_err(|error| error.to_string())
}
/// Opens a device. One of Vulkan's is made as wgpu would, but while no other is opened or closed.
#[cfg(not(target_vendor = "apple"))]
pub(crate) fn open(
    adapter: &wgpu::Adapter,
    asked: &wgpu::DeviceDescriptor<'_>,
) -> Result<(wgpu::Device, wgpu::Queue), String> {
    use wgpu::hal::api::Vulkan;
    // SAFETY: it is looked at, and not destroyed.
    let Some(vulkan) = (unsafe { adapter.as_hal::<Vulkan>() }) else {
        return pollster::block_on(adapter.request_device(asked)).map_err(|error| error.to_string());
    };
    let opened = open_vulkan(&vulkan, asked)?;
    // SAFETY: the device was made from this adapter, with these features and limits.
    let device = unsafe { adapter.create_device_from_hal::<Vulkan>(opened, asked) };
    device.map_err(|error| error.to_string())
}

/// What `request_device` does of Vulkan, with [`LOADER`] held, then and when the device is closed.
#[cfg(not(target_vendor = "apple"))]
fn open_vulkan(
    adapter: &wgpu::hal::vulkan::Adapter,
    asked: &wgpu::DeviceDescriptor<'_>,
) -> Result<wgpu::hal::OpenDevice<wgpu::hal::api::Vulkan>, String> {
    use ash::vk;
    /// wgpu has one queue, of the first family.
    const FAMILY: u32 = 0;
    let features = asked.required_features;
    let extensions = adapter.required_device_extensions(features);
    let names: Vec<_> = extensions.iter().map(|name| name.as_ptr()).collect();
    let mut enabled = adapter.physical_device_features(&extensions, features);
    let queue = [vk::DeviceQueueCreateInfo::default().queue_family_index(FAMILY).queue_priorities(&[1.0])];
    let info = vk::DeviceCreateInfo::default().queue_create_infos(&queue).enabled_extension_names(&names);
    let info = enabled.add_to_device_create(info);
    let _loader = LOADER.lock();
    // SAFETY: the adapter is the instance's. Extensions and features are those that wgpu enables for what is asked, and it has them:
    // `asked` comes from what the adapter offers.
    let device =
        unsafe { adapter.shared_instance().raw_instance().create_device(adapter.raw_physical_device(), &info, None) };
    let device = device.map_err(|error| error.to_string())?;
    let closing = device.clone();
    let close = move || {
        let _loader = LOADER.lock();
        // SAFETY: wgpu calls this once, when nothing of the device is left, and does not destroy it itself.
        unsafe { closing.destroy_device(None) }
    };
    // SAFETY: the device was made from this adapter, as is asked here, and is there until `close` is called.
    let opened = unsafe {
        let (limits, hints) = (&asked.required_limits, &asked.memory_hints);
        adapter.device_from_raw(device, Some(Box::new(close)), &extensions, features, limits, hints, FAMILY, 0)
    };
    opened.map_err(|error| error.to_string())
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

/// Hands over SPIR-V that `spirv::compile` made, from a text that would have come to [`shader`].
pub(crate) fn compiled(device: &wgpu::Device, label: &str, words: Vec<u32>) -> wgpu::ShaderModule {
    let entries = [wgpu::PassthroughShaderEntryPoint { name: "main".into(), workgroup_size: Default::default() }];
    let descriptor = wgpu::ShaderModuleDescriptorPassthrough {
        label: Some(label),
        entry_points: entries.as_slice().into(),
        spirv: Some(words.into()),
        ..Default::default()
    };
    // SAFETY: wgpu looks at none of it, so the module must be valid, and do what a shader may. It is what wgpu's own compiler made
    // of a text that its validator had passed, with the checks that `shader` would have asked for; what is added are
    // decorations and modes, which change no access and no loop. Its bindings are those of the layout that `Cache::compile`
    // makes, as for `shader`.
    unsafe { device.create_shader_module_passthrough(descriptor) }
}

/// Bytes of the largest heap of memory that is the adapter's own, where it can be asked.
#[cfg(target_vendor = "apple")]
pub(crate) fn memory(_: &wgpu::Adapter) -> Option<u64> {
    None
}
/// Bytes of the largest heap of memory that is the adapter's own, where it can be asked.
#[cfg(not(target_vendor = "apple"))]
pub(crate) fn memory(adapter: &wgpu::Adapter) -> Option<u64> {
    use ash::vk;
    // SAFETY: it is looked at, and not destroyed.
    let adapter = unsafe { adapter.as_hal::<wgpu::hal::api::Vulkan>() }?;
    let (device, instance) = (adapter.raw_physical_device(), adapter.shared_instance());
    // SAFETY: the device is the instance's, and both are alive while the adapter is.
    let memory = unsafe { instance.raw_instance().get_physical_device_memory_properties(device) };
    let own = |heap: &&vk::MemoryHeap| heap.flags.contains(vk::MemoryHeapFlags::DEVICE_LOCAL);
    memory.memory_heaps_as_slice().iter().filter(own).map(|heap| heap.size).max()
}

/// What the adapter can be asked to keep of floats, if it takes SPIR-V.
#[cfg(target_vendor = "apple")]
pub(crate) fn float_modes(_: &wgpu::Adapter) -> Option<FloatModes> {
    None
}
/// What the adapter can be asked to keep of floats, if it takes SPIR-V.
#[cfg(not(target_vendor = "apple"))]
pub(crate) fn float_modes(adapter: &wgpu::Adapter) -> Option<FloatModes> {
    use ash::vk;
    // SAFETY: it is looked at, and not destroyed.
    let adapter = unsafe { adapter.as_hal::<wgpu::hal::api::Vulkan>() }?;
    let (device, instance) = (adapter.raw_physical_device(), adapter.shared_instance());
    // SAFETY: the device is the instance's, and both are alive while the adapter is.
    let about = unsafe { instance.raw_instance().get_physical_device_properties(device) };
    let vulkan = about.api_version.min(instance.instance_api_version());
    // The newest SPIR-V that each version takes (Vulkan specification, *Versions and Formats*).
    let version = match vulkan {
        vk::API_VERSION_1_3.. => (1, 6),
        vk::API_VERSION_1_2.. => (1, 5),
        vk::API_VERSION_1_1.. => (1, 3),
        _ => (1, 0),
    };
    let mut modes = FloatModes { version, ..FloatModes::default() };
    if vulkan < vk::API_VERSION_1_2 {
        return Some(modes);
    }
    let mut floats = vk::PhysicalDeviceFloatControlsProperties::default();
    let mut asked = vk::PhysicalDeviceProperties2::default().push_next(&mut floats);
    // SAFETY: as above; what is asked is part of Vulkan 1.2, which both have.
    unsafe { instance.raw_instance().get_physical_device_properties2(device, &mut asked) };
    let known = |flag: vk::Bool32| flag != vk::FALSE;
    modes.special = [
        known(floats.shader_signed_zero_inf_nan_preserve_float32),
        known(floats.shader_signed_zero_inf_nan_preserve_float64),
    ];
    modes.subnormal = [known(floats.shader_denorm_preserve_float32), known(floats.shader_denorm_preserve_float64)];
    // Where one width decides for the other, both are asked or none.
    if floats.denorm_behavior_independence == vk::ShaderFloatControlsIndependence::NONE && modes.subnormal != [true; 2]
    {
        modes.subnormal = [false; 2];
    }
    Some(modes)
}

/// The driver's cache of compiled pipelines, with what an earlier process kept of it.
pub(crate) fn pipeline_cache(device: &wgpu::Device, kept: Option<&[u8]>) -> wgpu::PipelineCache {
    let descriptor = wgpu::PipelineCacheDescriptor { label: Some("gridloom"), data: kept, fallback: true };
    // SAFETY: the bytes must be what `get_data` gave. They come from a file that `pipeline_file.rs` wrote for this adapter and driver,
    // with a checksum that has just been compared; wgpu and the driver compare their own headers too, and begin
    // with an empty cache where they do not fit.
    unsafe { device.create_pipeline_cache(&descriptor) }
}
