#pragma once

#include "actors/registry/RegistryClient.hpp"
#include "clients/cpp/src/connection.hpp"
#include "clients/cpp/src/heartbeats.hpp"
#include "clients/cpp/src/making_process.hpp"
#include "clients/cpp/src/names_held.hpp"
#include "clients/cpp/src/notices.hpp"
#include "clients/cpp/src/process_info.hpp"
#include "clients/cpp/src/replies.hpp"

#include <atomic>
#include <mutex>
#include <span>

namespace actors::registry {

/// What the parts of a RegistryClient share. Owned by the client, and by its heartbeats until they have
/// ended.
struct RegistryClient::State : std::enable_shared_from_this<State> {
  using Lock = std::unique_lock<std::timed_mutex>;

  State(std::string id, std::vector<std::string> endpoints, std::chrono::milliseconds time, CurveKeys keys)
      : manager_id(std::move(id)), timeout(time), notices(manager_id),
        connection(std::move(endpoints), std::move(keys)) {}

  const MakingProcess making_process;
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
  std::shared_ptr<Heartbeats> heartbeats; ///< until they have ended
  std::chrono::milliseconds heartbeat_interval = Heartbeats::usual_interval;

  [[nodiscard]] Clock::time_point deadline() const { return Clock::now() + timeout; }

  /// What `read` makes of a reply of that type. \throws as expect_reply does, TimeoutError, what `read`
  /// throws.
  template<typename Read>
  auto ask(std::string request, std::string_view reply_type, Clock::time_point deadline, Read read) {
    const Lock lock = lock_calls(deadline);
    const ReplyText& reply = connection.ask(std::move(request), deadline, timeout);
    if (!reply.is(reply_type)) refuse(reply);
    return read(reply);
  }
  /// The reply itself.
  Json call(const Json& request, std::string_view reply_type, Clock::time_point deadline);
  /// What `read` makes of a reply. \throws RegistryError where it lacks what it must have.
  template<typename Read>
  static auto reading(Read read) {
    try {
      return read();
    } catch (const Json::exception& error) {
      throw malformed(error);
    }
  }
  static RegistryError malformed(const Json::exception& error) {
    return RegistryError(std::string("the registry sent a malformed reply: ") + error.what());
  }

  Lock lock_calls(Clock::time_point deadline);
  /// What a reply of another type than was asked for means.
  [[noreturn]] void refuse(const ReplyText& reply);
  Lock lock_registrations(Clock::time_point deadline);
  void start_heartbeat();
  /// \throws RegistryError on their own thread.
  void stop_heartbeat();
  /// On any thread.
  void end_heartbeats();
  /// Once no heartbeat is sent any more. Throws nothing.
  bool say_goodbye(bool forget, Clock::time_point deadline);

  void register_one(const std::string& name, const std::string& endpoint, Clock::time_point deadline);
  std::vector<RegistrationResult> register_many(const std::vector<ActorAddress>& actors);
  /// \param elements the actors, as a RegisterActors has them.
  std::vector<RegistrationResult> register_batch(std::span<const ActorAddress> actors,
                                                 const std::string& elements, Clock::time_point deadline);
  RegistrationResult register_alone(const ActorAddress& actor, Clock::time_point deadline);

  [[nodiscard]] Json heartbeat() const;
  [[nodiscard]] std::string registration(const std::string& name, const std::string& endpoint) const;
  /// \param elements as a RegisterActors has them.
  [[nodiscard]] std::string registrations(const std::string& elements) const;
  void append_life(std::string& text) const;
  [[nodiscard]] std::string repair_request(const std::vector<ActorAddress>& actors) const;
  void acknowledged(const Json& ack);
  bool repair(const Heartbeats::Ask& ask);
};

} // namespace actors::registry
