#include "cli/clients_file.hpp"
#include "cli/commands.hpp"
#include "cli/core_dumps.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/listed.hpp"
#include "cli/serve_log.hpp"
#include "cli/serve_options.hpp"
#include "cli/service_manager.hpp"
#include "cli/validators.hpp"
#include "config/load.hpp"
#include "registry_core/security/certificate.hpp"
#include "registry_core/server.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>

namespace cli {
namespace {

using registry_core::Server;

std::atomic<Server*> serving = nullptr;
static_assert(std::atomic<Server*>::is_always_lock_free); // a signal handler reads it

void end_serving(int) {
  if (auto* server = serving.load()) server->stop();
}

/// What the environment says counts as said on the command line.
ServeCommand with_environment(ServeCommand command) {
  const char* named = std::getenv("REGISTRY_ENDPOINT"); // NOLINT(concurrency-mt-unsafe)
  if (command.endpoints.empty() && named != nullptr && *named != '\0') command.endpoints = {named};
  return command;
}

std::vector<std::string> endpoints_of(const registry_core::ServerOptions& options) {
  auto endpoints = options.endpoints;
  for (const auto* other : {&options.actor_endpoint, &options.events_endpoint})
    if (!other->empty()) endpoints.push_back(*other);
  return endpoints;
}

std::string described(const Server& server, const registry_core::ServerOptions& options) {
  std::string text = "registry serves at " + listed(server.bound_endpoints());
  if (!server.bound_actor_endpoint().empty()) text += ", as an actor at " + server.bound_actor_endpoint();
  if (!server.bound_events_endpoint().empty()) text += ", events at " + server.bound_events_endpoint();
  if (!server.bound_metrics_endpoint().empty())
    text += ", metrics at http://" + server.bound_metrics_endpoint() + "/metrics";
  if (!options.store) return text + "; state in memory";
  const auto counts = server.counts();
  return text + "; state in " + options.store->data_dir + ": " + std::to_string(counts.actors) +
         " actors of " + std::to_string(counts.managers) + " managers";
}

/// The registry's own key, where an endpoint has CURVE. Its text is wiped, its copies in libzmq can't be.
std::optional<registry_core::CurveKey> secret_key(const config::Config& config,
                                                  const registry_core::ServerOptions& options) {
  if (options.curve_endpoints.empty()) return std::nullopt;
  keep_memory_private();
  return registry_core::read_secret_certificate(config.security.key_file).secret_key;
}

/// The problem with who named the endpoint, and how to find who has it.
std::string explained(const registry_core::BindError& error, const registry_core::ServerOptions& options,
                      bool is_given) {
  const auto& endpoint = error.endpoint();
  if (endpoint.empty()) return error.what();
  const char* key = endpoint == options.actor_endpoint     ? "actor_endpoint"
                    : endpoint == options.events_endpoint  ? "events_endpoint"
                    : endpoint == options.metrics_endpoint ? "metrics_endpoint"
                    : is_given                             ? "--endpoint or REGISTRY_ENDPOINT"
                                                           : "registry_endpoint";
  return std::string(error.what()) + " (" + key + ")" + (error.is_taken() ? "; who has it: ss -ltnp" : "");
}

/// Where it is required that no endpoint is open to the network. \throws ConfigUnreadable.
void check_required(const config::Config& config) {
  if (!config.security.require) return;
  const auto open = config::open_endpoints(config);
  if (open.empty()) return;
  throw ConfigUnreadable(config.path + ": security.require: " + config::why_exposed(open.front().endpoint));
}

/// The registry while it serves, and what becomes of its configuration.
class RegistryService {
public:
  RegistryService(Context& context, ServeCommand command)
      : context_(context), command_(with_environment(std::move(command))), log_(context.options.verbose),
        config_(context.config()), clients_(config_.security.clients_file) {}

  int run();

private:
  registry_core::ServerOptions options();
  void bind(registry_core::ServerOptions options);
  void tick();
  void reload();
  void take(const config::Config& config);
  registry_core::ServerSettings settings(const config::Config& config);
  void read_clients(const std::string& path);
  void look_at_clients();
  void log_problem(const std::string& before);

