//! A registry for a test: `actorsctl registry serve`, from $ACTORSCTL or the build folder.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::time::{Duration, Instant};
use std::{env, thread};

pub const LONG: Duration = Duration::from_secs(30);

/// Ends with the test.
pub struct Registry {
    child: Child,
    pub endpoint: String,
}

impl Registry {
    /// At any port that is free.
    pub fn start() -> Registry {
        Registry::start_at(&format!("tcp://127.0.0.1:{}", free_port()))
    }

    /// Without any state.
    pub fn start_at(endpoint: &str) -> Registry {
        let program = program();
        let child = Command::new(&program)
            .args(["registry", "serve", "--in-memory", "--endpoint", endpoint])
            .env_remove("REGISTRY_CONFIG")
            .env_remove("REGISTRY_ENDPOINT")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; ACTORSCTL names another", program.display()));
        let mut registry = Registry {
            child,
            endpoint: endpoint.to_owned(),
        };
        registry.wait_until_it_serves();
        registry
    }

    fn wait_until_it_serves(&mut self) {
        let log = self.child.stderr.take().expect("it is piped");
        let (say, said) = channel();
        thread::spawn(move || {
            let mut lines = Vec::new();
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                lines.push(line);
                let _ = say.send(lines.join("\n"));
            }
        });
        let deadline = Instant::now() + LONG;
        let mut log = String::new();
        while !answers(&self.endpoint) {
            match said.recv_timeout(Duration::from_millis(20)) {
                Ok(lines) => log = lines,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("the registry has ended: {log}"),
            }
            assert!(Instant::now() < deadline, "the registry does not answer: {log}");
        }
    }

    /// Without a word, as by kill -9.
    pub fn kill(mut self) -> String {
        self.end();
        self.endpoint.clone()
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.end();
    }
}

fn program() -> PathBuf {
    let built = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../build/actorsctl");
    env::var_os("ACTORSCTL").map_or_else(built, PathBuf::from)
}

pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn answers(endpoint: &str) -> bool {
    let client =
        actors_registry::RegistryClient::new("Nobody", endpoint).with_timeout(Duration::from_millis(200));
    client.lookup_many(&["Nobody"]).is_ok()
}
