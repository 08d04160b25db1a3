#include "actors/registry/RegistryQuery.hpp"
#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/output.hpp"

#include <algorithm>
#include <array>
#include <cmath>
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

void print_text(const actors::registry::RegistryStatus& info) {
  std::string text;
  const auto line = [&](const std::string& name, const std::string& value) {
    text += name + std::string(name.size() < 16 ? 16 - name.size() : 1, ' ') + value + "\n";
  };
  line("version", info.version);
  line("uptime", duration(info.uptime_s));
  line("epoch", info.epoch);
  line("run", info.run);
  line("store", info.store);
  for (const auto& [name, count] : info.counts) line(name, std::to_string(count));
  for (const auto& [name, count] : info.counters) {
    std::array<char, 64> rate{};
    std::snprintf(rate.data(), rate.size(), " (%.2g/s)", static_cast<double>(count) / std::max(info.uptime_s, 1.0));
    line(name, std::to_string(count) + rate.data());
  }
  for (const auto& warning : info.warnings) line("warning", harmless(warning));
  print(text);
}

int status(Context& context) {
  const auto access = context.registry_access();
  const auto info = actors::registry::RegistryQuery(access.endpoints, access.timeout).info();
  if (!context.options.json) {
    print_text(info);
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
