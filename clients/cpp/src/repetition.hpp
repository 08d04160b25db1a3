#pragma once

#include "clients/cpp/src/dealer.hpp"

#include <cstdint>

namespace actors::registry {

/// Whether a request that is not answered is sent again within its call.
enum class Repeat : std::uint8_t {
  yes,
  no, ///< a second one could hit what others have registered since the first
};

/// When it is (docs/protocol.md, "Asked again"): after a fifth of the time that there is, a second at most,
/// and from then on each time after twice the interval before. So a registry that is slow is not asked much
/// more for it. Time is passed in.
class Repetition {
public:
  Repetition(Repeat repeat, Clock::time_point now, Clock::time_point deadline);

  [[nodiscard]] Clock::time_point next() const noexcept { return next_; }
  /// \returns whether it is time; then the request is to be sent.
  bool is_due(Clock::time_point now) noexcept;
  /// The request was sent more than once.
  [[nodiscard]] bool has_begun() const noexcept { return begun_; }

private:
  Clock::duration interval_;
  Clock::time_point next_;
  bool begun_ = false;
};

} // namespace actors::registry
