#include "actors/registry/RegistryQuery.hpp"
#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/output.hpp"
#include "cli/table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

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

std::string rate(std::uint64_t count, double uptime_s) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%llu (%.2g/s)", static_cast<unsigned long long>(count),
                static_cast<double>(count) / std::max(uptime_s, 1.0));
  return text.data();
}

/// What never happened is left out here; JSON has it.
void print_text(const Context& context, const actors::registry::RegistryStatus& info) {
  Table table({"REGISTRY", ""});
  table.add({"version", info.version});
  table.add({"uptime", duration(info.uptime_s)});
  table.add({"epoch", info.epoch});
  table.add({"run", info.run});
  table.add({"store", info.store});
  for (const auto& [name, count] : info.counts)
    table.add({name, std::to_string(count)});
  for (const auto& [name, count] : info.counters)
    if (count != 0) table.add({name, rate(count, info.uptime_s)});
  for (const auto& warning : info.warnings)
    table.add({"warning", Cell(harmless(warning), Tint::warning)});
  print(table.render(context.colours()));
}

int status(Context& context) {
  const auto access = context.registry_access();
  const auto info = actors::registry::RegistryQuery(access.endpoints, access.timeout).info();
  if (!context.options.json) {
    print_text(context, info);
    return exit_done;
  }
  Json json;
  json["version"] = info.version;
  json["epoch"] = info.epoch;
  json["run"] = info.run;
  json["uptime_s"] = info.uptime_s;
  json["store"] = info.store;
  json["counts"] = info.counts;
  json["counters"] = info.counters;
  json["warnings"] = info.warnings;
  print_json(json);
  return exit_done;
}

} // namespace

void add_registry(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("registry", "Serve the registry, or ask how it is");
  app->require_subcommand(1);
  add_registry_serve(*app, context);
  add_registry_status(*app, context);
}

void add_registry_status(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("status", "Version, uptime, counts, rates, warnings");
  app->callback([&context] { context.run = [&context] { return status(context); }; });
}

} // namespace cli
