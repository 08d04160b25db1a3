#include "actors/registry/RegistryQuery.hpp"

#include "clients/cpp/src/connection.hpp"
#include "clients/cpp/src/lookups.hpp"
#include "clients/cpp/src/making_process.hpp"
#include "clients/cpp/src/replies.hpp"

namespace actors::registry {

struct RegistryQuery::State {
  Connection connection;
  std::chrono::milliseconds timeout;

  Json ask(const Json& request, const char* reply_type, Clock::time_point deadline,
           Repeat repeat = Repeat::yes) {
    return ask_text(request_text(request), reply_type, deadline, repeat);
  }
  Json ask_text(std::string request, const char* reply_type, Clock::time_point deadline,
                Repeat repeat = Repeat::yes) {
    Json reply = whole(connection.ask(std::move(request), deadline, timeout, repeat));
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

RegistryQuery::RegistryQuery(std::vector<std::string> endpoints, std::chrono::milliseconds timeout,
                             CurveKeys keys)
    : state_(left_to_parent(new State{Connection(std::move(endpoints), std::move(keys)), timeout})) {}
RegistryQuery::RegistryQuery(RegistryQuery&&) noexcept = default;
RegistryQuery& RegistryQuery::operator=(RegistryQuery&&) noexcept = default;
RegistryQuery::~RegistryQuery() = default;

void RegistryQuery::cancel_when(std::function<bool()> cancelled) {
  state_->connection.cancel_when(std::move(cancelled));
}

std::string RegistryQuery::lookup(const std::string& actor_name) {
  auto [endpoint, online] = lookup_allow_offline(actor_name);
  if (!online) throw ActorOfflineError(actor_name);
  return endpoint;
}

std::pair<std::string, bool> RegistryQuery::lookup_allow_offline(const std::string& actor_name) {
  const FoundActor found = find(actor_name);
  if (!found.endpoint) throw ActorNotFoundError(actor_name);
  return {*found.endpoint, found.online};
}

FoundActor RegistryQuery::find(const std::string& actor_name) {
  return state_->checked([&] {
    return found_actor(state_->ask({{"message_type", "LookupActor"}, {"actor_name", actor_name}},
                                   "LookupResult", state_->deadline()));
  });
}

std::vector<FoundActor> RegistryQuery::lookup_many(const std::vector<std::string>& actor_names) {
  return state_->checked([&] {
    const auto until = state_->deadline();
    return look_up_many(actor_names, [&](std::string request) {
      return state_->ask_text(std::move(request), "LookupResults", until);
    });
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

StoredActor RegistryQuery::register_actor(const std::string& actor_name, const std::string& endpoint,
                                          const std::string& manager_id) {
  return state_->checked([&] {
    const Json ok = state_->ask({{"message_type", "RegisterActor"},
                                 {"manager_id", manager_id},
                                 {"actor_name", actor_name},
                                 {"actor_endpoint", endpoint}},
                                "RegistrationOk", state_->deadline());
    return StoredActor{ok.value("actor_endpoint", endpoint), ok.value("local_only", false)};
  });
}

void RegistryQuery::unregister_actor(const std::string& actor_name, const std::string& manager_id) {
  state_->checked([&] {
    Json request = {{"message_type", "UnregisterActor"}, {"actor_name", actor_name}};
    if (!manager_id.empty()) request["manager_id"] = manager_id;
    return state_->ask(request, "RegistrationOk", state_->deadline(), Repeat::no);
  });
}

std::uint64_t RegistryQuery::say_goodbye(const std::string& manager_id, bool forget) {
  return state_->checked([&] {
    const Json reply =
        state_->ask({{"message_type", "UnregisterManager"}, {"manager_id", manager_id}, {"forget", forget}},
                    "ManagerUnregistered", state_->deadline(), Repeat::no);
    return reply.at("actors").get<std::uint64_t>();
  });
}

double RegistryQuery::expect_offline(const std::string& manager_id, double seconds,
                                     const std::string& reason) {
  return state_->checked([&] {
    Json request = {{"message_type", "ExpectOffline"}, {"manager_id", manager_id}, {"seconds", seconds}};
    if (!reason.empty()) request["reason"] = reason;
    return state_->ask(request, "Expected", state_->deadline()).at("seconds").get<double>();
  });
}

} // namespace actors::registry
