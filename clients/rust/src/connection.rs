//! Requests and their replies, over a list of endpoints.

use crate::dealer::{wait, Dealer};
use crate::error::RegistryError;
use crate::keys::Keys;
use crate::messages::{Reply, Request};
use crate::pipeline::Pipeline;
use crate::repetition::Repetition;
use crate::wire::{encode, Incoming};
use std::time::{Duration, Instant};

/// The last good endpoint is asked first, the others join it one by one while there is no answer, and the first answer wins.
/// What is not answered is sent again over the same sockets: a registry that was restarted has lost what it took last. One call
/// at a time.
pub(crate) struct Connection {
    context: zmq::Context,
    endpoints: Vec<String>,
    keys: Keys,
    good: usize,
    /// To the good endpoint, kept between calls; none after a failure.
    dealer: Option<Dealer>,
    last_id: u64,
}

struct Attempt {
    endpoint: usize,
    dealer: Dealer,
}

impl Connection {
    pub(crate) fn new(endpoints: Vec<String>, keys: Keys) -> Connection {
        Connection {
            context: zmq::Context::new(),
            endpoints,
            keys,
            good: 0,
            dealer: None,
            last_id: 0,
        }
    }

    /// Adds the reply to each request, in their order, also those that came before it failed. All but the first are on
    /// their way at the same time.
    pub(crate) fn call(
        &mut self,
        requests: &[Request],
        deadline: Instant,
        timeout: Duration,
        replies: &mut Vec<Reply>,
    ) -> Result<(), RegistryError> {
        if let Some((first, others)) = requests.split_first() {
            replies.push(self.call_one(first, deadline, timeout)?);
            self.pipeline(others, deadline, timeout, replies)?;
        }
        Ok(())
    }

    /// The reply that carries this request's id; it may be an Error or a RegistrationFailed. After a Timeout the sockets
    /// are new: the call ends at the deadline, and `timeout`, for the message, is what the caller was promised.
    pub(crate) fn call_one(
        &mut self,
        request: &Request,
        deadline: Instant,
        timeout: Duration,
    ) -> Result<Reply, RegistryError> {
        if self.endpoints.is_empty() {
            return Err(RegistryError::ConnectionError(
                "no registry endpoint is given".into(),
            ));
        }
        self.last_id += 1;
        let id = self.last_id;
        let bytes = encode(request, id);
        // Where this client's key has been revoked meanwhile, or the registry's is another, only a new connection is told so:
        // it joins the one that was kept.
        let again = usize::from(self.dealer.is_some() && matches!(self.keys, Ok(Some(_))));
        let most = self.endpoints.len() + again;
        let mut next = Instant::now();
        let share = deadline.saturating_duration_since(next) / most as u32;
        let mut repetition = Repetition::new(next, deadline);
        let mut attempts: Vec<Attempt> = Vec::new();
        loop {
            let now = Instant::now();
            let over = are_over(&mut attempts);
            if now >= deadline || (over && attempts.len() == most) {
                return Err(self.refused_or_silent(&mut attempts, timeout));
            }
            if attempts.len() < most && (over || now >= next) {
                let nth = attempts.len().saturating_sub(again);
                attempts.push(self.ask_next(nth, attempts.is_empty(), &bytes)?);
                next = now + share;
            }
            if let Some((winner, incoming)) = first_answer(&attempts, id) {
                self.keep(attempts.swap_remove(winner));
                if repetition.has_begun() && !incoming.has_id() {
                    // Another answer to the same request may come, and would be taken for the next one's.
                    self.dealer = None;
                }
                return self.read(incoming);
            }
            if repetition.is_due(now) {
                attempts.iter().for_each(|attempt| attempt.dealer.send(&bytes));
            }
            let until = deadline.min(repetition.next());
            let all = attempts.len() == most;
            let until = if all { until } else { until.min(next) };
            let mut items: Vec<_> = attempts
                .iter()
                .flat_map(|attempt| attempt.dealer.poll_items())
                .collect();
            wait(&mut items, until)?;
        }
    }

    fn ask_next(&mut self, nth: usize, first: bool, bytes: &[u8]) -> Result<Attempt, RegistryError> {
        let endpoint = (self.good + nth) % self.endpoints.len();
        let kept = if first { self.dealer.take() } else { None };
        let dealer = match kept {
            Some(dealer) => dealer,
            None => Dealer::open(&self.context, &self.endpoints[endpoint], &self.keys)?,
        };
        dealer.send(bytes);
        Ok(Attempt { endpoint, dealer })
    }

    fn keep(&mut self, mut attempt: Attempt) {
        attempt.dealer.prove();
        self.good = attempt.endpoint;
        self.dealer = Some(attempt.dealer);
    }

