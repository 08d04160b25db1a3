//! The smallest useful manager in Rust: what a unit on a host runs to try the registry out. It uses the client library
//! alone.

mod actor_sockets;
mod options;
mod signals;

use actor_sockets::ActorSockets;
use actors_registry::RegistryClient;
use options::{Actor, Options, USAGE};
use signals::Signals;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, process};

const CALL_TIMEOUT: Duration = Duration::from_secs(1);
const PAUSE_BETWEEN_TRIES: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

fn say(line: &str) {
    eprintln!("sample_manager: {line}");
}

/// What is not registered yet.
#[derive(Default)]
struct Registration {
    done: usize,
    said: String,
}

impl Registration {
    /// Whether everything is registered.
    fn advance(&mut self, actors: &[Actor], client: &RegistryClient) -> bool {
        while let Some(actor) = actors.get(self.done) {
            if let Err(error) = client.register(&actor.name, &actor.endpoint) {
                let error = error.to_string();
                if self.said != error {
                    say(&format!("{error}; trying again")); // once: the registry may be away for long
                }
                self.said = error;
                return false;
            }
            say(&format!("registered {} at {}", actor.name, actor.endpoint));
            self.done += 1;
            self.said.clear();
        }
        true
    }
}

/// The signal that ended it.
fn work(options: &Options, sockets: &mut ActorSockets, signals: &Signals) -> &'static str {
    let client = RegistryClient::new(&options.manager_id, &options.registry).with_timeout(CALL_TIMEOUT);
    client.on_notice(|notice| say(&notice.to_string()));
    if !options.silent {
        client.start_heartbeat();
    }
    let death = options.die_after.map(|time| Instant::now() + time);
    let mut registration = Registration::default();
    let mut registered = options.silent;
    loop {
        if let Some(signal) = signals.pending() {
            if !options.silent && !client.goodbye() {
                say("the registry did not confirm the goodbye");
            }
            return signal;
        }
        if death.map_or(false, |death| Instant::now() >= death) {
            process::exit(options.exit_status); // without a word: nothing is dropped
        }
        if !registered {
            registered = registration.advance(sockets.bound(), &client);
        }
        let pause = if registered {
            LONGEST_WAIT
        } else {
            PAUSE_BETWEEN_TRIES
        };
        let left = death.map_or(pause, |death| death.saturating_duration_since(Instant::now()));
        sockets.wait(signals.descriptor(), pause.min(left));
    }
}

fn run(options: &Options) -> Result<(), String> {
    let signals = Signals::block().map_err(|error| format!("signalfd: {error}"))?;
    let mut sockets = ActorSockets::bind(&options.actors)?;
    let registry = if options.silent {
        "silent".to_owned()
    } else {
        format!("registry {}", options.registry)
    };
    say(&format!("manager {}, {registry}", options.manager_id));
    let signal = work(options, &mut sockets, &signals);
    for (actor, messages) in sockets.messages() {
        say(&format!("{} received {messages} messages", actor.name));
    }
    say(&format!("ending on {signal}"));
    Ok(())
}

fn main() -> ExitCode {
    let options = match Options::parse(env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            say(&error);
            return ExitCode::from(2);
        }
    };
    if options.help {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    if let Err(error) = run(&options) {
        say(&error);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
