// Does what it is told line by line with the C++ client (README.md, "A driver").

#include "actors/registry/RegistryClient.hpp"

#include <cstdio>
#include <exception>
#include <functional>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace {

using namespace actors::registry;
using Json = nlohmann::json;
using std::chrono::milliseconds;

std::mutex output_mutex;

void write_line(const Json& json) {
  const std::scoped_lock lock(output_mutex);
  std::puts(json.dump().c_str());
  std::fflush(stdout);
}

void write_notice(const Notice& notice) {
  using Kind = Notice::Kind;
  switch (notice.kind) {
  case Kind::silent: return write_line({{"notice", "silent"}, {"text", notice.text}});
  case Kind::reconnected: return write_line({{"notice", "reconnected"}});
  case Kind::registered_again: return write_line({{"notice", "registered_again"}, {"actors", notice.actors}});
  case Kind::superseded: return write_line({{"notice", "superseded"}});
  case Kind::lost: return write_line({{"notice", "lost"}, {"actor_name", notice.actor_name}});
  case Kind::trouble: std::fprintf(stderr, "%s\n", notice.text.c_str());
  }
}

/// What `call` gives, or the class of what it throws.
Json result_of(const std::function<Json()>& call) {
  try {
    return call();
  } catch (const ActorNotFoundError& error) {
    return {{"error", "not_found"}, {"actor_name", error.actor_name()}};
  } catch (const ActorOfflineError& error) {
    return {{"error", "offline"}, {"actor_name", error.actor_name()}};
  } catch (const TimeoutError&) {
    return {{"error", "timeout"}};
  } catch (const RegistrationFailedError& error) {
    return {{"error", "registration_failed"},
            {"actor_name", error.actor_name()},
            {"reason", error.reason()},
            {"code", error.code()}};
  } catch (const KeyNotAcceptedError&) {
    return {{"error", "key_not_accepted"}};
  } catch (const HandshakeFailedError&) {
    return {{"error", "handshake_failed"}};
  } catch (const NotAuthorizedError&) {
    return {{"error", "not_authorized"}};
  } catch (const UnusableKeyError&) {
    return {{"error", "unusable_key"}};
  } catch (const RegistryError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    Json result = {{"error", "error"}};
    if (!error.code().empty()) result["code"] = error.code();
    return result;
  }
}

CurveKeys keys_of(const Json& command) {
  if (!command.contains("server_key") && !command.contains("key_file")) return CurveKeys::from_environment();
  return CurveKeys(command.value("server_key", ""), command.value("key_file", ""));
}

class Driver {
public:
  /// \throws std::out_of_range for a command that it does not know.
  Json run(const Json& command) {
    const auto& call = commands_.at(command.at("do").get<std::string>());
    return result_of([&] { return call(command); });
  }

private:
  static constexpr auto done = [] { return Json{{"ok", true}}; };

  Json open(const Json& command) {
    client_ = std::make_unique<RegistryClient>(
        command.at("manager"), command.at("endpoints").get<std::vector<std::string>>(),
        milliseconds(command.value("timeout_ms", 5000)), keys_of(command));
    client_->on_notice(write_notice);
    client_->set_heartbeat_interval(milliseconds(command.value("heartbeat_interval_ms", 2000)));
    return done();
  }

  Json register_many(const Json& command) {
    std::vector<ActorAddress> actors;
    for (const Json& actor : command.at("actors"))
      actors.push_back({actor.at("actor_name"), actor.at("actor_endpoint")});
    Json results = Json::array();
    for (const RegistrationResult& result : client_->register_actors(actors)) {
      results.push_back({{"actor_name", result.actor_name}, {"ok", result.ok}});
      if (!result.ok) results.back()["code"] = result.code;
    }
    return {{"results", results}};
  }

  Json lookup(const std::string& name) { return {{"endpoint", client_->lookup(name)}}; }

  Json lookup_many(const Json& command) {
    Json results = Json::array();
    for (const FoundActor& found :
         client_->lookup_many(command.at("actor_names").get<std::vector<std::string>>())) {
      results.push_back({{"actor_name", found.actor_name}, {"endpoint", nullptr}, {"online", found.online}});
      if (found.endpoint) results.back()["endpoint"] = *found.endpoint;
    }
    return {{"results", results}};
  }

  Json lookup_concurrently(const Json& command) {
    std::vector<std::future<Json>> lookups;
    for (const std::string name : command.at("actor_names")) {
      lookups.push_back(
          std::async(std::launch::async, [this, name] { return result_of([&] { return lookup(name); }); }));
    }
    Json results = Json::array();
    for (auto& one : lookups)
      results.push_back(one.get());
    return {{"results", results}};
  }

  Json close(const Json& command) {
    const bool confirmed = client_->goodbye(command.value("forget", false));
    client_.reset();
    return {{"confirmed", confirmed}};
  }

  std::unique_ptr<RegistryClient> client_;
  const std::map<std::string, std::function<Json(const Json&)>> commands_ = {
      {"open", [this](const Json& command) { return open(command); }},
      {"start_heartbeat", [this](const Json&) { return client_->start_heartbeat(), done(); }},
      {"stop_heartbeat", [this](const Json&) { return client_->stop_heartbeat(), done(); }},
      {"register",
       [this](const Json& command) {
         return client_->register_actor(command.at("actor_name"), command.at("actor_endpoint")), done();
       }},
      {"register_many", [this](const Json& command) { return register_many(command); }},
      {"unregister",
       [this](const Json& command) { return client_->unregister_actor(command.at("actor_name")), done(); }},
      {"lookup", [this](const Json& command) { return lookup(command.at("actor_name")); }},
      {"lookup_allow_offline",
       [this](const Json& command) -> Json {
         const auto [endpoint, online] = client_->lookup_allow_offline(command.at("actor_name"));
         return {{"endpoint", endpoint}, {"online", online}};
       }},
      {"lookup_many", [this](const Json& command) { return lookup_many(command); }},
      {"lookup_concurrently", [this](const Json& command) { return lookup_concurrently(command); }},
      {"close", [this](const Json& command) { return close(command); }},
  };
};

} // namespace

int main() {
  try {
    Driver driver;
    for (std::string line; std::getline(std::cin, line);)
      write_line(driver.run(Json::parse(line)));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cpp_driver: %s\n", error.what());
    return 2;
  }
}
