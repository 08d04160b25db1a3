#include "clients/cpp/src/client_state.hpp"

namespace actors::registry {

Json RegistryClient::State::call(const Json& request, std::string_view reply_type,
                                 Clock::time_point deadline) {
  return ask(request_text(request), reply_type, deadline, whole);
}

RegistryClient::State::Lock RegistryClient::State::lock_calls(Clock::time_point deadline) {
  Lock lock(call_mutex, deadline);
  if (!lock) throw TimeoutError(no_answer(connection.endpoints(), timeout) + ": other calls wait for it");
  return lock;
}

void RegistryClient::State::refuse(const ReplyText& reply) {
  try {
    throw_refusal(whole(reply), connection.good_endpoint());
  } catch (const Json::exception& error) {
    throw malformed(error);
  }
}

RegistryClient::State::Lock RegistryClient::State::lock_registrations(Clock::time_point deadline) {
  Lock lock(registration_mutex, deadline);
  if (!lock)
    throw TimeoutError(no_answer(connection.endpoints(), timeout) + ": other registrations wait for it");
  return lock;
}

void RegistryClient::State::start_heartbeat() {
  const std::scoped_lock lock(heartbeats_mutex);
  if (heartbeats) return;
  spoken = true;
  const auto self = shared_from_this();
  heartbeats = Heartbeats::start(connection.endpoints(), connection.keys(), heartbeat_interval,
                                 {
                                     [self] {
                                       self->names.heartbeat_sent();
                                       return self->heartbeat();
                                     },
                                     [self](const Json& ack) { self->acknowledged(ack); },
                                     [self](const auto& ask) { return self->repair(ask); },
                                     [self](const Notice& notice) { self->notices.say(notice); },
                                 });
}

void RegistryClient::State::stop_heartbeat() {
  std::unique_lock lock(heartbeats_mutex);
  // The thread can't wait for itself.
  if (heartbeats && heartbeats->is_own_thread())
    throw RegistryError("heartbeats can't be stopped from within a notice");
  lock.unlock();
  end_heartbeats();
}

void RegistryClient::State::end_heartbeats() {
  std::unique_lock lock(heartbeats_mutex);
  const auto ending = heartbeats;
  if (!ending) return;
  lock.unlock(); // a notice may want it, and the thread ends after that
  ending->end();
  lock.lock();
  if (heartbeats == ending) heartbeats.reset();
}

bool RegistryClient::State::say_goodbye(bool forget, Clock::time_point deadline) {
  spoken = false;
  try {
    Json request = {
        {"message_type", "UnregisterManager"}, {"manager_id", manager_id}, {"instance", instance}};
    if (forget) request["forget"] = true;
    const auto lock = lock_registrations(deadline);
    call(request, "ManagerUnregistered", deadline);
    if (forget) names.forgotten();
    return true;
  } catch (const std::exception&) { // it will notice the silence
    return false;
  }
}

Json RegistryClient::State::heartbeat() const {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {{"message_type", "Heartbeat"},
          {"manager_id", manager_id},
          {"timestamp_ms", std::chrono::duration_cast<std::chrono::milliseconds>(now).count()},
          {"instance", instance},
          {"process", process}};
}

void RegistryClient::State::acknowledged(const Json& ack) {
  for (const Notice& notice : names.heartbeat_acknowledged(ack))
    notices.say(notice);
}

} // namespace actors::registry
