#include "cli/context.hpp"

#include "cli/core_dumps.hpp"
#include "cli/listed.hpp"
#include "cli/output.hpp"
#include "cli/standard_error.hpp"
#include "config/load.hpp"
#include "config/rules.hpp"
#include "controller/load_config.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace cli {
namespace {

constexpr const char* default_config = "/etc/actors/registry.json";
constexpr std::chrono::seconds query_timeout{5};
constexpr const char* server_key_variable = "REGISTRY_SERVER_KEY";
constexpr const char* key_file_variable = "REGISTRY_KEY_FILE";

std::string environment(const char* name) {
  const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nobody sets the environment
  return value == nullptr ? "" : value;
}

bool keys_are_named() {
  return !environment(server_key_variable).empty() || !environment(key_file_variable).empty();
}

/// A bound wildcard is reached on this machine by its name.
std::string reachable(const std::string& endpoint) {
  for (const std::string_view wildcard : {"tcp://*:", "tcp://0.0.0.0:", "tcp://[::]:"})
    if (endpoint.starts_with(wildcard)) return "tcp://localhost:" + endpoint.substr(wildcard.size());
  return endpoint;
}

/// Whether the registry's unit is installed here.
bool is_a_service_here() {
  constexpr std::array folders{"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
                               "/usr/lib/systemd/system", "/lib/systemd/system"};
  return std::any_of(folders.begin(), folders.end(), [](const char* folder) {
    return ::access((std::string(folder) + "/global-registry.service").c_str(), F_OK) == 0;
  });
}

/// A service that is down is not helped by a second registry, which takes its port and its directory.
std::string how_to_have_one(const std::vector<std::string>& endpoints) {
  const bool is_here = std::all_of(endpoints.begin(), endpoints.end(), config::is_loopback);
  if (is_here && !is_a_service_here()) return "is it running? actorsctl registry serve";
  return std::string("is it running ") + (is_here ? "here" : "there") + "? systemctl status global-registry";
}

std::vector<std::string> reachable(const std::vector<std::string>& endpoints) {
  std::vector<std::string> result;
  for (const auto& endpoint : endpoints)
    result.push_back(reachable(endpoint));
  return result;
}

/// The library's own `registry ENDPOINT: ` is said better here.
std::string without_endpoint(const std::string& problem) {
  const auto colon = problem.find(": ");
  return problem.starts_with("registry ") && colon != std::string::npos ? problem.substr(colon + 2) : problem;
}

} // namespace

ConfigSource Context::config_source() const {
  if (!options.config.empty()) return {options.config, "--config"};
  if (auto named = environment("REGISTRY_CONFIG"); !named.empty()) return {named, "REGISTRY_CONFIG"};
  return {default_config, ""};
}

bool Context::has_config() const {
  const auto source = config_source();
  struct stat status {};
  // One that is there and can't be reached is a fault, which reading it says: never the same as none.
  return !source.named_by.empty() || ::stat(source.path.c_str(), &status) == 0 ||
         (errno != ENOENT && errno != ENOTDIR);
}

std::optional<std::string> Context::read_config_text() const {
  if (!has_config()) return std::nullopt;
  const auto source = config_source();
  try {
    return config::read_file(source.path);
  } catch (const std::system_error& error) {
    throw ConfigUnreadable(error.what() + (source.named_by.empty() ? "" : " (from " + source.named_by + ")"));
  }
}

config::Config Context::parsed(const std::optional<std::string>& text) const {
  return text ? controller::parse_config(*text, config_source().path) : config::Config{};
}

const std::optional<std::string>& Context::config_text() {
  return config_text_ ? *config_text_ : config_text_.emplace(read_config_text());
}

const config::Config& Context::config() {
  return config_ ? *config_ : config_.emplace(parsed(config_text()));
}

Context Context::again(const config::Config& in_force) const {
  Context context;
  context.options = options;
  if (!context.config_text() && !in_force.path.empty())
    throw ConfigUnreadable(in_force.path + ": it is there no more");
  return context;
}

RegistryAddress Context::registry() {
  if (!options.registry.empty()) return {{options.registry}, "--registry"};
  if (auto named = environment("REGISTRY_ENDPOINT"); !named.empty()) return {{named}, "REGISTRY_ENDPOINT"};
  const auto& in_force = config();
  if (in_force.path.empty()) return {{"tcp://localhost:5555"}, "the default"};
  if (!in_force.registry_connect.empty())
    return {in_force.registry_connect, in_force.path + ": registry_connect", "registry_connect"};
  return {reachable(in_force.registry_endpoint), in_force.path + ": registry_endpoint", "registry_endpoint"};
}

controller::RegistryAccess Context::registry_access() {
  const auto timeout = options.timeout_s ? std::chrono::duration<double>(*options.timeout_s)
                                         : std::chrono::duration<double>(query_timeout);
  return {registry().endpoints, std::chrono::ceil<std::chrono::milliseconds>(timeout), registry_keys()};
}

actors::registry::RegistryQuery Context::registry_query() {
  const auto access = registry_access();
  return actors::registry::RegistryQuery(access.endpoints, access.timeout, access.keys);
}

bool Context::takes_keys_of_the_config() const {
  return !keys_are_named() && options.registry.empty() && environment("REGISTRY_ENDPOINT").empty();
}

actors::registry::CurveKeys Context::registry_keys() {
  using actors::registry::CurveKeys;
  if (!takes_keys_of_the_config()) {
    if (keys_are_named()) keep_memory_private();
    return CurveKeys::from_environment();
  }
  const auto& security = config().security;
  if (security.client_server_key.empty()) return {};
  keep_memory_private();
  return CurveKeys(security.client_server_key, security.client_key_file);
}

std::vector<std::pair<std::string, std::string>> Context::registry_keys_for_programs() {
  std::vector<std::pair<std::string, std::string>> variables;
  if (!takes_keys_of_the_config()) return variables;
  const auto& security = config().security;
  if (!security.client_server_key.empty())
    variables.emplace_back(server_key_variable, security.client_server_key);
  if (!security.client_key_file.empty()) variables.emplace_back(key_file_variable, security.client_key_file);
  return variables;
}

std::string Context::registry_problem(const std::string& problem) {
  const auto address = registry();
  return "registry " + listed(address.endpoints) + " (from " + address.origin +
         "): " + without_endpoint(problem);
}

std::string Context::registry_silence(std::chrono::milliseconds waited) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "no answer within %g s",
                std::chrono::duration<double>(waited).count());
  return registry_problem(text.data() + ("; " + how_to_have_one(registry().endpoints)));
}

std::string Context::registry_line(const controller::RegistryView& view) {
  return view.timed_out ? registry_silence(view.waited) : registry_problem(view.error);
}

bool Context::colours() const {
  if (options.color == "always") return true;
  if (options.color == "never" || !environment("NO_COLOR").empty()) return false;
  return ::isatty(STDOUT_FILENO) == 1 && environment("TERM") != "dumb";
}

void Context::say(const std::string& line) const {
  if (!options.verbose && ::isatty(STDERR_FILENO) != 1) return;
  write_error_line(harmless(line));
}

} // namespace cli
