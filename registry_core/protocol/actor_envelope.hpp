#pragma once

#include "registry_core/protocol/json_reader.hpp"

#include <array>
#include <string>
#include <string_view>

/// What actors send each other: `{sender_actor, sender_endpoint, receiver, message_type, message}`
/// (docs/protocol.md, "As an actor").
namespace protocol {

class ActorEnvelopeReader {
public:
  /// \returns false where it is no JSON object. Views below are good as long as the body, and until the next
  /// call.
  bool read(std::string_view body);

  // Empty where it lacks them, or they are no texts.
  [[nodiscard]] std::string_view sender_actor() const noexcept { return fields_[sender_actor_field]; }
  [[nodiscard]] std::string_view sender_endpoint() const noexcept { return fields_[sender_endpoint_field]; }
  [[nodiscard]] std::string_view receiver() const noexcept { return fields_[receiver_field]; }
  [[nodiscard]] std::string_view message_type() const noexcept { return fields_[message_type_field]; }
  /// The object as it stands in the body; empty where there is none.
  [[nodiscard]] std::string_view message() const noexcept { return message_; }

  /// Whether it has the member, whatever its value.
  [[nodiscard]] bool has_receiver() const noexcept { return seen_[receiver_field]; }
  [[nodiscard]] bool has_message() const noexcept { return seen_[message_field]; }

private:
  enum Field : std::uint8_t {
    sender_actor_field,
    sender_endpoint_field,
    receiver_field,
    message_type_field,
    text_fields,
    message_field = text_fields,
    field_count,
  };

  JsonReader reader_;
  std::array<std::string_view, text_fields> fields_;
  std::array<bool, field_count> seen_{};
  std::string_view message_;
};

/// All but the message itself. Well-formed UTF-8.
struct ActorEnvelope {
  std::string_view sender_actor, sender_endpoint, receiver, message_type;
};

/// \param message a JSON object.
std::string encode_envelope(const ActorEnvelope& envelope, std::string_view message);

} // namespace protocol
