//! What counting costs, and what it keeps.

use allocation_counter::measure;

use super::*;

#[test]
fn counting_allocates_nothing() {
    let counters = Counters::default();
    let counted = measure(|| {
        for _ in 0..10_000 {
            let mut settled = Settled::default();
            settled.add(Answer::of::<()>(&Ok(())));
            settled.add(Answer::of::<()>(&Err(SendError::Panicked)));
            counters.settled(&settled);
            counters.refused_here(&SendError::Stopped);
            counters.opened(Side::Asking);
            counters.latency.answered(|| Duration::from_millis(3));
        }
    });
    assert_eq!(counted.count_total, 0);
}

#[test]
fn one_answer_in_eight_is_looked_at() {
    let latency = Latency::default();
    let mut looks = 0;
    for _ in 0..80 {
        latency.answered(|| {
            looks += 1;
            Duration::from_millis(1)
        });
    }
    assert_eq!(looks, 10);
}

#[cfg(feature = "metrics")]
#[test]
fn an_answer_is_in_the_bucket_of_the_first_bound_that_it_does_not_exceed() {
    let latency = Latency::default();
    let answer = |took: Duration| (0..SAMPLED).for_each(|_| latency.answered(|| took));
    for bound in BOUNDS {
        answer(bound);
        answer(bound + Duration::from_nanos(1));
    }
    answer(Duration::ZERO);
    let counts: Vec<_> = latency.buckets().map(|(count, _)| count).collect();
    assert_eq!(counts[0], 2);
    assert_eq!(counts[1..BOUNDS.len()], [2; BOUNDS.len() - 1]);
    assert_eq!(counts[BOUNDS.len()], 1);
}
