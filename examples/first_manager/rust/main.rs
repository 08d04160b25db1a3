//! A manager from nothing: the actor `echo` sends back what it gets (docs/writing_a_manager.md).

use actors_registry::{
    ActorReceiver, ActorRef, ActorSender, Envelope, Notice, RegistryClient, RegistryError,
};
use std::env;
use std::os::unix::net::UnixDatagram;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

static ENDING: AtomicBool = AtomicBool::new(false);

extern "C" fn end(_signal: libc::c_int) {
    ENDING.store(true, Ordering::Relaxed);
}

/// sd_notify(3), in a few lines; nothing happens where systemd has not started us.
fn tell_systemd(state: &str) {
    if let (Ok(path), Ok(socket)) = (env::var("NOTIFY_SOCKET"), UnixDatagram::unbound()) {
        let _ = socket.send_to(state.as_bytes(), path);
    }
}

/// The registry may be away, or another manager may have the name still: then it is tried again.
fn is_registered(client: &RegistryClient, me: &ActorRef) -> bool {
    client
        .register(me.name(), me.endpoint())
        .map_err(|error| eprintln!("{error}; trying again"))
        .is_ok()
}

/// What somebody gives as its endpoint may be none: no reason to end.
fn answer(asked: &Envelope, sender: &ActorSender) {
    if let Some(asker) = asked.sender(sender) {
        if let Err(error) = asker.send("Echo", &asked.message, None) {
            eprintln!("{error}");
        }
    }
}

fn run(manager_id: &str, registry: &str, endpoint: &str) -> Result<(), RegistryError> {
    let receiver = ActorReceiver::bind(endpoint)?; // first: who finds us can send
    let sender = ActorSender::new();
    let me = ActorRef::new("echo", receiver.endpoint(), &sender);

    let client = RegistryClient::new(manager_id, registry).with_timeout(Duration::from_secs(1));
    client.on_notice(|notice| {
        eprintln!("{notice}");
        if *notice == Notice::Superseded {
            ENDING.store(true, Ordering::Relaxed); // a newer process has our place
        }
    });
    client.start_heartbeat();
    tell_systemd("READY=1");

    let mut registered = false;
    while !ENDING.load(Ordering::Relaxed) {
        registered = registered || is_registered(&client, &me);
        if let Some(asked) = receiver.receive(Duration::from_secs(1))? {
            answer(&asked, &sender);
        }
    }

    tell_systemd("STOPPING=1");
    client.goodbye(); // offline at once, not after the timeout
    Ok(())
}

fn main() -> Result<(), RegistryError> {
    let handler: extern "C" fn(libc::c_int) = end;
    for signal in [libc::SIGTERM, libc::SIGINT] {
        // SAFETY: the handler does nothing but to store into an atomic.
        unsafe { libc::signal(signal, handler as libc::sighandler_t) };
    }
    let setting = |name, otherwise: &str| env::var(name).unwrap_or_else(|_| otherwise.to_owned());
    run(
        &setting("MANAGER_ID", "Echo"),
        &setting("REGISTRY_ENDPOINT", "tcp://localhost:5555"),
        &env::args().nth(1).unwrap_or_else(|| "tcp://*:7100".to_owned()),
    )
}
