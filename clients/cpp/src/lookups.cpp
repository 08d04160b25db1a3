#include "clients/cpp/src/lookups.hpp"

#include "actors/registry/errors.hpp"
#include "clients/cpp/src/batches.hpp"
#include "clients/cpp/src/replies.hpp"

namespace actors::registry {

std::vector<FoundActor> look_up_many(const std::vector<std::string>& actor_names,
                                     const std::function<Json(Json)>& ask) {
  std::vector<FoundActor> found;
  while (found.size() < actor_names.size()) {
    Batch names(most_names_looked_up);
    for (std::size_t i = found.size(); i < actor_names.size() && names.add(actor_names[i]); ++i) {
    }
    const std::size_t asked = names.size();
    const Json reply = ask({{"message_type", "LookupActors"}, {"actor_names", std::move(names).take()}});
    const Json& results = reply.at("results");
    if (results.size() != asked) throw RegistryError("the registry answered for other names than were asked");
    for (const Json& one : results)
      found.push_back(found_actor(one));
  }
  return found;
}

} // namespace actors::registry
