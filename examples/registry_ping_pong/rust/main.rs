//! Ping and pong in Rust (see ../README.md).

use actors_registry::{ActorReceiver, ActorRef, ActorSender, RegistryClient, RegistryError};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

const PAUSE: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(1);
const USAGE: &str = "ping_pong ping|pong [--registry ENDPOINT] [--endpoint ENDPOINT] [--count N]";

/// The message of a `Ping` and of a `Pong`.
#[derive(Serialize, Deserialize)]
struct Number {
    count: u64,
}

struct Options {
    role: String,
    registry: String,
    endpoint: String,
    count: u64,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Option<Options> {
        let mut options = Options {
            role: arguments.next().filter(|role| role == "ping" || role == "pong")?,
            registry: env::var("REGISTRY_ENDPOINT").unwrap_or_else(|_| "tcp://localhost:5555".to_owned()),
            endpoint: "tcp://127.0.0.1:*".to_owned(),
            count: 10,
        };
        while let Some(option) = arguments.next() {
            let value = arguments.next()?;
            match option.as_str() {
                "--registry" => options.registry = value,
                "--endpoint" => options.endpoint = value,
                "--count" => options.count = value.parse().ok()?,
                _ => return None,
            }
        }
        Some(options)
    }
}

/// TERM or INT has come.
static ENDING: AtomicBool = AtomicBool::new(false);

extern "C" fn end(_signal: libc::c_int) {
    ENDING.store(true, Ordering::Relaxed);
}

fn end_on_signals() {
    let handler: extern "C" fn(libc::c_int) = end;
    for signal in [libc::SIGTERM, libc::SIGINT] {
        // SAFETY: the handler does nothing but to store into an atomic.
        unsafe { libc::signal(signal, handler as libc::sighandler_t) };
    }
}

fn ending() -> bool {
    ENDING.load(Ordering::Relaxed)
}

fn show(what: &str, number: &Number) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{what} {}", number.count).and_then(|()| out.flush());
}

/// An actor that is registered.
struct Player {
    client: RegistryClient,
    receiver: ActorReceiver,
    sender: ActorSender,
    me: ActorRef,
}

impl Player {
    fn join(options: &Options) -> Result<Player, RegistryError> {
        let manager = if options.role == "ping" {
            "PingManager"
        } else {
            "PongManager"
        };
        let client = RegistryClient::new(manager, &options.registry).with_timeout(PATIENCE);
        client.on_notice(|notice| eprintln!("{notice}"));
        let sender = ActorSender::new();
        let receiver = ActorReceiver::bind(&options.endpoint)?;
        let me = ActorRef::new(&options.role, receiver.endpoint(), &sender);
        client.start_heartbeat();
        until_it_works(|| client.register(me.name(), me.endpoint()));
        Ok(Player {
            client,
            receiver,
            sender,
            me,
        })
    }

    /// A number that has come in a message of that type, and who is to be answered.
    fn receive(&self, message_type: &str, timeout: Duration) -> Option<(Number, Option<ActorRef>)> {
        let envelope = self.receiver.receive(timeout).ok()??;
        if envelope.message_type != message_type {
            return None;
        }
        Some((envelope.read().ok()?, envelope.sender(&self.sender)))
    }

    fn send(&self, to: &ActorRef, message_type: &str, number: &Number) {
        if let Err(error) = to.send(message_type, number, Some(&self.me)) {
            eprintln!("{error}");
        }
    }

    fn play_pong(&self) {
        while !ending() {
            if let Some((number, Some(ping))) = self.receive("Ping", PAUSE) {
                show("ping", &number);
                self.send(&ping, "Pong", &number);
            }
        }
    }

    fn play_ping(&self, count: u64) {
        for count in 1..=count {
            while !ending() && !self.comes_back(&Number { count }) {}
        }
    }

    fn comes_back(&self, number: &Number) -> bool {
        let endpoint = match until_it_works(|| self.client.lookup("pong")) {
            Some(endpoint) => endpoint,
            None => return false,
        };
        self.send(&ActorRef::new("pong", endpoint, &self.sender), "Ping", number);
        let deadline = Instant::now() + PATIENCE;
        while !ending() && Instant::now() < deadline {
            match self.receive("Pong", PAUSE) {
                Some((pong, _)) if pong.count == number.count => {
                    show("pong", &pong);
                    return true;
                }
                _ => {}
            }
        }
        false
    }
}

/// None where it is time to end.
fn until_it_works<T>(mut what: impl FnMut() -> Result<T, RegistryError>) -> Option<T> {
    let mut said = String::new();
    while !ending() {
        match what() {
            Ok(value) => return Some(value),
            Err(error) if error.to_string() == said => thread::sleep(PAUSE),
            Err(error) => {
                said = error.to_string();
                eprintln!("{said}; trying again");
            }
        }
    }
    None
}

fn main() -> ExitCode {
    let options = match Options::parse(env::args().skip(1)) {
        Some(options) => options,
        None => {
            eprintln!("usage: {USAGE}");
            return ExitCode::from(2);
        }
    };
    end_on_signals();
    let player = match Player::join(&options) {
        Ok(player) => player,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    if options.role == "ping" {
        player.play_ping(options.count);
    } else {
        player.play_pong();
    }
    ExitCode::SUCCESS // the client says goodbye when it is dropped
}
