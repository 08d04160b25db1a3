#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/output.hpp"
#include "cli/serve_options.hpp"
#include "cli/table.hpp"
#include "config/settings.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace cli {
namespace {

using config::Setting;

/// Who says a value, for people and for scripts.
struct Origin {
  std::string words = "default";
  Json json = {{"kind", "default"}};
};

Origin by_option(const std::string& name) {
  return {name, {{"kind", "option"}, {"name", name}}};
}

Origin by_environment(const std::string& name) {
  return {name, {{"kind", "environment"}, {"name", name}}};
}

Origin origin_of(const Setting& setting, const std::string& path) {
  if (!setting.place) return {};
  const auto [line, column] = *setting.place;
  const bool of_defaults = setting.source == Setting::Source::defaults;
  const auto name = path.substr(path.rfind('/') + 1); // the whole path stands once, above
  return {name + ":" + std::to_string(line) + (of_defaults ? " (defaults)" : ""),
          {{"kind", of_defaults ? "defaults" : "file"}, {"path", path}, {"line", line}, {"column", column}}};
}

/// One line of the table, one `value` and `from` of the JSON.
struct Row {
  config::KeyPath path;
  Json value;
  Origin origin;
};

std::vector<std::string> endpoints_of_environment() {
  const char* named = std::getenv("REGISTRY_ENDPOINT"); // NOLINT(concurrency-mt-unsafe)
  return named == nullptr || *named == '\0' ? std::vector<std::string>{} : std::vector<std::string>{named};
}

std::vector<Row> settings_in_force(Context& context) {
  auto config = context.config();
  config.limits = limits_in_force(config.limits);
  const auto& text = context.config_text();
  std::vector<Row> rows;
  for (auto& setting : config::settings(config, text ? config::Places(*text) : config::Places())) {
    auto origin = origin_of(setting, config.path);
    rows.push_back({std::move(setting.path), std::move(setting.value), std::move(origin)});
  }
  return rows;
}

/// `registry serve` binds what the environment says before what the file says.
void heed_environment(std::vector<Row>& rows) {
  const auto endpoints = endpoints_of_environment();
  if (endpoints.empty()) return;
  for (auto& row : rows)
    if (row.path == config::KeyPath{"registry_endpoint"})
      row = {row.path, endpoints, by_environment("REGISTRY_ENDPOINT")};
}

Row config_row(Context& context) {
  const auto source = context.config_source();
  const auto origin = source.named_by.empty()         ? Origin()
                      : source.named_by == "--config" ? by_option(source.named_by)
                                                      : by_environment(source.named_by);
  return {{"config"}, context.has_config() ? Json(source.path) : Json(nullptr), origin};
}

/// \param rows from the file alone: a key that it has says where the registry is.
Row registry_row(Context& context, const std::vector<Row>& rows) {
  const auto address = context.registry();
  Row row{{"registry"}, address.endpoints, {}};
  if (address.origin == "--registry") row.origin = by_option(address.origin);
  if (address.origin == "REGISTRY_ENDPOINT") row.origin = by_environment(address.origin);
  if (address.key.empty()) return row;
  for (const auto& said : rows)
    if (said.path == config::KeyPath{address.key}) row.origin = said.origin;
  row.origin.words += " (" + address.key + ")";
  row.origin.json["key"] = address.key;
  return row;
}

std::string number_text(const Json& value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.12g", value.get<double>());
  return text.data();
}

std::string text_of(const Json& value);

std::string joined(const Json& values) {
  std::string text;
  for (const auto& value : values)
    text += (text.empty() ? "" : ", ") + text_of(value);
  return text.empty() ? "none" : text;
}

std::string text_of(const Json& value) {
  if (value.is_null()) return "none";
  if (value.is_number()) return number_text(value);
  if (value.is_array()) return joined(value);
  if (!value.is_string()) return value.dump();
  const auto& text = value.get_ref<const std::string&>();
  return text.empty() ? "\"\"" : harmless(text);
}

std::string key_of(const config::KeyPath& path) {
  std::string text;
  for (const auto& part : path)
    text += (text.empty() ? "" : ".") + part;
  return harmless(text);
}

/// What nobody says for a host is left to ssh_config(5).
Cell value_cell(const Row& row) {
  if (row.value.is_null() && row.path == config::KeyPath{"limits", "connections"})
    return {"open files less 100", Tint::faint};
  const bool of_host = row.path.front() == "hosts";
  if (row.value.is_null()) return {of_host ? "as ssh_config has it" : "none", Tint::faint};
  return text_of(row.value);
}

Cell origin_cell(const Origin& origin) {
  return {harmless(origin.words), origin.words == "default" ? Tint::faint : Tint::plain};
}

void print_table(Context& context, const Row& config, const Row& registry, const std::vector<Row>& rows) {
  Table table({"KEY", "FROM", "VALUE"});
  for (const auto* row : {&config, &registry})
    table.add({"--" + row->path.front(), origin_cell(row->origin), value_cell(*row)});
  for (const auto& row : rows)
    table.add({key_of(row.path), origin_cell(row.origin), value_cell(row)});
  print(table.render(context.colours()));
}

Json to_json(const Row& row) {
  Json json;
  json["value"] = row.value;
  json["from"] = row.origin.json;
  return json;
}

int show(Context& context) {
  auto rows = settings_in_force(context);
  const auto registry = registry_row(context, rows);
  const auto config = config_row(context);
  heed_environment(rows);
  if (!context.options.json) {
    print_table(context, config, registry, rows);
    return exit_done;
  }
  Json json;
  json["config"] = to_json(config);
  json["registry"] = to_json(registry);
  for (const auto& row : rows) {
    auto* place = &json["settings"];
    for (const auto& key : row.path)
      place = &(*place)[key];
    *place = to_json(row);
  }
  print_json(json);
  return exit_done;
}

} // namespace

void add_config_show(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("show", "What is in force, and who says each value");
  app->callback([&context] { context.run = [&context] { return show(context); }; });
}

} // namespace cli
