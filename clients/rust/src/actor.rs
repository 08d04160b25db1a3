//! Actor messages between processes and languages: JSON envelopes from PUSH to PULL sockets (docs/protocol.md, "As an
//! actor").

use crate::dealer::{give_up_after, last_frame, unconnected, wait};
use crate::error::RegistryError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A message on its way from one actor to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Who sends it; empty: nobody who could be answered.
    #[serde(default, deserialize_with = "text_or_nothing")]
    pub sender_actor: String,
    /// Where the sender's PULL socket is; empty: nowhere.
    #[serde(default, deserialize_with = "text_or_nothing")]
    pub sender_endpoint: String,
    /// The actor that it is for.
    pub receiver: String,
    /// What `message` is.
    pub message_type: String,
    /// The message's fields: an object.
    #[serde(deserialize_with = "object")]
    pub message: Value,
}

fn object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    Map::deserialize(deserializer).map(Value::Object)
}

/// What is no text names nobody.
fn text_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        _ => String::new(),
    })
}

impl Envelope {
    /// The message's fields as a type of the caller's. Fails, saying why, where they are something else.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.message)
    }

    /// The sender, to be answered; none where it gave no endpoint.
    pub fn sender(&self, sender: &ActorSender) -> Option<ActorRef> {
        let answerable = !self.sender_endpoint.is_empty();
        answerable.then(|| ActorRef::new(&self.sender_actor, &self.sender_endpoint, sender))
    }
}

/// A connection is given up, and opened anew, where nothing is acknowledged for so long, or the peer has no room for more: the
/// kernel does not tell the dead from the busy, and what it held for them is lost.
const LONGEST_STANDSTILL_MS: i32 = 30_000;
/// So many connections are kept; the one that was used least recently is closed for a further one.
const MOST_CONNECTIONS: usize = 256;
/// What was not sent by then when a sender ends is lost.
const LINGER_MS: i32 = 1000;

/// libzmq ends the connection over which a larger one comes.
const LARGEST_MESSAGE: usize = 1024 * 1024;

/// Sends actor messages: a PUSH socket for each endpoint. Clones share them. From any thread.
#[derive(Clone)]
pub struct ActorSender {
    connections: Arc<Mutex<Connections>>,
}

struct Connections {
    /// The one that was used last at the end.
    sockets: VecDeque<(String, zmq::Socket)>,
    context: zmq::Context,
}

impl ActorSender {
    /// Nothing is connected yet.
    pub fn new() -> ActorSender {
        let connections = Connections {
            sockets: VecDeque::new(),
            context: zmq::Context::new(),
        };
        ActorSender {
            connections: Arc::new(Mutex::new(connections)),
        }
    }

    /// Queues a message for whoever is, or will be, at the endpoint. What was on its way when a connection broke is lost; one
    /// on which nothing moves for 30 s is given up, and opened anew. Never waits: fails where the endpoint can't be one,
    /// 1,000 messages wait for it already, or the message is over 1 MiB, which no receiver takes.
    pub fn send(&self, endpoint: &str, envelope: &Envelope) -> Result<(), RegistryError> {
        let bytes = serde_json::to_vec(envelope)
            .map_err(|error| RegistryError::ConnectionError(format!("{}: {error}", envelope.message_type)))?;
        let refused = |why: String| {
            RegistryError::ConnectionError(format!("actor {} at {endpoint}: {why}", envelope.receiver))
        };
        if bytes.len() > LARGEST_MESSAGE {
            return Err(refused(format!(
                "the message has {} bytes, more than {LARGEST_MESSAGE}",
                bytes.len()
            )));
        }
        let failed = |error: zmq::Error| refused(error.to_string());
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let socket = connections.socket(endpoint).map_err(failed)?;
        socket.send(bytes, zmq::DONTWAIT).map_err(failed)
    }
}

impl Default for ActorSender {
    fn default() -> ActorSender {
        ActorSender::new()
    }
}

impl fmt::Debug for ActorSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorSender").finish_non_exhaustive()
    }
}

impl Connections {
    fn socket(&mut self, endpoint: &str) -> zmq::Result<&zmq::Socket> {
        let known = self.sockets.iter().position(|(known, _)| known == endpoint);
        let entry = match known.and_then(|i| self.sockets.remove(i)) {
            Some(entry) => entry,
            None => (endpoint.to_owned(), self.connect(endpoint)?),
        };
        if self.sockets.len() == MOST_CONNECTIONS {
            self.sockets.pop_front();
        }
        self.sockets.push_back(entry);
        self.sockets
            .back()
            .map(|(_, socket)| socket)
            .ok_or(zmq::Error::EINVAL)
    }

    fn connect(&self, endpoint: &str) -> zmq::Result<zmq::Socket> {
        let mut socket = unconnected(&self.context, zmq::PUSH, endpoint, LINGER_MS)?;
        find_out_about_the_dead(&socket)?;
        give_up_after(&mut socket, LONGEST_STANDSTILL_MS)?;
        socket.connect(endpoint)?;
        Ok(socket)
    }
}

