//! What a client's calls and its heartbeats share.

use crate::batches::split;
use crate::connection::{no_answer, Connection};
use crate::error::{Reason, RegistryError};
use crate::keys::Keys;
use crate::messages::{
    Actor, Heartbeat, LookupActor, LookupActors, Process, RegisterActor, RegisterActors, Reply, Request,
    UnregisterActor, UnregisterManager,
};
use crate::names_held::NamesHeld;
use crate::notice::Notice;
use crate::process::own_process;
use crate::random::random_instance;
use crate::turn::{Turn, TurnGuard};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

type Callback = Arc<dyn Fn(&Notice) + Send + Sync>;

/// From any thread.
pub(crate) struct Session {
    manager_id: String,
    instance: String,
    process: Process,
    pub(crate) endpoints: Vec<String>,
    keys: Mutex<Keys>,
    pub(crate) timeout: Milliseconds,
    pub(crate) heartbeat_interval: Milliseconds,
    /// For the connection: a mutex can't be waited for with a deadline.
    call_turn: Turn,
    connection: Mutex<Connection>,
    /// Held from the decision to register or unregister a name until it is answered, so that a name which is being given
    /// up is not registered again meanwhile. Taken before call_turn.
    registration_turn: Turn,
    names: Mutex<NamesHeld>,
    /// The registry knows requests for many names; an older one says that it does not.
    batches: AtomicBool,
    /// The registry takes this manager for alive.
    spoken: AtomicBool,
    callback: Mutex<Option<Callback>>,
}

impl Session {
    pub(crate) fn new(manager_id: String, endpoints: Vec<String>) -> Session {
        Session {
            manager_id,
            instance: random_instance(),
            process: own_process(),
            timeout: Milliseconds::new(5000),
            heartbeat_interval: Milliseconds::new(2000),
            call_turn: Turn::default(),
            connection: Mutex::new(Connection::new(endpoints.clone(), Ok(None))),
            keys: Mutex::new(Ok(None)),
            endpoints,
            registration_turn: Turn::default(),
            names: Mutex::default(),
            batches: AtomicBool::new(true),
            spoken: AtomicBool::new(false),
            callback: Mutex::new(None),
        }
    }

    /// Before anything is sent.
    pub(crate) fn use_keys(&self, keys: Keys) {
        *locked(&self.connection) = Connection::new(self.endpoints.clone(), keys.clone());
        *locked(&self.keys) = keys;
    }

    pub(crate) fn keys(&self) -> Keys {
        locked(&self.keys).clone()
    }

