#include "clients/cpp/src/lookups.hpp"

#include "actors/registry/errors.hpp"
#include "clients/cpp/src/batches.hpp"
#include "clients/cpp/src/replies.hpp"
#include "clients/cpp/src/request_texts.hpp"

namespace actors::registry {

namespace {

std::string text_of(const std::string& name) {
  std::string text;
  append_text(text, name);
  return text;
}

} // namespace

std::vector<FoundActor> look_up_many(const std::vector<std::string>& actor_names,
                                     const std::function<Json(std::string)>& ask) {
  std::vector<FoundActor> found;
  while (found.size() < actor_names.size()) {
    Batch names(most_names_looked_up);
    for (std::size_t i = found.size(); i < actor_names.size() && names.add(text_of(actor_names[i])); ++i) {
    }
    const Json reply = ask(R"({"message_type":"LookupActors","actor_names":[)" + names.elements() + "]}");
    const Json& results = reply.at("results");
    if (results.size() != names.size())
      throw RegistryError("the registry answered for other names than were asked");
    for (const Json& one : results)
      found.push_back(found_actor(one));
  }
  return found;
}

} // namespace actors::registry