  Context& context_;
  const ServeCommand command_;
  ServeLog log_;
  ServiceManager manager_;
  config::Config config_; ///< that is in force
  ClientsFile clients_;
  std::shared_ptr<const registry_core::Clients> trusted_; ///< nullptr: never read
  std::chrono::steady_clock::time_point next_look_at_clients_;
  std::unique_ptr<Server> server_;
};

registry_core::ServerSettings RegistryService::settings(const config::Config& config) {
  auto settings = server_settings(in_force(config, command_));
  settings.clients = trusted_;
  return settings;
}

registry_core::ServerOptions RegistryService::options() {
  check_required(in_force(config_, command_));
  auto options = server_options(config_, command_);
  options.secret_key = secret_key(config_, options);
  if (options.secret_key) {
    read_clients(config_.security.clients_file);
    if (!clients_.exists())
      log_.warning(clients_.path() + " is not there: nobody is trusted yet (actorsctl registry trust)");
  }
  options.settings.clients = trusted_;
  options.log = [this](const registry_core::LogEntry& entry) { log_.write(entry); };
  options.log_from =
      context_.options.verbose ? registry_core::LogLevel::debug : registry_core::LogLevel::info;
  options.on_tick = [this] { tick(); };
  options.on_ending = [this] {
    log_.info("ending: answering what is still under way");
    manager_.stopping();
  };
  return options;
}

void RegistryService::tick() {
  manager_.alive();
  log_.tick();
  if (take_reload()) reload();
  look_at_clients();
}

/// What the file says is in force from the next settings on. \throws where it is wrong, or gone: that revokes
/// nobody.
void RegistryService::read_clients(const std::string& path) {
  ClientsFile file(path);
  auto trusted = file.read();
  if (trusted_ && !file.exists()) throw std::runtime_error(path + " is gone");
  clients_ = std::move(file);
  trusted_ = std::move(trusted);
}

/// A key that was revoked is to stop at once, whether or not anybody thinks of a reload.
void RegistryService::look_at_clients() {
  constexpr std::chrono::milliseconds between_looks{500};
  const auto now = std::chrono::steady_clock::now();
  if (!trusted_ || now < next_look_at_clients_) return;
  next_look_at_clients_ = now + between_looks;
  if (!clients_.has_changed()) return;
  clients_.note(); // what is wrong with it is said once
  try {
    read_clients(clients_.path());
    server_->change_settings(settings(config_));
    log_.info("clients: " + std::to_string(trusted_->size()) + " are trusted (" + clients_.path() + ")");
  } catch (const std::exception&) {
    log_problem("clients: those that were trusted before stay so: ");
  }
}

/// The exception that is being handled.
void RegistryService::log_problem(const std::string& before) {
  try {
    throw;
  } catch (const config::Error& error) {
    for (const auto& fault : error.faults())
      log_.error(before + config::to_string(error.path(), fault));
  } catch (const std::exception& error) {
    log_.error(before + error.what());
  }
}

void RegistryService::reload() {
  manager_.reloading();
  try {
    const config::Config read = context_.again(config_).config();
    check_required(in_force(read, command_));
    take(read);
  } catch (const std::exception&) {
    log_problem("HUP: the configuration before stays in force: ");
  }
  manager_.ready("serving at " + listed(server_->bound_endpoints()));
}

void RegistryService::take(const config::Config& read) {
  const auto changed = changes_in_force(config_, read);
  const auto later = changes_for_restart(config_, read, command_);
  config::Config config = with_what_runs(read, config_);
  if (trusted_) read_clients(config.security.clients_file);
  const auto settings = this->settings(config);
  server_->change_settings(settings);
  config_ = std::move(config);
  for (const auto& warning : settings.warnings)
    log_.warning("config: " + warning);
  for (const auto& line : changed)
    log_.info("HUP: " + line);
  for (const auto& key : later)
    log_.warning("HUP: " + key + " has changed in the file; it takes effect with a restart");
  if (changed.empty() && later.empty()) log_.info("HUP: nothing that concerns the registry has changed");
}

/// Makes the server. A socket that was passed for another address may be why an endpoint can't be bound, so
/// it is told of in either case.
void RegistryService::bind(registry_core::ServerOptions options) {
  auto listening = ServiceManager::listening_sockets(endpoints_of(options));
  options.listening = &listening;
  const auto tell = [&](const char* what) {
    for (std::string line : listening.left())
      log_.warning(line.insert(0, "the socket passed for ").append(what));
  };
  try {
    server_ = std::make_unique<Server>(options);
  } catch (const registry_core::BindError& error) {
    tell(" is at no endpoint of the configuration, and may be in the way of one: the unit that holds it "
         "(global-registry.socket) is to be changed with systemctl edit, or disabled and stopped");
    throw std::runtime_error(explained(error, options, !command_.endpoints.empty()));
  }
  tell(" is closed: no endpoint is there");
}

int RegistryService::run() {
  const auto options = this->options();
  for (const auto& warning : options.settings.warnings)
    log_.warning("config: " + warning);
  note_reloads(); // reading the store takes time, and HUP must not end that
  bind(options);
  serving = server_.get();
  on_signal(SIGTERM, end_serving);
  on_signal(SIGINT, end_serving);
  log_.info(described(*server_, options));
  manager_.ready("serving at " + listed(server_->bound_endpoints()));
  server_->run();
  serving = nullptr;
  log_.finish();
  return exit_done;
}

int serve(Context& context, const ServeCommand& command) {
  try {
    return RegistryService(context, command).run();
  } catch (const registry_core::CertificateError& error) {
    throw ConfigUnreadable(std::string("security.curve.key_file: ") + error.what());
  } catch (const registry_core::StoreError& error) {
    throw std::runtime_error(std::string("store: ") + error.what() +
                             "; --data-dir names another directory, --in-memory does without");
  }
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
  auto* data_dir = app->add_option("--data-dir", command->data_dir,
                                   "Where to keep the state (the configuration's data_dir, /var/lib/actors)")
                       ->type_name("DIR")
                       ->check(not_empty());
  app->add_flag("--in-memory", command->in_memory, "Keep the state in memory: a restart loses it")
      ->excludes(data_dir);
  app->callback(
      [&context, command] { context.run = [&context, command] { return serve(context, *command); }; });
}

} // namespace cli
