#pragma once

#include "registry_core/counters.hpp"
#include "registry_core/incoming.hpp"
#include "registry_core/liveness_clock.hpp"
#include "registry_core/log_entry.hpp"
#include "registry_core/security/access.hpp"
#include "registry_core/security/connection_guard.hpp"
#include "registry_core/security/connection_table.hpp"
#include "registry_core/security/rate_limiter.hpp"

#include <functional>
#include <memory>
#include <string>

#include <zmq.hpp>

namespace registry_core {

/// What the registry's sockets ask before they take anything: who may connect, how many, whose a message is.
/// What is refused is counted and said. One thread, the loop's.
class Gate {
public:
  using Log = std::function<void(const LogEntry&)>;

  /// \param log may be empty.
  Gate(Counters& counters, Log log) : counters_(counters), log_(std::move(log)) {}

  /// What holds from now on. \sa Access
  void set_access(std::vector<EndpointAccess> endpoints, std::shared_ptr<const Clients> clients);
  [[nodiscard]] const Access& access() const noexcept { return access_; }
  [[nodiscard]] ConnectionTable& connections() noexcept { return connections_; }
  [[nodiscard]] RateLimiter& rate() noexcept { return rate_; }

  /// For the ZapSocket.
  Access::Verdict judge(const ConnectionRequest& request);
  /// For a ConnectionGuard.
  ConnectionGuard::OnRefused on_refused();

  /// Whether a message may be read. One of a key that is not trusted any more ends its connection.
  /// \param client whom it is from; nullptr where that is not asked: he may do everything.
  bool admits(zmq::message_t& message, Nanos monotonic, std::shared_ptr<const Client>& client);

  /// The request, or what stands in its place where its client may not do all of it. \param into holds that.
  const protocol::Request& restrict(const protocol::Request& request, Incoming& incoming,
                                    protocol::Request& into);

  /// Ends every connection to this endpoint whose address it does not allow any more.
  void end_refused_addresses(std::size_t endpoint);
  /// Ends a listener's connection.
  void end_listener(int descriptor, const ConnectionTable::Connection& connection, const std::string& why);

private:
  bool admits_rate(zmq::message_t& message);
  bool admits_user(zmq::message_t& message, std::shared_ptr<const Client>& client);
  void say(const char* event, std::string text) const;

  Counters& counters_;
  Log log_;
  Access access_;
  bool has_curve_ = false;
  const std::shared_ptr<const Client>* latest_ = nullptr; ///< in access_: whom the latest message was from
  ConnectionTable connections_;
  RateLimiter rate_{UINT64_MAX};
};

/// The sender's address, as peer_host() gives it.
std::string address_of(zmq::message_t& message);
/// The descriptor of the connection that it came over; below 0 where it is not known. libzmq may have closed
/// it.
int descriptor_of(zmq::message_t& message);

} // namespace registry_core
