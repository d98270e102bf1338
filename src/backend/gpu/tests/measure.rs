//! Measurements that decided how elements travel: run with `--ignored --nocapture`, and in release mode.

use super::super::*;
use super::*;

use std::time::Instant;

const CHUNK: usize = 16 << 20;
const CHUNKS: usize = 40;

/// The best of three, in GB/s.
fn rate(what: &str, mut run: impl FnMut()) {
    run();
    let best = (0..3)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .min()
        .unwrap();
    eprintln!("{what}: {:.2} GB/s", (CHUNK * CHUNKS) as f64 / best.as_secs_f64() / 1e9);
}

/// Uploads by a writer of the whole buffer, four chunks in flight.
fn raw(device: &wgpu::Device, queue: &wgpu::Queue, direct: bool) {
    use wgpu::BufferUsages as Usage;
    let source = vec![7u8; CHUNK];
    let usage =
        Usage::STORAGE | Usage::COPY_DST | Usage::COPY_SRC | if direct { Usage::MAP_WRITE } else { Usage::empty() };
    let descriptor = wgpu::BufferDescriptor { label: None, size: CHUNK as u64, usage, mapped_at_creation: direct };
    let buffers: Vec<_> = (0..4).map(|_| device.create_buffer(&descriptor)).collect();
    let wait = || device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
    rate(if direct { "mapped storage buffers" } else { "write_buffer_with" }, || {
        for i in 0..CHUNKS {
            let buffer = &buffers[i % 4];
            if direct {
                let mut view = buffer.get_mapped_range_mut(..).unwrap();
                view.copy_from_slice(&source);
                drop(view);
                buffer.unmap();
                // As after the kernels that read it.
                buffer.map_async(wgpu::MapMode::Write, .., |mapped| mapped.unwrap());
                wait();
            } else {
                let size = wgpu::BufferSize::new(CHUNK as u64).unwrap();
                queue.write_buffer_with(buffer, 0, size).unwrap().copy_from_slice(&source);
                queue.submit([]);
            }
        }
        wait();
    });
}

#[test]
#[ignore = "a measurement"]
fn rates_of_the_ways() {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle_from_env());
    let adapter = pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default())).unwrap();
    let mappable = wgpu::Features::MAPPABLE_PRIMARY_BUFFERS & adapter.features();
    let descriptor = wgpu::DeviceDescriptor { required_features: mappable, ..Default::default() };
    let (device, queue) = pollster::block_on(adapter.request_device(&descriptor)).unwrap();
    raw(&device, &queue, false);
    if !mappable.is_empty() {
        raw(&device, &queue, true);
    }
    for gpu in own(1 << 30) {
        eprintln!("{}", if gpu.0.direct { "direct" } else { "staged" });
        rates_of(&gpu);
    }
}

fn rates_of(gpu: &Gpu) {
    let host = HostBuffer::from_vec::<f32>(vec![1.5; CHUNK / 4]);
    let narrow = HostBuffer::from_vec::<u8>(vec![3; CHUNK / 4]);
    let idle = || gpu.0.device.progress.wait_idle().unwrap();
    for (what, host) in [("upload f32", &host), ("upload u8 (device bytes)", &narrow)] {
        rate(what, || {
            for _ in 0..CHUNKS {
                // Kept until submitted, or there is no copy.
                let x = gpu.upload(host).unwrap();
                gpu.flush().unwrap();
                drop(x);
            }
            idle();
        });
    }
    rate("upload f32 from 2 threads", || {
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..CHUNKS / 2 {
                        let x = gpu.upload(&host).unwrap();
                        gpu.flush().unwrap();
                        drop(x);
                    }
                });
            }
        });
        idle();
    });
    let x = gpu.upload(&host).unwrap();
    let mut sum = 0;
    rate("download_with f32, reading each word", || {
        for _ in 0..CHUNKS {
            gpu.download_with(std::slice::from_ref(&x), &mut |_, bytes| {
                sum += bytes.chunks_exact(8).map(|b| usize::from(b[0])).sum::<usize>();
                Ok(())
            })
            .unwrap();
        }
    });
    rate("download f32", || {
        for _ in 0..CHUNKS {
            sum += gpu.download(&x).unwrap().len();
        }
    });
    eprintln!("{sum} {:?}", gpu.stats());
}
