#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/output.hpp"
#include "cli/service_manager.hpp"
#include "cli/validators.hpp"
#include "registry_core/server.hpp"

#include <systemd/sd-daemon.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace cli {
namespace {

using registry_core::LogLevel;
using registry_core::Server;
using registry_core::ServerOptions;

struct ServeCommand {
  std::vector<std::string> endpoints;
  bool in_memory = false;
};

std::atomic<Server*> serving = nullptr;
std::atomic<bool> asked_to_reload = false;
static_assert(std::atomic<Server*>::is_always_lock_free); // a signal handler reads it

void end_serving(int) {
  if (auto* server = serving.load()) server->stop();
}

void note_reload(int) {
  asked_to_reload = true;
}

void on_signal(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
}

/// sd-daemon(3): the journal takes the level from the line's beginning.
std::string_view journal_prefix(LogLevel level) {
  switch (level) {
  case LogLevel::debug: return SD_DEBUG;
  case LogLevel::info: return SD_INFO;
  case LogLevel::warning: return SD_WARNING;
  case LogLevel::error: return SD_ERR;
  }
  return SD_INFO;
}

void log(LogLevel level, const std::string& line) {
  static const bool to_journal = std::getenv("JOURNAL_STREAM") != nullptr; // NOLINT(concurrency-mt-unsafe)
  const auto text = to_journal ? std::string(journal_prefix(level)) + harmless(line) + "\n"
                               : "actorsctl: " + harmless(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

std::vector<std::string> endpoints_to_bind(Context& context, const ServeCommand& command) {
  if (!command.endpoints.empty()) return command.endpoints;
  const char* named = std::getenv("REGISTRY_ENDPOINT"); // NOLINT(concurrency-mt-unsafe)
  if (named != nullptr && *named != '\0') return {named};
  return context.config().registry_endpoint;
}

std::chrono::nanoseconds nanoseconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
}

ServerOptions server_options(Context& context, const ServeCommand& command) {
  const auto& config = context.config();
  ServerOptions options;
  options.endpoints = endpoints_to_bind(context, command);
  options.connect_endpoints = config.registry_connect;
  options.heartbeat_timeout = nanoseconds(config.heartbeat_timeout_s);
  options.check_interval = nanoseconds(config.heartbeat_check_interval_s);
  options.takeover = config.takeover == config::Takeover::never ? registry_core::Takeover::never
                                                                : registry_core::Takeover::offline;
  if (config.forget_offline_after_s)
    options.forget_offline_after = nanoseconds(*config.forget_offline_after_s);
  options.warnings = config.warnings;
  for (const auto& key : config.not_in_force)
    options.warnings.push_back(key + ": not in force in this version");
  const bool verbose = context.options.verbose;
  options.log = [verbose](LogLevel level, const std::string& line) {
    if (level != LogLevel::debug || verbose) log(level, line);
  };
  return options;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : ", ") + word;
  return text;
}

int serve(Context& context, const ServeCommand& command) {
  if (context.config().asks_for_security) {
    complain("config: " + context.config().path +
             ": security: this version can't encrypt or authenticate, and "
             "serves nothing where that is asked for");
    return exit_configuration;
  }
  ServiceManager manager;
  auto options = server_options(context, command);
  for (const auto& warning : options.warnings)
    log(LogLevel::warning, "config: " + warning);
  options.on_tick = [&] {
    manager.alive();
    if (asked_to_reload.exchange(false))
      log(LogLevel::warning, "HUP: this version can't reload its configuration; restart it");
  };
  options.on_ending = [&] {
    log(LogLevel::info, "ending: answering what is still under way");
    manager.stopping();
  };
  Server server(std::move(options));
  serving = &server;
  on_signal(SIGTERM, end_serving);
  on_signal(SIGINT, end_serving);
  on_signal(SIGHUP, note_reload);
  const auto bound = joined(server.bound_endpoints());
  log(LogLevel::info, "registry serves at " + bound + ", state in memory");
  manager.ready("serving at " + bound);
  server.run();
  serving = nullptr;
  return exit_done;
}

} // namespace

void add_registry_serve(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("serve", "Run the registry in the foreground");
  auto command = std::make_shared<ServeCommand>();
  app->add_option("--endpoint", command->endpoints,
                  "Where to bind (may be repeated; REGISTRY_ENDPOINT, the configuration)")
      ->type_name("ENDPOINT")
      ->check(endpoint())
      ->allow_extra_args(false);
  app->add_flag("--in-memory", command->in_memory, "Keep the state in memory (this version always does)");
  app->callback(
      [&context, command] { context.run = [&context, command] { return serve(context, *command); }; });
}

} // namespace cli
