#pragma once

#include "registry_core/limits.hpp"
#include "registry_core/listening_sockets.hpp"
#include "registry_core/log_entry.hpp"
#include "registry_core/registry.hpp"
#include "registry_core/security/curve_key.hpp"
#include "registry_core/security/permissions.hpp"
#include "registry_core/store/store.hpp"

#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace registry_core {

/// Networks that may reach an endpoint, which is named as in the options.
struct EndpointNetworks {
  std::string endpoint;
  std::vector<std::string> networks; ///< `ADDRESS/BITS`
};

/// What of a server's options may change while it runs.
struct ServerSettings {
  /// Where others reach it (`registry_connect`): the host of the first stands for this machine in wildcard
  /// endpoints.
  std::vector<std::string> connect_endpoints;
  std::chrono::nanoseconds heartbeat_timeout = std::chrono::seconds(6);
  std::chrono::nanoseconds check_interval = std::chrono::seconds(1);
  Takeover takeover = Takeover::offline;
  std::optional<std::chrono::nanoseconds> forget_offline_after;
  /// A share from 0 to 1; absent: no guard. \sa RegistryOptions
  std::optional<double> mass_timeout_guard;
  std::chrono::nanoseconds guard_max = std::chrono::seconds(60);
  Limits limits;
  /// Where replies to actor messages may go beside the sender's own address: `ADDRESS/BITS`.
  std::vector<std::string> reply_networks;
  /// Of each endpoint that not every address may reach; an endpoint stands here once.
  std::vector<EndpointNetworks> allow;
  /// Whom the endpoints with CURVE trust. Nullptr: nobody.
  std::shared_ptr<const Clients> clients;
  /// Shown by RegistryInfo.
  std::vector<std::string> warnings;
};

struct ServerOptions {
  /// Where the ROUTER binds; at least one. A port may be `*` or 0 for any that is free.
  std::vector<std::string> endpoints;
  std::string actor_endpoint;  ///< where the PULL binds; empty: there is none
  std::string events_endpoint; ///< where the XPUB binds; empty: there is none
  /// Of the endpoints above, those with CURVE; they need the key.
  std::vector<std::string> curve_endpoints;
  std::optional<CurveKey> secret_key; ///< the registry's own
  std::string
      metrics_endpoint; ///< `HOST:PORT` or `tcp://HOST:PORT` of the OpenMetrics page; empty: there is none
  /// Used while the server is made: an endpoint that one of these listens at is not bound anew. May be
  /// nullptr.
  ListeningSockets* listening = nullptr;
  std::optional<StoreOptions> store; ///< absent: state is in memory
  ServerSettings settings;
  /// Called on the thread of run(), with entries of this level and above. May be empty.
  std::function<void(const LogEntry&)> log;
  LogLevel log_from = LogLevel::info;
  /// Called on the thread of run() between two rounds of requests, at least every 200 ms and so also after
  /// each time that it returned: the place for sd_notify's WATCHDOG. May be empty.
  std::function<void()> on_tick;
  /// Called once on the thread of run() after stop(), before the last requests are answered: the place for
  /// sd_notify's STOPPING. May be empty.
  std::function<void()> on_ending;
};

/// An endpoint can't be bound; the text names it and says why.
class BindError : public std::runtime_error {
public:
  /// \param endpoint as the options have it; empty where it is about none.
  explicit BindError(const std::string& text, std::string endpoint = {}, int error = 0)
      : std::runtime_error(text), endpoint_(std::move(endpoint)), error_(error) {}
  [[nodiscard]] const std::string& endpoint() const noexcept { return endpoint_; }
  /// Whether somebody else has it.
  [[nodiscard]] bool is_taken() const noexcept { return error_ == EADDRINUSE; }

private:
  std::string endpoint_;
  int error_;
};

/// The registry on its sockets. This class says nothing to the service manager and touches no signals: that
/// is for the program around it.
class Server {
public:
  /// Reads the store and binds, so that peers may connect from now on. \throws StoreError, BindError,
  /// zmq::error_t.
  explicit Server(ServerOptions options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// What was bound, with the ports that were chosen, in the order of the options.
  [[nodiscard]] const std::vector<std::string>& bound_endpoints() const noexcept;
  /// Empty where there is none.
  [[nodiscard]] const std::string& bound_actor_endpoint() const noexcept;
  [[nodiscard]] const std::string& bound_events_endpoint() const noexcept;
  [[nodiscard]] const std::string& bound_metrics_endpoint() const noexcept;
  /// What the state holds, as of now. Not while run() is on another thread.
  [[nodiscard]] Registry::Counts counts() const noexcept;

  /// Serves on this thread until stop(): then answers until 100 ms pass without a request and all that was to
  /// be stored is, 1 s at most. The sockets close with the object. Once.
  void run();

  /// Before run(), or on its thread from on_tick: from now on these hold.
  void change_settings(ServerSettings settings);

  /// Makes run() end, now or as soon as it begins. From any thread and from signal handlers.
  void stop() noexcept;

private:
  class State;
  std::unique_ptr<State> state_;
};

} // namespace registry_core
