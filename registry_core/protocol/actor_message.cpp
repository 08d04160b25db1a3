#include "registry_core/protocol/actor_message.hpp"

#include "registry_core/protocol/field_text.hpp"
#include "registry_core/protocol/json_writer.hpp"

namespace protocol {

ActorMessageReader::Kind ActorMessageReader::reject(std::string why) {
  why_ = std::move(why);
  return Kind::rejected;
}

ActorMessageReader::Kind ActorMessageReader::read(std::string_view body) {
  const bool is_envelope = envelope_.read(body) && (envelope_.has_receiver() || envelope_.has_message());
  if (!is_envelope) {
    request_ = &decoder_.decode(body);
    return Kind::plain;
  }
  if (envelope_.receiver() != registry_actor)
    return reject("receiver: no actor '" + excerpt(envelope_.receiver()) + "' here");
  if (envelope_.message_type().empty()) return reject("message_type: expected the name of a request");
  if (envelope_.message().empty()) return reject("message: expected an object with the request's fields");
  request_ = &decoder_.decode(envelope_.message(), envelope_.message_type());
  const auto* const refusal = std::get_if<Refusal>(request_);
  if (refusal && refusal->code == ErrorCode::unknown_type) return reject(refusal->error);
  return Kind::envelope;
}

std::string encode_actor_reply(std::string_view receiver, std::string_view own_endpoint,
                               std::string_view message_type, std::string_view reply_object) {
  return encode_envelope({registry_actor, own_endpoint, receiver, message_type}, reply_object);
}

std::string encode_reject(std::string_view receiver, std::string_view own_endpoint,
                          std::string_view message_type, std::string_view reason) {
  std::string text;
  ObjectWriter message(text);
  message.member("message_type", message_type);
  message.member("reason", reason);
  message.member("rejected_by", registry_actor);
  message.close();
  return encode_envelope({registry_actor, own_endpoint, receiver, "Reject"}, text);
}

} // namespace protocol
