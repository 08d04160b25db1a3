#include "actors/registry/RegistryClient.hpp"

#include "clients/cpp/src/batches.hpp"
#include "clients/cpp/src/connection.hpp"
#include "clients/cpp/src/heartbeats.hpp"
#include "clients/cpp/src/names_held.hpp"
#include "clients/cpp/src/process_info.hpp"
#include "clients/cpp/src/replies.hpp"

#include <mutex>

namespace actors::registry {

namespace {

using Lock = std::unique_lock<std::timed_mutex>;

} // namespace

struct RegistryClient::State {
  State(std::string id, std::vector<std::string> endpoints, std::chrono::milliseconds time)
      : manager_id(std::move(id)), timeout(time), connection(std::move(endpoints)) {}

  const std::string manager_id;
  const std::chrono::milliseconds timeout;
  const std::string instance = random_instance();
  Json process = process_json(own_process()); ///< changes before the first message, if at all

  std::timed_mutex call_mutex; ///< for connection
  Connection connection;
  /// Held from the decision to register or unregister a name until it is answered, so that a name which is
  /// being given up is not registered again meanwhile. Taken before call_mutex.
  std::timed_mutex registration_mutex;
  NamesHeld names;
  bool batches = true; ///< the registry knows RegisterActors; on the thread of the heartbeats

  std::mutex notice_mutex;
  std::function<void(const std::string&)> notice;
  std::mutex heartbeats_mutex;
  std::unique_ptr<Heartbeats> heartbeats;

