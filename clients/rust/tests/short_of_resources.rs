//! A program of its own, since its limits are every test's.

use actors_registry::{Notice, RegistryClient};
use std::fs::File;
use std::sync::mpsc::channel;
use std::sync::Mutex;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(30);

/// Sets how much there may be of it, and returns how much there might be before.
fn set_limit(of: libc::__rlimit_resource_t, limit: libc::rlim_t) -> libc::rlim_t {
    let mut limits = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    unsafe {
        assert_eq!(libc::getrlimit(of, &mut limits), 0);
        let before = limits.rlim_cur;
        limits.rlim_cur = limit;
        assert_eq!(libc::setrlimit(of, &limits), 0);
        before
    }
}

#[test]
fn heartbeats_that_can_not_begin_begin_when_they_can() {
    let context = zmq::Context::new();
    let router = context.socket(zmq::ROUTER).unwrap();
    router.bind("tcp://127.0.0.1:*").unwrap();
    router.set_rcvtimeo(30_000).unwrap();
    let client = RegistryClient::new("M", router.get_last_endpoint().unwrap().unwrap())
        .with_timeout(Duration::from_millis(100))
        .with_heartbeat_interval(Duration::from_millis(100));
    let (say, said) = channel();
    let say = Mutex::new(say);
    client.on_notice(move |notice| drop(say.lock().unwrap().send(notice.clone())));

    let is_heartbeat = |frames: &Vec<Vec<u8>>| String::from_utf8_lossy(&frames[1]).contains("Heartbeat");
    let received = || std::iter::from_fn(|| router.recv_multipart(0).ok());
    let trouble = |notice: &Notice| matches!(notice, Notice::Trouble(_));

    // No room for another thread's stack.
    let used = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: libc::rlim_t = used.split(' ').next().unwrap().parse().unwrap();
    let before = set_limit(libc::RLIMIT_AS, pages * 4096 + (1 << 19));
    client.start_heartbeat();
    set_limit(libc::RLIMIT_AS, before);
    assert!(said.try_iter().any(|notice| trouble(&notice)));
    let _ = client.lookup("A");
    assert!(received().any(|frames| is_heartbeat(&frames)));
    client.stop_heartbeat();

    // No descriptor for another socket.
    let before = set_limit(libc::RLIMIT_NOFILE, 64);
    let all: Vec<_> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    while router.recv_multipart(zmq::DONTWAIT).is_ok() {}
    client.start_heartbeat();
    let mut said = std::iter::from_fn(|| said.recv_timeout(LONG).ok());
    let in_trouble = said.any(|notice| trouble(&notice));
    set_limit(libc::RLIMIT_NOFILE, before);
    drop(all);
    assert!(in_trouble);
    assert!(received().any(|frames| is_heartbeat(&frames)));
}
