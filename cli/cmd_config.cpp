#include "cli/commands.hpp"
#include "cli/config_contents.hpp"
#include "cli/exit_codes.hpp"
#include "cli/output.hpp"
#include "config/load.hpp"
#include "config/schema.hpp"

namespace cli {
namespace {

Json to_json(const config::Fault& fault) {
  Json json;
  json["line"] = fault.line;
  json["column"] = fault.column;
  json["key"] = fault.key;
  json["message"] = fault.message;
  return json;
}

int print_faults(const config::Error& error) {
  Json json;
  json["path"] = error.path();
  json["ok"] = false;
  json["faults"] = Json::array();
  for (const auto& fault : error.faults()) {
    json["faults"].push_back(to_json(fault));
    complain("config: " + config::to_string(error.path(), fault));
  }
  print_json(json);
  return exit_configuration;
}

std::string summary(const config::Config& config) {
  if (config.path.empty()) return "no configuration file; the defaults are in force";
  return config.path + ": ok, " + contents(config);
}

int check(Context& context) {
  if (context.options.json) {
    try {
      context.config();
    } catch (const config::Error& error) {
      return print_faults(error);
    }
  }
  const auto& config = context.config();
  auto warnings = config.exposed;
  warnings.insert(warnings.end(), config.warnings.begin(), config.warnings.end());
  for (const auto& warning : warnings)
    complain("config: warning: " + warning);
  for (const auto& key : config.not_in_force)
    complain("config: note: " + key + ": checked, not in force in this version");
  if (!context.options.json) {
    print(summary(config) + "\n");
    return exit_done;
  }
  Json json;
  json["path"] = config.path;
  json["ok"] = true;
  json["faults"] = Json::array();
  json["warnings"] = warnings;
  json["not_in_force"] = config.not_in_force;
  print_json(json);
  return exit_done;
}

} // namespace

void add_config(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("config", "The configuration file");
  app->require_subcommand(1);
  add_config_check(*app, context);
  add_config_show(*app, context);
  add_config_schema(*app, context);
  add_config_init(*app, context);
}

void add_config_check(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("check", "The file's faults, with line, column and key");
  app->callback([&context] { context.run = [&context] { return check(context); }; });
}

void add_config_schema(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("schema", "Print the file's JSON Schema (2020-12), for editors");
  app->callback([&context] {
    context.run = [] {
      print(config::schema());
      return exit_done;
    };
  });
}

} // namespace cli
