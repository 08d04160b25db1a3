#include "actors/registry/RegistryClient.hpp"

#include "clients/cpp/src/client_state.hpp"
#include "clients/cpp/src/lookups.hpp"
#include "clients/cpp/src/request_texts.hpp"

namespace actors::registry {

namespace {

constexpr std::chrono::milliseconds longest_farewell(1000);

} // namespace

RegistryClient::RegistryClient(std::string manager_id, const std::string& registry_endpoint,
                               std::chrono::milliseconds timeout, CurveKeys keys)
    : RegistryClient(std::move(manager_id), std::vector<std::string>{registry_endpoint}, timeout,
                     std::move(keys)) {}

RegistryClient::RegistryClient(std::string manager_id, std::vector<std::string> registry_endpoints,
                               std::chrono::milliseconds timeout, CurveKeys keys)
    : state_(left_to_parent(
          new State(std::move(manager_id), std::move(registry_endpoints), timeout, std::move(keys)))) {}

RegistryClient::~RegistryClient() {
  if (state_->making_process.is_forked_child()) return;
  state_->end_heartbeats();
  state_->notices.end();
  if (!state_->spoken) return;
  state_->say_goodbye(false, Clock::now() + std::min(state_->timeout, longest_farewell));
}

RegistryClient::State& RegistryClient::own_state() const {
  state_->making_process.check("client");
  return *state_;
}

void RegistryClient::speak_for(std::int64_t pid) {
  ProcessInfo process = own_process();
  process.pid = pid;
  process.language.reset();
  process.version.reset();
  own_state().process = process_json(process);
}

void RegistryClient::start_heartbeat() {
  own_state().start_heartbeat();
}

void RegistryClient::stop_heartbeat() {
  if (state_->making_process.is_forked_child()) return; // there are none
  state_->stop_heartbeat();
}

void RegistryClient::set_heartbeat_interval(std::chrono::milliseconds interval) {
  State& state = own_state();
  const std::scoped_lock lock(state.heartbeats_mutex);
  state.heartbeat_interval = std::max(interval, std::chrono::milliseconds(1));
}

bool RegistryClient::goodbye(bool forget) {
  State& state = own_state();
  const auto deadline = state.deadline();
  state.stop_heartbeat();
  return state.say_goodbye(forget, deadline);
}

void RegistryClient::on_notice(std::function<void(const Notice&)> notice) {
  own_state().notices.on_notice(std::move(notice));
}

void RegistryClient::on_superseded(std::function<void()> superseded) {
  own_state().notices.on_superseded(std::move(superseded));
}

void RegistryClient::on_lost(std::function<void(const std::string&)> lost) {
  own_state().notices.on_lost(std::move(lost));
}

void RegistryClient::register_actor(const std::string& actor_name, const std::string& actor_endpoint) {
  State& state = own_state();
  const auto deadline = state.deadline();
  const auto lock = state.lock_registrations(deadline);
  state.register_one(actor_name, actor_endpoint, deadline);
}

std::vector<RegistrationResult> RegistryClient::register_actors(const std::vector<ActorAddress>& actors) {
  return own_state().register_many(actors);
}

void RegistryClient::unregister_actor(const std::string& actor_name) {
  State& state = own_state();
  const auto deadline = state.deadline();
  const auto lock = state.lock_registrations(deadline);
  state.names.given_up(actor_name);
  state.call({{"message_type", "UnregisterActor"},
              {"actor_name", actor_name},
              {"manager_id", state.manager_id},
              {"instance", state.instance}},
             "RegistrationOk", deadline);
}

std::string RegistryClient::lookup(const std::string& actor_name) {
  auto [endpoint, online] = lookup_allow_offline(actor_name);
  if (!online) throw ActorOfflineError(actor_name);
  return endpoint;
}

std::pair<std::string, bool> RegistryClient::lookup_allow_offline(const std::string& actor_name) {
  State& state = own_state();
  auto [endpoint, online] = state.ask(lookup_text(actor_name), "LookupResult", state.deadline(),
                                      [](const ReplyText& reply) { return reply.lookup_result(); });
  if (!endpoint) throw ActorNotFoundError(actor_name);
  return {std::move(*endpoint), online};
}

std::vector<FoundActor> RegistryClient::lookup_many(const std::vector<std::string>& actor_names) {
  State& state = own_state();
  const auto deadline = state.deadline();
  return state.reading([&] {
    return look_up_many(actor_names, [&](std::string request) {
      return state.ask(std::move(request), "LookupResults", deadline, whole);
    });
  });
}

} // namespace actors::registry
