//! A manager's side of the registry.

use crate::endpoints::Endpoints;
use crate::error::{Reason, RegistryError};
use crate::heartbeats::Heartbeats;
use crate::keys::CurveKeys;
use crate::messages::{Actor, LookupResult, RegistrationResult, Reply};
use crate::notice::Notice;
use crate::session::{batch_lookups, lookup, refusal, Session};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a client that is dropped waits for the answer to its goodbye.
const LONGEST_LAST_WORD: Duration = Duration::from_secs(1);

/// Registers actors, sends heartbeats, looks others up. From any thread.
///
/// Calls of several threads take turns. Heartbeats have a thread and a socket of their own. When the registry has lost what it acknowledged, everything is registered again,
/// except what another manager has taken over. Every call ends within the timeout, and the client is good for the
/// next one; a registry that was lost, restarted or moved is connected to again. What is not answered is asked again within the
/// call, at growing intervals (`docs/protocol.md`), so a registry that is restarted meanwhile costs time and no call. Who this process is (host, pid, unit,
/// `$INVOCATION_ID`) goes with registrations and heartbeats, and so does a random `instance`, which tells this life of the
/// manager from the one before.
///
/// A client that is dropped says [`goodbye`](Self::goodbye), if it has registered anything or begun with heartbeats
/// since the last goodbye, and waits a second for the answer at most.
///
/// In a forked child every call of its parent's client fails, and nothing happens when that is dropped: the child makes one of
/// its own.
pub struct RegistryClient {
    session: Arc<Session>,
    heartbeats: Mutex<Beating>,
}

#[derive(Default)]
struct Beating {
    heartbeats: Option<Heartbeats>,
    /// They are wanted, and could not begin.
    owed: bool,
}

impl RegistryClient {
    /// `registry` is an [`ActorRef`](crate::ActorRef), an endpoint, or a list of a registry's endpoints that are tried in
    /// order, the last good one first. Nothing is sent yet.
    ///
    /// The keys are those that the environment names ([`CurveKeys::from_environment`]); where they can't be used, every call
    /// fails with `UnusableKey`.
    pub fn new(manager_id: impl Into<String>, registry: impl Into<Endpoints>) -> RegistryClient {
        let session = Session::new(manager_id.into(), registry.into().into_vec());
        session.use_keys(CurveKeys::from_environment());
        RegistryClient {
            session: Arc::new(session),
            heartbeats: Mutex::default(),
        }
    }

    /// Other keys than those that the environment names, for every endpoint; none: it speaks plain.
    #[must_use]
    pub fn with_keys(self, keys: impl Into<Option<CurveKeys>>) -> RegistryClient {
        self.session.use_keys(Ok(keys.into()));
        self
    }

