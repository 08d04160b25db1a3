//! A socket towards one registry endpoint.

use crate::error::RegistryError;
use crate::handshake::{Fault, Handshake};
use crate::keys::{CurveKeys, Keys};
use std::time::{Duration, Instant};

/// A registry keeps so many requests of one peer unanswered; beyond that replies may be dropped.
pub(crate) const MOST_IN_FLIGHT: usize = 1000;
/// libzmq counts a message as queued until it has seen half a queue of them leave.
const QUEUE: i32 = 2 * MOST_IN_FLIGHT as i32;

/// A DEALER. LINGER is 0: what was not sent when it closes is not worth waiting for.
pub(crate) struct Dealer {
    socket: zmq::Socket,
    /// Until the first answer.
    handshake: Option<Handshake>,
}

impl Dealer {
    /// Connecting goes on in the background. Fails where the endpoint can't be one.
    pub(crate) fn open(context: &zmq::Context, endpoint: &str, keys: &Keys) -> Result<Dealer, RegistryError> {
        let keys = keys.as_ref().map_err(Clone::clone)?;
        let failed =
            |error| RegistryError::ConnectionError(format!("registry {endpoint}: can't connect: {error}"));
        Dealer::connect(context, endpoint, keys.as_ref()).map_err(failed)
    }

    fn connect(context: &zmq::Context, endpoint: &str, keys: Option<&CurveKeys>) -> zmq::Result<Dealer> {
        let socket = unconnected(context, zmq::DEALER, endpoint, 0)?;
        socket.set_sndhwm(QUEUE)?;
        socket.set_rcvhwm(QUEUE)?;
        if let Some(keys) = keys {
            keys.apply(&socket)?;
        }
        let handshake = Some(Handshake::watch(context, &socket, keys.is_some())?);
        socket.connect(endpoint)?;
        Ok(Dealer { socket, handshake })
    }

    /// Queues a message; nothing happens where the queue is full, which is as if it had got lost.
    pub(crate) fn send(&self, bytes: &[u8]) {
        while self.socket.send(bytes, zmq::DONTWAIT) == Err(zmq::Error::EINTR) {}
    }

    /// As last_frame() has it: a registry that answers as a REP socket would puts a delimiter in front.
    pub(crate) fn receive(&self) -> Option<zmq::Message> {
        last_frame(&self.socket)
    }

    /// What is to be waited for.
    pub(crate) fn poll_items(&self) -> impl Iterator<Item = zmq::PollItem<'_>> {
        let socket = self.socket.as_poll_item(zmq::POLLIN);
        std::iter::once(socket).chain(self.handshake.as_ref().map(Handshake::poll_item))
    }

    /// An answer has come: the connection is not watched any more.
    pub(crate) fn prove(&mut self) {
        if let Some(handshake) = self.handshake.take() {
            handshake.end(&self.socket);
        }
    }

    /// What is in the connection's way, as far as that is known, and whether only a new one may fare better.
    pub(crate) fn look(&mut self) -> (Option<Fault>, bool) {
        self.handshake.as_mut().map_or((None, false), Handshake::look)
    }
}

impl Drop for Dealer {
    /// Events that nobody takes any more would hold up libzmq's own thread for good, and with it every socket of the context:
    /// they end before the socket does, which closes in the background.
    fn drop(&mut self) {
        self.prove();
    }
}

/// The last frame of a message that has arrived, without waiting; none where none has.
pub(crate) fn last_frame(socket: &zmq::Socket) -> Option<zmq::Message> {
    loop {
        match socket.recv_msg(zmq::DONTWAIT) {
            Ok(frame) if !frame.get_more() => return Some(frame),
            Ok(_) | Err(zmq::Error::EINTR) => {}
            Err(_) => return None,
        }
    }
}

/// A socket that is ready to be connected to, or bound at, the endpoint.
pub(crate) fn unconnected(
    context: &zmq::Context,
    kind: zmq::SocketType,
    endpoint: &str,
    linger_ms: i32,
) -> zmq::Result<zmq::Socket> {
    if endpoint.contains('\0') {
        return Err(zmq::Error::EINVAL); // the binding would panic
    }
    let socket = context.socket(kind)?;
    socket.set_linger(linger_ms)?;
    // With IPv6 on, libzmq takes a name's IPv6 address alone: "localhost" would miss a registry on 127.0.0.1.
    if endpoint.contains('[') {
        socket.set_ipv6(true)?;
    }
    Ok(socket)
}

