//! Uploads in pieces, downloads without copies, threads that do both, the budget, and what the lanes tell.

use super::super::*;
use super::*;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::super::spans::{Lane, Span, Tag};
use crate::backend::span::DeviceTime;

/// Bytes that differ from element to element.
fn bytes_of(dtype: DType, len: usize) -> Vec<u8> {
    let bytes: Vec<u8> = (0..len * dtype.size())
        .map(|i| if dtype == DType::Bool { (i % 3 == 0).into() } else { (i * 7 + i / 251) as u8 })
        .collect();
    match dtype {
        DType::F16 => {
            let halves = bytes.chunks_exact(2).map(|half| u16::from_le_bytes([half[0], half[1]]));
            halves.flat_map(|half| (quiet(dtype, half.into()) as u16).to_le_bytes()).collect()
        }
        _ => bytes,
    }
}

/// Waits for callbacks that come a little after what they tell: on a machine with other work that may be seconds.
pub(super) fn soon(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..15_000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("{what}");
}

/// Negates on the device.
pub(super) fn negate(gpu: &Gpu, x: &GpuBuffer) -> Result<GpuBuffer> {
    negate_as(gpu, None, x)
}

fn negate_as(gpu: &Gpu, tag: Option<Tag>, x: &GpuBuffer) -> Result<GpuBuffer> {
    let p = program(&[x.dtype], |a| Inst::Unary(UnaryOp::Neg, a[0]), x.dtype);
    let flat = Access { base: 0, strides: vec![1] };
    let piece = Piece { dims: vec![x.len as u64], out: flat.clone(), loads: vec![(0, flat)], indices: vec![] };
    Ok(gpu.run_as(tag, &Kernel::Map(p), &Work::Pieces(vec![piece]), std::slice::from_ref(x), x.len)?.remove(0))
}

#[test]
fn streams_of_every_dtype_in_pieces() {
    own(2 << 20).iter().for_each(check_streams_of_every_dtype_in_pieces);
}

fn check_streams_of_every_dtype_in_pieces(gpu: &Gpu) {
    // Slots of 16 KiB, so that uploads need many.
    for &dtype in DType::ALL {
        for len in [0usize, 1, 2, 3, 1000, 5003, 40_001] {
            let bytes = bytes_of(dtype, len);
            for elements in [1usize, 7, 4096, 100_000] {
                if elements == 1 && len > 1000 {
                    continue;
                }
                let x = gpu.upload_stream(dtype, len, &mut |sink| {
                    sink(&[])?;
                    bytes.chunks(elements * dtype.size()).try_for_each(&mut *sink)
                });
                let x = x.unwrap();
                let mut calls = 0;
                gpu.download_with(&[x.clone(), x], &mut |i, got| {
                    assert_eq!(i, calls);
                    calls += 1;
                    assert!(got == bytes, "{dtype} {len} {elements}");
                    Ok(())
                })
                .unwrap();
                assert_eq!(calls, 2);
            }
        }
    }
    let stats = gpu.stats();
    assert!(stats.live_bytes == 0 && stats.peak_total_bytes <= gpu.budget(), "{stats:?}");
    assert!(stats.upload_ns > 0 && stats.download_ns > 0 && stats.compute_ns == 0, "{stats:?}");
}

#[test]
fn streams_that_fail_leave_nothing() {
    own(2 << 20).iter().for_each(check_streams_that_fail_leave_nothing);
}

