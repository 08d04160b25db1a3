#include "systemd_units/bus.hpp"

#include "systemd_units/bus_handles.hpp"
#include "systemd_units/bus_reply.hpp"
#include "systemd_units/signal_name.hpp"
#include "systemd_units/systemctl_words.hpp"

#include <pwd.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <unordered_map>
#include <utility>

namespace systemd_units {
namespace {

using Clock = std::chrono::steady_clock;

/// A D-Bus error: sd-bus fills it in, the end of life frees it.
class CallError {
public:
  CallError() = default;
  CallError(const CallError&) = delete;
  CallError& operator=(const CallError&) = delete;
  ~CallError() { sd_bus_error_free(&error_); }

  sd_bus_error* get() { return &error_; }
  [[nodiscard]] bool has_name(const char* name) const { return sd_bus_error_has_name(&error_, name) > 0; }
  [[nodiscard]] std::string text(int error_number) const {
    return error_.message != nullptr ? error_.message : std::strerror(error_number);
  }

private:
  sd_bus_error error_{nullptr, nullptr, 0}; // SD_BUS_ERROR_NULL is C99
};

Microseconds monotonic_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds(now.tv_sec) +
         std::chrono::duration_cast<Microseconds>(std::chrono::nanoseconds(now.tv_nsec));
}

const char* method_of(Verb verb) {
  switch (verb) {
  case Verb::start: return "StartUnit";
  case Verb::stop: return "StopUnit";
  case Verb::restart: return "RestartUnit";
  case Verb::reload: return "ReloadUnit";
  case Verb::kill: return "KillUnit";
  case Verb::reset_failed: return "ResetFailedUnit";
  case Verb::enable: return "EnableUnitFiles";
  case Verb::disable: return "DisableUnitFiles";
  }
  return "";
}

/// The arguments of method_of(), org.freedesktop.systemd1(5).
void append_arguments(sd_bus_message* message, const Request& request, const char* unit) {
  const auto append = [&] {
    switch (request.verb) {
    case Verb::start:
    case Verb::stop:
    case Verb::restart:
    case Verb::reload: return sd_bus_message_append(message, "ss", unit, "replace");
    case Verb::kill: return sd_bus_message_append(message, "ssi", unit, "all", signal_number(request.signal));
    case Verb::reset_failed: return sd_bus_message_append(message, "s", unit);
    case Verb::enable: return sd_bus_message_append(message, "asbb", 1, unit, 0, 0); // not runtime, no force
    case Verb::disable: return sd_bus_message_append(message, "asb", 1, unit, 0);    // not runtime
    }
    return -EINVAL;
  };
  checked(append(), method_of(request.verb));
}

bool is_late(const CallError& error, int error_number) {
  return error_number == ETIMEDOUT || error.has_name(SD_BUS_ERROR_NO_REPLY);
}

ChangeResult refused(const CallError& error, int error_number) {
  const auto text = error.text(error_number);
  using End = ChangeResult::End;
  if (is_late(error, error_number)) return {End::timed_out, text, ""};
  const bool no_privilege = error.has_name(SD_BUS_ERROR_ACCESS_DENIED) ||
                            error.has_name(SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED) ||
                            error.has_name(SD_BUS_ERROR_AUTH_FAILED) || says_no_privilege(text);
  if (no_privilege) return {End::no_privilege, text, own_user_name()};
  return {End::failed, text, ""};
}

/// The ends of the jobs that are under way, by job path. Those of others are heard too and passed over.
struct Jobs {
  std::unordered_multimap<std::string, std::size_t>
      waiting; ///< to the result's index; a unit may be named twice
  std::vector<ChangeResult> results;
};

int on_job_removed(sd_bus_message* message, void* userdata, sd_bus_error* /*error*/) noexcept {
  auto& jobs = *static_cast<Jobs*>(userdata);
  std::uint32_t id = 0;
  const char* path = nullptr;
  const char* unit = nullptr;
  const char* result = nullptr;
  if (sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) < 0) return 0;
  const auto [first, last] = jobs.waiting.equal_range(path);
  // `skipped`: the unit was in the state asked for, or not so that a job applied; systemctl calls it done as
  // well.
  const bool done = std::string_view(result) == "done" || std::string_view(result) == "skipped";
  for (auto job = first; job != last; ++job)
    jobs.results[job->second] = {done ? ChangeResult::End::done : ChangeResult::End::failed,
                                 done ? "" : result};
  jobs.waiting.erase(first, last);
  return 0;
}

} // namespace

std::string own_user_name() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? found->pw_name : "#" + std::to_string(::geteuid());
}

struct Bus::State {
  BusPtr bus;

  Message new_call(const char* path, const char* interface, const char* method) {
    sd_bus_message* raw = nullptr;
    checked(sd_bus_message_new_method_call(bus.get(), &raw, systemd_name, path, interface, method), method);
    return Message(raw);
  }

  Message call(const char* path, const char* interface, const char* method,
               std::initializer_list<const char*> strings, Clock::time_point deadline, CallError& error,
               int& result) {
    const auto request = new_call(path, interface, method);
    for (const auto* const text : strings)
      checked(sd_bus_message_append_basic(request.get(), SD_BUS_TYPE_STRING, text), method);
    return send(request, deadline, error, result);
  }

  Message send(const Message& request, Clock::time_point deadline, CallError& error, int& result) {
    const auto left = std::max<std::uint64_t>(1, microseconds_until(deadline));
    sd_bus_message* reply = nullptr;
    result = sd_bus_call(bus.get(), request.get(), left, error.get(), &reply);
    if (sd_bus_is_open(bus.get()) <= 0) throw BusError("the connection to the system bus is lost");
    return Message(reply);
  }