    /// What calls end within: 5 s unless set.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> RegistryClient {
        self.session.timeout.set(timeout);
        self
    }

    /// The time from one heartbeat to the next, give or take 5 %: 2 s unless set. A registry takes a manager for offline
    /// after 6 s of silence, unless it is configured otherwise.
    #[must_use]
    pub fn with_heartbeat_interval(self, interval: Duration) -> RegistryClient {
        self.session.heartbeat_interval.set(interval);
        self
    }

    /// What a manager would want to know; the log (crate `log`) gets it as well. Called on the thread of the heartbeats, which
    /// waits for it: set it before [`start_heartbeat`](Self::start_heartbeat), and be quick.
    pub fn on_notice(&self, callback: impl Fn(&Notice) + Send + Sync + 'static) {
        self.session.set_callback(Arc::new(callback));
    }

    /// The first heartbeat is sent at once. Nothing happens where they are under way already. What is in their way, if
    /// anything, is a [`Notice`], and they begin when it is gone: where it is that there is no thread left, with the next call.
    pub fn start_heartbeat(&self) {
        self.session.has_spoken();
        let begun = self
            .session
            .check_process()
            .and_then(|()| self.begin(self.beating()));
        if let Err(error) = begun {
            self.session.say(&Notice::Trouble(error.to_string()));
        }
    }

    fn begin(&self, mut beating: MutexGuard<'_, Beating>) -> Result<(), RegistryError> {
        if beating.heartbeats.is_none() {
            beating.owed = true;
            beating.heartbeats = Some(Heartbeats::start(Arc::clone(&self.session))?);
            beating.owed = false;
        }
        Ok(())
    }

    /// No heartbeat is sent after it returned.
    pub fn stop_heartbeat(&self) {
        if self.session.check_process().is_err() {
            return;
        }
        let heartbeats = std::mem::take(&mut *self.beating()).heartbeats; // the lock is free while the thread ends
        if let Some(heartbeats) = heartbeats {
            heartbeats.stop();
        }
    }

    fn beating(&self) -> MutexGuard<'_, Beating> {
        self.heartbeats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when it has to end.
    fn begin_call(&self) -> Result<Instant, RegistryError> {
        self.session.check_process()?;
        let beating = self.beating();
        if beating.owed {
            let _ = self.begin(beating); // which is said already
        }
        Ok(self.session.deadline())
    }

    /// Registers an actor, or another endpoint of one. Fails with `RegistrationFailed` where another manager has the
    /// name, or with `Timeout` or `ConnectionError`.
    pub fn register(&self, actor_name: &str, actor_endpoint: &str) -> Result<(), RegistryError> {
        let deadline = self.begin_call()?;
        self.session.has_spoken();
        let _turn = self.session.registrations(deadline)?;
        let actor = actor(actor_name, actor_endpoint);
        let reply = self
            .session
            .call_one(&self.session.registration(&actor), deadline)?;
        self.registered(&actor, reply)
    }

    fn registered(&self, actor: &Actor, reply: Reply) -> Result<(), RegistryError> {
        match reply {
            Reply::RegistrationOk(ok) => {
                let mut names = self.session.names();
                names.registered(
                    &actor.actor_name,
                    &actor.actor_endpoint,
                    ok.epoch.as_deref(),
                    ok.actors,
                );
                Ok(())
            }
            other => Err(refusal(other)),
        }
    }

    /// Registers many actors, in as few requests as hold them. The result has what became of each name, in their order; it is
    /// none of that where the registry did not answer.
    pub fn register_many<N: AsRef<str>, E: AsRef<str>>(
        &self,
        actors: &[(N, E)],
    ) -> Result<Vec<Result<(), RegistryError>>, RegistryError> {
        let deadline = self.begin_call()?;
        self.session.has_spoken();
        let _turn = self.session.registrations(deadline)?;
        let actors: Vec<Actor> = actors
            .iter()
            .map(|(name, endpoint)| actor(name.as_ref(), endpoint.as_ref()))
            .collect();
        if self.session.knows_batches() {
            let results = self.register_batches(&actors, deadline)?;
            if self.session.knows_batches() {
                return Ok(results);
            }
        }
        let requests: Vec<_> = actors
            .iter()
            .map(|actor| self.session.registration(actor))
            .collect();
        let mut replies = Vec::with_capacity(requests.len());
        let outcome = self.session.call(&requests, deadline, &mut replies);
        let results = actors
            .iter()
            .zip(replies)
            .map(|(actor, reply)| self.registered(actor, reply))
            .collect();
        outcome.map(|()| results)
    }

    /// Worth nothing where the registry turns out not to know such requests.
    fn register_batches(
        &self,
        actors: &[Actor],
        deadline: Instant,
    ) -> Result<Vec<Result<(), RegistryError>>, RegistryError> {
        let mut replies = Vec::new();
        let requests = self.session.batch_registrations(actors);
        let outcome = self.session.call(&requests, deadline, &mut replies);
        let mut results = Vec::with_capacity(actors.len());
        for (batch, reply) in crate::batches::split(actors).into_iter().zip(replies) {
            self.batch_registered(batch, reply, &mut results)?;
        }
        outcome.map(|()| results)
    }

    fn batch_registered(
        &self,
        batch: &[Actor],
        reply: Reply,
        results: &mut Vec<Result<(), RegistryError>>,
    ) -> Result<(), RegistryError> {
        self.session.refuses_batches(&reply);
        let reply = match reply {
            Reply::RegistrationResults(reply) => reply,
            other => {
                let error = refusal(other);
                results.extend(batch.iter().map(|_| Err(error.clone())));
                return Ok(());
            }
        };
        same_number(batch.len(), reply.results.len())?;
        let mut names = self.session.names();
        let before = names.len();
        names.see_state(reply.epoch.as_deref(), reply.actors, before);
        for (actor, result) in batch.iter().zip(reply.results) {
            if result.ok {
                names.hold(&actor.actor_name, &actor.actor_endpoint);
            }
            results.push(outcome(result));
        }
        Ok(())
    }

    /// Fine also where nobody has registered the name; `RegistrationFailed` where another manager has. The client does not
    /// register it again in any case.
    pub fn unregister(&self, actor_name: &str) -> Result<(), RegistryError> {
        let deadline = self.begin_call()?;
        let _turn = self.session.registrations(deadline)?;
        self.session.names().given_up(actor_name);
        match self
            .session
            .call_one(&self.session.unregistration(actor_name), deadline)?
        {
            Reply::RegistrationOk(_) => Ok(()),
            other => Err(refusal(other)),
        }
    }

    /// The endpoint of an online actor; else `NotFound` or `Offline`.
    pub fn lookup(&self, actor_name: &str) -> Result<String, RegistryError> {
        match self.lookup_allow_offline(actor_name)? {
            (endpoint, true) => Ok(endpoint),
            (_, false) => Err(RegistryError::Offline(actor_name.to_owned())),
        }
    }

    /// The endpoint of an actor, and whether it is online; else `NotFound`.
    pub fn lookup_allow_offline(&self, actor_name: &str) -> Result<(String, bool), RegistryError> {
        let deadline = self.begin_call()?;
        let found = looked_up(self.session.call_one(&lookup(actor_name), deadline)?)?;
        match found.endpoint {
            Some(endpoint) => Ok((endpoint, found.online)),
            None => Err(RegistryError::NotFound(actor_name.to_owned())),
        }
    }

    /// What is known of each name, in their order, asked for in as few requests as hold them; what is not registered has no endpoint.
    /// Where there are many names, not all of them are looked up at the same moment.
    pub fn lookup_many<N: AsRef<str>>(&self, actor_names: &[N]) -> Result<Vec<LookupResult>, RegistryError> {
        let deadline = self.begin_call()?;
        let names: Vec<String> = actor_names.iter().map(|name| name.as_ref().to_owned()).collect();
        if self.session.knows_batches() {
            let found = self.lookup_batches(&names, deadline);
            if self.session.knows_batches() {
                return found;
            }
        }
        let requests: Vec<_> = names.iter().map(|name| lookup(name)).collect();
        let mut replies = Vec::with_capacity(requests.len());
        self.session.call(&requests, deadline, &mut replies)?;
        replies.into_iter().map(looked_up).collect()
    }

    fn lookup_batches(
        &self,
        names: &[String],
        deadline: Instant,
    ) -> Result<Vec<LookupResult>, RegistryError> {
        let mut replies = Vec::new();
        self.session.call(&batch_lookups(names), deadline, &mut replies)?;
        let mut found = Vec::with_capacity(names.len());
        for reply in replies {
            self.session.refuses_batches(&reply);
            match reply {
                Reply::LookupResults(reply) => found.extend(reply.results),
                other => return Err(refusal(other)),
            }
        }
        same_number(names.len(), found.len())?;
        Ok(found)
    }

    /// Ends this life of the manager: stops the heartbeats and tells the registry, for which the manager's names are offline at
    /// once instead of after its timeout. They keep their endpoints; [`start_heartbeat`](Self::start_heartbeat) or
    /// [`register`](Self::register) brings them back. Returns whether the registry has confirmed it: one that is away
    /// will notice the silence.
    pub fn goodbye(&self) -> bool {
        self.say_goodbye(false, self.session.deadline())
    }

    /// As [`goodbye`](Self::goodbye), and the manager's names are gone.
    pub fn forget(&self) -> bool {
        self.say_goodbye(true, self.session.deadline())
    }

    fn say_goodbye(&self, forget: bool, deadline: Instant) -> bool {
        if self.session.check_process().is_err() {
            return false;
        }
        self.stop_heartbeat();
        self.session.take_spoken();
        if forget {
            self.session.names().all_given_up();
        }
        let reply = self.session.call_one(&self.session.goodbye(forget), deadline);
        matches!(reply, Ok(Reply::ManagerUnregistered(_)))
    }
}

