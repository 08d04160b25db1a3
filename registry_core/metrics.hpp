#pragma once

#include "registry_core/event.hpp"
#include "registry_core/liveness_clock.hpp"
#include "registry_core/protocol/messages.hpp"
#include "registry_core/registry.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace registry_core {

/// How often something took how long, in buckets whose bounds go up by 1, 2.5 and 5 from 1 µs to 1 s.
class Histogram {
public:
  static constexpr std::array<Nanos, 19> bounds = {
      1'000,      2'500,       5'000,       10'000,      25'000,        50'000,     100'000,
      250'000,    500'000,     1'000'000,   2'500'000,   5'000'000,     10'000'000, 25'000'000,
      50'000'000, 100'000'000, 250'000'000, 500'000'000, 1'000'000'000,
  };

  void add(Nanos time) noexcept;
  /// Of each bucket, not of those below it; the last is of what took longer than every bound.
  [[nodiscard]] const std::array<std::uint64_t, bounds.size() + 1>& counts() const noexcept {
    return counts_;
  }
  [[nodiscard]] Nanos sum() const noexcept { return sum_; }
  [[nodiscard]] Nanos longest() const noexcept { return longest_; }

private:
  std::array<std::uint64_t, bounds.size() + 1> counts_{};
  Nanos sum_ = 0;
  Nanos longest_ = 0;
};

/// What the server's loop takes note of beside its counters. Plain numbers: the loop alone touches them.
struct Metrics {
  Histogram lookup;  ///< from when its turn came until its reply was made
  Histogram request; ///< the same of all other requests that were answered at once
  Histogram commit;  ///< of a batch, from the loop and back to it
  Histogram round;   ///< of the loop: what a request may have to wait for others
  std::uint64_t batches_stored = 0, batches_failed = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(Event::Kind::local_only) + 1> events{}; ///< by kind
};

/// All that the page shows, at one moment.
struct MetricsSnapshot {
  const Metrics* metrics = nullptr;
  std::vector<protocol::Count> counters; ///< as RegistryInfo has them
  Registry::Counts counts;
  std::uint64_t held_requests = 0;
  std::uint64_t connections = 0; ///< of peers and listeners
  std::uint64_t events_sent = 0;
  double uptime_s = 0;
  std::string version;
  bool store_works = true;
};

/// The page: OpenMetrics 1.0 text, every name beginning with `actors_registry_`.
std::string open_metrics(const MetricsSnapshot& snapshot);

} // namespace registry_core