  Message call(const char* path, const char* interface, const char* method,
               std::initializer_list<const char*> strings, Clock::time_point deadline) {
    CallError error;
    int result = 0;
    auto reply = call(path, interface, method, strings, deadline, error, result);
    if (result < 0)
      throw BusError(std::string("systemd's ") + method + ": " + error.text(-result),
                     is_late(error, -result));
    return reply;
  }

  /// Where a file was linked or unlinked, systemd is to know.
  void read_units_again(Clock::time_point deadline, Jobs& jobs) {
    const auto is_done = [](const ChangeResult& result) { return result.end == ChangeResult::End::done; };
    if (std::none_of(jobs.results.begin(), jobs.results.end(), is_done)) return;
    CallError error;
    int result = 0;
    call(manager_path, manager_interface, "Reload", {}, deadline, error, result);
    if (result >= 0) return;
    for (auto& one : jobs.results)
      if (is_done(one)) one = refused(error, -result);
  }

  /// Queues the job, or makes the call that has none; its end is in `jobs` or will be.
  void begin(const Request& request, const std::string& unit, Clock::time_point deadline, Jobs& jobs) {
    const auto index = jobs.results.size();
    jobs.results.push_back({ChangeResult::End::timed_out, "the job was still running"});
    CallError error;
    int result = 0;
    const auto message = new_call(manager_path, manager_interface, method_of(request.verb));
    append_arguments(message.get(), request, unit.c_str());
    const auto reply = send(message, deadline, error, result);
    if (result < 0) {
      jobs.results[index] = refused(error, -result);
    } else if (!has_job(request.verb)) {
      jobs.results[index] = {};
    } else {
      jobs.waiting.emplace(read_path(reply.get()), index);
    }
  }
};

BusPtr open_system_bus() {
  sd_bus* bus = nullptr;
  checked(sd_bus_open_system(&bus), "no system bus");
  BusPtr owner(bus);
  const char* name = nullptr;
  checked(sd_bus_get_unique_name(bus, &name), "no system bus"); // waits until it is there
  return owner;
}

std::string unit_path(const std::string& unit) {
  char* path = nullptr;
  checked(sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit.c_str(), &path), "a unit's path");
  const std::unique_ptr<char, decltype(&std::free)> owner(path, std::free);
  return path;
}

std::uint64_t microseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<Microseconds>(deadline - Clock::now()).count();
  return left > 0 ? static_cast<std::uint64_t>(left) : 0;
}

Bus::Bus() : state_(std::make_unique<State>()) {
  state_->bus = open_system_bus();
}

Bus::Bus(Bus&&) noexcept = default;
Bus& Bus::operator=(Bus&&) noexcept = default;
Bus::~Bus() = default;

UnitsReading Bus::read(std::span<const std::string> units, Clock::time_point deadline) {
  UnitsReading reading;
  reading.now = monotonic_now();
  for (const auto& unit : units) {
    // As systemctl does it: systemd loads the unit by its path, and without an interface gives all
    // properties.
    const auto reply = state_->call(unit_path(unit).c_str(), properties_interface, "GetAll", {""}, deadline);
    try {
      reading.units.push_back(read_properties(reply.get()));
    } catch (const std::invalid_argument& e) {
      throw BusError(unit + ": " + e.what());
    }
  }
  return reading;
}

std::vector<ChangeResult> Bus::change(const Request& request, std::span<const std::string> units,
                                      Clock::time_point deadline) {
  auto* const bus = state_->bus.get();
  Jobs jobs;
  // The match before the first job: a short job's end may be here before the reply to the call that made it.
  sd_bus_slot* raw_slot = nullptr;
  checked(sd_bus_match_signal(bus, &raw_slot, systemd_name, manager_path, manager_interface, "JobRemoved",
                              on_job_removed, &jobs),
          "listening for jobs");
  const Slot slot(raw_slot);
  {
    CallError error; // a second Subscribe of one connection is refused, and harmless
    int result = 0;
    state_->call(manager_path, manager_interface, "Subscribe", {}, deadline, error, result);
  }
  std::string refused_unit;
  for (const auto& unit : units) {
    if (!refused_unit.empty()) {
      jobs.results.push_back({ChangeResult::End::no_privilege, "", own_user_name(), refused_unit});
      continue;
    }
    if (microseconds_until(deadline) == 0) {
      jobs.results.push_back({ChangeResult::End::not_asked, ""});
      continue;
    }
    state_->begin(request, unit, deadline, jobs);
    if (jobs.results.back().end == ChangeResult::End::no_privilege) refused_unit = unit;
  }
  if (request.verb == Verb::enable || request.verb == Verb::disable) state_->read_units_again(deadline, jobs);
  while (!jobs.waiting.empty()) {
    if (checked(sd_bus_process(bus, nullptr), "waiting for jobs") > 0) continue;
    const auto left = microseconds_until(deadline);
    if (left == 0) break;
    const int waited = sd_bus_wait(bus, left);
    if (waited != -EINTR) checked(waited, "waiting for jobs"); // a signal's handler has said what it wants
  }
  return std::move(jobs.results);
}

std::string Bus::systemd_version() {
  CallError error;
  char* version = nullptr;
  const int result = sd_bus_get_property_string(state_->bus.get(), systemd_name, manager_path,
                                                manager_interface, "Version", error.get(), &version);
  if (result < 0) throw BusError("systemd's version: " + error.text(-result));
  const std::unique_ptr<char, decltype(&std::free)> owner(version, std::free);
  const std::string_view text = version; // 252.39-1~deb12u2
  return std::string(text.substr(0, text.find_first_not_of("0123456789")));
}

} // namespace systemd_units
