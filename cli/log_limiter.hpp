#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cli {

/// Keeps a log readable, and its writer unblocked, when something happens a thousand times at once: of each
/// kind so many messages in a crowd, then so many a second; the others are counted. Pure: time is passed in.
/// One thread.
class LogLimiter {
public:
  using Clock = std::chrono::steady_clock;

  static constexpr double crowd = 100;
  static constexpr double a_second = 20;
  static constexpr std::chrono::seconds report_interval{10};

  /// Whether a message of this kind may be written now.
  bool admits(const std::string& kind, Clock::time_point now);

  struct LeftOut {
    std::string kind;
    std::uint64_t count;
  };
  /// What was left out, where it is time to say so: every 10 s, or with `all` at the end.
  std::vector<LeftOut> report(Clock::time_point now, bool all = false);

private:
  struct Kind {
    double tokens = crowd;
    Clock::time_point filled;
    std::uint64_t left_out = 0;
    Clock::time_point left_out_since;
  };
  std::map<std::string, Kind> kinds_;
};

} // namespace cli
