#pragma once

#include "registry_core/protocol/actor_envelope.hpp"
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
  [[nodiscard]] std::string_view sender_actor() const noexcept { return envelope_.sender_actor(); }
  [[nodiscard]] std::string_view sender_endpoint() const noexcept { return envelope_.sender_endpoint(); }
  [[nodiscard]] std::string_view message_type() const noexcept { return envelope_.message_type(); }

private:
  Kind reject(std::string why);

  ActorEnvelopeReader envelope_;
  Decoder decoder_;
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
