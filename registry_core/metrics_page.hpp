#pragma once

#include <memory>
#include <string>

namespace registry_core {

/// Serves one page over HTTP: GET /metrics. A thread of its own answers; at most 32 connections at a time,
/// each for 10 s at most without a request.
class MetricsPage {
public:
  /// \param endpoint `HOST:PORT`, an IPv6 address in brackets; port 0 for any that is free. \throws
  /// BindError.
  explicit MetricsPage(const std::string& endpoint);
  ~MetricsPage();
  MetricsPage(const MetricsPage&) = delete;
  MetricsPage& operator=(const MetricsPage&) = delete;

  /// `HOST:PORT`, with the port that was chosen.
  [[nodiscard]] const std::string& bound() const noexcept;
  /// What is served from now on. From any thread.
  void publish(std::string page);

private:
  class State;
  std::unique_ptr<State> state_;
};

} // namespace registry_core
