//! When a request that is not answered is sent again.

use std::time::{Duration, Instant};

const LONGEST_FIRST_INTERVAL: Duration = Duration::from_secs(1);
const SHARES: u32 = 5;

/// As docs/protocol.md has it ("Asked again"): after a fifth of the time that there is, a second at most, and from then on each
/// time after twice the interval before. So a registry that is slow is not asked much more for it. Time is passed in.
pub(crate) struct Repetition {
    interval: Duration,
    next: Instant,
    begun: bool,
}

impl Repetition {
    pub(crate) fn new(now: Instant, deadline: Instant) -> Repetition {
        let fifth = deadline.saturating_duration_since(now) / SHARES;
        let interval = fifth.min(LONGEST_FIRST_INTERVAL);
        Repetition {
            interval,
            next: now + interval,
            begun: false,
        }
    }

    pub(crate) fn next(&self) -> Instant {
        self.next
    }

    /// Whether it is time; then the request is to be sent.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        if now < self.next {
            return false;
        }
        self.begun = true;
        self.interval *= 2;
        self.next = now + self.interval;
        true
    }

    /// Something was answered: the interval begins anew, and does not shrink.
    pub(crate) fn postpone(&mut self, now: Instant) {
        self.next = now + self.interval;
    }

    /// The request was sent more than once.
    pub(crate) fn has_begun(&self) -> bool {
        self.begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When it is sent again, in milliseconds from the beginning, by who looks every 10 ms.
    fn times(timeout_ms: u64) -> Vec<u64> {
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        let mut repetition = Repetition::new(begin, at(timeout_ms));
        (0..timeout_ms)
            .step_by(10)
            .filter(|ms| repetition.is_due(at(*ms)))
            .collect()
    }

    #[test]
    fn the_first_time_is_after_a_fifth_a_second_at_most_and_the_next_after_twice_the_time_before() {
        assert_eq!(times(5000), [1000, 3000]);
        assert_eq!(times(1500), [300, 900]);
        assert_eq!(times(40_000), [1000, 3000, 7000, 15_000, 31_000]);
    }

    #[test]
    fn who_looks_late_sends_once_and_counts_from_there() {
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let mut repetition = Repetition::new(begin, at(100));
        assert!(!repetition.has_begun());
        assert!(repetition.is_due(at(20)));
        assert!(repetition.has_begun());
        assert_eq!(repetition.next(), at(22));
        repetition.postpone(at(21));
        assert_eq!(repetition.next(), at(23));
    }
}
