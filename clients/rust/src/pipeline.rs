//! Requests to one registry that are on their way at the same time.

use crate::dealer::{Dealer, MOST_IN_FLIGHT};
use crate::messages::Request;
use crate::wire::{encode, Incoming};
use std::collections::VecDeque;

/// What was sent and what of it was answered. A reply may come before that to an earlier request, which a registry that was
/// restarted has lost.
pub(crate) struct Pipeline<'a> {
    requests: &'a [Request],
    first_id: u64,
    /// From the beginning: their replies were taken.
    answered: usize,
    /// What has come for the requests behind those, as far as they were sent.
    arrived: VecDeque<Option<Incoming>>,
}

impl<'a> Pipeline<'a> {
    pub(crate) fn new(requests: &'a [Request], first_id: u64) -> Pipeline<'a> {
        Pipeline {
            requests,
            first_id,
            answered: 0,
            arrived: VecDeque::new(),
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.answered == self.requests.len()
    }

    /// Sends as many more as may be on their way.
    pub(crate) fn send_next(&mut self, dealer: &Dealer) {
        while self.arrived.len() < MOST_IN_FLIGHT {
            let next = self.answered + self.arrived.len();
            match self.requests.get(next) {
                Some(request) => dealer.send(&encode(request, self.id_of(next))),
                None => return,
            }
            self.arrived.push_back(None);
        }
    }

    /// Sends again what was sent and is not answered.
    pub(crate) fn send_again(&self, dealer: &Dealer) {
        for (i, arrived) in self.arrived.iter().enumerate() {
            if arrived.is_none() {
                let number = self.answered + i;
                dealer.send(&encode(&self.requests[number], self.id_of(number)));
            }
        }
    }

    /// Whether it is the first answer to one of them; all else is passed over.
    pub(crate) fn take(&mut self, incoming: Incoming) -> bool {
        let oldest = self.id_of(self.answered);
        let place = incoming
            .answers(oldest)
            .and_then(|id| id.checked_sub(oldest))
            .and_then(|place| self.arrived.get_mut(usize::try_from(place).ok()?));
        match place {
            Some(place @ None) => {
                *place = Some(incoming);
                true
            }
            _ => false,
        }
    }

    /// The answer to the oldest one, once it is there.
    pub(crate) fn next_answer(&mut self) -> Option<Incoming> {
        let answer = self.arrived.front_mut()?.take()?;
        self.arrived.pop_front();
        self.answered += 1;
        Some(answer)
    }

    fn id_of(&self, number: usize) -> u64 {
        self.first_id + number as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_registry::bound_router;
    use crate::session::lookup;
    use serde_json::{json, Value};
    use std::time::Duration;

    const FIRST_ID: u64 = 7;

    fn requests(count: usize) -> Vec<Request> {
        (0..count).map(|i| lookup(&format!("a{i}"))).collect()
    }

    fn answer(id: u64) -> Incoming {
        let text = json!({"message_type": "LookupResult", "request_id": id, "actor_name": "A", "endpoint": null, "online": false});
        Incoming::parse(text.to_string().as_bytes()).unwrap()
    }

    fn ids_received(router: &zmq::Socket, count: usize) -> Vec<u64> {
        router.set_rcvtimeo(20_000).unwrap();
        let received = |_| {
            let frames = router.recv_multipart(0).unwrap();
            let request: Value = serde_json::from_slice(&frames[1]).unwrap();
            request["request_id"].as_u64().unwrap()
        };
        (0..count).map(received).collect()
    }

    #[test]
    fn answers_are_put_into_the_order_of_the_requests_and_a_second_one_is_passed_over() {
        let requests = requests(3);
        let (_router, endpoint) = bound_router();
        let dealer = Dealer::open(&zmq::Context::new(), &endpoint, &Ok(None)).unwrap();
        let mut pipeline = Pipeline::new(&requests, FIRST_ID);
        pipeline.send_next(&dealer);
        assert!(pipeline.take(answer(FIRST_ID + 1)));
        assert!(pipeline.next_answer().is_none());
        for id in [FIRST_ID + 1, FIRST_ID - 1, FIRST_ID + 3, 0, u64::MAX] {
            assert!(!pipeline.take(answer(id)), "{id}");
        }
        assert!(pipeline.take(answer(FIRST_ID)));
        assert_eq!(pipeline.next_answer().unwrap().answers(0), Some(FIRST_ID));
        assert_eq!(pipeline.next_answer().unwrap().answers(0), Some(FIRST_ID + 1));
        assert!(pipeline.next_answer().is_none());
        assert!(!pipeline.take(answer(FIRST_ID)));
        assert!(!pipeline.is_over());
        assert!(pipeline.take(answer(FIRST_ID + 2)));
        assert!(pipeline.next_answer().is_some());
        assert!(pipeline.is_over());
    }

    #[test]
    fn only_what_is_not_answered_is_sent_again() {
        let requests = requests(4);
        let (router, endpoint) = bound_router();
        let dealer = Dealer::open(&zmq::Context::new(), &endpoint, &Ok(None)).unwrap();
        let mut pipeline = Pipeline::new(&requests, FIRST_ID);
        pipeline.send_next(&dealer);
        assert_eq!(ids_received(&router, 4), [7, 8, 9, 10]);
        assert!(pipeline.take(answer(7)));
        assert!(pipeline.take(answer(9)));
        assert!(pipeline.next_answer().is_some());
        pipeline.send_again(&dealer);
        assert_eq!(ids_received(&router, 2), [8, 10]);
        router
            .set_rcvtimeo(Duration::from_millis(50).as_millis() as i32)
            .unwrap();
        assert!(router.recv_multipart(0).is_err());
    }
}
