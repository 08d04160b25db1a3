#include "registry_core/envelope.hpp"

#include "registry_core/reachable_endpoint.hpp"

#include <algorithm>
#include <array>
#include <netdb.h>
#include <sys/socket.h>

namespace registry_core {

void Envelope::keep(zmq::message_t& frame) {
  if (front_.size > most_frames) return; // more than an acceptable message has; counted all the same
  if (front_.size == front_.frames.size()) front_.frames.emplace_back();
  front_.frames[front_.size++].move(frame);
}

bool Envelope::receive(zmq::socket_t& router, std::size_t most_bytes) {
  front_.size = 0;
  peer_frames_ = 0;
  bytes_ = 0;
  if (!router.recv(body_, zmq::recv_flags::dontwait)) return false;
  // The first frame is the identity that this socket gave to the peer.
  while (body_.more()) {
    keep(body_);
    // The parts of one message arrive together, so none of these waits.
    if (!router.recv(body_, zmq::recv_flags::none)) return false;
    ++peer_frames_;
    bytes_ += body_.size();
  }
  too_large_ = peer_frames_ > most_frames || bytes_ > most_bytes;
  if (too_large_) shorten_oversized(most_bytes);
  return true;
}

/// What is too large does not go back: of its front, the identity and what leads to the first delimiter.
void Envelope::shorten_oversized(std::size_t most_bytes) {
  std::size_t bytes = 0;
  for (std::size_t i = 1; i < front_.size; ++i)
    bytes += front_.frames[i].size();
  if (peer_frames_ <= most_frames && bytes <= most_bytes) return;
  const auto end = front_.frames.begin() + static_cast<std::ptrdiff_t>(front_.size);
  const auto delimiter =
      std::find_if(front_.frames.begin() + 1, end, [](const zmq::message_t& frame) { return frame.empty(); });
  std::size_t kept = delimiter == end ? 1 : static_cast<std::size_t>(delimiter - front_.frames.begin()) + 1;
  bytes = 0;
  for (std::size_t i = 1; i < kept; ++i)
    bytes += front_.frames[i].size();
  if (bytes > most_bytes) kept = 1;
  front_.size = kept;
}

std::string_view Envelope::peer_address() {
  const char* const address = zmq_msg_gets(body_.handle(), "Peer-Address");
  return address ? address : "";
}

std::string Envelope::local_host() {
  const int descriptor = zmq_msg_get(body_.handle(), ZMQ_SRCFD);
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (descriptor < 0 || getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  std::array<char, NI_MAXHOST> host{};
  const bool ip = address.ss_family == AF_INET || address.ss_family == AF_INET6;
  if (!ip || getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host.data(), host.size(), nullptr, 0,
                         NI_NUMERICHOST) != 0)
    return {};
  return peer_host(host.data());
}

void Envelope::take_front(Front& into) {
  std::swap(into, front_);
}

bool send_reply(zmq::socket_t& router, Front& front, std::string_view reply) {
  constexpr auto more = zmq::send_flags::sndmore | zmq::send_flags::dontwait;
  try {
    for (std::size_t i = 0; i < front.size; ++i) {
      if (!router.send(front.frames[i], more)) return false;
    }
    return router.send(zmq::buffer(reply), zmq::send_flags::dontwait).has_value();
  } catch (const zmq::error_t& error) {
    if (error.num() == EHOSTUNREACH) return false;
    throw;
  }
}

} // namespace registry_core
