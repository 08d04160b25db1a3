//! How a sender's connections are set up.

use actors_registry::{ActorRef, ActorSender};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

/// Of every TCP connection of this process, in ms: how long what was sent may be without an acknowledgement.
fn longest_without_acknowledgement() -> Vec<libc::c_int> {
    let value = |fd| {
        let mut value: libc::c_int = 0;
        let mut size = std::mem::size_of_val(&value) as libc::socklen_t;
        let pointer = std::ptr::addr_of_mut!(value).cast();
        let rc =
            unsafe { libc::getsockopt(fd, libc::IPPROTO_TCP, libc::TCP_USER_TIMEOUT, pointer, &mut size) };
        (rc == 0).then_some(value)
    };
    (0..1024).filter_map(value).collect()
}

#[test]
fn a_peer_that_is_gone_is_found_out_about_while_something_is_on_its_way() {
    let peer = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("tcp://{}", peer.local_addr().unwrap());
    let actor = ActorRef::new("A", endpoint, &ActorSender::new());
    actor.send("Hello", &(), None).unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    peer.set_nonblocking(true).unwrap();
    let mut connection = peer.accept();
    while let Err(error) = connection {
        assert!(Instant::now() < until, "{error}");
        thread::sleep(Duration::from_millis(10));
        connection = peer.accept();
    }
    while !longest_without_acknowledgement().contains(&30_000) {
        assert!(Instant::now() < until, "{:?}", longest_without_acknowledgement());
        thread::sleep(Duration::from_millis(10));
    }
}
