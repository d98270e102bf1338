//! Several runs at the same time on one client: they share its threads, its pools of buffers and its queue.

use crate::common::{chunked, device, small_data};

#[test]
fn runs_at_the_same_time_do_not_mix_their_data() {
    device();
    // Chunks whose buffers are as large as those of a batch of parameters: what one run gives back another takes.
    let run = |seed: usize| {
        for round in 0..60 {
            let columns = 64 << ((seed + round) % 4);
            let values = small_data::<f32>(&[40, columns], seed as u64);
            let x = chunked(&values, &(1, columns).into());
            let got = x.max_axis(1).unwrap().compute().unwrap();
            let want: Vec<f32> = values.outer_iter().map(|row| row.iter().copied().fold(f32::MIN, f32::max)).collect();
            assert!(got.iter().eq(&want), "run {seed}, round {round}: {got} instead of {want:?}");
            let got = (&x * 2.0).compute().unwrap();
            assert!(got == &values * 2.0, "run {seed}, round {round}: {columns} columns doubled");
        }
    };
    std::thread::scope(|scope| {
        for seed in 0..6 {
            scope.spawn(move || run(seed));
        }
    });
}
