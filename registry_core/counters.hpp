#pragma once

#include "registry_core/protocol/messages.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace registry_core {

/// What was asked and answered since the start.
class Counters {
public:
  void count_request(const protocol::Request& request) noexcept { ++requests_[request.index()]; }
  /// Counts refusals of any kind by their code; of a batch, each by itself.
  void count_reply(const protocol::Reply& reply) noexcept;
  void count_dropped_reply() noexcept { ++dropped_replies_; }
  void count_stall() noexcept { ++stalls_; }

  /// `request.TYPE`, `error.CODE`, `dropped_replies`, `stalls`; names live as long as the program.
  [[nodiscard]] std::vector<protocol::Count> list() const;

private:
  std::array<std::uint64_t, std::variant_size_v<protocol::Request>> requests_{};
  std::array<std::uint64_t, protocol::error_codes> errors_{};
  std::uint64_t dropped_replies_ = 0;
  std::uint64_t stalls_ = 0;
};

} // namespace registry_core
