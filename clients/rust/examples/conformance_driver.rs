//! Does what tests/conformance tells it, with the client as its users have it (tests/conformance/README.md).

use actors_registry::messages::LookupResult;
use actors_registry::{CurveKeys, Notice, RegistryClient, RegistryError};
use serde::Deserialize;
use serde_json::{json, Value};
use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Command {
    Open {
        manager: String,
        endpoints: Vec<String>,
        timeout_ms: Option<u64>,
        heartbeat_interval_ms: Option<u64>,
        server_key: Option<String>,
        key_file: Option<String>,
    },
    StartHeartbeat,
    StopHeartbeat,
    Register {
        actor_name: String,
        actor_endpoint: String,
    },
    RegisterMany {
        actors: Vec<Actor>,
    },
    Unregister {
        actor_name: String,
    },
    Lookup {
        actor_name: String,
    },
    LookupAllowOffline {
        actor_name: String,
    },
    LookupMany {
        actor_names: Vec<String>,
    },
    LookupConcurrently {
        actor_names: Vec<String>,
    },
    Close {
        #[serde(default)]
        forget: bool,
    },
}

#[derive(Deserialize)]
struct Actor {
    actor_name: String,
    actor_endpoint: String,
}

/// A line that nothing else is written into.
fn write_line(value: &Value) {
    let mut line = value.to_string();
    line.push('\n');
    let mut out = io::stdout().lock();
    // Who told it what to do may have gone.
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
}

fn say(notice: &Notice) {
    let value = match notice {
        Notice::Silent { .. } => json!({"notice": "silent", "text": notice.to_string()}),
        Notice::Reconnected { .. } => json!({"notice": "reconnected"}),
        Notice::RegisteredAgain { actors } => json!({"notice": "registered_again", "actors": actors}),
        Notice::Superseded => json!({"notice": "superseded"}),
        Notice::Lost { actor_name, .. } => json!({"notice": "lost", "actor_name": actor_name}),
        other => {
            eprintln!("{other}");
            return;
        }
    };
    write_line(&value);
}

fn failure(error: &RegistryError) -> Value {
    match error {
        RegistryError::NotFound(name) => json!({"error": "not_found", "actor_name": name}),
        RegistryError::Offline(name) => json!({"error": "offline", "actor_name": name}),
        RegistryError::Timeout(_) => json!({"error": "timeout"}),
        RegistryError::RegistrationFailed { actor_name, reason } => json!({"error": "registration_failed",
            "actor_name": actor_name, "reason": reason.as_str(), "code": reason.code()}),
        RegistryError::KeyNotAccepted(_) => json!({"error": "key_not_accepted"}),
        RegistryError::HandshakeFailed(_) => json!({"error": "handshake_failed"}),
        RegistryError::NotAuthorized(_) => json!({"error": "not_authorized"}),
        RegistryError::UnusableKey(_) => json!({"error": "unusable_key"}),
        other => match other.code() {
            Some(code) => json!({"error": "error", "code": code}),
            None => json!({"error": "error"}),
        },
    }
}

fn result<T>(outcome: Result<T, RegistryError>, value: impl FnOnce(T) -> Value) -> Value {
    outcome.map_or_else(|error| failure(&error), value)
}

fn done(outcome: Result<(), RegistryError>) -> Value {
    result(outcome, |()| json!({"ok": true}))
}

fn open(
    manager: String,
    endpoints: Vec<String>,
    timeout_ms: Option<u64>,
    interval_ms: Option<u64>,
    keys: Option<CurveKeys>,
) -> RegistryClient {
    let mut client = RegistryClient::new(manager, endpoints);
    if let Some(keys) = keys {
        client = client.with_keys(keys);
    }
    if let Some(time) = timeout_ms {
        client = client.with_timeout(Duration::from_millis(time));
    }
    if let Some(time) = interval_ms {
        client = client.with_heartbeat_interval(Duration::from_millis(time));
    }
    client.on_notice(say);
    client
}

