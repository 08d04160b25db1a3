//! Randomness, as far as it keeps lives and heartbeats apart: nothing here is a secret.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

/// Each call another number. The standard library seeds its hash tables from the system's randomness.
fn random_bits() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Random enough that no two lives of a manager share it.
pub(crate) fn random_instance() -> String {
    format!("{:016x}{:016x}", random_bits(), random_bits())
}

/// Within 5 % of the interval, so that managers which were started together do not stay together.
pub(crate) fn jittered(interval: Duration) -> Duration {
    let share = (random_bits() % 1001) as f64 / 1000.0; // 0 to 1
    interval.mul_f64(0.95 + 0.1 * share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_instances_are_the_same() {
        let instances: HashSet<String> = (0..1000).map(|_| random_instance()).collect();
        assert_eq!(instances.len(), 1000);
        assert!(instances.iter().all(|instance| instance.len() == 32));
    }

    #[test]
    fn the_jitter_stays_within_its_bounds_and_is_one() {
        let times: HashSet<Duration> = (0..1000).map(|_| jittered(Duration::from_secs(2))).collect();
        assert!(times.len() > 100);
        assert!(times.iter().all(|time| (1899..=2101).contains(&time.as_millis())));
    }
}