    /// The others of a call, of the registry that has just answered.
    fn pipeline(
        &mut self,
        requests: &[Request],
        deadline: Instant,
        timeout: Duration,
        replies: &mut Vec<Reply>,
    ) -> Result<(), RegistryError> {
        let mut pipeline = Pipeline::new(requests, self.last_id + 1);
        self.last_id += requests.len() as u64;
        let dealer = match self.dealer.take() {
            Some(dealer) => dealer,
            None if requests.is_empty() => return Ok(()), // the one that there was has been answered
            None => Dealer::open(&self.context, self.good_endpoint(), &self.keys)?,
        };
        let mut repetition = Repetition::new(Instant::now(), deadline);
        while !pipeline.is_over() {
            pipeline.send_next(&dealer);
            let now = Instant::now();
            match receive(&dealer) {
                // Whose it is could not be told any more.
                Some(incoming) if repetition.has_begun() && !incoming.has_id() => {}
                Some(incoming) => {
                    if pipeline.take(incoming) {
                        repetition.postpone(now);
                    }
                    while let Some(answer) = pipeline.next_answer() {
                        replies.push(self.read(answer)?);
                    }
                }
                None if now >= deadline => return Err(self.no_answer(timeout)),
                None => {
                    if repetition.is_due(now) {
                        pipeline.send_again(&dealer);
                    }
                    let until = deadline.min(repetition.next());
                    wait(&mut dealer.poll_items().collect::<Vec<_>>(), until)?;
                }
            }
        }
        self.dealer = Some(dealer);
        Ok(())
    }

    fn read(&self, incoming: Incoming) -> Result<Reply, RegistryError> {
        let failed =
            |error| RegistryError::ConnectionError(format!("registry {}: {error}", self.good_endpoint()));
        incoming.into_reply().map_err(failed)
    }

    /// The one that answered last.
    pub(crate) fn good_endpoint(&self) -> &str {
        self.endpoints.get(self.good).map_or("", String::as_str)
    }

    fn refused_or_silent(&self, attempts: &mut [Attempt], timeout: Duration) -> RegistryError {
        let (mut worst, mut all) = (None, true);
        let mut said = Vec::new();
        for attempt in latest(attempts) {
            match attempt.dealer.look().0 {
                Some(fault) => {
                    worst = worst.max(Some(fault));
                    said.push(format!("{}: {}", self.endpoints[attempt.endpoint], fault.text()));
                }
                None => all = false,
            }
        }
        match (worst, self.no_answer(timeout)) {
            (Some(fault), _) if all => fault.error(format!("registry {}", said.join("; "))),
            (Some(_), RegistryError::Timeout(text)) => {
                RegistryError::Timeout(format!("{text} ({})", said.join("; ")))
            }
            (_, silence) => silence,
        }
    }

    fn no_answer(&self, timeout: Duration) -> RegistryError {
        no_answer(&self.endpoints, timeout)
    }
}

/// "registry tcp://a:1 does not answer within 5 s", with all endpoints where there are several.
pub(crate) fn no_answer(endpoints: &[String], timeout: Duration) -> RegistryError {
    let seconds = timeout.as_secs_f64();
    RegistryError::Timeout(format!(
        "registry {} does not answer within {seconds} s",
        endpoints.join(", ")
    ))
}

/// At each endpoint: the second may be at that of the first, which was kept.
fn latest(attempts: &mut [Attempt]) -> impl Iterator<Item = &mut Attempt> {
    let doubted = matches!(&*attempts, [first, second, ..] if first.endpoint == second.endpoint);
    attempts.iter_mut().skip(usize::from(doubted))
}

/// No answer can come any more.
fn are_over(attempts: &mut [Attempt]) -> bool {
    !attempts.is_empty() && latest(attempts).all(|attempt| attempt.dealer.look().1)
}

/// The first answer to this request, and whose it is. Everything else that has arrived is passed over.
fn first_answer(attempts: &[Attempt], id: u64) -> Option<(usize, Incoming)> {
    attempts
        .iter()
        .enumerate()
        .find_map(|(i, attempt)| Some((i, receive_answer(&attempt.dealer, id)?)))
}

fn receive_answer(dealer: &Dealer, id: u64) -> Option<Incoming> {
    loop {
        let incoming = receive(dealer)?;
        if incoming.answers(id) == Some(id) {
            return Some(incoming);
        }
    }
}

