//! The project's test vectors for clients (docs/protocol/vectors/client): the messages 900 to 907 and those between actors.
//! What a client makes of the replies is tested by tests/conformance.

use actors_registry::messages::{Reply, Request};
use actors_registry::Envelope;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// What stands under that key in a file of vectors for clients.
fn for_clients(file: &str, key: &str) -> Vec<Value> {
    let text = fs::read_to_string(
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs/protocol/vectors/client")
            .join(file),
    )
    .expect("the vectors");
    let mut file: Value = serde_json::from_str(&text).expect("JSON");
    serde_json::from_value(file[key].take()).expect("a list")
}

/// The message as a value, from what stands on the wire or from its fields; and that written.
fn read_and_written(message_type: &str, message: &Value) -> (Value, u32) {
    if ["RegisterActor", "UnregisterActor", "LookupActor", "Heartbeat"].contains(&message_type) {
        let read = Request::read(message.clone()).unwrap_or_else(|error| panic!("{message}: {error}"));
        (serde_json::to_value(&read).unwrap(), read.message_id())
    } else {
        let read = Reply::read(message.clone()).unwrap_or_else(|error| panic!("{message}: {error}"));
        (serde_json::to_value(&read).unwrap(), read.message_id())
    }
}

#[test]
fn messages_are_values_and_bytes() {
    let vectors = for_clients("messages.json", "messages");
    assert!(!vectors.is_empty());
    for vector in vectors {
        let message_type = vector["type"].as_str().unwrap();
        let mut fields = vector["fields"].clone();
        fields["message_type"] = message_type.into();
        let read = read_and_written(message_type, &vector["wire"]);
        assert_eq!(read, read_and_written(message_type, &fields), "{vector}");
        assert_eq!(vector["id"], read.1, "{vector}");
        if vector["read_only"] != true {
            assert_eq!(read.0, vector["wire"], "{vector}");
        }
    }
}

#[test]
fn envelopes_are_values_and_bytes() {
    let vectors = for_clients("envelopes.json", "envelopes");
    assert!(!vectors.is_empty());
    for vector in vectors {
        let read: Envelope = serde_json::from_str(&vector["wire"].to_string()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), vector["fields"], "{vector}");
        if vector["read_only"] != true {
            assert_eq!(vector["fields"], vector["wire"], "{vector}");
        }
    }
    let refused = for_clients("envelopes.json", "refused");
    assert!(!refused.is_empty());
    for text in refused {
        assert!(
            serde_json::from_str::<Envelope>(text.as_str().unwrap()).is_err(),
            "{text}"
        );
    }
}