fn keys(server_key: Option<String>, key_file: Option<String>) -> Result<Option<CurveKeys>, RegistryError> {
    match (server_key, key_file) {
        (None, None) => Ok(None),
        (key, None) => CurveKeys::new(&key.unwrap_or_default()).map(Some),
        (key, Some(file)) => CurveKeys::new(&key.unwrap_or_default())?
            .with_key_file(file)
            .map(Some),
    }
}

fn register_many(client: &RegistryClient, actors: &[Actor]) -> Value {
    let pairs: Vec<(&str, &str)> = actors
        .iter()
        .map(|actor| (actor.actor_name.as_str(), actor.actor_endpoint.as_str()))
        .collect();
    let one = |(actor, outcome): (&Actor, Result<(), RegistryError>)| match outcome {
        Ok(()) => json!({"actor_name": actor.actor_name, "ok": true}),
        Err(error) => json!({"actor_name": actor.actor_name, "ok": false, "code": error.code()}),
    };
    result(client.register_many(&pairs), |outcomes| {
        let results: Vec<Value> = actors.iter().zip(outcomes).map(one).collect();
        json!({ "results": results })
    })
}

fn lookup(client: &RegistryClient, name: &str) -> Value {
    result(client.lookup(name), |endpoint| json!({ "endpoint": endpoint }))
}

#[allow(clippy::needless_collect)] // all are started before the first is waited for
fn lookup_concurrently(client: &RegistryClient, names: &[String]) -> Value {
    let results: Vec<Value> = thread::scope(|scope| {
        let threads: Vec<_> = names
            .iter()
            .map(|name| scope.spawn(move || lookup(client, name)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a lookup does not panic"))
            .collect()
    });
    json!({ "results": results })
}

fn found(found: &LookupResult) -> Value {
    json!({"actor_name": found.actor_name, "endpoint": found.endpoint, "online": found.online})
}

/// None: nobody has opened a client.
fn obey(client: &mut Option<RegistryClient>, command: Command) -> Option<Value> {
    if let Command::Open {
        manager,
        endpoints,
        timeout_ms,
        heartbeat_interval_ms,
        server_key,
        key_file,
    } = command
    {
        return Some(result(keys(server_key, key_file), |keys| {
            *client = Some(open(manager, endpoints, timeout_ms, heartbeat_interval_ms, keys));
            json!({"ok": true})
        }));
    }
    if let Command::Close { forget } = command {
        let client = client.take()?;
        let confirmed = if forget { client.forget() } else { client.goodbye() };
        return Some(json!({ "confirmed": confirmed }));
    }
    let client = client.as_ref()?;
    Some(match command {
        Command::Open { .. } | Command::Close { .. } => return None,
        Command::StartHeartbeat => {
            client.start_heartbeat();
            json!({"ok": true})
        }
        Command::StopHeartbeat => {
            client.stop_heartbeat();
            json!({"ok": true})
        }
        Command::Register {
            actor_name,
            actor_endpoint,
        } => done(client.register(&actor_name, &actor_endpoint)),
        Command::RegisterMany { actors } => register_many(client, &actors),
        Command::Unregister { actor_name } => done(client.unregister(&actor_name)),
        Command::Lookup { actor_name } => lookup(client, &actor_name),
        Command::LookupAllowOffline { actor_name } => result(
            client.lookup_allow_offline(&actor_name),
            |(endpoint, online)| json!({"endpoint": endpoint, "online": online}),
        ),
        Command::LookupMany { actor_names } => result(
            client.lookup_many(&actor_names),
            |results| json!({"results": results.iter().map(found).collect::<Vec<_>>()}),
        ),
        Command::LookupConcurrently { actor_names } => lookup_concurrently(client, &actor_names),
    })
}

fn main() -> ExitCode {
    let mut client = None;
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        let outcome = serde_json::from_str(&line)
            .map_err(|error| error.to_string())
            .and_then(|command| obey(&mut client, command).ok_or_else(|| "no client is open".to_owned()));
        match outcome {
            Ok(value) => write_line(&value),
            Err(error) => {
                eprintln!("{line}: {error}");
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::SUCCESS
}