impl Drop for RegistryClient {
    fn drop(&mut self) {
        if self.session.check_process().is_err() {
            // What closes these waits for threads that are not here.
            std::mem::forget(Arc::clone(&self.session));
            let beating = self.heartbeats.get_mut().unwrap_or_else(PoisonError::into_inner);
            std::mem::forget(std::mem::take(beating));
            return;
        }
        self.stop_heartbeat();
        if self.session.take_spoken() {
            self.say_goodbye(
                false,
                Instant::now() + self.session.timeout.get().min(LONGEST_LAST_WORD),
            );
        }
    }
}

impl fmt::Debug for RegistryClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryClient")
            .field("endpoints", &self.session.endpoints)
            .finish_non_exhaustive()
    }
}

fn actor(name: &str, endpoint: &str) -> Actor {
    Actor {
        actor_name: name.to_owned(),
        actor_endpoint: endpoint.to_owned(),
    }
}

fn outcome(result: RegistrationResult) -> Result<(), RegistryError> {
    if result.ok {
        return Ok(());
    }
    let text = result.reason.unwrap_or_else(|| "refused".to_owned());
    Err(RegistryError::RegistrationFailed {
        actor_name: result.actor_name,
        reason: Reason::new(text, result.code),
    })
}

fn looked_up(reply: Reply) -> Result<LookupResult, RegistryError> {
    match reply {
        Reply::LookupResult(result) => Ok(result),
        other => Err(refusal(other)),
    }
}

