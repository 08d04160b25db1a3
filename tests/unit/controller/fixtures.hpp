#pragma once

#include "controller/verdict.hpp"

#include <chrono>
#include <string>

namespace controller::test {

using namespace std::chrono_literals;

/// A moment of our clock at which everything was read.
inline const Clock::time_point read_at = Clock::time_point(std::chrono::hours(1000));
/// The host's clock at that moment.
inline constexpr std::chrono::microseconds host_now = 50000s;

/// A unit that has been active for `age`.
inline UnitReading active_for(std::chrono::microseconds age) {
  UnitReading reading;
  reading.host_now = host_now;
  reading.answered = read_at;
  auto& state = reading.state;
  state.id = "m.service";
  state.load_state = "loaded";
  state.active_state = "active";
  state.sub_state = "running";
  state.type = "simple";
  state.result = "success";
  state.invocation_id = "aaaa";
  state.inactive_exit = state.active_enter = state.exec_main_start = host_now - age;
  state.timeout_start = state.timeout_stop = 90s;
  return reading;
}

/// A unit that went down `age` ago.
inline UnitReading down_for(std::chrono::microseconds age, const std::string& active_state = "inactive") {
  auto reading = active_for(age + 60s);
  reading.state.active_state = active_state;
  reading.state.sub_state = active_state == "failed" ? "failed" : "dead";
  reading.state.inactive_enter = host_now - age;
  return reading;
}

inline RegistryView empty_registry() {
  RegistryView view;
  view.reachable = true;
  view.uptime = 3600s;
  view.asked = read_at;
  return view;
}

/// A registry that last heard manager M `age` ago.
inline RegistryView heard(std::chrono::duration<double> age, bool online) {
  auto view = empty_registry();
  actors::registry::ManagerEntry manager;
  manager.manager_id = "M";
  manager.online = online;
  manager.age_s = age.count();
  view.managers.emplace("M", manager);
  return view;
}

/// The same, from a process of this invocation.
inline RegistryView heard_from(std::chrono::duration<double> age, bool online,
                               const std::string& invocation_id) {
  auto view = heard(age, online);
  view.managers.at("M").process = actors::registry::ProcessInfo{};
  view.managers.at("M").process->invocation_id = invocation_id;
  return view;
}

} // namespace controller::test