    /// Fails in a child of the process that made it: neither sockets nor threads are there.
    pub(crate) fn check_process(&self) -> Result<(), RegistryError> {
        if self.process.pid == Some(u64::from(std::process::id())) {
            return Ok(());
        }
        let why = "this client was made before a fork: make one of its own in the child";
        Err(RegistryError::ConnectionError(why.to_owned()))
    }

    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.timeout.get()
    }

    pub(crate) fn names(&self) -> MutexGuard<'_, NamesHeld> {
        locked(&self.names)
    }

    pub(crate) fn knows_batches(&self) -> bool {
        self.batches.load(Ordering::Relaxed)
    }

    /// Whether the reply says that it does not know requests for many names; from then on knows_batches() is false.
    pub(crate) fn refuses_batches(&self, reply: &Reply) -> bool {
        let refuses = matches!(reply, Reply::Error(error) if error.code == "unknown_type");
        if refuses {
            self.batches.store(false, Ordering::Relaxed);
        }
        refuses
    }

    pub(crate) fn has_spoken(&self) {
        self.spoken.store(true, Ordering::Relaxed);
    }

    /// Whether it has, since it was asked last.
    pub(crate) fn take_spoken(&self) -> bool {
        self.spoken.swap(false, Ordering::Relaxed)
    }

    /// One call at a time. Registrations are never among its failures: they are replies.
    pub(crate) fn call_one(&self, request: &Request, deadline: Instant) -> Result<Reply, RegistryError> {
        let _turn = self.calls(deadline)?;
        let mut connection = locked(&self.connection);
        let reply = connection.call_one(request, deadline, self.timeout.get())?;
        Ok(reply)
    }

    /// Adds the replies, in the order of the requests, also those that came before it failed.
    pub(crate) fn call(
        &self,
        requests: &[Request],
        deadline: Instant,
        replies: &mut Vec<Reply>,
    ) -> Result<(), RegistryError> {
        let _turn = self.calls(deadline)?;
        locked(&self.connection).call(requests, deadline, self.timeout.get(), replies)
    }

    fn calls(&self, deadline: Instant) -> Result<TurnGuard<'_>, RegistryError> {
        self.call_turn
            .take(deadline)
            .ok_or_else(|| self.waited("other calls wait for it"))
    }

    pub(crate) fn registrations(&self, deadline: Instant) -> Result<TurnGuard<'_>, RegistryError> {
        self.registration_turn
            .take(deadline)
            .ok_or_else(|| self.waited("other registrations wait for it"))
    }

    /// None where a registration is under way.
    pub(crate) fn try_registrations(&self) -> Option<TurnGuard<'_>> {
        self.registration_turn.try_take()
    }

    fn waited(&self, why: &str) -> RegistryError {
        RegistryError::Timeout(format!(
            "{}: {why}",
            no_answer(&self.endpoints, self.timeout.get())
        ))
    }

    /// To the log and the callback. Only on the thread of the heartbeats, which a callback that panics does not end.
    pub(crate) fn say(&self, notice: &Notice) {
        if notice.is_good() {
            log::info!("manager {}: {notice}", self.manager_id);
        } else {
            log::warn!("manager {}: {notice}", self.manager_id);
        }
        let callback = locked(&self.callback).clone();
        if let Some(callback) = callback {
            if catch_unwind(AssertUnwindSafe(|| callback(notice))).is_err() {
                log::error!("manager {}: the callback for notices panicked", self.manager_id);
            }
        }
    }

    pub(crate) fn set_callback(&self, callback: Callback) {
        *locked(&self.callback) = Some(callback);
    }

    pub(crate) fn heartbeat(&self) -> Request {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        Request::Heartbeat(Heartbeat {
            manager_id: self.manager_id.clone(),
            timestamp_ms: now.map(|time| time.as_millis() as u64),
            instance: Some(self.instance.clone()),
            process: Some(self.process.clone()),
        })
    }

    pub(crate) fn registration(&self, actor: &Actor) -> Request {
        Request::RegisterActor(RegisterActor {
            manager_id: self.manager_id.clone(),
            actor_name: actor.actor_name.clone(),
            actor_endpoint: actor.actor_endpoint.clone(),
            instance: Some(self.instance.clone()),
            process: Some(self.process.clone()),
        })
    }

    /// All of them in one request.
    pub(crate) fn batch_registration(&self, actors: &[Actor]) -> Request {
        Request::RegisterActors(RegisterActors {
            manager_id: self.manager_id.clone(),
            actors: actors.to_vec(),
            instance: Some(self.instance.clone()),
            process: Some(self.process.clone()),
        })
    }

    pub(crate) fn batch_registrations(&self, actors: &[Actor]) -> Vec<Request> {
        split(actors)
            .into_iter()
            .map(|batch| self.batch_registration(batch))
            .collect()
    }

    pub(crate) fn unregistration(&self, actor_name: &str) -> Request {
        Request::UnregisterActor(UnregisterActor {
            actor_name: actor_name.to_owned(),
            manager_id: Some(self.manager_id.clone()),
            instance: Some(self.instance.clone()),
        })
    }

    pub(crate) fn goodbye(&self, forget: bool) -> Request {
        Request::UnregisterManager(UnregisterManager {
            manager_id: self.manager_id.clone(),
            instance: Some(self.instance.clone()),
            forget: forget.then_some(true),
        })
    }
}

