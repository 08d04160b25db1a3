#pragma once

#include "registry_core/registry.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace registry_core {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct ServerOptions {
  /// Where the ROUTER binds; at least one. A port may be `*` or 0 for any that is free.
  std::vector<std::string> endpoints;
  /// Where others reach it (`registry_connect`): the host of the first stands for this machine in wildcard
  /// endpoints.
  std::vector<std::string> connect_endpoints;
  std::chrono::nanoseconds heartbeat_timeout = std::chrono::seconds(6);
  std::chrono::nanoseconds check_interval = std::chrono::seconds(1);
  Takeover takeover = Takeover::offline;
  std::optional<std::chrono::nanoseconds> forget_offline_after;
  /// Shown by RegistryInfo.
  std::vector<std::string> warnings;
  /// Called on the thread of run(), a line without its end at a time. May be empty.
  std::function<void(LogLevel, const std::string&)> log;
  /// Called on the thread of run() between two rounds of requests, at least every 200 ms and so also after
  /// each time that it returned: the place for sd_notify's WATCHDOG. May be empty.
  std::function<void()> on_tick;
  /// Called once on the thread of run() after stop(), before the last requests are answered: the place for
  /// sd_notify's STOPPING. May be empty.
  std::function<void()> on_ending;
};

/// An endpoint can't be bound; the text names it and says why.
class BindError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The registry on its sockets. State is in memory; this class says nothing to the service manager and
/// touches no signals: that is for the program around it.
class Server {
public:
  /// Binds, so that peers may connect from now on. \throws BindError, zmq::error_t.
  explicit Server(ServerOptions options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// What was bound, with the ports that were chosen, in the order of the options.
  [[nodiscard]] const std::vector<std::string>& bound_endpoints() const noexcept;

  /// Serves on this thread until stop(): then answers until 100 ms pass without a request, 1 s at most, and
  /// returns with all sockets closed. Once.
  void run();

  /// Makes run() end, now or as soon as it begins. From any thread and from signal handlers.
  void stop() noexcept;

private:
  class State;
  std::unique_ptr<State> state_;
};

} // namespace registry_core
