//! One PULL socket an actor; what arrives is counted and dropped.

use super::options::Actor;
use std::os::unix::io::RawFd;
use std::time::Duration;

pub struct ActorSockets {
    sockets: Vec<zmq::Socket>,
    bound: Vec<Actor>,
    messages: Vec<u64>,
}

impl ActorSockets {
    /// Binds them all. Fails naming the actor and the endpoint.
    pub fn bind(actors: &[Actor]) -> Result<ActorSockets, String> {
        let context = zmq::Context::new();
        let mut sockets = Vec::new();
        let mut bound = Vec::new();
        for actor in actors {
            let failed = |error| format!("actor {}: can't bind {}: {error}", actor.name, actor.endpoint);
            let socket = pull_socket(&context, &bindable(&actor.endpoint)).map_err(failed)?;
            bound.push(Actor {
                name: actor.name.clone(),
                endpoint: reached_at(&socket, &actor.endpoint),
            });
            sockets.push(socket);
        }
        let messages = vec![0; sockets.len()];
        Ok(ActorSockets {
            sockets,
            bound,
            messages,
        })
    }

    /// What is to be registered: with the port that was chosen, where any was asked for.
    pub fn bound(&self) -> &[Actor] {
        &self.bound
    }

    /// Waits for messages, or for the descriptor to be readable, at most so long; counts what arrived.
    pub fn wait(&mut self, descriptor: RawFd, longest: Duration) {
        let mut items = vec![zmq::PollItem::from_fd(descriptor, zmq::POLLIN)];
        items.extend(self.sockets.iter().map(|socket| socket.as_poll_item(zmq::POLLIN)));
        let rounded_up = longest + Duration::from_nanos(999_999);
        let _ = zmq::poll(&mut items, rounded_up.as_millis().min(60_000) as i64); // a signal ends it, which is looked at next
        for (socket, messages) in self.sockets.iter().zip(&mut self.messages) {
            while let Ok(frame) = socket.recv_msg(zmq::DONTWAIT) {
                *messages += u64::from(!frame.get_more());
            }
        }
    }

    pub fn messages(&self) -> impl Iterator<Item = (&Actor, u64)> {
        self.bound.iter().zip(self.messages.iter().copied())
    }
}

fn pull_socket(context: &zmq::Context, endpoint: &str) -> zmq::Result<zmq::Socket> {
    let socket = context.socket(zmq::PULL)?;
    socket.set_linger(0)?;
    socket.bind(endpoint)?;
    Ok(socket)
}

/// libzmq binds to addresses: a host name, which is for those who connect, is bound on all of them.
fn bindable(endpoint: &str) -> String {
    let (host, port) = match endpoint
        .strip_prefix("tcp://")
        .and_then(|rest| rest.rsplit_once(':'))
    {
        Some(parts) => parts,
        None => return endpoint.to_owned(),
    };
    let address = host.starts_with('[') || host.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '*');
    match host {
        "localhost" => format!("tcp://127.0.0.1:{port}"),
        _ if address => endpoint.to_owned(),
        _ => format!("tcp://*:{port}"),
    }
}

fn reached_at(socket: &zmq::Socket, endpoint: &str) -> String {
    let any_port = endpoint.ends_with(":*") || endpoint.ends_with(":0");
    match socket.get_last_endpoint() {
        Ok(Ok(bound)) if any_port => bound,
        _ => endpoint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_is_bound_on_all_addresses() {
        for (endpoint, expected) in [
            ("tcp://localhost:1", "tcp://127.0.0.1:1"),
            ("tcp://h1:1", "tcp://*:1"),
            ("tcp://10.0.0.1:1", "tcp://10.0.0.1:1"),
            ("tcp://*:1", "tcp://*:1"),
            ("tcp://[::1]:1", "tcp://[::1]:1"),
            ("ipc:///run/a", "ipc:///run/a"),
        ] {
            assert_eq!(bindable(endpoint), expected);
        }
    }
}