fn check_streams_that_fail_leave_nothing(gpu: &Gpu) {
    let bytes = bytes_of(DType::F32, 40_000);
    let upload = |fill: &mut transfer::Fill<'_>| {
        let error = gpu.upload_stream(DType::F32, 40_000, fill).unwrap_err();
        assert_eq!(gpu.stats().live_bytes, 0);
        error
    };
    let error = upload(&mut |sink| {
        sink(&bytes[..100_000])?;
        Err(Error::UserFunction { name: "fill".into(), problem: "no more".into() })
    });
    assert!(matches!(error, Error::UserFunction { .. }), "{error}");
    assert!(matches!(upload(&mut |sink| sink(&bytes[4..])), Error::Bug(_)));
    assert!(matches!(upload(&mut |_| Ok(())), Error::Bug(_)));
    assert!(matches!(upload(&mut |sink| sink(&bytes[..6])), Error::Bug(_)));
    assert!(matches!(upload(&mut |sink| sink(&bytes).and_then(|()| sink(&bytes[..4]))), Error::Bug(_)));
    // An error that `fill` does not pass on is still one.
    assert!(matches!(upload(&mut |sink| sink(&bytes[..7]).or(Ok(()))), Error::Bug(_)));
    let x = gpu.upload_stream(DType::F32, 40_000, &mut |sink| sink(&bytes)).unwrap();
    let error = gpu.download_with(std::slice::from_ref(&x), &mut |_, _| Err(Error::bug("taken"))).unwrap_err();
    assert!(error.to_string().contains("taken"), "{error}");
    assert_eq!(gpu.download(&x).unwrap().bytes(), bytes);
    drop(x);
    soon("slots come back", || gpu.stats().staging_bytes == 0);
    assert_eq!(gpu.stats().live_bytes, 0);
}

#[test]
fn threads_fill_compute_and_fetch_at_once() {
    own(8 << 20).iter().for_each(check_threads_fill_compute_and_fetch_at_once);
}

fn check_threads_fill_compute_and_fetch_at_once(gpu: &Gpu) {
    std::thread::scope(|scope| {
        for t in 0..4i32 {
            scope.spawn(move || {
                for round in 0..25i32 {
                    let n = 20_000 + 3001 * (round as usize % 7);
                    let values: Vec<i32> = (0..n as i32).map(|i| i * (t + 1) + round).collect();
                    let x = gpu.upload_stream(DType::I32, n, &mut |sink| {
                        values.chunks(1777).try_for_each(|piece| sink(bytemuck::cast_slice(piece)))
                    });
                    let y = negate(gpu, &x.unwrap()).unwrap();
                    gpu.download_with(&[y], &mut |_, got| {
                        let got: &[i32] = bytemuck::cast_slice(got);
                        assert!(got.iter().zip(&values).all(|(&y, &x)| y == -x), "{t} {round}");
                        Ok(())
                    })
                    .unwrap();
                }
            });
        }
    });
    let stats = gpu.stats();
    assert_eq!((stats.live_bytes, stats.dispatches), (0, 100), "{stats:?}");
    assert!(stats.peak_total_bytes <= gpu.budget(), "{stats:?}");
    soon("the ring is free", || gpu.stats().staging_bytes == 0 && gpu.stats().in_flight == 0);
}

#[test]
fn many_threads_fill_slots_at_once() {
    const THREADS: usize = 24;
    // A ring of 8 MiB in 32 slots, and one of 2 MiB in 8: there a thread waits for others, who then have what it needs.
    for (budget, together) in [(256 << 20, THREADS), (64 << 20, 8)] {
        let gpu = &own(budget)[0];
        let slot = gpu.0.pool.ledger.shares().slot as usize;
        let (filling, most, full) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
        // More than the ring holds, in all.
        let elements = 3 * slot / 8;
        let host: Vec<Vec<f64>> = (0..THREADS).map(|t| vec![t as f64; elements]).collect();
        std::thread::scope(|scope| {
            for host in &host {
                let (filling, most, full) = (&filling, &most, &full);
                scope.spawn(move || {
                    let bytes: &[u8] = bytemuck::cast_slice(host);
                    let x = gpu.upload_stream(DType::F64, elements, &mut |sink| {
                        sink(&bytes[..8])?;
                        // In a slot now, which is not full.
                        let now = filling.fetch_add(1, Ordering::Relaxed) + 1;
                        most.fetch_max(now, Ordering::Relaxed);
                        full.fetch_or(now == together, Ordering::Relaxed);
                        soon("so many fill slots", || full.load(Ordering::Relaxed));
                        filling.fetch_sub(1, Ordering::Relaxed);
                        sink(&bytes[8..])
                    });
                    assert!(gpu.download(&x.unwrap()).unwrap().bytes() == bytes);
                });
            }
        });
        assert_eq!(most.into_inner(), together, "{budget}");
        let stats = gpu.stats();
        assert_eq!(stats.uploaded_bytes, (THREADS * elements * 8) as u64);
        assert!(stats.peak_total_bytes <= gpu.budget(), "{stats:?}");
        soon("the ring is free", || gpu.stats().staging_bytes == 0);
    }
}

