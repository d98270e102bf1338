//! Which device a client opens.

use super::backend::Backend;
#[cfg(feature = "gpu")]
use crate::backend::gpu::AdapterSummary;
use crate::error::{Error, Result};
use crate::schedule::Device;

/// The device of a backend: an adapter by name, or the best one.
///
/// # Errors
/// [`Error::NoAdapter`] or [`Error::GpuNotBuilt`] where it must be there and is not; [`Error::Device`] where it does not open.
#[cfg(feature = "gpu")]
pub(super) fn open(backend: Backend, adapter: Option<&str>) -> Result<Device> {
    use std::sync::Arc;

    use crate::backend::gpu::{AdapterKind, Gpu, adapters};
    let device = |name: Option<&str>| Gpu::open(name).map(|gpu| Device::Adapter(Arc::new(gpu)));
    match backend {
        Backend::Cpu => Ok(Device::Cpu),
        Backend::Gpu => device(adapter),
        // An adapter by name is meant, software or not: it must be there.
        Backend::Auto if adapter.is_some() => device(adapter),
        Backend::Auto => {
            let hardware = adapters().into_iter().find(|a| a.kind != AdapterKind::Software);
            hardware.map_or(Ok(Device::Cpu), |a| device(Some(&a.name)))
        }
    }
}

#[cfg(not(feature = "gpu"))]
pub(super) fn open(backend: Backend, adapter: Option<&str>) -> Result<Device> {
    match backend {
        Backend::Cpu => Ok(Device::Cpu),
        Backend::Auto if adapter.is_none() => Ok(Device::Cpu),
        Backend::Auto | Backend::Gpu => Err(Error::GpuNotBuilt),
    }
}

/// The device that the adapters of some indices are together, beside what else was said of devices.
///
/// # Errors
/// [`Error::Parameter`] for no index, and for what contradicts them; [`Error::NoAdapter`] for one that is not there; as [`open`].
pub(super) fn open_all(indices: &[usize], backend: Option<Backend>, adapter: Option<&str>) -> Result<Device> {
    let wrong = |what, got, expected| Err(Error::Parameter { op: "client", what, got, expected });
    if indices.is_empty() {
        return wrong("list of adapters", "empty".into(), "at least one index of gridloom::adapters()");
    }
    if backend == Some(Backend::Cpu) {
        return wrong("backend", format!("Cpu beside the adapters {indices:?}"), "Gpu, Auto, or left out");
    }
    if let Some(name) = adapter {
        return wrong("adapter", format!("{name:?} beside the adapters {indices:?}"), "left out, or given alone");
    }
    together(indices)
}

#[cfg(feature = "gpu")]
fn together(indices: &[usize]) -> Result<Device> {
    use std::sync::Arc;

    use crate::backend::adapter::Adapter;
    use crate::backend::gpu::Gpu;
    use crate::backend::several::Several;
    // Failures made on purpose are the client's, whichever of them meets one.
    let faults = Arc::default();
    let open = |&index: &usize| Gpu::open_at(index, Arc::clone(&faults));
    let gpus = indices.iter().map(open).collect::<Result<Vec<Gpu>>>()?;
    equal(gpus.iter().map(Gpu::summary))?;
    let mut members: Vec<Arc<dyn Adapter>> = gpus.into_iter().map(|gpu| Arc::new(gpu) as Arc<dyn Adapter>).collect();
    match members.len() {
        1 => Ok(Device::Adapter(members.swap_remove(0))),
        _ => Ok(Device::Adapter(Arc::new(Several::of(members)?))),
    }
}

/// Refuses adapters that differ.
#[cfg(feature = "gpu")]
fn equal<'a>(mut all: impl Iterator<Item = &'a AdapterSummary>) -> Result<()> {
    let named = |AdapterSummary { name, driver, backend, .. }: &AdapterSummary| format!("{name} ({backend}, {driver})");
    let Some(first) = all.next() else { return Ok(()) };
    all.find(|other| *other != first).map_or(Ok(()), |other| {
        let got = format!("{} and {}", named(first), named(other));
        let expected = "one adapter's, or those of equal ones: the chunks of each array are spread over them";
        Err(Error::Parameter { op: "client", what: "list of adapters", got, expected })
    })
}

#[cfg(not(feature = "gpu"))]
fn together(_: &[usize]) -> Result<Device> {
    Err(Error::GpuNotBuilt)
}

#[cfg(all(test, feature = "gpu"))]
mod tests {
    use super::*;
    use crate::backend::gpu::AdapterKind;

    #[test]
    fn adapters_that_differ_are_refused_by_name() {
        let adapter = |name: &str, driver: &str| AdapterSummary {
            name: name.into(),
            driver: driver.into(),
            backend: "vulkan".into(),
            kind: AdapterKind::Discrete,
        };
        let [one, twin, other] = [adapter("A", "1"), adapter("A", "1"), adapter("B", "1")];
        assert!(equal([&one, &twin].into_iter()).is_ok());
        let error = equal([&one, &twin, &other].into_iter()).unwrap_err().to_string();
        assert!(error.contains("A (vulkan, 1) and B (vulkan, 1)"), "{error}");
        assert!(equal([&one, &adapter("A", "2")].into_iter()).is_err());
    }
}
