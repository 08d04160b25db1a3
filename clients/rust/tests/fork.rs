//! A program of its own: a fork copies one thread alone.

#[allow(dead_code)] // each test program uses a part of it
mod common;

use actors_registry::{RegistryClient, RegistryError};
use common::{Registry, LONG};
use std::time::{Duration, Instant};

/// What the child ends with, or none where it does not end.
fn status(child: libc::pid_t) -> Option<libc::c_int> {
    let until = Instant::now() + LONG;
    let mut status = 0;
    while unsafe { libc::waitpid(child, &mut status, libc::WNOHANG) } == 0 {
        if Instant::now() >= until {
            unsafe { libc::kill(child, libc::SIGKILL) };
            return None;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Some(libc::WEXITSTATUS(status))
}

#[test]
fn a_forked_child_is_told_and_leaves_its_parents_client_alone() {
    let registry = Registry::start();
    let client = RegistryClient::new("M", registry.endpoint.as_str()).with_timeout(LONG);
    client.start_heartbeat();
    client.register("A", "tcp://localhost:1").unwrap();
    let child = unsafe { libc::fork() };
    if child == 0 {
        let refused = |result: Result<String, RegistryError>| matches!(result, Err(RegistryError::ConnectionError(text)) if text.contains("before a fork"));
        let mut as_wanted = refused(client.lookup("A"));
        as_wanted &= refused(client.register("B", "tcp://localhost:2").map(|()| String::new()));
        as_wanted &= refused(client.unregister("A").map(|()| String::new()));
        as_wanted &= refused(client.lookup_many(&["A"]).map(|_| String::new()));
        as_wanted &= !client.goodbye() && !client.forget();
        client.stop_heartbeat();
        client.start_heartbeat();
        drop(client);
        let own = RegistryClient::new("N", registry.endpoint.as_str()).with_timeout(LONG);
        as_wanted &= own.lookup("A").as_deref() == Ok("tcp://localhost:1");
        drop(own);
        unsafe { libc::_exit(if as_wanted { 7 } else { 1 }) };
    }
    assert_eq!(status(child), Some(7));
    assert_eq!(client.lookup("A").as_deref(), Ok("tcp://localhost:1"));
    assert!(client.goodbye());
}