  Json call(Json request, const char* reply_type, Clock::time_point deadline);
  std::pair<std::optional<std::string>, bool> look_up(const std::string& actor_name);
  Lock lock_registrations(Clock::time_point deadline);
  void say(const std::string& line);
  [[nodiscard]] Json heartbeat() const;
  [[nodiscard]] Json registration(const std::string& name, const std::string& endpoint) const;
  [[nodiscard]] Json repair_request(const Json& actors) const;
  void acknowledged(const Json& ack);
  bool repair(const std::function<std::optional<Json>(Json)>& ask);
};

Json RegistryClient::State::call(Json request, const char* reply_type, Clock::time_point deadline) {
  const Lock lock(call_mutex, deadline);
  if (!lock) throw TimeoutError(no_answer(connection.endpoints(), timeout) + ": other calls wait for it");
  try {
    Json reply = connection.call(std::move(request), deadline, timeout);
    return expect_reply(std::move(reply), reply_type, connection.good_endpoint());
  } catch (const Json::exception& error) {
    throw RegistryError("registry " + connection.good_endpoint() + ": malformed reply: " + error.what());
  }
}

std::pair<std::optional<std::string>, bool> RegistryClient::State::look_up(const std::string& actor_name) {
  const Json reply = call({{"message_type", "LookupActor"}, {"actor_name", actor_name}}, "LookupResult",
                          Clock::now() + timeout);
  try {
    return lookup_result(reply);
  } catch (const Json::exception& error) {
    throw RegistryError(std::string("the registry sent a malformed reply: ") + error.what());
  }
}

Lock RegistryClient::State::lock_registrations(Clock::time_point deadline) {
  Lock lock(registration_mutex, deadline);
  if (!lock)
    throw TimeoutError(no_answer(connection.endpoints(), timeout) + ": other registrations wait for it");
  return lock;
}

void RegistryClient::State::say(const std::string& line) {
  const std::scoped_lock lock(notice_mutex);
  if (notice) notice(line);
}

Json RegistryClient::State::heartbeat() const {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {{"message_type", "Heartbeat"},
          {"manager_id", manager_id},
          {"timestamp_ms", std::chrono::duration_cast<std::chrono::milliseconds>(now).count()},
          {"instance", instance},
          {"process", process}};
}

Json RegistryClient::State::registration(const std::string& name, const std::string& endpoint) const {
  return {{"message_type", "RegisterActor"}, {"manager_id", manager_id}, {"actor_name", name},
          {"actor_endpoint", endpoint},      {"instance", instance},     {"process", process}};
}

void RegistryClient::State::acknowledged(const Json& ack) {
  for (const std::string& line : names.heartbeat_acknowledged(ack))
    say(line);
}

Json RegistryClient::State::repair_request(const Json& actors) const {
  if (!batches) return registration(actors[0].at("actor_name"), actors[0].at("actor_endpoint"));
  return {{"message_type", "RegisterActors"},
          {"manager_id", manager_id},
          {"actors", actors},
          {"instance", instance},
          {"process", process}};
}

/// Registers again what is to be, as many names at a time as a message holds. \returns whether to come back
/// for more.
bool RegistryClient::State::repair(const std::function<std::optional<Json>(Json)>& ask) {
  while (names.needs_repair()) {
    Lock lock(registration_mutex, std::try_to_lock);
    if (!lock) return true;
    const Json actors = names.next_to_repair(batches ? most_names_registered : 1);
    if (actors.empty()) break;
    const auto reply = ask(repair_request(actors));
    if (!reply) return true;
    if (batches && reply->value("code", "") == "unknown_type") { // an older registry: a name at a time
      batches = false;
      continue;
    }
    const auto repaired = names.repaired(actors, *reply);
    lock.unlock(); // a notice may lead to anything
    for (const std::string& line : repaired.lines)
      say(line);
    if (!repaired.go_on) return false;
  }
  if (const std::size_t count = names.end_repair())
    say("registered again: " + std::to_string(count) + " actors");
  return false;
}

RegistryClient::RegistryClient(std::string manager_id, const std::string& registry_endpoint,
                               std::chrono::milliseconds timeout)
    : RegistryClient(std::move(manager_id), std::vector<std::string>{registry_endpoint}, timeout) {}

RegistryClient::RegistryClient(std::string manager_id, std::vector<std::string> registry_endpoints,
                               std::chrono::milliseconds timeout)
    : state_(std::make_unique<State>(std::move(manager_id), std::move(registry_endpoints), timeout)) {}

RegistryClient::~RegistryClient() {
  stop_heartbeat();
}

void RegistryClient::speak_for(std::int64_t pid) {
  ProcessInfo process = own_process();
  process.pid = pid;
  process.language.reset();
  process.version.reset();
  state_->process = process_json(process);
}

void RegistryClient::start_heartbeat() {
  const std::scoped_lock lock(state_->heartbeats_mutex);
  if (state_->heartbeats) return;
  State& state = *state_;
  state.heartbeats = std::make_unique<Heartbeats>(state.connection.endpoints(),
                                                  Heartbeats::Work{
                                                      [&state] {
                                                        state.names.heartbeat_sent();
                                                        return state.heartbeat();
                                                      },
                                                      [&state](const Json& ack) { state.acknowledged(ack); },
                                                      [&state](const auto& ask) { return state.repair(ask); },
                                                      [&state](const std::string& line) { state.say(line); },
                                                  });
}

void RegistryClient::stop_heartbeat() {
  const std::scoped_lock lock(state_->heartbeats_mutex);
  state_->heartbeats.reset();
}

bool RegistryClient::goodbye() {
  const auto deadline = Clock::now() + state_->timeout;
  stop_heartbeat();
  try {
    state_->call({{"message_type", "UnregisterManager"},
                  {"manager_id", state_->manager_id},
                  {"instance", state_->instance}},
                 "ManagerUnregistered", deadline);
    return true;
  } catch (const RegistryError&) { // it will notice the silence
    return false;
  }
}

void RegistryClient::on_notice(std::function<void(const std::string&)> notice) {
  const std::scoped_lock lock(state_->notice_mutex);
  state_->notice = std::move(notice);
}

void RegistryClient::register_actor(const std::string& actor_name, const std::string& actor_endpoint) {
  const auto deadline = Clock::now() + state_->timeout;
  const Lock lock = state_->lock_registrations(deadline);
  const Json ok = state_->call(state_->registration(actor_name, actor_endpoint), "RegistrationOk", deadline);
  state_->names.registered(actor_name, actor_endpoint, ok);
}

void RegistryClient::unregister_actor(const std::string& actor_name) {
  const auto deadline = Clock::now() + state_->timeout;
  const Lock lock = state_->lock_registrations(deadline);
  state_->names.given_up(actor_name);
  state_->call({{"message_type", "UnregisterActor"},
                {"actor_name", actor_name},
                {"manager_id", state_->manager_id},
                {"instance", state_->instance}},
               "RegistrationOk", deadline);
}

std::string RegistryClient::lookup(const std::string& actor_name) {
  auto [endpoint, online] = lookup_allow_offline(actor_name);
  if (!online) throw ActorOfflineError(actor_name);
  return endpoint;
}

std::pair<std::string, bool> RegistryClient::lookup_allow_offline(const std::string& actor_name) {
  const auto [endpoint, online] = state_->look_up(actor_name);
  if (!endpoint) throw ActorNotFoundError(actor_name);
  return {*endpoint, online};
}

} // namespace actors::registry
