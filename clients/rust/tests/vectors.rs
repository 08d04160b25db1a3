//! The project's test vectors (docs/protocol/vectors) against this library's messages.

use actors_registry::messages::{Reply, Request};
use serde_json::Value;
use std::path::PathBuf;
use std::{env, fs};

/// What managers say and are told; a vector's other messages are for other programs.
const REQUESTS: [&str; 7] = [
    "RegisterActor",
    "UnregisterActor",
    "LookupActor",
    "Heartbeat",
    "RegisterActors",
    "LookupActors",
    "UnregisterManager",
];
const REPLIES: [&str; 8] = [
    "RegistrationOk",
    "RegistrationFailed",
    "LookupResult",
    "HeartbeatAck",
    "RegistrationResults",
    "LookupResults",
    "ManagerUnregistered",
    "Error",
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocol/vectors")
}

/// Every step of every conversation, with the file that it stands in.
fn steps() -> Vec<(String, Value)> {
    let folder = folder();
    let mut steps = Vec::new();
    for entry in fs::read_dir(&folder).expect("the vectors") {
        let path = entry.expect("the vectors").path();
        if path.extension().map_or(false, |extension| extension == "json") {
            let file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            steps.extend(
                file["steps"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|step| (name.clone(), step.clone())),
            );
        }
    }
    steps
}

fn type_of(message: &Value) -> &str {
    message["message_type"].as_str().unwrap_or_default()
}

/// `{"$any": "string"}` stands for any text, and "number" for any number.
fn with_something_for_any(value: &Value) -> Value {
    match value {
        Value::Object(fields) => match fields.get("$any").and_then(Value::as_str) {
            Some("string") => "something".into(),
            Some("number") => 1.into(),
            _ => fields
                .iter()
                .map(|(name, value)| (name.clone(), with_something_for_any(value)))
                .collect(),
        },
        Value::Array(elements) => elements.iter().map(with_something_for_any).collect(),
        other => other.clone(),
    }
}

fn without(mut message: Value, fields: &[&str]) -> Value {
    for field in fields {
        message.as_object_mut().unwrap().remove(*field);
    }
    message
}

#[test]
fn every_reply_to_a_manager_is_read_as_it_stands() {
    let mut seen = std::collections::BTreeSet::new();
    for (file, step) in steps() {
        let reply = with_something_for_any(&step["reply"]);
        if !REPLIES.contains(&type_of(&reply)) {
            continue;
        }
        let read: Reply =
            serde_json::from_value(reply.clone()).unwrap_or_else(|error| panic!("{file}: {reply}: {error}"));
        assert_eq!(reply["message_id"], read.message_id(), "{file}: {reply}");
        let written = serde_json::to_value(&read).unwrap();
        assert_eq!(
            written,
            without(reply.clone(), &["message_id", "request_id"]),
            "{file}"
        );
        seen.insert(type_of(&reply).to_owned());
    }
    let expected: Vec<&str> = {
        let mut all = REPLIES.to_vec();
        all.sort_unstable();
        all
    };
    assert!(seen.iter().map(String::as_str).eq(expected), "{seen:?}");
}

/// Of those that a registry would take: what is refused as malformed can't be said with this library in the first place.
#[test]
fn every_request_of_a_manager_is_written_as_it_stands() {
    let mut seen = std::collections::BTreeSet::new();
    for (file, step) in steps() {
        let request = &step["request"];
        let malformed = ["missing_field", "invalid_field", "bad_json"];
        if !REQUESTS.contains(&type_of(request))
            || malformed.contains(&step["reply"]["code"].as_str().unwrap_or_default())
        {
            continue;
        }
        if partly_malformed(request) || says_more(request) {
            continue;
        }
        let read: Request = serde_json::from_value(request.clone())
            .unwrap_or_else(|error| panic!("{file}: {request}: {error}"));
        let written = serde_json::to_value(&read).unwrap();
        assert_eq!(
            written,
            without(request.clone(), &["message_id", "request_id"]),
            "{file}"
        );
        seen.insert(type_of(request).to_owned());
    }
    let expected: Vec<&str> = {
        let mut all = REQUESTS.to_vec();
        all.sort_unstable();
        all
    };
    assert!(seen.iter().map(String::as_str).eq(expected), "{seen:?}");
}

/// A request may be named by its number alone; this library's numbers are the same.
#[test]
fn requests_have_the_numbers_of_the_protocol() {
    let mut seen = 0;
    for (file, step) in steps() {
        let request = &step["request"];
        let number = match request["message_id"].as_u64() {
            Some(number) if request.get("message_type").is_none() && type_of(&step["reply"]) != "Error" => {
                number
            }
            _ => continue,
        };
        let read =
            Request::read(request.clone()).unwrap_or_else(|error| panic!("{file}: {request}: {error}"));
        assert_eq!(u64::from(read.message_id()), number, "{file}: {request}");
        seen += 1;
    }
    assert!(seen > 0);
}

/// Names in it are refused by themselves, for lacking something.
fn partly_malformed(request: &Value) -> bool {
    let malformed =
        |actor: &Value| actor.get("actor_name").is_none() || actor.get("actor_endpoint").is_none();
    request["actors"]
        .as_array()
        .map_or(false, |actors| actors.iter().any(malformed))
}

/// Fields that the registry ignores or that are null, which is as if they were absent.
fn says_more(request: &Value) -> bool {
    let known = [
        "message_type",
        "message_id",
        "request_id",
        "manager_id",
        "actor_name",
        "actor_endpoint",
        "instance",
        "process",
        "timestamp_ms",
        "actors",
        "actor_names",
        "forget",
    ];
    request
        .as_object()
        .unwrap()
        .iter()
        .any(|(name, value)| !known.contains(&name.as_str()) || value.is_null())
}
