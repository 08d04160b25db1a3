//! The client against a real registry.

#[allow(dead_code)] // each test program uses a part of it
mod common;

use actors_registry::{ActorReceiver, ActorRef, ActorSender, Notice, RegistryClient, RegistryError};
use common::{Registry, LONG};
use serde_json::json;
use std::sync::mpsc::{channel, Receiver};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

fn client(manager: &str, registry: &Registry) -> RegistryClient {
    RegistryClient::new(manager, registry.endpoint.as_str())
        .with_timeout(LONG)
        .with_heartbeat_interval(Duration::from_millis(100))
}

fn notices(client: &RegistryClient) -> Receiver<Notice> {
    let (say, said) = channel();
    let say = Mutex::new(say);
    client.on_notice(move |notice| drop(say.lock().unwrap().send(notice.clone())));
    said
}

/// Waits for a notice, whatever else is said before it.
fn wait_for(said: &Receiver<Notice>, wanted: impl Fn(&Notice) -> bool) -> Notice {
    let deadline = Instant::now() + LONG;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let notice = said.recv_timeout(left).expect("the notice comes");
        if wanted(&notice) {
            return notice;
        }
    }
}

#[test]
fn actors_are_registered_looked_up_and_given_up() {
    let registry = Registry::start();
    let client = client("M", &registry);
    let missing = || RegistryError::NotFound("A".into());
    assert_eq!(client.lookup("A"), Err(missing()));
    client.register("A", "tcp://localhost:5556").unwrap();
    assert_eq!(client.lookup("A").unwrap(), "tcp://localhost:5556");
    assert_eq!(
        client.lookup_allow_offline("A").unwrap(),
        ("tcp://localhost:5556".into(), true)
    );
    client.unregister("A").unwrap();
    client.unregister("A").unwrap();
    assert_eq!(client.lookup_allow_offline("A"), Err(missing()));
}

#[test]
fn a_name_that_another_manager_holds_is_refused() {
    let registry = Registry::start();
    let (one, other) = (client("One", &registry), client("Other", &registry));
    one.register("A", "tcp://localhost:1").unwrap();
    let error = other.register("A", "tcp://localhost:2").unwrap_err();
    assert_eq!(error.code(), Some("taken"));
    match error {
        RegistryError::RegistrationFailed { actor_name, reason } => {
            assert_eq!(actor_name, "A");
            assert_eq!(reason, "Name already registered by manager 'One'");
        }
        other => panic!("{other}"),
    }
    assert!(matches!(
        other.unregister("A"),
        Err(RegistryError::RegistrationFailed { .. })
    ));
}

#[test]
fn what_the_registry_refuses_as_a_whole_has_a_code() {
    let registry = Registry::start();
    let error = client("M", &registry).lookup("").unwrap_err();
    assert!(
        matches!(&error, RegistryError::Refused { code, .. } if code == "invalid_field"),
        "{error:?}"
    );
    assert_eq!(error.code(), Some("invalid_field"));
}

#[test]
fn a_goodbye_keeps_the_names_and_forget_does_not() {
    let registry = Registry::start();
    let (client, other) = (client("M", &registry), client("Other", &registry));
    client.start_heartbeat();
    client.register("A", "tcp://localhost:1").unwrap();
    assert!(client.goodbye());
    assert_eq!(other.lookup("A"), Err(RegistryError::Offline("A".into())));
    assert_eq!(
        other.lookup_allow_offline("A").unwrap(),
        ("tcp://localhost:1".into(), false)
    );
    client.register("A", "tcp://localhost:1").unwrap();
    assert!(other.lookup("A").is_ok());
    assert!(client.forget());
    assert_eq!(other.lookup("A"), Err(RegistryError::NotFound("A".into())));
}

