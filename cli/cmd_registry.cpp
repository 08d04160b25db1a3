#include "actors/registry/RegistryQuery.hpp"
#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/output.hpp"
#include "cli/table.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <thread>

namespace cli {
namespace {

std::string duration(double seconds) {
  const auto whole = static_cast<long>(seconds);
  std::array<char, 64> text{};
  if (whole >= 86400)
    std::snprintf(text.data(), text.size(), "%ld d %ld h", whole / 86400, whole % 86400 / 3600);
  else if (whole >= 3600)
    std::snprintf(text.data(), text.size(), "%ld h %ld min", whole / 3600, whole % 3600 / 60);
  else if (whole >= 60)
    std::snprintf(text.data(), text.size(), "%ld min %ld s", whole / 60, whole % 60);
  else
    std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  return text.data();
}

using actors::registry::RegistryQuery;
using actors::registry::RegistryStatus;

constexpr std::chrono::seconds rates_over{1};

/// How often something happens now: what was counted between two looks. Empty where nothing was.
std::string rate(const std::string& counter, const RegistryStatus& before, const RegistryStatus& now) {
  const auto was = before.counters.find(counter);
  const auto is = now.counters.at(counter);
  const auto more = is - std::min(is, was == before.counters.end() ? 0 : was->second);
  const double seconds = now.uptime_s - before.uptime_s;
  if (more == 0 || before.run != now.run || seconds <= 0) return {};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.0f/s", static_cast<double>(more) / seconds);
  return text.data();
}

/// What never happened is left out here; JSON has it.
void print_text(const Context& context, const RegistryStatus& before, const RegistryStatus& now) {
  Table table({"REGISTRY", "", "NOW"});
  for (const auto& warning : now.warnings)
    table.add({Cell("WARNING", Tint::bad), Cell(harmless(warning), Tint::bad)});
  table.add({"version", now.version});
  table.add({"uptime", duration(now.uptime_s)});
  table.add({"epoch", now.epoch});
  table.add({"run", now.run});
  table.add({"store", harmless(now.store)});
  table.add({"events", now.events_endpoint ? harmless(*now.events_endpoint) : "off (events_endpoint)"});
  for (const auto& [name, count] : now.counts)
    table.add({name, std::to_string(count)});
  for (const auto& [name, count] : now.counters)
    if (count != 0) table.add({name, std::to_string(count), rate(name, before, now)});
  print(table.render(context.colours()));
}

int print_rates(Context& context, RegistryQuery& query) {
  const auto before = query.info();
  std::this_thread::sleep_for(rates_over);
  print_text(context, before, query.info());
  return exit_done;
}

int status(Context& context) {
  const auto access = context.registry_access();
  RegistryQuery query(access.endpoints, access.timeout, access.keys);
  if (!context.options.json) return print_rates(context, query);
  const auto info = query.info();
  Json json;
  json["version"] = info.version;
  json["epoch"] = info.epoch;
  json["run"] = info.run;
  json["uptime_s"] = info.uptime_s;
  json["store"] = info.store;
  json["counts"] = info.counts;
  json["counters"] = info.counters;
  json["events_endpoint"] = info.events_endpoint ? Json(*info.events_endpoint) : Json(nullptr);
  json["warnings"] = info.warnings;
  print_json(json);
  return exit_done;
}

} // namespace

void add_registry(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("registry", "Serve the registry, ask how it is, say whom it trusts");
  app->require_subcommand(1);
  add_registry_serve(*app, context);
  add_registry_status(*app, context);
  add_registry_keygen(*app, context);
  add_registry_trust(*app, context);
  add_registry_revoke(*app, context);
}

void add_registry_status(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("status", "Version, uptime, counts, rates, warnings");
  app->callback([&context] { context.run = [&context] { return status(context); }; });
}

} // namespace cli
