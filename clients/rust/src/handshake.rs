//! What libzmq tells of a connection that is refused: the registry says nothing else.

use crate::error::RegistryError;
use std::sync::atomic::{AtomicU64, Ordering};

/// zmq.h: ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH.
const MECHANISM_MISMATCH: u32 = 0x1100_0002;

const MANY_HANG_UPS: u32 = 3;

const EVENTS: i32 = zmq::SocketEvent::HANDSHAKE_SUCCEEDED as i32
    | zmq::SocketEvent::HANDSHAKE_FAILED_NO_DETAIL as i32
    | zmq::SocketEvent::HANDSHAKE_FAILED_PROTOCOL as i32
    | zmq::SocketEvent::HANDSHAKE_FAILED_AUTH as i32
    | zmq::SocketEvent::CLOSED as i32;

/// In the order of what they tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// A plain connection was ended before its end was said.
    HungUp,
    HandshakeFailed,
    KeyNotAccepted,
}

impl Fault {
    /// In a few words.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Fault::KeyNotAccepted => "key not accepted: the registry does not trust this client",
            Fault::HandshakeFailed => "wrong server key, or one side is without CURVE",
            Fault::HungUp => "hangs up in the handshake, again and again: one side is without CURVE, or this address is not let in",
        }
    }

    pub(crate) fn error(self, text: String) -> RegistryError {
        match self {
            Fault::KeyNotAccepted => RegistryError::KeyNotAccepted(text),
            Fault::HandshakeFailed | Fault::HungUp => RegistryError::HandshakeFailed(text),
        }
    }
}

/// How a socket fares that connects to one endpoint.
pub(crate) struct Handshake {
    events: zmq::Socket,
    with_keys: bool,
    fault: Option<Fault>,
    /// One after the other.
    hang_ups: u32,
    over: bool,
}

impl Handshake {
    /// Before the socket connects.
    pub(crate) fn watch(
        context: &zmq::Context,
        socket: &zmq::Socket,
        with_keys: bool,
    ) -> zmq::Result<Handshake> {
        let address = unused_address();
        let events = context.socket(zmq::PAIR)?;
        events.set_linger(0)?;
        events.set_rcvhwm(0)?; // libzmq's own thread would wait where there is no room
        socket.monitor(&address, EVENTS)?;
        events.connect(&address)?;
        Ok(Handshake {
            events,
            with_keys,
            fault: None,
            hang_ups: 0,
            over: false,
        })
    }

    /// Nobody looks any more: libzmq is to say nothing.
    pub(crate) fn end(self, socket: &zmq::Socket) {
        let _ = socket.monitor(&unused_address(), 0);
    }

    pub(crate) fn poll_item(&self) -> zmq::PollItem<'_> {
        self.events.as_poll_item(zmq::POLLIN)
    }

    /// What has happened by now: what is in the way, and whether libzmq does not try again, so that only a new socket may
    /// fare better.
    pub(crate) fn look(&mut self) -> (Option<Fault>, bool) {
        while let Ok(frames) = self.events.recv_multipart(zmq::DONTWAIT) {
            if let Some((event, value)) = frames.first().and_then(|frame| read(frame)) {
                self.take(event, value);
            }
        }
        (self.fault, self.over)
    }

    fn take(&mut self, event: u16, value: u32) {
        use zmq::SocketEvent::*;
        if self.over {
            return;
        }
        let is = |one: zmq::SocketEvent| event == one as u16;
        if is(HANDSHAKE_FAILED_AUTH) {
            // ZAP's 400 and 500; of a 300 we are told nothing, and it is tried again.
            self.fault = Some(Fault::KeyNotAccepted);
            self.over = true;
        } else if is(HANDSHAKE_FAILED_PROTOCOL) {
            // To a plain socket anything may answer that is no registry.
            if self.with_keys || value == MECHANISM_MISMATCH {
                self.fault = Some(Fault::HandshakeFailed);
                self.over = true;
            }
        } else if is(HANDSHAKE_FAILED_NO_DETAIL) {
            // Who can't read what we encrypted hangs up, as does a registry that ends. One that encrypts hangs up on a
            // plain socket, often before libzmq has said that it does: again and again.
            self.hang_ups += 1;
            if self.with_keys {
                self.fault = Some(Fault::HandshakeFailed);
            } else if self.hang_ups >= MANY_HANG_UPS {
                self.fault = Some(Fault::HungUp);
            }
        } else {
            self.fault = None; // it succeeded, or nobody listens there now
            self.hang_ups = 0;
        }
    }
}

/// zmq_socket_monitor(3): a number of 16 bits and one of 32, in the machine's order.
fn read(frame: &[u8]) -> Option<(u16, u32)> {
    let event = frame.get(..2)?.try_into().ok()?;
    let value = frame.get(2..6)?.try_into().ok()?;
    Some((u16::from_ne_bytes(event), u32::from_ne_bytes(value)))
}

fn unused_address() -> String {
    static LAST: AtomicU64 = AtomicU64::new(0);
    format!("inproc://handshake-{}", LAST.fetch_add(1, Ordering::Relaxed))
}