/// An actor, here or elsewhere: its name, its endpoint, and what sends to it.
#[derive(Debug, Clone)]
pub struct ActorRef {
    name: String,
    endpoint: String,
    sender: ActorSender,
}

impl ActorRef {
    /// Nothing is sent, and nobody is asked whether there is such an actor.
    pub fn new(name: impl Into<String>, endpoint: impl Into<String>, sender: &ActorSender) -> ActorRef {
        ActorRef {
            name: name.into(),
            endpoint: endpoint.into(),
            sender: sender.clone(),
        }
    }

    /// The actor's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its PULL socket is.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Queues a message, which is a struct or a map, or nothing at all (`&()`); `from` is who is to be answered, if anybody. As [`ActorSender::send`].
    pub fn send<T: Serialize>(
        &self,
        message_type: &str,
        message: &T,
        from: Option<&ActorRef>,
    ) -> Result<(), RegistryError> {
        let envelope = Envelope {
            sender_actor: from.map(ActorRef::name).unwrap_or_default().to_owned(),
            sender_endpoint: from.map(ActorRef::endpoint).unwrap_or_default().to_owned(),
            receiver: self.name.clone(),
            message_type: message_type.to_owned(),
            message: fields(message)
                .map_err(|error| RegistryError::ConnectionError(format!("{message_type}: {error}")))?,
        };
        self.sender.send(&self.endpoint, &envelope)
    }
}

fn fields<T: Serialize>(message: &T) -> Result<Value, String> {
    match serde_json::to_value(message).map_err(|error| error.to_string())? {
        Value::Object(fields) => Ok(Value::Object(fields)),
        Value::Null => Ok(Value::Object(Map::new())),
        _ => Err("a message has fields".to_owned()),
    }
}

/// Receives actor messages on a PULL socket. May move between threads, one at a time.
pub struct ActorReceiver {
    socket: zmq::Socket,
    endpoint: String,
}

impl ActorReceiver {
    /// Binds: `tcp://127.0.0.1:*` for any port that is free, `tcp://*:6001` on all addresses.
    pub fn bind(endpoint: &str) -> Result<ActorReceiver, RegistryError> {
        let failed = |error| RegistryError::ConnectionError(format!("can't bind {endpoint}: {error}"));
        let socket = bound(endpoint).map_err(failed)?;
        let endpoint = match socket.get_last_endpoint().map_err(failed)? {
            Ok(endpoint) => endpoint,
            Err(_) => endpoint.to_owned(),
        };
        Ok(ActorReceiver { socket, endpoint })
    }

