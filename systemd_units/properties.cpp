#include "systemd_units/properties.hpp"

#include "systemd_units/time_span.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <string>

namespace systemd_units {
namespace {

template<class T>
T number(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw std::invalid_argument("not a number in range: '" + std::string(text.substr(0, 40)) + "'");
  return value;
}

Microseconds monotonic(std::string_view text) {
  return Microseconds(number<Microseconds::rep>(text));
}

bool yes_or_no(std::string_view text) {
  if (text == "yes" || text == "no") return text == "yes";
  throw std::invalid_argument("neither yes nor no: '" + std::string(text.substr(0, 40)) + "'");
}

/// `ERROR-NAME "MESSAGE"`, nothing where there is none.
std::string error_message(std::string_view text) {
  const auto open = text.find('"');
  const auto close = text.rfind('"');
  return std::string(open == close ? text : text.substr(open + 1, close - open - 1));
}

struct Property {
  std::string_view name;
  void (*set)(UnitState&, std::string_view);
};

constexpr std::array<Property, 21> properties{{
    {"Id", [](UnitState& u, std::string_view v) { u.id = v; }},
    {"LoadState", [](UnitState& u, std::string_view v) { u.load_state = v; }},
    {"LoadError", [](UnitState& u, std::string_view v) { u.load_error = error_message(v); }},
    {"ActiveState", [](UnitState& u, std::string_view v) { u.active_state = v; }},
    {"SubState", [](UnitState& u, std::string_view v) { u.sub_state = v; }},
    {"Type", [](UnitState& u, std::string_view v) { u.type = v; }},
    {"UnitFileState", [](UnitState& u, std::string_view v) { u.unit_file_state = v; }},
    {"Result", [](UnitState& u, std::string_view v) { u.result = v; }},
    {"InvocationID", [](UnitState& u, std::string_view v) { u.invocation_id = v; }},
    {"NRestarts", [](UnitState& u, std::string_view v) { u.n_restarts = number<std::uint32_t>(v); }},
    {"MainPID", [](UnitState& u, std::string_view v) { u.main_pid = number<std::uint32_t>(v); }},
    {"Job", [](UnitState& u, std::string_view v) { u.job_id = v.empty() ? 0 : number<std::uint32_t>(v); }},
    {"ExecMainCode", [](UnitState& u, std::string_view v) { u.exec_main_code = number<int>(v); }},
    {"ExecMainStatus", [](UnitState& u, std::string_view v) { u.exec_main_status = number<int>(v); }},
    {"ActiveEnterTimestampMonotonic",
     [](UnitState& u, std::string_view v) { u.active_enter = monotonic(v); }},
    {"InactiveExitTimestampMonotonic",
     [](UnitState& u, std::string_view v) { u.inactive_exit = monotonic(v); }},
    {"InactiveEnterTimestampMonotonic",
     [](UnitState& u, std::string_view v) { u.inactive_enter = monotonic(v); }},
    {"ExecMainStartTimestampMonotonic",
     [](UnitState& u, std::string_view v) { u.exec_main_start = monotonic(v); }},
    {"TimeoutStartUSec", [](UnitState& u, std::string_view v) { u.timeout_start = parse_time_span(v); }},
    {"TimeoutStopUSec", [](UnitState& u, std::string_view v) { u.timeout_stop = parse_time_span(v); }},
    {"NeedDaemonReload", [](UnitState& u, std::string_view v) { u.need_daemon_reload = yes_or_no(v); }},
}};

constexpr auto names = [] {
  std::array<std::string_view, properties.size()> all{};
  std::transform(properties.begin(), properties.end(), all.begin(), [](const Property& p) { return p.name; });
  return all;
}();

} // namespace

std::span<const std::string_view> property_names() {
  return names;
}

void set_property(UnitState& state, std::string_view name, std::string_view value) {
  for (const auto& property : properties) {
    if (property.name != name) continue;
    try {
      return property.set(state, value);
    } catch (const std::invalid_argument& e) {
      throw std::invalid_argument(std::string(name) + ": " + e.what());
    }
  }
}

} // namespace systemd_units
