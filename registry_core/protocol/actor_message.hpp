#pragma once

#include "registry_core/protocol/decode.hpp"
#include "registry_core/protocol/messages.hpp"

#include <string>
#include <string_view>

/// Requests that come as messages from one actor to another (docs/protocol.md, "As an actor").
namespace protocol {

/// What this registry is called as an actor.
inline constexpr std::string_view registry_actor = "GlobalRegistry";

/// Reads the envelope `{sender_actor, sender_endpoint, receiver, message_type, message}`, with the request's
/// fields in `message`. What has neither a `receiver` nor a `message` is a plain request.
class ActorMessageReader {
public:
  enum class Kind : std::uint8_t {
    plain,    ///< no envelope: the sender expects no reply
    envelope, ///< request() says what is in it
    rejected, ///< an envelope that is for nobody here, or wrong in itself; why() says so
  };
  /// Views below are good as long as the body, and until the next call.
  Kind read(std::string_view body);

  /// Of what is not rejected.
  [[nodiscard]] const Request& request() const noexcept { return *request_; }
  [[nodiscard]] const RequestId& request_id() const noexcept { return decoder_.request_id(); }
  [[nodiscard]] std::string_view why() const noexcept { return why_; }

  // Of an envelope; empty where it lacks them.
  [[nodiscard]] std::string_view sender_actor() const noexcept { return fields_[sender_actor_field]; }
  [[nodiscard]] std::string_view sender_endpoint() const noexcept { return fields_[sender_endpoint_field]; }
  [[nodiscard]] std::string_view message_type() const noexcept { return fields_[message_type_field]; }

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
  /// \returns false where it is no JSON object; the decoder then says why.
  bool read_envelope(std::string_view body);
  Kind reject(std::string why);

  JsonReader reader_;
  Decoder decoder_;
  std::array<std::string_view, text_fields> fields_;
  std::array<bool, field_count> seen_{};
  std::string_view message_; ///< the object as it stands in the body; empty: none
  const Request* request_ = nullptr;
  std::string why_;
};

/// The reply as a message to `receiver`. \param reply_object as encode() writes it.
std::string encode_actor_reply(std::string_view receiver, std::string_view own_endpoint,
                               std::string_view message_type, std::string_view reply_object);

/// "That message is none that I take."
std::string encode_reject(std::string_view receiver, std::string_view own_endpoint,
                          std::string_view message_type, std::string_view reason);

} // namespace protocol
