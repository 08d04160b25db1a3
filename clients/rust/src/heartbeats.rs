//! Heartbeats, and what is registered again.

use crate::batches::MOST_NAMES_REPAIRED;
use crate::dealer::{wait, Dealer};
use crate::error::RegistryError;
use crate::handshake::Fault;
use crate::messages::{Actor, HeartbeatAck, Reply};
use crate::names_held::Acknowledged;
use crate::notice::Notice;
use crate::random::jittered;
use crate::session::Session;
use crate::turn::TurnGuard;
use crate::wire::{encode, Incoming};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const MOST_UNANSWERED: usize = 2;
const REPAIR_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_REPAIR: Duration = Duration::from_secs(1);
const WAKE_ENDPOINT: &str = "inproc://wake";

/// Sends heartbeats on a thread, a context and a socket of its own, so that nothing else delays one, and one without an answer
/// never blocks the next.
pub(crate) struct Heartbeats {
    stop: Arc<Stop>,
    thread: JoinHandle<()>,
}

impl Heartbeats {
    /// The first heartbeat is sent at once. Fails where the system has no thread left.
    pub(crate) fn start(session: Arc<Session>) -> Result<Heartbeats, RegistryError> {
        let stop = Arc::new(Stop::default());
        let seen = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("heartbeats".into())
            .spawn(move || run(&session, &seen))
            .map_err(|error| RegistryError::ConnectionError(format!("no thread: {error}")))?;
        Ok(Heartbeats { stop, thread })
    }

    /// No heartbeat is sent after it returned, unless it is called from within a notice.
    pub(crate) fn stop(self) {
        self.stop.stop();
        if self.thread.thread().id() != thread::current().id() {
            let _ = self.thread.join();
        }
    }
}

fn run(session: &Session, stop: &Stop) {
    let mut trouble = String::new();
    loop {
        match stop.listen() {
            Ok((context, woken)) => return Loop::new(session, context).run(&woken, stop),
            Err(error) if trouble != error.to_string() => {
                trouble = error.to_string();
                session.say(&Notice::Trouble(trouble.clone()));
            }
            Err(_) => {}
        }
        if stop.comes_within(session.heartbeat_interval.get()) {
            return;
        }
    }
}

/// How the thread is told to end.
#[derive(Default)]
struct Stop {
    state: Mutex<StopState>,
    changed: Condvar,
}

#[derive(Default)]
struct StopState {
    wanted: bool,
    /// Wakes the thread where it waits for sockets.
    wake: Option<zmq::Socket>,
}

impl Stop {
    fn state(&self) -> MutexGuard<'_, StopState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        let mut state = self.state();
        state.wanted = true;
        if let Some(wake) = &state.wake {
            let _ = wake.send("", zmq::DONTWAIT);
        }
        self.changed.notify_all();
    }

    fn is_wanted(&self) -> bool {
        self.state().wanted
    }

    fn comes_within(&self, time: Duration) -> bool {
        let state = self.state();
        let waited = self
            .changed
            .wait_timeout_while(state, time, |state| !state.wanted);
        waited.unwrap_or_else(PoisonError::into_inner).0.wanted
    }

    /// From now on stop() can be heard over the socket. Fails where the system has no descriptor left.
    fn listen(&self) -> zmq::Result<(zmq::Context, zmq::Socket)> {
        let context = zmq::Context::new();
        let woken = wake_socket(&context)?;
        woken.bind(WAKE_ENDPOINT)?;
        let wake = wake_socket(&context)?;
        wake.connect(WAKE_ENDPOINT)?;
        self.state().wake = Some(wake);
        Ok((context, woken))
    }
}

fn wake_socket(context: &zmq::Context) -> zmq::Result<zmq::Socket> {
    let socket = context.socket(zmq::PAIR)?;
    socket.set_linger(0)?;
    Ok(socket)
}

/// What the thread knows.
struct Loop<'a> {
    session: &'a Session,
    context: zmq::Context,
    endpoint: usize,
    dealer: Option<Dealer>,
    next: Instant,
    last_id: u64,
    unanswered: VecDeque<Sent>,
    /// What was said in place of an acknowledgement.
    refusal: Option<String>,
    /// No acknowledgement for long, and that is said.
    silent: bool,
    /// What was in the way of the last heartbeat, said already.
    trouble: String,
    /// When to look whether names are to be registered again; none: after the next acknowledgement.
    repair_at: Option<Instant>,
    repair: Option<Repair<'a>>,
}

/// A heartbeat on its way.
struct Sent {
    id: u64,
    then: Acknowledged,
}

