#pragma once

#include "registry_core/protocol/json_reader.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace actors::registry {

/// A reply as it has arrived, and those of its members that decide whose it is. One object serves one reply
/// after the other, and allocates little for each.
class ReplyText {
public:
  /// \returns false where it is no JSON object (RFC 8259, no key twice).
  bool read(std::string text);

  /// Whether it is the reply to the request with this id, if that is the only one under way: what is too
  /// large to be read is refused without an id.
  [[nodiscard]] bool answers(std::uint64_t id) const;
  [[nodiscard]] bool has_id() const noexcept { return request_id_.kind != Event::end; }
  [[nodiscard]] bool is(std::string_view message_type) const;
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

  /// Endpoint, none where the name is not registered, and whether it is online, of a LookupResult. \throws
  /// RegistryError where it lacks what it must have.
  [[nodiscard]] std::pair<std::optional<std::string>, bool> lookup_result() const;

private:
  using Event = protocol::JsonReader::Event;
  struct Member {
    Event kind = Event::end; ///< `end`: absent
    std::string_view text;
    bool boolean = false;
  };
  /// The member of that name; null where nobody asks for it.
  Member* member(std::string_view name);
  void read_value(Event event, Member*& member);

  std::string text_;
  protocol::JsonReader reader_;
  Member message_type_, request_id_, endpoint_, online_;
};

} // namespace actors::registry
