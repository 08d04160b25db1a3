//! A lock that is waited for only so long.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Instant;

/// One thread at a time has the turn.
#[derive(Default)]
pub(crate) struct Turn {
    taken: Mutex<bool>,
    free: Condvar,
}

impl Turn {
    /// None where others have it until the deadline.
    pub(crate) fn take(&self, deadline: Instant) -> Option<TurnGuard<'_>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        while *taken {
            let left = deadline
                .checked_duration_since(Instant::now())
                .filter(|left| !left.is_zero())?;
            taken = self
                .free
                .wait_timeout(taken, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        *taken = true;
        Some(TurnGuard { turn: self })
    }

    /// None where somebody has it.
    pub(crate) fn try_take(&self) -> Option<TurnGuard<'_>> {
        self.take(Instant::now())
    }
}

/// Gives the turn back when it is dropped.
pub(crate) struct TurnGuard<'a> {
    turn: &'a Turn,
}

impl Drop for TurnGuard<'_> {
    fn drop(&mut self) {
        *self.turn.taken.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.turn.free.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn a_turn_is_one_threads() {
        let turn = Turn::default();
        let guard = turn.try_take();
        assert!(guard.is_some());
        assert!(turn.try_take().is_none());
        drop(guard);
        assert!(turn.try_take().is_some());
    }

    #[test]
    fn who_waits_gets_it_when_it_is_free() {
        let turn = Turn::default();
        let guard = turn.try_take();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| turn.take(Instant::now() + Duration::from_secs(60)).is_some());
            drop(guard);
            assert!(waiting.join().unwrap());
        });
    }

    #[test]
    fn the_wait_ends_at_the_deadline() {
        let turn = Turn::default();
        let _guard = turn.try_take();
        let deadline = Instant::now() + Duration::from_millis(20);
        assert!(turn.take(deadline).is_none());
        assert!(Instant::now() >= deadline);
    }
}
