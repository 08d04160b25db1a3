#pragma once

#include "registry_core/server.hpp"

#include <chrono>
#include <thread>

/// Whether the condition holds before a deadline that only what hangs meets.
template<typename Condition>
bool eventually(Condition condition) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (Clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

/// A registry on a free port of the loopback address, on a thread of its own, ended with the object.
class RunningServer {
public:
  explicit RunningServer(registry_core::ServerOptions options = {})
      : server_(with_endpoint(std::move(options))) {
    thread_ = std::thread([this] { server_.run(); });
  }
  ~RunningServer() { stop(); }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  void stop() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }
  [[nodiscard]] const std::string& endpoint() const { return server_.bound_endpoints().front(); }
  [[nodiscard]] const std::string& actor_endpoint() const { return server_.bound_actor_endpoint(); }
  [[nodiscard]] const std::string& events_endpoint() const { return server_.bound_events_endpoint(); }
  /// For what its own thread may call, from a callback.
  [[nodiscard]] registry_core::Server& server() { return server_; }
  [[nodiscard]] const std::vector<std::string>& endpoints() const { return server_.bound_endpoints(); }

private:
  static registry_core::ServerOptions with_endpoint(registry_core::ServerOptions options) {
    if (options.endpoints.empty()) options.endpoints = {"tcp://127.0.0.1:*"};
    return options;
  }

  registry_core::Server server_;
  std::thread thread_;
};