#[test]
fn a_client_that_is_dropped_says_goodbye() {
    let registry = Registry::start();
    let other = client("Other", &registry);
    let dropped = client("M", &registry);
    dropped.register("A", "tcp://localhost:1").unwrap();
    drop(dropped);
    assert_eq!(other.lookup("A"), Err(RegistryError::Offline("A".into())));
}

#[test]
fn many_names_take_a_call() {
    let registry = Registry::start();
    let (client, other) = (client("M", &registry), client("Other", &registry));
    other.register("a17", "tcp://localhost:1").unwrap();
    let actors: Vec<(String, String)> = (0..3000)
        .map(|i| (format!("a{i}"), format!("tcp://host:{}", i + 1)))
        .collect();
    let results = client.register_many(&actors).unwrap();
    assert_eq!(results.len(), 3000);
    for (i, result) in results.iter().enumerate() {
        let expected = if i == 17 { Some("taken") } else { None };
        assert_eq!(
            result.as_ref().err().and_then(RegistryError::code),
            expected,
            "{i}"
        );
    }
    let names: Vec<String> = (0..3001).map(|i| format!("a{i}")).collect();
    let found = client.lookup_many(&names).unwrap();
    assert!(found.iter().map(|found| &found.actor_name).eq(&names));
    assert_eq!(found[17].manager_id.as_deref(), Some("Other"));
    assert_eq!(found[2999].endpoint.as_deref(), Some("tcp://host:3000"));
    assert_eq!(found[3000].endpoint, None);
    assert!(client.register_many::<&str, &str>(&[]).unwrap().is_empty());
    assert!(client.lookup_many::<&str>(&[]).unwrap().is_empty());
}

#[test]
fn threads_share_a_client() {
    let registry = Registry::start();
    let client = client("M", &registry);
    client.start_heartbeat();
    thread::scope(|scope| {
        for thread in 0..8 {
            let client = &client;
            scope.spawn(move || {
                for i in 0..20 {
                    let (name, endpoint) = (
                        format!("a{thread}.{i}"),
                        format!("tcp://host:{}", 1 + thread * 100 + i),
                    );
                    client.register(&name, &endpoint).unwrap();
                    assert_eq!(client.lookup(&name).unwrap(), endpoint);
                }
            });
        }
    });
}

#[test]
fn a_registry_that_comes_back_empty_gets_everything_again() {
    let registry = Registry::start();
    let client = client("M", &registry);
    let said = notices(&client);
    client.start_heartbeat();
    let actors: Vec<(String, String)> = (0..500)
        .map(|i| (format!("a{i}"), format!("tcp://host:{}", i + 1)))
        .collect();
    assert!(client.register_many(&actors).unwrap().iter().all(Result::is_ok));
    let endpoint = registry.kill();
    wait_for(&said, |notice| matches!(notice, Notice::Silent { .. }));
    let registry = Registry::start_at(&endpoint);
    wait_for(&said, |notice| matches!(notice, Notice::Reconnected { .. }));
    wait_for(&said, |notice| *notice == Notice::RegisteredAgain { actors: 500 });
    assert_eq!(client.lookup("a499").unwrap(), "tcp://host:500");
    drop(client); // before the registry that it says goodbye to
    drop(registry);
}

#[test]
fn calls_without_a_registry_end_in_time_and_the_next_one_is_good() {
    let registry = Registry::start();
    let client = client("M", &registry).with_timeout(Duration::from_millis(300));
    let endpoint = registry.kill();
    let begun = Instant::now();
    assert!(matches!(client.lookup("A"), Err(RegistryError::Timeout(_))));
    assert!(begun.elapsed() >= Duration::from_millis(300));
    let _registry = Registry::start_at(&endpoint);
    let client = client.with_timeout(LONG);
    assert_eq!(client.lookup("A"), Err(RegistryError::NotFound("A".into())));
}