#[test]
fn the_budget_is_kept() {
    own(16 << 20).iter().for_each(check_the_budget_is_kept);
}

fn check_the_budget_is_kept(gpu: &Gpu) {
    assert_eq!((gpu.budget(), gpu.room()), (16 << 20, 14 << 20));
    let host = HostBuffer::from_vec::<f32>((0..1 << 19).map(|i| i as f32).collect());
    let mut held: Vec<GpuBuffer> = Vec::new();
    let error = loop {
        match gpu.upload(&host) {
            Ok(buffer) => held.push(buffer),
            Err(error) => break error,
        }
    };
    assert_eq!(held.len(), 7);
    assert!(matches!(&error, Error::Memory { pool: "device", limit, .. } if *limit == 14 << 20), "{error}");
    assert!(matches!(negate(gpu, &held[0]), Err(Error::Memory { .. })));
    assert_eq!(gpu.room(), 0);
    // A full device still gives its chunks away, and takes others.
    assert_eq!(gpu.download(&held[6]).unwrap().bytes(), host.bytes());
    std::thread::scope(|scope| {
        for buffer in &held {
            scope.spawn(|| assert_eq!(gpu.download(buffer).unwrap().bytes(), host.bytes()));
        }
    });
    held.pop();
    let y = negate(gpu, &held[3]).unwrap();
    assert_eq!(gpu.download(&y).unwrap().stored::<f32>()[1000], -1000.0);
    drop((y, held));
    let stats = gpu.stats();
    assert!(stats.live_bytes == 0 && stats.idle_bytes > 0 && stats.peak_total_bytes <= gpu.budget(), "{stats:?}");
    // Idle buffers make room for other sizes, and for a smaller budget.
    let odd = gpu.upload(&HostBuffer::zeros(DType::U8, 3_000_001).unwrap()).unwrap();
    assert!(gpu.stats().peak_total_bytes <= gpu.budget(), "{:?}", gpu.stats());
    drop(odd);
    gpu.set_budget(1 << 20);
    let stats = gpu.stats();
    assert!(stats.idle_bytes + stats.live_bytes + stats.staging_bytes <= 1 << 20 || stats.idle_bytes == 0, "{stats:?}");
    assert!(matches!(gpu.upload(&host), Err(Error::Memory { .. })));
    assert!(gpu.upload(&HostBuffer::zeros(DType::F32, 1000).unwrap()).is_ok());
    gpu.set_budget(16 << 20);
    assert!(gpu.upload(&host).is_ok());
}

#[test]
fn work_is_submitted_before_anyone_waits() {
    let gpu = &Gpu::open(None).unwrap();
    // What a GPU needs some 200 microseconds for.
    let x = gpu.upload(&HostBuffer::zeros(DType::F32, 1 << 24).unwrap()).unwrap();
    for _ in 0..8 {
        negate(gpu, &x).unwrap();
    }
    assert_eq!(gpu.stats().submits, 1);
    soon("it is done", || gpu.stats().in_flight == 0);
    // Small ones gather.
    let x = gpu.upload(&HostBuffer::zeros(DType::F32, 1000).unwrap()).unwrap();
    for _ in 0..31 {
        negate(gpu, &x).unwrap();
    }
    assert_eq!(gpu.stats().submits, 1);
    gpu.download(&x).unwrap();
    assert_eq!(gpu.stats().submits, 2);
}

#[test]
fn spans_show_uploads_beside_kernels() {
    own(1 << 30).iter().for_each(check_spans_show_uploads_beside_kernels);
}

