//! The messages of the registry's protocol (docs/protocol.md) as far as managers speak it.
//!
//! On the wire a message is one JSON object: the fields below, `message_type`, and for requests a `request_id` that the
//! reply echoes. Unknown fields of replies are ignored.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A request of a manager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "message_type")]
#[allow(missing_docs)] // the variants are the structs' names
pub enum Request {
    RegisterActor(RegisterActor),
    UnregisterActor(UnregisterActor),
    LookupActor(LookupActor),
    Heartbeat(Heartbeat),
    RegisterActors(RegisterActors),
    LookupActors(LookupActors),
    UnregisterManager(UnregisterManager),
}

impl Request {
    /// From a JSON object, in which `message_id`, with the number, may stand in place of `message_type`. Fails, saying why,
    /// where it lacks what it must have.
    pub fn read(message: Value) -> Result<Request, serde_json::Error> {
        Request::deserialize(with_its_name(message))
    }

    /// The number that the protocol has for `message_type`.
    pub fn message_id(&self) -> u32 {
        match self {
            Request::RegisterActor(_) => 900,
            Request::UnregisterActor(_) => 901,
            Request::LookupActor(_) => 904,
            Request::Heartbeat(_) => 906,
            Request::RegisterActors(_) => 910,
            Request::LookupActors(_) => 912,
            Request::UnregisterManager(_) => 914,
        }
    }
}

/// What the registry answers to a [`Request`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "message_type")]
#[allow(missing_docs)] // the variants are the structs' names
pub enum Reply {
    RegistrationOk(RegistrationOk),
    RegistrationFailed(RegistrationFailed),
    LookupResult(LookupResult),
    HeartbeatAck(HeartbeatAck),
    RegistrationResults(RegistrationResults),
    LookupResults(LookupResults),
    ManagerUnregistered(ManagerUnregistered),
    Error(Error),
}

impl Reply {
    /// As [`Request::read`].
    pub fn read(message: Value) -> Result<Reply, serde_json::Error> {
        Reply::deserialize(with_its_name(message))
    }

    /// The number that the protocol has for `message_type`.
    pub fn message_id(&self) -> u32 {
        match self {
            Reply::RegistrationOk(_) => 902,
            Reply::RegistrationFailed(_) => 903,
            Reply::LookupResult(_) => 905,
            Reply::HeartbeatAck(_) => 907,
            Reply::RegistrationResults(_) => 911,
            Reply::LookupResults(_) => 913,
            Reply::ManagerUnregistered(_) => 915,
            Reply::Error(_) => 929,
        }
    }

    /// `message_type`, for what is said to people.
    pub fn message_type(&self) -> &'static str {
        match self {
            Reply::RegistrationOk(_) => "RegistrationOk",
            Reply::RegistrationFailed(_) => "RegistrationFailed",
            Reply::LookupResult(_) => "LookupResult",
            Reply::HeartbeatAck(_) => "HeartbeatAck",
            Reply::RegistrationResults(_) => "RegistrationResults",
            Reply::LookupResults(_) => "LookupResults",
            Reply::ManagerUnregistered(_) => "ManagerUnregistered",
            Reply::Error(_) => "Error",
        }
    }
}

/// Where both stand, the name wins.
fn with_its_name(mut message: Value) -> Value {
    const NAMES: [(u64, &str); 15] = [
        (900, "RegisterActor"),
        (901, "UnregisterActor"),
        (902, "RegistrationOk"),
        (903, "RegistrationFailed"),
        (904, "LookupActor"),
        (905, "LookupResult"),
        (906, "Heartbeat"),
        (907, "HeartbeatAck"),
        (910, "RegisterActors"),
        (911, "RegistrationResults"),
        (912, "LookupActors"),
        (913, "LookupResults"),
        (914, "UnregisterManager"),
        (915, "ManagerUnregistered"),
        (929, "Error"),
    ];
    if message.get("message_type").is_none() {
        let number = message.get("message_id").and_then(Value::as_u64);
        if let Some((_, name)) = NAMES.iter().find(|(known, _)| Some(*known) == number) {
            message["message_type"] = (*name).into();
        }
    }
    message
}