pub(crate) fn lookup(actor_name: &str) -> Request {
    Request::LookupActor(LookupActor {
        actor_name: actor_name.to_owned(),
    })
}

pub(crate) fn batch_lookups(actor_names: &[String]) -> Vec<Request> {
    let request = |batch: &[String]| {
        Request::LookupActors(LookupActors {
            actor_names: batch.to_vec(),
        })
    };
    split(actor_names).into_iter().map(request).collect()
}

/// A reply of another kind than the request wants: a refusal, or what no registry would say.
pub(crate) fn refusal(reply: Reply) -> RegistryError {
    match reply {
        Reply::RegistrationFailed(failed) => RegistryError::RegistrationFailed {
            actor_name: failed.actor_name,
            reason: Reason::new(failed.reason, failed.code),
        },
        Reply::Error(error) if error.code == "not_authorized" => RegistryError::NotAuthorized(error.error),
        Reply::Error(error) => RegistryError::Refused {
            code: error.code,
            error: error.error,
        },
        other => RegistryError::ConnectionError(format!("unexpected reply {}", other.message_type())),
    }
}

/// Nothing is left half-done where a thread may panic, so a poisoned lock is as good as any.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A duration that any thread may set.
pub(crate) struct Milliseconds(AtomicU64);

impl Milliseconds {
    fn new(milliseconds: u64) -> Milliseconds {
        Milliseconds(AtomicU64::new(milliseconds))
    }

    pub(crate) fn get(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    /// At least one, and at most what a clock can count.
    pub(crate) fn set(&self, time: Duration) {
        const YEAR: u128 = 365 * 24 * 3600 * 1000;
        self.0
            .store(time.as_millis().clamp(1, YEAR) as u64, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages;

    fn session() -> Session {
        Session::new("M".into(), vec!["tcp://127.0.0.1:1".into()])
    }

    #[test]
    fn a_life_keeps_its_instance() {
        let session = session();
        let instance = |request| match request {
            Request::Heartbeat(heartbeat) => heartbeat.instance,
            Request::UnregisterManager(goodbye) => goodbye.instance,
            _ => None,
        };
        assert_eq!(instance(session.heartbeat()), instance(session.goodbye(false)));
        assert!(instance(session.heartbeat()).is_some());
    }

    #[test]
    fn an_older_registry_is_found_out_once() {
        let session = session();
        let refusal = |code: &str| {
            Reply::Error(messages::Error {
                code: code.into(),
                error: String::new(),
            })
        };
        assert!(!session.refuses_batches(&refusal("limit")));
        assert!(session.knows_batches());
        assert!(session.refuses_batches(&refusal("unknown_type")));
        assert!(!session.knows_batches());
    }

    #[test]
    fn a_callback_that_panics_ends_nothing() {
        let session = session();
        session.set_callback(Arc::new(|_| panic!("on purpose")));
        session.say(&Notice::Superseded);
        session.say(&Notice::Superseded);
    }

    #[test]
    fn who_waits_for_other_calls_is_told_so_in_time() {
        let session = session();
        session.timeout.set(Duration::from_millis(20));
        let _turn = session.registrations(session.deadline()).unwrap();
        let error = session.registrations(session.deadline()).map(|_| ()).unwrap_err();
        let expected =
            "registry tcp://127.0.0.1:1 does not answer within 0.02 s: other registrations wait for it";
        assert_eq!(error, RegistryError::Timeout(expected.into()));
    }

    #[test]
    fn times_are_kept_within_reason() {
        let time = Milliseconds::new(5);
        time.set(Duration::MAX);
        assert!(Instant::now().checked_add(time.get()).is_some());
        time.set(Duration::from_secs(0));
        assert_eq!(time.get(), Duration::from_millis(1));
    }
}
