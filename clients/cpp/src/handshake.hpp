#pragma once

#include <cstdint>
#include <string>

#include <zmq.hpp>

namespace actors::registry {

/// How a socket fares that connects to one endpoint, by what libzmq tells of it (zmq_socket_monitor(3)): a
/// registry that refuses a connection says nothing else. The socket's thread.
class Handshake {
public:
  /// In the order of what they tell. hung_up: a plain connection was ended before its end was said.
  enum class Fault : std::uint8_t { none, hung_up, handshake_failed, key_not_accepted };

  /// Before the socket connects. \param with_keys the socket speaks CURVE.
  Handshake(zmq::context_t& context, zmq::socket_t& socket, bool with_keys);
  /// Before the socket goes.
  ~Handshake();
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;

  /// To be polled for reading, once look() has been called.
  [[nodiscard]] int descriptor() const { return monitor_.get(zmq::sockopt::fd); }
  /// Takes note of what has happened.
  void look();

  [[nodiscard]] Fault fault() const noexcept { return fault_; }
  /// libzmq does not try again: only a new socket may fare better.
  [[nodiscard]] bool is_over() const noexcept { return over_; }

private:
  void take(std::uint16_t event, std::uint32_t value);

  zmq::socket_t& socket_;
  zmq::socket_t monitor_;
  bool with_keys_;
  Fault fault_ = Fault::none;
  int hang_ups_ = 0; ///< one after the other
  bool over_ = false;
};

/// In a few words; empty for none.
std::string text_of(Handshake::Fault fault);

/// \throws KeyNotAcceptedError, HandshakeFailedError. \param text the sentence.
[[noreturn]] void throw_fault(Handshake::Fault fault, const std::string& text);

} // namespace actors::registry
