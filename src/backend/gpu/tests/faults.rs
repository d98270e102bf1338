//! Failures made on purpose at every point, and devices that are lost.

use super::super::*;
use super::streams::{negate, soon};
use super::*;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A bit of everything: uploads in parts, launches in several submissions, downloads.
fn exercise(gpu: &Gpu) -> Result<()> {
    let host = HostBuffer::from_vec::<i32>((0..30_000).collect());
    let x = gpu.upload(&host)?;
    let mut y = negate(gpu, &x)?;
    for _ in 0..40 {
        y = negate(gpu, &y)?;
    }
    let (a, b) = (gpu.download(&x)?, gpu.download_many(&[y.clone(), x])?);
    assert!(a.bytes() == host.bytes() && b[1].bytes() == host.bytes());
    assert!(b[0].stored::<i32>().iter().enumerate().all(|(i, &v)| v == -(i as i32)));
    let z = gpu.run(
        &Kernel::Select(masked()),
        &Work::Pieces(vec![Piece {
            dims: vec![30_000],
            out: Access { base: 0, strides: vec![1] },
            loads: vec![(0, Access { base: 0, strides: vec![1] })],
            indices: vec![],
        }]),
        &[y],
        30_000,
    )?;
    assert_eq!(gpu.download(&z[1])?.stored::<u32>(), &[29_999]);
    Ok(())
}

/// A value, and whether it is not zero.
fn masked() -> Program {
    let mut p = Program { loads: vec![DType::I32], ..Program::default() };
    let x = p.push(Inst::Load { slot: 0 }, DType::I32);
    let kept = p.push(Inst::Cast(x), DType::Bool);
    p.outputs = vec![x, kept];
    p
}

#[test]
fn every_fault_is_an_error_and_the_device_goes_on() {
    // Small slots: a staged upload takes several.
    own(4 << 20).iter().for_each(every_fault);
}

fn every_fault(gpu: &Gpu) {
    for point in [Point::Allocate, Point::Upload, Point::Submit, Point::Download, Point::Pipeline] {
        let mut failures = 0;
        for nth in 1.. {
            // Pipelines are compiled once a device.
            let fresh = (point == Point::Pipeline).then(|| gpu.reopen().unwrap());
            let gpu = fresh.as_ref().unwrap_or(gpu);
            gpu.faults().arm(point, nth);
            let result = exercise(gpu);
            if gpu.faults().disarm(point) {
                result.unwrap();
                break;
            }
            failures += 1;
            let error = result.unwrap_err();
            let typed = match point {
                Point::Allocate => matches!(error, Error::Memory { pool: "device", .. }),
                _ => matches!(error, Error::Device { .. }),
            };
            assert!(typed && error.to_string().contains("on purpose"), "{point:?} {nth}: {error}");
            assert_eq!(gpu.stats().live_bytes, 0, "{point:?} {nth}");
            exercise(gpu).unwrap();
            assert_eq!(gpu.stats().live_bytes, 0);
            soon("staging comes back", || gpu.stats().staging_bytes == 0);
        }
        eprintln!("{point:?}: {failures} points");
        assert!(failures > 0, "{point:?}");
    }
    assert!(!gpu.lost());
}

#[test]
fn what_a_failed_submission_should_have_written_is_not_read() {
    for gpu in own(1 << 30) {
        let x = gpu.upload(&HostBuffer::from_vec::<f32>(vec![1.0, 2.0])).unwrap();
        let y = negate(&gpu, &x).unwrap();
        gpu.faults().arm(Point::Submit, 1);
        assert!(gpu.flush().is_err());
        // What the host wrote itself needs no submission.
        assert_eq!(gpu.download(&x).is_ok(), gpu.0.direct);
        let error = gpu.download(&y).unwrap_err();
        assert!(matches!(&error, Error::Device { message, .. } if message.contains("lost")), "{error}");
        assert!(matches!(negate(&gpu, &y), Err(Error::Device { .. })));
        drop((x, y));
        assert_eq!(gpu.stats().live_bytes, 0);
        exercise(&gpu).unwrap();
    }
}

#[test]
fn a_device_lost_midway_is_an_error_within_a_second() {
    own(1 << 30).into_iter().for_each(lost_midway);
}

fn lost_midway(gpu: Gpu) {
    let stop = AtomicBool::new(false);
    let (destroyed, ends) = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|t| {
                let (gpu, stop) = (&gpu, &stop);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let worked = match t {
                            0 => gpu.upload(&HostBuffer::zeros(DType::U8, 5_000_000).unwrap()).map(drop),
                            1 => exercise(gpu),
                            2 => gpu
                                .upload(&HostBuffer::zeros(DType::F32, 3 << 20).unwrap())
                                .and_then(|x| gpu.download(&x).map(drop)),
                            _ => gpu
                                .upload_stream(DType::I64, 1 << 20, &mut |sink| {
                                    (0..1 << 10).try_for_each(|_| sink(&[1; 8 << 10]))
                                })
                                .map(drop),
                        };
                        if let Err(error) = worked {
                            return (Instant::now(), Some(error));
                        }
                    }
                    (Instant::now(), None)
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(300));
        let destroyed = Instant::now();
        gpu.destroy();
        std::thread::sleep(Duration::from_millis(1500));
        stop.store(true, Ordering::Relaxed);
        (destroyed, workers.into_iter().map(|worker| worker.join().unwrap()).collect::<Vec<_>>())
    });
    for (end, error) in ends {
        assert!(matches!(error, Some(Error::DeviceLost { .. })), "{error:?}");
        assert!(end - destroyed < Duration::from_secs(1), "{:?}", end - destroyed);
    }
    assert!(gpu.lost());
    assert_eq!(gpu.stats().live_bytes, 0);
    for error in [exercise(&gpu).unwrap_err(), gpu.upload(&HostBuffer::zeros(DType::F32, 4).unwrap()).unwrap_err()] {
        assert!(matches!(error, Error::DeviceLost { .. }), "{error}");
    }
    gpu.set_budget(100 << 20);
    let again = gpu.reopen().unwrap();
    assert!(!again.lost() && again.budget() == 100 << 20 && again.summary() == gpu.summary());
    assert!(std::ptr::eq(gpu.faults(), again.faults()));
    drop(gpu);
    exercise(&again).unwrap();
}

#[test]
fn the_poll_thread_ends_with_the_last_clone() {
    let gpu = Gpu::open(None).unwrap();
    let progress = gpu.0.device.progress.clone();
    let clone = gpu.clone();
    let x = gpu.upload(&HostBuffer::zeros(DType::F32, 1 << 20).unwrap()).unwrap();
    let y = negate(&gpu, &x).unwrap();
    drop(gpu);
    clone.download(&y).unwrap();
    negate(&clone, &y).unwrap();
    clone.flush().unwrap();
    drop(clone);
    // The thread is joined; wgpu's callbacks go with the device, which buffers keep.
    drop((x, y));
    soon("nothing is left", || Arc::strong_count(&progress) == 1);
    // A lost device ends as well.
    let gpu = Gpu::open(None).unwrap();
    gpu.destroy();
    drop(gpu);
}
