//! The sample manager in Rust (examples/sample_manager/rust), as a program.

#[allow(dead_code)] // each test program uses a part of it
mod common;

// With the unit tests that stand in them.
#[allow(dead_code)]
#[path = "../../../examples/sample_manager/rust/actor_sockets.rs"]
mod actor_sockets;
#[allow(dead_code)]
#[path = "../../../examples/sample_manager/rust/options.rs"]
mod options;

use actors_registry::{ActorRef, ActorSender, RegistryClient, RegistryError};
use common::{Registry, LONG};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use std::{env, thread};

/// cargo builds the examples before it runs the tests.
fn program() -> PathBuf {
    let this = env::current_exe().expect("this program has a path");
    let folder = this
        .parent()
        .and_then(|deps| deps.parent())
        .expect("cargo's folders");
    folder.join("examples").join("sample_manager")
}

struct SampleManager {
    child: Child,
    log: Receiver<String>,
}

impl SampleManager {
    fn start(arguments: &[&str]) -> SampleManager {
        let program = program();
        let mut child = Command::new(&program)
            .args(arguments)
            .env_remove("MANAGER_ID")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        let (say, log) = channel();
        thread::spawn(move || {
            lines
                .map_while(Result::ok)
                .try_for_each(|line| say.send(line + "\n"))
        });
        SampleManager { child, log }
    }

    /// The next line; none where it has ended.
    fn line(&self, until: Instant) -> Option<String> {
        match self
            .log
            .recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("it does not say what it should, and does not end"),
        }
    }

    /// Lines until one contains this; the end of the log is a failure.
    fn wait_for_line(&self, text: &str) {
        let until = Instant::now() + LONG;
        while !self.line(until).expect(text).contains(text) {}
    }

    fn terminate(&self) {
        let kill = Command::new("kill")
            .arg("-TERM")
            .arg(self.child.id().to_string())
            .status();
        assert!(kill.expect("kill runs").success());
    }

    /// Its status, and what it had still to say.
    fn end(mut self) -> (Option<i32>, String) {
        let until = Instant::now() + LONG;
        let rest = std::iter::from_fn(|| self.line(until)).collect();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for SampleManager {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_until(mut what: impl FnMut() -> bool) {
    let deadline = Instant::now() + LONG;
    while !what() {
        assert!(Instant::now() < deadline, "it has not come to be");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn its_actors_are_found_and_spoken_to_until_it_is_told_to_end() {
    let registry = Registry::start();
    let client = RegistryClient::new("Other", registry.endpoint.as_str()).with_timeout(LONG);
    let manager = SampleManager::start(&[
        "--manager",
        "M",
        "--registry",
        &registry.endpoint,
        "--actor",
        "a=tcp://127.0.0.1:*",
        "--actor",
        "b=tcp://localhost:0",
    ]);
    manager.wait_for_line("registered a at tcp://127.0.0.1:");
    manager.wait_for_line("registered b at tcp://127.0.0.1:");
    let a = ActorRef::new("a", client.lookup("a").unwrap(), &ActorSender::new());
    for _ in 0..3 {
        a.send("Hello", &(), None).unwrap();
    }
    drop(a); // what waits to be sent is sent
    manager.terminate();
    let (status, said) = manager.end();
    assert_eq!(status, Some(0));
    assert!(
        said.ends_with("b received 0 messages\nsample_manager: ending on TERM\n"),
        "{said}"
    );
    assert_eq!(client.lookup("a"), Err(RegistryError::Offline("a".into())));
}

#[test]
fn a_registry_that_comes_later_is_waited_for() {
    let endpoint = format!("tcp://127.0.0.1:{}", common::free_port());
    let manager = SampleManager::start(&[
        "--manager",
        "M",
        "--registry",
        &endpoint,
        "--actor",
        "a=tcp://127.0.0.1:*",
    ]);
    manager.wait_for_line("does not answer within 1 s; trying again");
    let registry = Registry::start_at(&endpoint);
    manager.wait_for_line("registered a at");
    drop(manager);
    drop(registry);
}

#[test]
fn a_death_is_without_a_word() {
    let registry = Registry::start();
    let client = RegistryClient::new("Other", registry.endpoint.as_str()).with_timeout(LONG);
    let arguments = [
        "--manager",
        "M",
        "--registry",
        &registry.endpoint,
        "--actor",
        "a=tcp://127.0.0.1:*",
        "--die-after",
    ];
    let manager = SampleManager::start(&[&arguments[..], &["2", "--exit-status", "7"]].concat());
    manager.wait_for_line("registered a");
    assert_eq!(manager.end(), (Some(7), String::new()));
    wait_until(|| client.lookup("a").is_ok()); // nobody has told the registry
}

#[test]
fn a_wrong_command_line_is_status_2() {
    let (status, said) = SampleManager::start(&["--what", "x"]).end();
    assert_eq!(
        (status, said.as_str()),
        (Some(2), "sample_manager: unknown option --what\n")
    );
    let (status, said) = SampleManager::start(&["--manager", "M", "--actor", "a=smoke://x"]).end();
    assert_eq!(status, Some(1));
    assert!(said.contains("actor a: can't bind smoke://x"), "{said}");
}