#[test]
fn an_older_life_is_superseded_by_a_newer_one() {
    let registry = Registry::start();
    let old = client("M", &registry);
    let said = notices(&old);
    old.start_heartbeat();
    old.register("A", "tcp://localhost:1").unwrap();
    let new = client("M", &registry);
    new.start_heartbeat();
    new.register("A", "tcp://localhost:2").unwrap();
    wait_for(&said, |notice| *notice == Notice::Superseded);
    let error = old.register("A", "tcp://localhost:1").unwrap_err();
    assert_eq!(error.code(), Some("superseded"));
    assert_eq!(new.lookup("A").unwrap(), "tcp://localhost:2");
}

#[test]
fn what_an_operator_removes_is_lost() {
    let registry = Registry::start();
    let client = client("M", &registry);
    let said = notices(&client);
    client.start_heartbeat();
    client.register("A", "tcp://localhost:1").unwrap();
    let context = zmq::Context::new();
    let operator = context.socket(zmq::REQ).unwrap();
    operator.set_linger(0).unwrap();
    operator.connect(&registry.endpoint).unwrap();
    operator
        .send(
            json!({"message_type": "UnregisterActor", "actor_name": "A"})
                .to_string()
                .as_str(),
            0,
        )
        .unwrap();
    let lost = wait_for(&said, |notice| matches!(notice, Notice::Lost { .. }));
    assert!(matches!(lost, Notice::Lost { actor_name, .. } if actor_name == "A"));
    assert_eq!(client.lookup("A"), Err(RegistryError::NotFound("A".into())));
}

#[test]
fn heartbeats_may_be_stopped_and_started_from_within_a_notice() {
    let registry = Registry::start();
    let client = std::sync::Arc::new(client("M", &registry));
    let (say, said) = channel();
    let say = Mutex::new(say);
    let inner = std::sync::Arc::downgrade(&client);
    client.on_notice(move |_| {
        if let Some(client) = inner.upgrade() {
            client.stop_heartbeat();
            say.lock().unwrap().send(()).unwrap();
        }
    });
    client.start_heartbeat();
    registry.kill();
    said.recv_timeout(LONG).expect("a notice that nothing holds up");
}

#[test]
fn an_actor_is_found_by_name_and_spoken_to() {
    let registry = Registry::start();
    let client = client("M", &registry);
    let receiver = ActorReceiver::bind("tcp://127.0.0.1:*").unwrap();
    client.register("Other", receiver.endpoint()).unwrap();
    let other = ActorRef::new("Other", client.lookup("Other").unwrap(), &ActorSender::new());
    other.send("Hello", &json!({"n": 1}), None).unwrap();
    let hello = receiver.receive(LONG).unwrap().expect("a message");
    assert_eq!(
        (hello.receiver.as_str(), hello.message),
        ("Other", json!({"n": 1}))
    );
}

/// The code of the users' documentation, as it stands there.
#[test]
#[allow(unused_variables)]
fn the_documented_code_runs() -> Result<(), RegistryError> {
    let registry = Registry::start();
    let other = client("OtherManager", &registry);
    other.register("OtherActor", "tcp://localhost:5557")?;
    let registry_ref = ActorRef::new("GlobalRegistry", registry.endpoint.as_str(), &ActorSender::new());

    let client = RegistryClient::new("MyManager", registry_ref);
    client.start_heartbeat();
    client.register("MyActor", "tcp://localhost:5556")?;
    match client.lookup("OtherActor") {
        Ok(endpoint) => {}
        Err(RegistryError::NotFound(name)) => {}
        Err(RegistryError::Offline(name)) => {}
        Err(RegistryError::Timeout(msg)) => {}
        Err(RegistryError::ConnectionError(msg)) => {}
        Err(e) => {}
    }
    let (endpoint, online) = client.lookup_allow_offline("OtherActor")?;
    client.stop_heartbeat();

    assert_eq!((endpoint.as_str(), online), ("tcp://localhost:5557", true));
    assert_eq!(client.lookup("MyActor")?, "tcp://localhost:5556");
    Ok(())
}
