//! Tests of [`Spill`].

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

fn spill() -> (Spill, Arc<Faults>) {
    let faults = Arc::new(Faults::default());
    (Spill::new(None, faults.clone()).unwrap(), faults)
}

/// Bytes that differ from seed to seed and from place to place.
fn pattern(seed: u64, len: usize) -> Vec<u8> {
    (0..len as u64).map(|i| ((i ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

fn read(chunk: &SpillFile) -> Vec<u8> {
    let mut bytes = vec![0xaa; chunk.bytes() as usize];
    chunk.read_into(&mut bytes).unwrap();
    bytes
}

#[test]
fn chunks_of_all_sizes_come_back() {
    let (spill, _) = spill();
    let sizes = [0, 1, 3, 4095, 4096, 4097, 100_000, 3 << 20, 0, 7];
    let chunks: Vec<_> = sizes.iter().map(|&n| spill.write(&pattern(n as u64, n)).unwrap()).collect();
    for _ in 0..2 {
        for (chunk, &n) in chunks.iter().zip(&sizes) {
            assert_eq!(chunk.bytes(), n as u64);
            assert!(read(chunk) == pattern(n as u64, n), "{n} bytes came back different");
        }
    }
    let total: u64 = sizes.iter().map(|&n| n as u64).sum();
    let stats = spill.stats();
    assert_eq!(
        (stats.written_bytes, stats.read_bytes, stats.held_bytes, stats.peak_bytes),
        (total, 2 * total, total, total)
    );
    assert!(stats.file_bytes >= total && stats.file_bytes < total + 8 * 4096);
    drop(chunks);
    let stats = spill.stats();
    assert_eq!((stats.held_bytes, stats.peak_bytes, stats.file_bytes), (0, total, 0));
    assert_eq!(spill.shared.file.metadata().unwrap().len(), 0, "the file keeps its length");
}

#[test]
fn what_is_given_back_is_used_again() {
    let (spill, _) = spill();
    let mut held: VecDeque<_> = (0..4).map(|i| spill.write(&pattern(i, 50_000)).unwrap()).collect();
    let before = spill.stats().file_bytes;
    for i in 4..50 {
        held.pop_front();
        held.push_back(spill.write(&pattern(i, 50_000 - i as usize)).unwrap());
        assert!(read(&held[0]) == pattern(i - 3, held[0].bytes() as usize));
    }
    assert_eq!(spill.stats().file_bytes, before);
    assert!(spill.shared.file.metadata().unwrap().len() <= before);
}

#[test]
fn changed_bytes_are_found() {
    let (spill, _) = spill();
    let chunk = spill.write(&pattern(1, 10_000)).unwrap();
    write_at(&spill.shared.file, b"?!", chunk.extent.start + 5000).unwrap();
    let error = chunk.read_into(&mut vec![0; 10_000]).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Format { op: "spill", .. }), "{text}");
    assert!(text.contains(&format!("{:08x}", chunk.sum)), "{text}");
    let mut now = vec![0; 10_000];
    read_at(&spill.shared.file, &mut now, chunk.extent.start).unwrap();
    assert!(text.contains(&format!("{:08x}", crc32fast::hash(&now))), "{text}");
}

#[test]
fn a_file_cut_short_is_an_error_of_reading() {
    let (spill, _) = spill();
    let chunk = spill.write(&pattern(1, 10_000)).unwrap();
    spill.shared.file.set_len(100).unwrap();
    let error = chunk.read_into(&mut vec![0; 10_000]).unwrap_err();
    assert!(matches!(error, Error::Io { op: "spill", .. }), "{error}");
    assert!(matches!(chunk.read_into(&mut [0; 3]), Err(Error::Bug(_))));
}

#[test]
fn folders_are_made_and_those_that_cannot_be_written_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b");
    let spill = Spill::new(Some(deep.clone()), Arc::default()).unwrap();
    let _chunk = spill.write(b"abc").unwrap();
    #[cfg(unix)]
    assert_eq!(std::fs::read_dir(&deep).unwrap().count(), 0, "the file has a name");
    // A file where the folder should be stops everyone, the superuser too.
    std::fs::write(folder.path().join("file"), "").unwrap();
    for at in ["file", "file/inside"] {
        let at = folder.path().join(at);
        let error = Spill::new(Some(at.clone()), Arc::default()).unwrap_err();
        assert!(error.to_string().starts_with(&format!("spill: {}: ", at.display())), "{error}");
        assert!(matches!(error, Error::Io { op: "spill", .. }));
    }
}

/// A device that is always full stands for a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_keeps_nothing() {
    let (mut spill, _) = spill();
    let full = File::options().read(true).write(true).open("/dev/full").unwrap();
    Arc::get_mut(&mut spill.shared).unwrap().file = full;
    for _ in 0..3 {
        let error = spill.write(&[1; 5000]).unwrap_err();
        assert!(
            matches!(&error, Error::Io { op: "spill", source, .. }
            if source.kind() == io::ErrorKind::StorageFull),
            "{error}"
        );
    }
    assert_eq!(spill.stats(), SpillStats { peak_bytes: 5000, ..SpillStats::default() });
}

