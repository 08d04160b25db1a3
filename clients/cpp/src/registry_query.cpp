#include "actors/registry/RegistryQuery.hpp"

#include "clients/cpp/src/connection.hpp"
#include "clients/cpp/src/replies.hpp"

namespace actors::registry {

struct RegistryQuery::State {
  Connection connection;
  std::chrono::milliseconds timeout;

  Json ask(Json request, const char* reply_type, Clock::time_point deadline) {
    Json reply = connection.call(std::move(request), deadline, timeout);
    return expect_reply(std::move(reply), reply_type, connection.good_endpoint());
  }
  [[nodiscard]] Clock::time_point deadline() const { return Clock::now() + timeout; }

  /// Every page of a list, within one timeout.
  template<typename Entry>
  std::vector<Entry> list(Json request, const char* reply_type, const char* member,
                          Entry (*read)(const Json&)) {
    const auto until = deadline();
    std::vector<Entry> entries;
    for (bool more = true; more;) {
      const Json page = ask(request, reply_type, until);
      for (const Json& entry : page.at(member))
        entries.push_back(read(entry));
      more = page.contains("next") && !page["next"].is_null();
      if (more) request["after"] = page["next"];
    }
    return entries;
  }

  /// A reply that lacks what it must have is the registry's fault, and is said like its other ones.
  template<typename Call>
  auto checked(Call call) {
    try {
      return call();
    } catch (const Json::exception& error) {
      throw RegistryError("registry " + connection.good_endpoint() + ": malformed reply: " + error.what());
    }
  }
};

RegistryQuery::RegistryQuery(std::vector<std::string> endpoints, std::chrono::milliseconds timeout)
    : state_(new State{Connection(std::move(endpoints)), timeout}) {}
RegistryQuery::RegistryQuery(RegistryQuery&&) noexcept = default;
RegistryQuery& RegistryQuery::operator=(RegistryQuery&&) noexcept = default;
RegistryQuery::~RegistryQuery() = default;

std::string RegistryQuery::lookup(const std::string& actor_name) {
  auto [endpoint, online] = lookup_allow_offline(actor_name);
  if (!online) throw ActorOfflineError(actor_name);
  return endpoint;
}

std::pair<std::string, bool> RegistryQuery::lookup_allow_offline(const std::string& actor_name) {
  return state_->checked([&]() -> std::pair<std::string, bool> {
    const Json reply = state_->ask({{"message_type", "LookupActor"}, {"actor_name", actor_name}},
                                   "LookupResult", state_->deadline());
    const auto [endpoint, online] = lookup_result(reply);
    if (!endpoint) throw ActorNotFoundError(actor_name);
    return {*endpoint, online};
  });
}

std::vector<ActorEntry> RegistryQuery::list_actors(const std::string& pattern) {
  return state_->checked([&] {
    return state_->list({{"message_type", "ListActors"}, {"pattern", pattern}}, "ActorList", "actors",
                        actor_entry);
  });
}

std::vector<ManagerEntry> RegistryQuery::list_managers(const std::string& pattern) {
  return state_->checked([&] {
    return state_->list({{"message_type", "ListManagers"}, {"pattern", pattern}}, "ManagerList", "managers",
                        manager_entry);
  });
}

RegistryStatus RegistryQuery::info() {
  return state_->checked([&] {
    return registry_status(
        state_->ask({{"message_type", "RegistryInfo"}}, "RegistryInfo", state_->deadline()));
  });
}

} // namespace actors::registry
