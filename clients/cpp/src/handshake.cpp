#include "clients/cpp/src/handshake.hpp"

#include "actors/registry/errors.hpp"
#include "clients/cpp/src/zmq_calls.hpp"

#include <atomic>
#include <cstring>

namespace actors::registry {

namespace {

constexpr int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                       ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                       ZMQ_EVENT_CLOSED;

constexpr int many_hang_ups = 3;

std::string unused_address() {
  static std::atomic<std::uint64_t> last = 0;
  return "inproc://handshake-" + std::to_string(++last);
}

} // namespace

Handshake::Handshake(zmq::context_t& context, zmq::socket_t& socket, bool with_keys)
    : socket_(socket), monitor_(new_socket(context, zmq::socket_type::pair)), with_keys_(with_keys) {
  const std::string address = unused_address();
  monitor_.set(zmq::sockopt::linger, 0);
  monitor_.set(zmq::sockopt::rcvhwm, 0); // libzmq's own thread would wait where there is no room
  monitor_socket(socket, address, events);
  connect_socket(monitor_, address, "");
}

Handshake::~Handshake() {
  zmq_socket_monitor(socket_.handle(), nullptr, 0);
}

void Handshake::look() {
  zmq::message_t event;
  zmq::message_t address;
  while (receive_now(monitor_, event)) {
    std::uint16_t number = 0;
    std::uint32_t value = 0;
    if (event.size() == sizeof number + sizeof value) {
      std::memcpy(&number, event.data(), sizeof number);
      std::memcpy(&value, static_cast<const char*>(event.data()) + sizeof number, sizeof value);
      take(number, value);
    }
    if (event.more() && !receive_now(monitor_, address)) return;
  }
}

void Handshake::take(std::uint16_t event, std::uint32_t value) {
  if (over_) return;
  switch (event) {
  case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: // ZAP's 400 and 500; of a 300 we are told nothing, and it is retried
    fault_ = Fault::key_not_accepted;
    over_ = true;
    break;
  case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    // To a plain socket anything may answer that is no registry.
    if (!with_keys_ && value != ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH) break;
    fault_ = Fault::handshake_failed;
    over_ = true;
    break;
  case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    // Who can't read what we encrypted hangs up, as does a registry that ends; it is tried again. One that
    // encrypts hangs up on a plain socket, often before libzmq has said that it does: again and again.
    ++hang_ups_;
    if (with_keys_) fault_ = Fault::handshake_failed;
    if (!with_keys_ && hang_ups_ >= many_hang_ups) fault_ = Fault::hung_up;
    break;
  default: // it succeeded, or nobody listens there now
    fault_ = Fault::none;
    hang_ups_ = 0;
  }
}

std::string text_of(Handshake::Fault fault) {
  switch (fault) {
  case Handshake::Fault::key_not_accepted: return "key not accepted: the registry does not trust this client";
  case Handshake::Fault::handshake_failed: return "wrong server key, or one side is without CURVE";
  case Handshake::Fault::hung_up:
    return "hangs up in the handshake, again and again: one side is without CURVE, or this address is not "
           "let in";
  case Handshake::Fault::none: break;
  }
  return "";
}

void throw_fault(Handshake::Fault fault, const std::string& text) {
  if (fault == Handshake::Fault::key_not_accepted) throw KeyNotAcceptedError(text);
  throw HandshakeFailedError(text);
}

} // namespace actors::registry
