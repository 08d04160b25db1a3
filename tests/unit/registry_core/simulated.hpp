#pragma once

#include "registry_core/event_text.hpp"
#include "registry_core/registry.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

/// A registry with time of the test's own: the peers' side in a few words.
struct Simulated {
  explicit Simulated(registry_core::RegistryOptions options = {})
      : registry([&] {
          options.epoch = "e1";
          options.run = "r1";
          return options;
        }()) {}

  using Text = std::optional<std::string_view>;

  protocol::Reply send(const protocol::Request& request) {
    return registry.handle(request, {address, time()});
  }
  protocol::Reply add(std::string_view manager, std::string_view actor, Text instance = {},
                      std::string_view endpoint = "tcp://h:1") {
    return send(protocol::RegisterActor{manager, actor, endpoint, instance, {}});
  }
  protocol::Reply remove(std::string_view actor, Text manager = {}, Text instance = {}) {
    return send(protocol::UnregisterActor{actor, manager, instance});
  }
  protocol::HeartbeatAck beat(std::string_view manager, Text instance = {}) {
    return std::get<protocol::HeartbeatAck>(send(protocol::Heartbeat{manager, instance, {}}));
  }
  protocol::LookupResult look(std::string_view actor) {
    return std::get<protocol::LookupResult>(send(protocol::LookupActor{actor}));
  }
  bool online(std::string_view actor) { return look(actor).online; }
  protocol::ManagerRow manager(std::string_view id) {
    const auto list = std::get<protocol::ManagerList>(send(protocol::ListManagers{}));
    for (const auto& row : list.managers) {
      if (row.manager_id == id) return row;
    }
    FAIL("no such manager");
    return {};
  }

  void pass(double seconds) {
    now += static_cast<registry_core::Nanos>(seconds * registry_core::nanos_per_second);
    monotonic += static_cast<registry_core::Nanos>(seconds * registry_core::nanos_per_second);
  }
  /// The registry itself does not run for so long.
  void stall(double seconds) {
    const auto before = now;
    now += registry_core::LivenessClock::longest_step;
    monotonic += static_cast<registry_core::Nanos>(seconds * registry_core::nanos_per_second);
    registry.grant_timeout(before, now);
  }
  /// Everything that happened, e.g. "online:M registered:M/A".
  std::string events() {
    std::string text;
    for (const auto& event : registry.take_events()) {
      if (!text.empty()) text += " ";
      text += std::string(registry_core::word_of(event.kind)) + ":" + event.manager_id;
      if (!event.actor_name.empty()) text += "/" + event.actor_name;
    }
    return text;
  }
  void expire() {
    registry.expire(time(), SIZE_MAX);
    forget();
  }
  /// Everything that is due, as the server does it.
  void forget() {
    while (const auto plan = registry.forget(time(), SIZE_MAX))
      registry.apply(*plan, {{}, time()});
  }
  [[nodiscard]] registry_core::Now time() const { return {now, monotonic}; }

  registry_core::Registry registry;
  registry_core::Nanos now = 0;
  registry_core::Nanos monotonic = 0;
  std::string_view address = "10.0.0.9";
};

inline bool is_ok(const protocol::Reply& reply) {
  return std::holds_alternative<protocol::RegistrationOk>(reply);
}
inline const protocol::RegistrationFailed& failure(const protocol::Reply& reply) {
  REQUIRE(std::holds_alternative<protocol::RegistrationFailed>(reply));
  return std::get<protocol::RegistrationFailed>(reply);
}
