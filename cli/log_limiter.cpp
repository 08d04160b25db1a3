#include "cli/log_limiter.hpp"

#include <algorithm>

namespace cli {

bool LogLimiter::admits(const std::string& kind, Clock::time_point now) {
  const auto [place, is_new] = kinds_.try_emplace(kind);
  Kind& one = place->second;
  if (is_new) one.filled = now;
  const double seconds = std::chrono::duration<double>(now - one.filled).count();
  one.tokens = std::min(crowd, one.tokens + seconds * a_second);
  one.filled = now;
  if (one.tokens >= 1) {
    one.tokens -= 1;
    return true;
  }
  if (one.left_out++ == 0) one.left_out_since = now;
  return false;
}

std::vector<LogLimiter::LeftOut> LogLimiter::report(Clock::time_point now, bool all) {
  std::vector<LeftOut> result;
  for (auto& [kind, one] : kinds_) {
    const bool due = one.left_out != 0 && (all || now - one.left_out_since >= report_interval);
    if (!due) continue;
    result.push_back({kind, one.left_out});
    one.left_out = 0;
  }
  return result;
}

} // namespace cli
