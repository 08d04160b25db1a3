#pragma once

#include "actors/registry/RegistryClient.hpp"
#include "clients/cpp/src/connection.hpp"
#include "clients/cpp/src/heartbeats.hpp"
#include "clients/cpp/src/names_held.hpp"
#include "clients/cpp/src/notices.hpp"
#include "clients/cpp/src/process_info.hpp"
#include "clients/cpp/src/replies.hpp"

#include <atomic>
#include <mutex>

namespace actors::registry {

/// What the parts of a RegistryClient share.
struct RegistryClient::State {
  using Lock = std::unique_lock<std::timed_mutex>;

  State(std::string id, std::vector<std::string> endpoints, std::chrono::milliseconds time)
      : manager_id(std::move(id)), timeout(time), notices(manager_id), connection(std::move(endpoints)) {}

  const std::string manager_id;
  const std::chrono::milliseconds timeout;
  const std::string instance = random_instance();
  Json process = process_json(own_process()); ///< changes before the first message, if at all
  Notices notices;
  /// The manager was registered or heard by this client, and has said no goodbye since.
  std::atomic<bool> spoken = false;

  std::timed_mutex call_mutex; ///< for connection
  Connection connection;
  /// Held from the decision to register or unregister a name until it is answered, so that a name which is
  /// being given up is not registered again meanwhile. Taken before call_mutex.
  std::timed_mutex registration_mutex;
  NamesHeld names;
  std::atomic<bool> batches = true; ///< the registry knows RegisterActors

  std::mutex heartbeats_mutex;
  std::unique_ptr<Heartbeats> heartbeats;
  std::chrono::milliseconds heartbeat_interval = Heartbeats::usual_interval;

  [[nodiscard]] Clock::time_point deadline() const { return Clock::now() + timeout; }

  /// The reply, which is one of that type, or an Error `unknown_type` where that is asked for. \throws as
  /// expect_reply does, TimeoutError.
  Json call(Json request, const char* reply_type, Clock::time_point deadline);
  /// What `read` makes of a reply. \throws RegistryError where it lacks what it must have.
  template<typename Read>
  auto reading(Read read) {
    try {
      return read();
    } catch (const Json::exception& error) {
      throw RegistryError(std::string("the registry sent a malformed reply: ") + error.what());
    }
  }

  Lock lock_registrations(Clock::time_point deadline);
  void start_heartbeat();
  void stop_heartbeat();
  bool say_goodbye(bool forget, Clock::time_point deadline);

  void register_one(const std::string& name, const std::string& endpoint, Clock::time_point deadline);
  std::vector<RegistrationResult> register_many(const std::vector<ActorAddress>& actors);
  std::vector<RegistrationResult> register_batch(const Json& actors, Clock::time_point deadline);
  RegistrationResult register_alone(const Json& actor, Clock::time_point deadline);

  [[nodiscard]] Json heartbeat() const;
  [[nodiscard]] Json registration(const Json& name, const Json& endpoint) const;
  [[nodiscard]] Json registrations(const Json& actors) const;
  [[nodiscard]] Json repair_request(const Json& actors) const;
  void acknowledged(const Json& ack);
  bool repair(const std::function<std::optional<Json>(Json)>& ask);
};

} // namespace actors::registry