/// A connection over which something was sent and nothing is acknowledged for so long is given up, and opened anew; the system
/// alone would try for 15 minutes. ZMTP's own heartbeats are no way to find out: libzmq 4.3.4 and others end the whole receiving
/// program where it reads slowly (libzmq issue 4364).
#[allow(unsafe_code)] // the crate zmq knows ZMQ_TCP_MAXRT, and has no call for it
pub(crate) fn give_up_after(socket: &mut zmq::Socket, longest_silence_ms: i32) -> zmq::Result<()> {
    let value: *const i32 = &longest_silence_ms;
    // SAFETY: the socket is open as long as it is borrowed, and libzmq copies the value, an int, before it returns.
    let rc = unsafe {
        zmq_sys::zmq_setsockopt(
            socket.as_mut_ptr(),
            zmq_sys::ZMQ_TCP_MAXRT as i32,
            value.cast(),
            std::mem::size_of::<i32>(),
        )
    };
    match rc {
        0 => Ok(()),
        _ => Err(zmq::Error::EINVAL),
    }
}

/// Waits until one of them can be read, or a signal was caught, until then at most.
pub(crate) fn wait(items: &mut [zmq::PollItem<'_>], until: Instant) -> Result<(), RegistryError> {
    match zmq::poll(items, milliseconds_until(until)) {
        Ok(_) | Err(zmq::Error::EINTR) => Ok(()),
        Err(error) => Err(RegistryError::ConnectionError(format!("poll failed: {error}"))),
    }
}

/// Rounded up, so that a poll never returns just before its time and spins.
fn milliseconds_until(until: Instant) -> i64 {
    let left = until.saturating_duration_since(Instant::now()) + Duration::from_nanos(999_999);
    left.as_millis().min(60_000) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_registry::bound_router;

    #[test]
    fn what_can_be_no_endpoint_is_an_error() {
        for endpoint in ["", "nonsense", "tcp://", "tcp://a", "tcp://a:1\0", "smoke://a:1"] {
            let error = Dealer::open(&zmq::Context::new(), endpoint, &Ok(None))
                .map(|_| ())
                .unwrap_err();
            assert!(
                matches!(error, RegistryError::ConnectionError(_)),
                "{endpoint}: {error}"
            );
        }
    }

    #[test]
    fn a_delimiter_is_passed_over() {
        let context = zmq::Context::new();
        let router = context.socket(zmq::ROUTER).unwrap();
        router.bind("tcp://127.0.0.1:*").unwrap();
        router.set_rcvtimeo(20_000).unwrap();
        let dealer =
            Dealer::open(&context, &router.get_last_endpoint().unwrap().unwrap(), &Ok(None)).unwrap();
        dealer.send(b"hello");
        let request = router.recv_multipart(0).unwrap();
        assert_eq!(request[1], b"hello");
        router
            .send_multipart([&request[0][..], b"", b"reply"], 0)
            .unwrap();
        let until = Instant::now() + Duration::from_secs(60);
        let reply = loop {
            match dealer.receive() {
                Some(reply) => break reply,
                None => wait(&mut [dealer.socket.as_poll_item(zmq::POLLIN)], until).unwrap(),
            }
            assert!(Instant::now() < until);
        };
        assert_eq!(&reply[..], b"reply");
        assert!(dealer.receive().is_none());
    }

    #[test]
    fn connections_that_are_dropped_while_they_fail_hold_up_no_other() {
        let context = zmq::Context::new();
        let hangs_up = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("tcp://{}", hangs_up.local_addr().unwrap());
        let ended = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let seen = std::sync::Arc::clone(&ended);
        let hanging_up = std::thread::spawn(move || {
            while !seen.load(std::sync::atomic::Ordering::Acquire) {
                drop(hangs_up.accept());
            }
        });
        let open_files = || std::fs::read_dir("/proc/self/fd").unwrap().count();
        let until = Instant::now() + Duration::from_secs(20);
        for number in 0..3000 {
            while open_files() > 300 {
                assert!(
                    Instant::now() < until,
                    "sockets that were dropped are never closed"
                );
                std::thread::sleep(Duration::from_millis(1));
            }
            let dealer = Dealer::open(&context, &endpoint, &Ok(None)).unwrap();
            std::thread::sleep(Duration::from_micros(number % 300)); // at another moment of the handshake each time
            drop(dealer);
        }
        let (router, good) = bound_router();
        let dealer = Dealer::open(&context, &good, &Ok(None)).unwrap();
        dealer.send(b"hello");
        router.set_rcvtimeo(20_000).unwrap();
        assert_eq!(router.recv_multipart(0).unwrap()[1], b"hello");
        ended.store(true, std::sync::atomic::Ordering::Release);
        drop(std::net::TcpStream::connect(&endpoint[6..]));
        hanging_up.join().unwrap();
    }

    #[test]
    fn a_wait_is_rounded_up() {
        assert_eq!(milliseconds_until(Instant::now()), 0);
        let soon = milliseconds_until(Instant::now() + Duration::from_millis(1500));
        assert!((1400..=1500).contains(&soon), "{soon}");
        assert_eq!(
            milliseconds_until(Instant::now() + Duration::from_secs(3600)),
            60_000
        );
    }
}
