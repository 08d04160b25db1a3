#pragma once

#include "registry_core/protocol/messages.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace registry_core {

/// Why somebody was turned away before anything of his was read.
enum class Refusals : std::uint8_t { key, address, connections, handshake, messages };
inline constexpr std::size_t refusal_kinds = 5;

/// What was asked and answered since the start.
class Counters {
public:
  void count_request(const protocol::Request& request) noexcept { ++requests_[request.index()]; }
  /// Counts refusals of any kind by their code; of a batch, each by itself.
  void count_reply(const protocol::Reply& reply) noexcept;
  void count_dropped_reply() noexcept { ++dropped_replies_; }
  void count_stall() noexcept { ++stalls_; }
  void count_refused(Refusals why) noexcept { ++refused_.at(static_cast<std::size_t>(why)); }

  /// `request.TYPE`, `error.CODE`, `refused.WHY`, `dropped_replies`, `stalls`; names live as long as the
  /// program.
  [[nodiscard]] std::vector<protocol::Count> list() const;

private:
  std::array<std::uint64_t, std::variant_size_v<protocol::Request>> requests_{};
  std::array<std::uint64_t, protocol::error_codes> errors_{};
  std::array<std::uint64_t, refusal_kinds> refused_{};
  std::uint64_t dropped_replies_ = 0;
  std::uint64_t stalls_ = 0;
};

} // namespace registry_core
