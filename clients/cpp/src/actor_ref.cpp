#include "actors/registry/ActorRef.hpp"

#include "clients/cpp/src/envelopes.hpp"

namespace actors::registry {

bool ActorRef::send(const Message& message, const Actor* sender) const {
  return sender_.send(endpoint_, envelope_text({sender ? sender->name() : std::string(),
                                                sender ? sender->endpoint() : std::string(), name_,
                                                message.message_type(), message.json()}));
}

} // namespace actors::registry