/// What has arrived and is a JSON object.
fn receive(dealer: &Dealer) -> Option<Incoming> {
    loop {
        let message = dealer.receive()?;
        if let Some(incoming) = Incoming::parse(&message) {
            return Some(incoming);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dealer::MOST_IN_FLIGHT;
    use crate::fake_registry::{bound_router, found, FakeRegistry};
    use crate::session::lookup;
    use serde_json::{json, Value};
    use std::collections::{BTreeMap, BTreeSet};

    const LONG: Duration = Duration::from_secs(20);
    const SHORT: Duration = Duration::from_millis(50);

    fn call(connection: &mut Connection, name: &str, timeout: Duration) -> Result<Reply, RegistryError> {
        connection.call_one(&lookup(name), Instant::now() + timeout, timeout)
    }

    fn endpoint_of(reply: Result<Reply, RegistryError>) -> String {
        match reply {
            Ok(Reply::LookupResult(result)) => result.endpoint.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// A registry that answers a lookup with these, of which `{}` stands for the right answer.
    fn registry_that_says(answers: &'static [&'static str]) -> (FakeRegistry, Connection) {
        let says = move |request: Value| {
            let answer = |text: &&str| match *text {
                "{}" => found(&request).to_string(),
                other => other.replace("ID", &request["request_id"].to_string()),
            };
            answers.iter().map(answer).collect()
        };
        let registry = FakeRegistry::new(says);
        let connection = Connection::new(vec![registry.endpoint.clone()], Ok(None));
        (registry, connection)
    }

    #[test]
    fn a_request_is_answered() {
        let (_registry, mut connection) = registry_that_says(&["{}"]);
        assert_eq!(endpoint_of(call(&mut connection, "A", LONG)), "tcp://A:1");
        assert_eq!(endpoint_of(call(&mut connection, "B", LONG)), "tcp://B:1");
    }

    #[test]
    fn what_is_not_its_answer_is_passed_over() {
        let others = r#"{"message_type": "LookupResult", "request_id": 999, "actor_name": "X", "endpoint": "tcp://x:1", "online": true}"#;
        let answers: &'static [&'static str] =
            Box::leak(Box::new(["nonsense", "[]", others, "{\"request_id\": ", "{}"]));
        let (_registry, mut connection) = registry_that_says(answers);
        assert_eq!(endpoint_of(call(&mut connection, "A", LONG)), "tcp://A:1");
    }

    #[test]
    fn an_answer_that_can_t_be_one_is_an_error_and_ends_nothing() {
        let (_registry, mut connection) =
            registry_that_says(&[r#"{"message_type": "LookupResult", "request_id": ID}"#]);
        for _ in 0..2 {
            let error = call(&mut connection, "A", LONG).unwrap_err();
            assert!(
                matches!(&error, RegistryError::ConnectionError(text) if text.contains("malformed")),
                "{error}"
            );
        }
    }

    #[test]
    fn what_is_too_large_is_refused_without_an_id() {
        let (_registry, mut connection) = registry_that_says(&[
            r#"{"message_type": "Error", "code": "too_large", "error": "over 64 KiB"}"#,
        ]);
        assert!(
            matches!(call(&mut connection, "A", LONG), Ok(Reply::Error(error)) if error.code == "too_large")
        );
    }

    #[test]
    fn a_late_answer_reaches_nobody() {
        let (router, endpoint) = bound_router();
        let mut connection = Connection::new(vec![endpoint], Ok(None));
        let error = call(&mut connection, "A", Duration::from_secs(1)).unwrap_err();
        assert!(matches!(error, RegistryError::Timeout(_)), "{error}");

        router.set_rcvtimeo(20_000).unwrap();
        let late = router.recv_multipart(0).unwrap();
        router
            .send_multipart(
                [&late[0], found(&json!({"request_id": 1})).to_string().as_bytes()],
                0,
            )
            .unwrap();
        let answering = std::thread::spawn(move || {
            // The socket is a new one. Over the old one it was asked again.
            let frames = loop {
                let frames = router.recv_multipart(0).unwrap();
                if frames[0] != late[0] {
                    break frames;
                }
            };
            let request = serde_json::from_slice(&frames[1]).unwrap();
            router
                .send_multipart([&frames[0], found(&request).to_string().as_bytes()], 0)
                .unwrap();
            router // which is not closed before its answer has arrived
        });
        assert_eq!(endpoint_of(call(&mut connection, "B", LONG)), "tcp://B:1");
        drop(answering.join().unwrap());
    }

    /// A registry that does not answer the first request, and all others twice.
    fn registry_that_misses_one(answer: fn(&Value) -> String) -> (FakeRegistry, Connection) {
        let mut times = 0;
        let registry =
            FakeRegistry::new(move |request| vec![answer(&request); std::mem::replace(&mut times, 2)]);
        let connection = Connection::new(vec![registry.endpoint.clone()], Ok(None));
        (registry, connection)
    }

    #[test]
    fn what_is_not_answered_is_asked_again_and_a_second_answer_is_passed_over() {
        let (_registry, mut connection) = registry_that_misses_one(|request| found(request).to_string());
        assert_eq!(endpoint_of(call(&mut connection, "A", LONG)), "tcp://A:1");
        assert_eq!(endpoint_of(call(&mut connection, "B", LONG)), "tcp://B:1");
    }

    #[test]
    fn a_second_answer_is_passed_over_where_it_has_no_id_either() {
        let answer = |request: &Value| match request["actor_name"].as_str() {
            Some("A") => r#"{"message_type": "Error", "code": "too_large", "error": ""}"#.to_owned(),
            _ => found(request).to_string(),
        };
        let (_registry, mut connection) = registry_that_misses_one(answer);
        assert!(matches!(call(&mut connection, "A", LONG), Ok(Reply::Error(_))));
        assert_eq!(endpoint_of(call(&mut connection, "B", LONG)), "tcp://B:1");
    }

    #[test]
    fn of_many_requests_what_is_not_answered_is_asked_again() {
        let mut missed = false;
        let registry = FakeRegistry::new(move |request| {
            if request["actor_name"] == "a3" && !missed {
                missed = true;
                return Vec::new();
            }
            vec![found(&request).to_string()]
        });
        let requests: Vec<Request> = (0..10).map(|i| lookup(&format!("a{i}"))).collect();
        let mut replies = Vec::new();
        Connection::new(vec![registry.endpoint.clone()], Ok(None))
            .call(&requests, Instant::now() + LONG, LONG, &mut replies)
            .unwrap();
        let endpoints: Vec<String> = replies.into_iter().map(|reply| endpoint_of(Ok(reply))).collect();
        let expected: Vec<String> = (0..10).map(|i| format!("tcp://a{i}:1")).collect();
        assert_eq!(endpoints, expected);
    }

    #[test]
    fn a_call_ends_in_time_and_says_who_did_not_answer() {
        let (_router, endpoint) = bound_router();
        let mut connection = Connection::new(vec![endpoint.clone(), endpoint.clone()], Ok(None));
        let expected = format!("registry {endpoint}, {endpoint} does not answer within 0.05 s");
        assert_eq!(
            call(&mut connection, "A", SHORT),
            Err(RegistryError::Timeout(expected))
        );
    }

    #[test]
    fn the_next_endpoint_joins_and_the_last_good_one_is_asked_first() {
        let (_router, silent) = bound_router();
        let registry = FakeRegistry::new(|request| vec![found(&request).to_string()]);
        let mut connection = Connection::new(vec![silent, registry.endpoint.clone()], Ok(None));
        assert_eq!(
            endpoint_of(call(&mut connection, "A", Duration::from_secs(4))),
            "tcp://A:1"
        );
        assert_eq!(connection.good_endpoint(), registry.endpoint);
        let begun = Instant::now();
        assert_eq!(endpoint_of(call(&mut connection, "B", LONG)), "tcp://B:1");
        assert!(begun.elapsed() < LONG / 2, "the silent one was asked first");
    }

    #[test]
    fn no_endpoint_at_all_is_an_error() {
        let mut connection = Connection::new(Vec::new(), Ok(None));
        assert!(matches!(
            call(&mut connection, "A", LONG),
            Err(RegistryError::ConnectionError(_))
        ));
    }

    #[test]
    fn many_requests_are_on_their_way_at_once_and_never_too_many() {
        let (router, endpoint) = bound_router();
        let registry = std::thread::spawn(move || {
            // by their ids: what takes its time is asked again
            let (mut waiting, mut most, mut answered) = (BTreeMap::new(), 0, BTreeSet::new());
            router.set_rcvtimeo(100).unwrap();
            while answered.len() < 2500 {
                match router.recv_multipart(0) {
                    Ok(frames) => {
                        let request: Value = serde_json::from_slice(&frames[1]).unwrap();
                        let id = request["request_id"].as_u64().unwrap();
                        if !answered.contains(&id) {
                            waiting.insert(id, (frames, request));
                        }
                    }
                    Err(_) => {
                        // nothing more comes before these are answered
                        most = most.max(waiting.len());
                        for (id, (frames, request)) in std::mem::take(&mut waiting) {
                            router
                                .send_multipart([&frames[0], found(&request).to_string().as_bytes()], 0)
                                .unwrap();
                            answered.insert(id);
                        }
                    }
                }
            }
            (most, router) // which is not closed before its answers have arrived
        });
        let requests: Vec<Request> = (0..2500).map(|i| lookup(&format!("a{i}"))).collect();
        let mut replies = Vec::new();
        Connection::new(vec![endpoint], Ok(None))
            .call(&requests, Instant::now() + LONG, LONG, &mut replies)
            .unwrap();
        let endpoints: Vec<String> = replies.into_iter().map(|reply| endpoint_of(Ok(reply))).collect();
        let expected: Vec<String> = (0..2500).map(|i| format!("tcp://a{i}:1")).collect();
        assert_eq!(endpoints, expected);
        let (most, _router) = registry.join().unwrap();
        assert!((2..=MOST_IN_FLIGHT).contains(&most), "{most}");
    }
}
