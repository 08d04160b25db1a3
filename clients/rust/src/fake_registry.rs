//! For tests: something at the other end that says what a test wants.

use serde_json::{json, Value};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// Answers every request with what `answers` makes of it, until it is dropped.
pub(crate) struct FakeRegistry {
    pub(crate) endpoint: String,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl FakeRegistry {
    pub(crate) fn new(mut answers: impl FnMut(Value) -> Vec<String> + Send + 'static) -> FakeRegistry {
        let (router, endpoint) = bound_router();
        let stopping = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stopping);
        let thread = thread::spawn(move || {
            router.set_rcvtimeo(10).unwrap();
            while !seen.load(Ordering::Relaxed) {
                if let Ok(frames) = router.recv_multipart(0) {
                    for answer in answers(serde_json::from_slice(&frames[1]).unwrap()) {
                        router
                            .send_multipart([&frames[0][..], answer.as_bytes()], 0)
                            .unwrap();
                    }
                }
            }
        });
        FakeRegistry {
            endpoint,
            stopping,
            thread: Some(thread),
        }
    }
}

impl Drop for FakeRegistry {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A ROUTER and where it is.
pub(crate) fn bound_router() -> (zmq::Socket, String) {
    let router = zmq::Context::new().socket(zmq::ROUTER).unwrap();
    router.set_linger(0).unwrap();
    router.set_sndhwm(0).unwrap(); // or it would drop answers
    router.bind("tcp://127.0.0.1:*").unwrap();
    let endpoint = router.get_last_endpoint().unwrap().unwrap();
    (router, endpoint)
}

/// What a registry would say that knows every name, at `tcp://NAME:1`.
pub(crate) fn found(request: &Value) -> Value {
    let name = request["actor_name"].as_str().unwrap_or_default();
    json!({"message_type": "LookupResult", "request_id": request["request_id"], "actor_name": name,
        "endpoint": format!("tcp://{name}:1"), "online": true})
}