fn same_number(asked: usize, answered: usize) -> Result<(), RegistryError> {
    if asked == answered {
        return Ok(());
    }
    let text = format!("malformed reply: {answered} results for {asked} names");
    Err(RegistryError::ConnectionError(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_registry::{bound_router, found, FakeRegistry};
    use serde_json::{json, Value};
    use std::collections::BTreeSet;

    /// One from before there were requests for many names; it has no room for `full`.
    fn older_registry() -> FakeRegistry {
        FakeRegistry::new(|request| {
            let mut reply = match request["message_type"].as_str() {
                Some("LookupActor") => found(&request),
                Some("RegisterActor") if request["actor_name"] == "full" => {
                    json!({"message_type": "RegistrationFailed", "actor_name": "full", "reason": "no room"})
                }
                Some("RegisterActor") => {
                    json!({"message_type": "RegistrationOk", "actor_name": request["actor_name"]})
                }
                _ => json!({"message_type": "Error", "code": "unknown_type", "error": "what?"}),
            };
            reply["request_id"] = request["request_id"].clone();
            vec![reply.to_string()]
        })
    }

    fn registry_that_says(reply: Value) -> (FakeRegistry, RegistryClient) {
        let registry = FakeRegistry::new(move |request| {
            let mut reply = reply.clone();
            reply["request_id"] = request["request_id"].clone();
            vec![reply.to_string()]
        });
        let client = RegistryClient::new("M", &registry.endpoint);
        (registry, client)
    }

    #[test]
    fn an_older_registry_is_told_a_name_at_a_time() {
        let registry = older_registry();
        let client = RegistryClient::new("M", &registry.endpoint);
        let results = client
            .register_many(&[("a", "tcp://a:1"), ("full", "tcp://b:1"), ("c", "tcp://c:1")])
            .unwrap();
        assert_eq!(
            (results[0].is_ok(), results[1].is_ok(), results[2].is_ok()),
            (true, false, true)
        );
        assert_eq!(client.session.names().len(), 2);
        let again = client.register_many(&[("d", "tcp://d:1")]).unwrap();
        assert!(again[0].is_ok());
    }

    #[test]
    fn an_older_registry_is_asked_for_a_name_at_a_time() {
        let registry = older_registry();
        let client = RegistryClient::new("M", &registry.endpoint);
        let found = client.lookup_many(&["a", "b"]).unwrap();
        assert_eq!(found[1].endpoint.as_deref(), Some("tcp://b:1"));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn an_answer_for_other_names_than_were_asked_is_none() {
        let (_registry, client) = registry_that_says(json!({"message_type": "LookupResults", "results": []}));
        assert!(matches!(
            client.lookup_many(&["a"]),
            Err(RegistryError::ConnectionError(_))
        ));
        let (_registry, client) =
            registry_that_says(json!({"message_type": "RegistrationResults", "results": []}));
        assert!(matches!(
            client.register_many(&[("a", "tcp://a:1")]),
            Err(RegistryError::ConnectionError(_))
        ));
    }

    #[test]
    fn an_answer_of_another_kind_is_an_error() {
        let (_registry, client) =
            registry_that_says(json!({"message_type": "ManagerUnregistered", "actors": 0}));
        let unexpected = RegistryError::ConnectionError("unexpected reply ManagerUnregistered".into());
        assert_eq!(client.lookup("a"), Err(unexpected.clone()));
        assert_eq!(client.register("a", "tcp://a:1"), Err(unexpected.clone()));
        assert_eq!(client.unregister("a"), Err(unexpected));
    }

    #[test]
    fn a_refusal_of_many_is_each_ones() {
        let (_registry, client) = registry_that_says(
            json!({"message_type": "Error", "code": "limit", "error": "too many managers"}),
        );
        let results = client
            .register_many(&[("a", "tcp://a:1"), ("b", "tcp://b:1")])
            .unwrap();
        assert!(results
            .iter()
            .all(|result| matches!(result, Err(error) if error.code() == Some("limit"))));
        assert_eq!(results.len(), 2);
    }

    #[test]
    fn a_goodbye_that_nobody_answers_is_not_confirmed_and_not_said_twice() {
        let (router, endpoint) = bound_router();
        let client = RegistryClient::new("M", endpoint).with_timeout(Duration::from_secs(1));
        assert!(client.register("a", "tcp://a:1").is_err());
        assert!(!client.goodbye());
        drop(client);
        router.set_rcvtimeo(0).unwrap();
        let said = std::iter::from_fn(|| router.recv_multipart(0).ok());
        let goodbyes: BTreeSet<u64> = said
            .map(|frames| serde_json::from_slice::<Value>(&frames[1]).unwrap())
            .filter(|request| request["message_type"] == "UnregisterManager")
            .map(|request| request["request_id"].as_u64().unwrap())
            .collect();
        assert_eq!(goodbyes.len(), 1, "{goodbyes:?}"); // asked again, which is another matter
    }

    #[test]
    fn who_has_said_nothing_leaves_without_a_word() {
        let (router, endpoint) = bound_router();
        drop(RegistryClient::new("M", endpoint));
        router.set_rcvtimeo(0).unwrap();
        assert!(router.recv_multipart(0).is_err());
    }
}
