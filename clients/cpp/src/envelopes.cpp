#include "clients/cpp/src/envelopes.hpp"

#include "actors/registry/errors.hpp"
#include "registry_core/protocol/actor_envelope.hpp"

namespace actors::registry {

namespace {

std::string_view without_space(std::string_view text) {
  constexpr const char* space = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

} // namespace

std::string envelope_text(const Envelope& envelope) {
  const std::string_view message = without_space(envelope.message);
  std::string text = protocol::encode_envelope(
      {envelope.sender_actor, envelope.sender_endpoint, envelope.receiver, envelope.message_type}, message);
  // One that its receiver would drop is a mistake to be seen here. What reads back as it was written is
  // sound.
  protocol::ActorEnvelopeReader reader;
  if (!reader.read(text) || reader.message() != message || message.empty() || envelope.message_type.empty()) {
    throw RegistryError("message '" + envelope.message_type + "' to actor '" + envelope.receiver +
                        "': expected a type and one JSON object in UTF-8");
  }
  return text;
}

std::optional<Envelope> parse_envelope(std::string_view text) {
  protocol::ActorEnvelopeReader reader;
  if (!reader.read(text) || reader.receiver().empty() || reader.message_type().empty() ||
      reader.message().empty())
    return std::nullopt;
  return Envelope{std::string(reader.sender_actor()), std::string(reader.sender_endpoint()),
                  std::string(reader.receiver()), std::string(reader.message_type()),
                  std::string(reader.message())};
}

} // namespace actors::registry