#[test]
fn failures_made_on_purpose_keep_nothing_and_harm_nothing() {
    let (spill, faults) = spill();
    let first = spill.write(&pattern(1, 9000)).unwrap();
    let before = spill.stats();
    faults.arm(Point::SpillWrite, 2);
    drop(spill.write(b"passes").unwrap());
    let error = spill.write(b"fails").unwrap_err();
    assert!(matches!(&error, Error::Io { op: "spill", source, .. } if source.kind() == io::ErrorKind::Other));
    assert!(error.to_string().ends_with("injected"), "{error}");
    assert_eq!((spill.stats().held_bytes, spill.stats().file_bytes), (before.held_bytes, before.file_bytes));
    faults.arm(Point::SpillRead, 1);
    assert!(first.read_into(&mut vec![0; 9000]).is_err());
    assert_eq!(read(&first), pattern(1, 9000));
}

#[test]
fn threads_do_not_meet() {
    let (spill, _) = spill();
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let spill = spill.clone();
            scope.spawn(move || {
                let mut held: VecDeque<(u64, SpillFile)> = VecDeque::new();
                for i in 0..200 {
                    let seed = thread << 32 | i;
                    let n = (seed.wrapping_mul(7919) % 30_000) as usize;
                    held.push_back((seed, spill.write(&pattern(seed, n)).unwrap()));
                    if held.len() > 5 {
                        let (seed, chunk) = held.remove((i % 5) as usize).unwrap();
                        assert!(read(&chunk) == pattern(seed, chunk.bytes() as usize), "thread {thread}, chunk {i}");
                    }
                }
                for (seed, chunk) in held {
                    assert!(read(&chunk) == pattern(seed, chunk.bytes() as usize));
                }
            });
        }
    });
    let stats = spill.stats();
    assert_eq!((stats.held_bytes, stats.file_bytes), (0, 0));
    assert_eq!(stats.written_bytes, stats.read_bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Any order of writing and dropping: what is held always reads as it was written.
    #[test]
    fn what_is_held_is_what_was_written(
        steps in prop::collection::vec((any::<bool>(), 0usize..20_000, any::<prop::sample::Index>()), 1..60)
    ) {
        let (spill, _) = spill();
        let mut held: Vec<(Vec<u8>, SpillFile)> = vec![];
        for (step, (write, n, which)) in steps.into_iter().enumerate() {
            if write || held.is_empty() {
                let bytes = pattern(step as u64, n);
                held.push((bytes.clone(), spill.write(&bytes).unwrap()));
            } else {
                drop(held.swap_remove(which.index(held.len())));
            }
            for (bytes, chunk) in &held {
                prop_assert!(&read(chunk) == bytes);
            }
            prop_assert_eq!(spill.stats().held_bytes, held.iter().map(|(b, _)| b.len() as u64).sum::<u64>());
        }
    }
}