/// Who a manager is to systemd. Every field may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Process {
    /// The host's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The process id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u64>,
    /// systemd's unit that the process belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// `$INVOCATION_ID`: this very activation of the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invocation_id: Option<String>,
    /// The client library's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The client library's version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Registers a name. Counts as a heartbeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // named as in the protocol
pub struct RegisterActor {
    pub manager_id: String,
    pub actor_name: String,
    pub actor_endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
}

/// Gives a name up; fine also where it is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // named as in the protocol
pub struct UnregisterActor {
    pub actor_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
}

/// Asks where an actor is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // named as in the protocol
pub struct LookupActor {
    pub actor_name: String,
}

/// The manager is alive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // named as in the protocol
pub struct Heartbeat {
    pub manager_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
}

/// A name and its endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // named as in the protocol
pub struct Actor {
    pub actor_name: String,
    pub actor_endpoint: String,
}

/// Registers many names, each by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // named as in the protocol
pub struct RegisterActors {
    pub manager_id: String,
    pub actors: Vec<Actor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
}

/// Asks where many actors are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // named as in the protocol
pub struct LookupActors {
    pub actor_names: Vec<String>,
}

/// A manager's goodbye: offline at once. With `forget` its names are gone, else they keep their endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // named as in the protocol
pub struct UnregisterManager {
    pub manager_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forget: Option<bool>,
}

/// A name is registered, or given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationOk {
    /// The name.
    pub actor_name: String,
    /// Changes whenever a registry starts without the state of the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
    /// How many names the manager's current instance holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actors: Option<u64>,
    /// Where another endpoint was stored than was sent, for that was a wildcard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_endpoint: Option<String>,
    /// Other machines can't reach the endpoint.
    #[serde(default, skip_serializing_if = "is_false")]
    pub local_only: bool,
}

/// A registration or unregistration is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationFailed {
    /// The name; empty where the request had none.
    #[serde(default)]
    pub actor_name: String,
    /// For people.
    #[serde(default)]
    pub reason: String,
    /// The registry's word for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// Where an actor is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupResult {
    /// The name.
    pub actor_name: String,
    /// None: it is not registered.
    pub endpoint: Option<String>,
    /// Whether its manager is heard.
    pub online: bool,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager_id: Option<String>,
    /// Online although its manager was not heard.
    #[serde(default, skip_serializing_if = "is_false")]
    pub suspect: bool,
}

/// A heartbeat has arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeartbeatAck {
    /// Changes whenever a registry starts without the state of the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
    /// How many names the manager's current instance holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actors: Option<u64>,
    /// A newer instance of this manager is running.
    #[serde(default, skip_serializing_if = "is_false")]
    pub superseded: bool,
    /// Names that another manager took over or an operator removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<String>,
}

/// What became of each name of a [`RegisterActors`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationResults {
    /// Changes whenever a registry starts without the state of the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
    /// How many names the manager's current instance holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actors: Option<u64>,
    /// In the order of the request.
    pub results: Vec<RegistrationResult>,
}

/// What became of one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // as in RegistrationOk and RegistrationFailed
pub struct RegistrationResult {
    pub actor_name: String,
    pub ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub local_only: bool,
}

/// Where the actors of a [`LookupActors`] are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupResults {
    /// In the order of the request.
    pub results: Vec<LookupResult>,
}

/// A goodbye has arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagerUnregistered {
    /// How many names it concerns.
    pub actors: u64,
}

/// A request is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// The registry's word for it.
    #[serde(default)]
    pub code: String,
    /// For people.
    #[serde(default)]
    pub error: String,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
fn is_false(value: &bool) -> bool {
    !*value
}