    /// Where it is bound, with the port that was chosen.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The next message; none where none has come in that time. What is no envelope is passed over, and the log says so. Who
    /// sends a message of over 1 MiB loses the connection, and what is on its way over it.
    pub fn receive(&self, timeout: Duration) -> Result<Option<Envelope>, RegistryError> {
        let now = Instant::now();
        let until = now
            .checked_add(timeout)
            .unwrap_or(now + Duration::from_secs(365 * 24 * 3600));
        loop {
            while let Some(message) = last_frame(&self.socket) {
                match serde_json::from_slice(&message) {
                    Ok(envelope) => return Ok(Some(envelope)),
                    Err(error) => log::warn!("{}: what arrived is no envelope: {error}", self.endpoint),
                }
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            wait(&mut [self.socket.as_poll_item(zmq::POLLIN)], until)?;
        }
    }
}

impl fmt::Debug for ActorReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorReceiver")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// TCP asks a silent peer whether it is still there, and takes 30 s without an answer for a no. It does not ask while something
/// is on its way: that is what give_up_after() is for.
fn find_out_about_the_dead(socket: &zmq::Socket) -> zmq::Result<()> {
    socket.set_tcp_keepalive(1)?;
    socket.set_tcp_keepalive_idle(15)?;
    socket.set_tcp_keepalive_intvl(5)?;
    socket.set_tcp_keepalive_cnt(3)
}

/// Keeps its context.
fn bound(endpoint: &str) -> zmq::Result<zmq::Socket> {
    let socket = unconnected(&zmq::Context::new(), zmq::PULL, endpoint, 0)?;
    socket.set_maxmsgsize(LARGEST_MESSAGE as i64)?;
    find_out_about_the_dead(&socket)?;
    socket.bind(endpoint)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const LONG: Duration = Duration::from_secs(20);

    fn receiver() -> ActorReceiver {
        ActorReceiver::bind("tcp://127.0.0.1:*").unwrap()
    }

    #[test]
    fn a_message_goes_from_one_to_the_other_and_back() {
        let (here, there) = (receiver(), receiver());
        let sender = ActorSender::new();
        let me = ActorRef::new("Me", here.endpoint(), &sender);
        let you = ActorRef::new("You", there.endpoint(), &sender);

        you.send("Order", &json!({"id": 7}), Some(&me)).unwrap();
        let order = there.receive(LONG).unwrap().unwrap();
        assert_eq!(
            (order.message_type.as_str(), order.receiver.as_str()),
            ("Order", "You")
        );
        assert_eq!(order.message, json!({"id": 7}));

        #[derive(Deserialize)]
        struct Order {
            id: u32,
        }
        assert_eq!(order.read::<Order>().unwrap().id, 7);
        assert!(order.read::<String>().is_err());

        order
            .sender(&sender)
            .unwrap()
            .send("Verdict", &json!({"ok": true}), None)
            .unwrap();
        let verdict = here.receive(LONG).unwrap().unwrap();
        assert_eq!(verdict.receiver, "Me");
        assert!(verdict.sender(&sender).is_none());
    }

    #[test]
    fn what_is_no_envelope_is_passed_over() {
        let here = receiver();
        let context = zmq::Context::new();
        let push = context.socket(zmq::PUSH).unwrap();
        push.connect(here.endpoint()).unwrap();
        for text in [
            "",
            "nonsense",
            "[]",
            "{}",
            r#"{"message_type": 1}"#,
            r#"{"receiver": "A", "message_type": "Hello", "message": {}}"#,
        ] {
            push.send(text, 0).unwrap();
        }
        let hello = here.receive(LONG).unwrap().unwrap();
        assert_eq!(hello.message_type, "Hello");
        assert_eq!(hello.message, json!({}));
    }

    #[test]
    fn nothing_is_waited_for_in_vain() {
        assert_eq!(receiver().receive(Duration::from_millis(5)).unwrap(), None);
    }

    #[test]
    fn a_sender_never_waits() {
        let nobody = ActorRef::new("Nobody", "ipc:///nonexistent/nobody", &ActorSender::new());
        let results: Vec<_> = (0..1001)
            .map(|i| nobody.send("Hello", &json!({ "i": i }), None))
            .collect();
        assert!(results[..1000].iter().all(Result::is_ok));
        assert!(matches!(results[1000], Err(RegistryError::ConnectionError(_))));
    }

    #[test]
    fn a_message_has_fields_or_nothing_to_say() {
        let here = receiver();
        let actor = ActorRef::new("A", here.endpoint(), &ActorSender::new());
        assert!(actor.send("Hello", &1, None).is_err());
        assert!(actor.send("Hello", &["a"], None).is_err());
        actor.send("Stop", &(), None).unwrap();
        assert_eq!(here.receive(LONG).unwrap().unwrap().message, json!({}));
    }

    fn envelope_of(size: usize) -> Envelope {
        let envelope = |text: String| Envelope {
            sender_actor: String::new(),
            sender_endpoint: String::new(),
            receiver: "A".into(),
            message_type: "T".into(),
            message: json!({ "text": text }),
        };
        let empty = serde_json::to_vec(&envelope(String::new())).unwrap().len();
        envelope("x".repeat(size - empty))
    }

    #[test]
    fn what_is_too_large_to_be_received_is_not_sent() {
        let here = receiver();
        let sender = ActorSender::new();
        let largest = envelope_of(LARGEST_MESSAGE);
        sender.send(here.endpoint(), &largest).unwrap();
        let error = sender
            .send(here.endpoint(), &envelope_of(LARGEST_MESSAGE + 1))
            .unwrap_err();
        assert!(
            error.to_string().contains("1048577 bytes, more than 1048576"),
            "{error}"
        );
        assert_eq!(here.receive(LONG).unwrap(), Some(largest));
    }

    #[test]
    fn who_sends_what_is_too_large_is_hung_up_on() {
        let here = receiver();
        let context = zmq::Context::new();
        let push = context.socket(zmq::PUSH).unwrap();
        push.monitor("inproc://push", zmq::SocketEvent::DISCONNECTED as i32)
            .unwrap();
        let events = context.socket(zmq::PAIR).unwrap();
        events.connect("inproc://push").unwrap();
        push.connect(here.endpoint()).unwrap();
        let bytes = |envelope| serde_json::to_vec(&envelope).unwrap();
        push.send(bytes(envelope_of(LARGEST_MESSAGE + 1)), 0).unwrap();
        assert_eq!(events.poll(zmq::POLLIN, 20_000).unwrap(), 1);
        push.send(bytes(envelope_of(100)), 0).unwrap();
        assert_eq!(here.receive(LONG).unwrap(), Some(envelope_of(100)));
    }

    #[test]
    fn connections_are_bounded() {
        let sender = ActorSender::new();
        let envelope = Envelope {
            sender_actor: String::new(),
            sender_endpoint: String::new(),
            receiver: "A".into(),
            message_type: "Hello".into(),
            message: json!({}),
        };
        for i in 0..MOST_CONNECTIONS + 3 {
            sender
                .send(&format!("ipc:///nonexistent/{i}"), &envelope)
                .unwrap();
        }
        let connections = sender.connections.lock().unwrap();
        assert_eq!(connections.sockets.len(), MOST_CONNECTIONS);
        assert_eq!(connections.sockets[0].0, "ipc:///nonexistent/3");
    }

    #[test]
    fn what_can_be_no_endpoint_is_an_error() {
        for endpoint in ["", "nonsense", "tcp://a\0:1", "smoke://a:1"] {
            assert!(ActorReceiver::bind(endpoint).is_err(), "{endpoint}");
            let actor = ActorRef::new("A", endpoint, &ActorSender::new());
            assert!(actor.send("Hello", &(), None).is_err(), "{endpoint}");
        }
    }
}