/// A registration on its way.
struct Repair<'a> {
    id: u64,
    actors: Vec<Actor>,
    until: Instant,
    _turn: TurnGuard<'a>,
}

impl<'a> Loop<'a> {
    fn new(session: &'a Session, context: zmq::Context) -> Loop<'a> {
        Loop {
            session,
            context,
            endpoint: 0,
            dealer: None,
            next: Instant::now(),
            last_id: 0,
            unanswered: VecDeque::new(),
            refusal: None,
            silent: false,
            trouble: String::new(),
            repair_at: None,
            repair: None,
        }
    }

    fn run(&mut self, woken: &zmq::Socket, stop: &Stop) {
        while !stop.is_wanted() {
            if Instant::now() >= self.next {
                self.send_heartbeat();
            }
            self.advance_repair();
            self.wait(woken);
            while let Some(incoming) = self.receive() {
                self.take(incoming);
            }
            self.look();
        }
    }

    fn wait(&mut self, woken: &zmq::Socket) {
        let repair = self
            .repair
            .as_ref()
            .map_or(self.repair_at, |repair| Some(repair.until));
        let until = repair.map_or(self.next, |time| time.min(self.next));
        let mut items = vec![woken.as_poll_item(zmq::POLLIN)];
        items.extend(self.dealer.iter().flat_map(Dealer::poll_items));
        if let Err(error) = wait(&mut items, until) {
            self.in_the_way(&error);
            thread::sleep(REPAIR_PAUSE);
        }
    }

    fn send_heartbeat(&mut self) {
        self.next = Instant::now() + jittered(self.session.heartbeat_interval.get());
        if self.unanswered.len() >= MOST_UNANSWERED || self.look().1 {
            self.reopen();
        }
        let then = self.session.names().acknowledged();
        let heartbeat = self.session.heartbeat();
        self.last_id += 1;
        let id = self.last_id;
        match self.dealer() {
            Ok(dealer) => {
                dealer.send(&encode(&heartbeat, id));
                self.unanswered.push_back(Sent { id, then });
            }
            Err(error) => {
                self.in_the_way(&error);
                self.endpoint += 1;
            }
        }
    }

    fn dealer(&mut self) -> Result<&Dealer, RegistryError> {
        if self.dealer.is_none() {
            self.dealer = Some(Dealer::open(
                &self.context,
                self.endpoint()?,
                &self.session.keys(),
            )?);
        }
        self.dealer.as_ref().ok_or_else(no_endpoint)
    }

    fn endpoint(&self) -> Result<&str, RegistryError> {
        let endpoints = &self.session.endpoints;
        if endpoints.is_empty() {
            return Err(no_endpoint());
        }
        Ok(&endpoints[self.endpoint % endpoints.len()])
    }

    /// A connection that was cut may wait for TCP for minutes; a new one does not, and another endpoint may be there.
    fn reopen(&mut self) {
        if !std::mem::replace(&mut self.silent, true) {
            let endpoint = self.endpoint().unwrap_or_default().to_owned();
            let fault = self.look().0.map(|fault| fault.text().to_owned());
            let fault = self.refusal.take().or(fault);
            self.session.say(&Notice::Silent { endpoint, fault });
        }
        self.refusal = None;
        self.endpoint += 1;
        self.dealer = None;
        self.unanswered.clear();
        self.repair = None;
    }

    /// What becomes of the connection, as far as that is known.
    fn look(&mut self) -> (Option<Fault>, bool) {
        self.dealer.as_mut().map_or((None, false), Dealer::look)
    }

    /// Said once, as long as it is the same.
    fn in_the_way(&mut self, trouble: &RegistryError) {
        let trouble = trouble.to_string();
        if self.trouble != trouble {
            self.session.say(&Notice::Trouble(trouble.clone()));
            self.trouble = trouble;
        }
    }

    fn receive(&mut self) -> Option<Incoming> {
        let dealer = self.dealer.as_mut()?;
        loop {
            let message = dealer.receive()?;
            if let Some(incoming) = Incoming::parse(&message) {
                dealer.prove();
                return Some(incoming);
            }
        }
    }

    fn take(&mut self, incoming: Incoming) {
        let oldest_heartbeat = self.unanswered.front().map(|sent| sent.id);
        let repair = self.repair.as_ref().map(|repair| repair.id);
        let oldest = oldest_heartbeat.into_iter().chain(repair).min();
        let id = match oldest.and_then(|oldest| incoming.answers(oldest)) {
            Some(id) => id,
            None => return,
        };
        let reply = match incoming.into_reply() {
            Ok(reply) => reply,
            Err(_) => return,
        };
        if repair == Some(id) {
            self.take_repair(reply);
            return;
        }
        match reply {
            Reply::HeartbeatAck(ack) => self.acknowledged(id, &ack),
            Reply::Error(error) => self.refusal = Some(error.error),
            _ => {}
        }
    }

    /// Heartbeats before the one that is answered count as answered.
    fn acknowledged(&mut self, id: u64, ack: &HeartbeatAck) {
        let then = match self.unanswered.iter().find(|sent| sent.id == id) {
            Some(sent) => sent.then,
            None => return,
        };
        self.unanswered.retain(|sent| sent.id > id);
        self.refusal = None;
        self.trouble.clear();
        if std::mem::take(&mut self.silent) {
            let endpoint = self.endpoint().unwrap_or_default().to_owned();
            self.session.say(&Notice::Reconnected { endpoint });
        }
        let notices = self.session.names().heartbeat_acknowledged(ack, then);
        self.say_all(&notices);
        self.repair_at = Some(Instant::now());
    }

    fn say_all(&self, notices: &[Notice]) {
        for notice in notices {
            self.session.say(notice);
        }
    }

    /// Registers again what is to be, as many names at a time as a message holds.
    fn advance_repair(&mut self) {
        let now = Instant::now();
        if self.repair.as_ref().map_or(false, |repair| now >= repair.until) {
            self.repair = None;
        }
        if self.repair.is_some() || self.repair_at.map_or(true, |at| now < at) {
            return;
        }
        self.repair_at = Some(now + REPAIR_PAUSE);
        if !self.session.names().needs_repair() {
            self.end_repair();
        } else if let Some(turn) = self.session.try_registrations() {
            self.send_repair(turn, now);
        }
    }

    fn send_repair(&mut self, turn: TurnGuard<'a>, now: Instant) {
        let batches = self.session.knows_batches();
        let actors = self
            .session
            .names()
            .next_to_repair(if batches { MOST_NAMES_REPAIRED } else { 1 });
        if actors.is_empty() {
            drop(turn);
            self.end_repair();
            return;
        }
        let request = match actors.as_slice() {
            [actor] if !batches => self.session.registration(actor),
            actors => self.session.batch_registration(actors),
        };
        self.last_id += 1;
        let id = self.last_id;
        if let Some(dealer) = &self.dealer {
            dealer.send(&encode(&request, id));
            let until = now + LONGEST_REPAIR;
            self.repair = Some(Repair {
                id,
                actors,
                until,
                _turn: turn,
            });
        }
    }

    fn take_repair(&mut self, reply: Reply) {
        let Repair { actors, _turn, .. } = match self.repair.take() {
            Some(repair) => repair,
            None => return,
        };
        if self.session.knows_batches() && self.session.refuses_batches(&reply) {
            self.repair_at = Some(Instant::now()); // a name at a time
            return;
        }
        let repaired = self.session.names().repaired(&actors, reply);
        drop(_turn); // a notice may lead to anything
        self.say_all(&repaired.notices);
        self.repair_at = repaired.go_on.then(Instant::now);
    }

    fn end_repair(&mut self) {
        self.repair_at = None;
        let actors = self.session.names().end_repair();
        if actors > 0 {
            self.session.say(&Notice::RegisteredAgain { actors });
        }
    }
}

fn no_endpoint() -> RegistryError {
    RegistryError::ConnectionError("no registry endpoint is given".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_registry::{bound_router, FakeRegistry};
    use serde_json::{json, Value};
    use std::sync::mpsc::{channel, Receiver};

    const LONG: Duration = Duration::from_secs(20);

    fn session(endpoints: &[&str]) -> (Arc<Session>, Receiver<Notice>) {
        let session = Arc::new(Session::new(
            "M".into(),
            endpoints.iter().copied().map(Into::into).collect(),
        ));
        session.heartbeat_interval.set(Duration::from_millis(200));
        let (say, said) = channel();
        let say = std::sync::Mutex::new(say);
        session.set_callback(Arc::new(move |notice| {
            drop(say.lock().unwrap().send(notice.clone()))
        }));
        (session, said)
    }

    /// Acknowledges heartbeats and registrations; tells what it was asked.
    fn registry(epoch: &'static str) -> (FakeRegistry, Receiver<Value>) {
        let (tell, told) = channel();
        let mut actors = 0; // each test has its names registered once
        let answers = move |request: Value| {
            let reply = match request["message_type"].as_str() {
                Some("Heartbeat") => {
                    json!({"message_type": "HeartbeatAck", "epoch": epoch, "actors": actors})
                }
                Some("RegisterActors") => {
                    let ok = |actor: &Value| json!({"actor_name": actor["actor_name"], "ok": true});
                    let results: Vec<Value> = request["actors"].as_array().unwrap().iter().map(ok).collect();
                    actors = results.len();
                    json!({"message_type": "RegistrationResults", "epoch": epoch, "actors": actors, "results": results})
                }
                _ => json!({"message_type": "Error", "code": "unknown_type", "error": "what?"}),
            };
            let mut reply = reply;
            reply["request_id"] = request["request_id"].clone();
            let _ = tell.send(request);
            vec![reply.to_string()]
        };
        (FakeRegistry::new(answers), told)
    }

    /// The next notice but for those of a registry that takes its time.
    fn heard(said: &Receiver<Notice>) -> Notice {
        loop {
            match said.recv_timeout(LONG).unwrap() {
                Notice::Silent { .. } | Notice::Reconnected { .. } => {}
                other => return other,
            }
        }
    }

    #[test]
    fn heartbeats_come_at_once_and_again_until_they_are_stopped() {
        let (registry, told) = registry("e1");
        let (session, _said) = session(&[&registry.endpoint]);
        let heartbeats = Heartbeats::start(session).unwrap();
        for _ in 0..3 {
            let heartbeat = told.recv_timeout(LONG).unwrap();
            assert_eq!(heartbeat["message_type"], "Heartbeat");
            assert_eq!(heartbeat["manager_id"], "M");
            assert_eq!(heartbeat["process"]["language"], "rust");
        }
        heartbeats.stop();
        drop(registry); // what was under way has been told by then
        while told.try_recv().is_ok() {}
        assert!(told.recv().is_err());
    }

    #[test]
    fn after_two_without_an_answer_the_next_endpoint_is_tried() {
        let (router, silent) = bound_router();
        let (registry, told) = registry("e1");
        let (session, said) = session(&[&silent, &registry.endpoint]);
        session.heartbeat_interval.set(Duration::from_millis(600));
        let heartbeats = Heartbeats::start(session).unwrap();
        told.recv_timeout(LONG).unwrap();
        assert_eq!(
            said.recv_timeout(LONG).unwrap(),
            Notice::Silent {
                endpoint: silent,
                fault: None
            }
        );
        let endpoint = registry.endpoint.clone();
        assert_eq!(said.recv_timeout(LONG).unwrap(), Notice::Reconnected { endpoint });
        heartbeats.stop();
        router.set_rcvtimeo(0).unwrap();
        let unanswered = std::iter::from_fn(|| router.recv_multipart(0).ok()).count();
        assert_eq!(unanswered, MOST_UNANSWERED);
    }

    #[test]
    fn what_the_registry_has_lost_is_registered_again() {
        let (registry, told) = registry("e2");
        let (session, said) = session(&[&registry.endpoint]);
        session.names().registered("A", "tcp://a:1", Some("e1"), Some(1));
        let heartbeats = Heartbeats::start(session).unwrap();
        assert_eq!(heard(&said), Notice::RegisteredAgain { actors: 1 });
        heartbeats.stop();
        let again = told
            .try_iter()
            .find(|request| request["message_type"] == "RegisterActors")
            .unwrap();
        assert_eq!(
            again["actors"],
            json!([{"actor_name": "A", "actor_endpoint": "tcp://a:1"}])
        );
    }

    #[test]
    fn nothing_is_registered_again_while_a_registration_is_under_way() {
        let (registry, told) = registry("e2");
        let (session, said) = session(&[&registry.endpoint]);
        session.names().registered("A", "tcp://a:1", Some("e1"), Some(1));
        let turn = session.try_registrations();
        let heartbeats = Heartbeats::start(Arc::clone(&session)).unwrap();
        for _ in 0..3 {
            assert_eq!(told.recv_timeout(LONG).unwrap()["message_type"], "Heartbeat");
        }
        drop(turn);
        assert_eq!(heard(&said), Notice::RegisteredAgain { actors: 1 });
        heartbeats.stop();
    }

    #[test]
    fn what_is_in_the_way_is_said_once() {
        let (session, said) = session(&["nonsense"]);
        let heartbeats = Heartbeats::start(session).unwrap();
        let trouble = said.recv_timeout(LONG).unwrap();
        assert!(
            matches!(&trouble, Notice::Trouble(text) if text.contains("nonsense")),
            "{trouble:?}"
        );
        let again = said.recv_timeout(Duration::from_millis(700));
        assert!(again.is_err(), "{again:?}");
        heartbeats.stop();
    }
}
