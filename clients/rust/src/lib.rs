//! The client of the actors registry, for managers written in Rust.
//!
//! A manager registers its actors, is heard by its heartbeats, and finds others by name. It survives restarts of
//! the registry and the moods of the network without its author thinking about it: see [`RegistryClient`].
//!
//! ```no_run
//! use actors_registry::{ActorRef, ActorSender, RegistryClient, RegistryError};
//!
//! fn main() -> Result<(), RegistryError> {
//!     let registry_ref = ActorRef::new("GlobalRegistry", "tcp://localhost:5555", &ActorSender::new());
//!     let client = RegistryClient::new("MyManager", registry_ref); // an ActorRef, or &str through Into
//!     client.start_heartbeat();
//!     client.register("MyActor", "tcp://localhost:5556")?;
//!     match client.lookup("OtherActor") {
//!         Ok(endpoint) => println!("OtherActor is at {endpoint}"),
//!         Err(RegistryError::NotFound(name)) => println!("nobody has registered {name}"),
//!         Err(RegistryError::Offline(name)) => println!("the manager of {name} is not heard"),
//!         Err(RegistryError::Timeout(msg)) => println!("{msg}"),
//!         Err(RegistryError::ConnectionError(msg)) => println!("{msg}"),
//!         Err(e) => println!("{e}"),
//!     }
//!     let (endpoint, online) = client.lookup_allow_offline("OtherActor")?;
//!     println!("{endpoint}, online: {online}");
//!     client.stop_heartbeat();
//!     Ok(())
//! }
//! ```
//!
//! The messages are those of the registry's protocol ([`messages`]). Actor messages between processes, as JSON envelopes over
//! PUSH and PULL sockets, are sent with an [`ActorRef`] and received with an [`ActorReceiver`].

#![warn(missing_docs)]
#![deny(unsafe_code)]

mod actor;
mod batches;
mod client;
mod connection;
mod dealer;
mod endpoints;
mod error;
#[cfg(test)]
mod fake_registry;
mod handshake;
mod heartbeats;
mod keys;
pub mod messages;
mod names_held;
mod notice;
mod pipeline;
mod process;
mod random;
mod repetition;
mod session;
mod turn;
mod wire;

/// What the README shows compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

pub use actor::{ActorReceiver, ActorRef, ActorSender, Envelope};
pub use client::RegistryClient;
pub use endpoints::Endpoints;
pub use error::{Reason, RegistryError};
pub use keys::CurveKeys;
pub use notice::Notice;