fn check_spans_show_uploads_beside_kernels(gpu: &Gpu) {
    let n = 1 << 20;
    let x = gpu.upload(&HostBuffer::from_vec::<f32>((0..n).map(|i| i as f32).collect())).unwrap();
    negate(gpu, &x).unwrap();
    gpu.download(&x).unwrap();
    assert!(gpu.take_spans().is_empty());
    gpu.record_spans(true);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..10 {
                gpu.upload(&HostBuffer::zeros(DType::F32, n).unwrap()).unwrap();
            }
        });
        let mut y = x.clone();
        for _ in 0..40 {
            y = negate(gpu, &y).unwrap();
        }
        gpu.download(&y).unwrap();
    });
    soon("all is done", || gpu.stats().in_flight == 0);
    let spans = gpu.take_spans();
    let of = |lane: Lane| spans.iter().filter(move |span| span.lane == lane).collect::<Vec<_>>();
    let (up, run, down) = (of(Lane::Upload), of(Lane::Compute), of(Lane::Download));
    assert!(up.iter().map(|span| span.bytes).sum::<u64>() == 40 << 20 && down.len() == 1 && !run.is_empty());
    assert!(spans.iter().all(|span| span.end >= span.start));
    let beside = up.iter().any(|up| run.iter().any(|run| up.start < run.end && run.start < up.end));
    let stats = gpu.stats();
    eprintln!("{stats:?}, an upload beside kernels: {beside}");
    assert!(stats.compute_ns > 0 && stats.upload_ns > 0 && stats.download_ns > 0, "{stats:?}");
    gpu.record_spans(false);
    gpu.download(&x).unwrap();
    assert!(gpu.take_spans().is_empty());
}

#[test]
fn the_device_tells_when_it_ran_each_task_in_the_hosts_time() {
    let gpu = &own(1 << 30)[0];
    let x = gpu.upload(&HostBuffer::from_vec::<f32>(vec![1.0; 1 << 20])).unwrap();
    negate(gpu, &x).unwrap();
    gpu.download(&x).unwrap();
    gpu.record_spans(true);
    let times: Arc<[DeviceTime]> = (0..3).map(|_| DeviceTime::default()).collect();
    assert_eq!(times[0].known(), None);
    let tag = |stage, chunk| Tag { run: 7, stage, chunk, times: times.clone() };
    let (from, mut y) = (Instant::now(), x.clone());
    for chunk in 0..70 {
        y = negate_as(gpu, Some(tag(chunk as usize % 2, chunk)), &y).unwrap();
    }
    gpu.download(&y).unwrap();
    soon("all is done", || gpu.stats().in_flight == 0);
    let to = Instant::now();
    let spans: Vec<Span> = gpu.take_spans().into_iter().filter(|span| span.lane == Lane::Compute).collect();
    assert!(spans.iter().all(|span| from <= span.start && span.start <= span.end && span.end <= to));
    // One queue: what was submitted later began later.
    assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start));
    if !gpu.0.timers.as_ref().is_some_and(|timers| timers.tells_tasks_apart()) {
        assert!(spans.iter().all(|span| span.tag.is_none()) && times[0].known().is_none());
        return;
    }
    let told: Vec<_> = spans.iter().map(|span| span.tag.as_ref().map(|tag| (tag.run, tag.stage, tag.chunk))).collect();
    assert_eq!(told, (0..70).map(|chunk| Some((7, chunk as usize % 2, chunk))).collect::<Vec<_>>());
    assert!(spans.iter().all(|span| span.bytes == 8 << 20));
    assert!(times.iter().all(|time| time.known().is_none()));
    spans.iter().for_each(Span::told);
    let sum: Duration = spans.iter().map(|span| span.end - span.start).sum();
    let known = times[0].known().unwrap() + times[1].known().unwrap();
    eprintln!("{known:?} by the device's clock, {sum:?} between starts and ends, of {:?}", to - from);
    assert_eq!(known, spans.iter().map(|span| span.took).sum());
    assert!(known > Duration::ZERO && known <= to - from, "{known:?}");
    assert_eq!(times[2].known(), None);
}
