//! Many names in few requests.

use crate::wire::encoded_length;
use serde::Serialize;

pub(crate) const MOST_NAMES: usize = 1000;
/// So few that a heartbeat behind them is not held up.
pub(crate) const MOST_NAMES_REPAIRED: usize = 200;

/// Leaves room, below the 64 KiB that a registry reads at once (docs/protocol.md), for the rest of a request: a manager's id,
/// instance and process, each of its strings up to 255 bytes, which JSON may double.
const MOST_BYTES: usize = 48 * 1024;

/// How many elements from the beginning fit into one request, at most `most`; the first one always does.
pub(crate) fn batch_length<T: Serialize>(elements: &[T], most: usize) -> usize {
    let mut bytes = 0;
    let fits = |element: &&T| {
        bytes += encoded_length(*element) + 1; // and a comma
        bytes <= MOST_BYTES
    };
    let length = elements.iter().take(most).take_while(fits).count();
    length.max(1).min(elements.len())
}

/// All elements, in their order, in as few slices as fit into a request each.
pub(crate) fn split<T: Serialize>(mut elements: &[T]) -> Vec<&[T]> {
    let mut batches = Vec::new();
    while !elements.is_empty() {
        let (batch, rest) = elements.split_at(batch_length(elements, MOST_NAMES));
        batches.push(batch);
        elements = rest;
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_makes_no_batch() {
        assert!(split::<String>(&[]).is_empty());
    }

    #[test]
    fn a_batch_is_full_at_its_number() {
        let names: Vec<String> = (0..2500).map(|i| format!("a{i}")).collect();
        let lengths: Vec<usize> = split(&names).iter().map(|batch| batch.len()).collect();
        assert_eq!(lengths, [1000, 1000, 500]);
        assert_eq!(split(&names).concat(), names);
    }

    #[test]
    fn a_batch_is_full_at_its_bytes() {
        let names = vec!["\"".repeat(255); 500]; // JSON doubles them
        for batch in split(&names) {
            assert!(serde_json::to_vec(batch).unwrap().len() <= MOST_BYTES + 2);
        }
        assert_eq!(split(&names).concat(), names);
    }

    #[test]
    fn what_is_too_large_goes_alone() {
        let names = vec!["a".to_owned(), "x".repeat(100_000), "b".to_owned()];
        let lengths: Vec<usize> = split(&names).iter().map(|batch| batch.len()).collect();
        assert_eq!(lengths, [1, 1, 1]);
    }
}
