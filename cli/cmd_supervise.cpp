#include "cli/commands.hpp"
#include "cli/core_dumps.hpp"
#include "cli/counted.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/listed.hpp"
#include "cli/output.hpp"
#include "cli/serve_log.hpp"
#include "cli/service_manager.hpp"
#include "config/load.hpp"
#include "controller/supervisor.hpp"

#include <atomic>
#include <csignal>
#include <memory>

namespace cli {
namespace {

std::atomic<bool> asked_to_end = false;

void note_end(int) {
  asked_to_end = true;
}

registry_core::LogEntry entry(const controller::SupervisionEvent& event) {
  using Level = controller::SupervisionEvent::Level;
  const auto level = event.level == Level::error     ? registry_core::LogLevel::error
                     : event.level == Level::warning ? registry_core::LogLevel::warning
                                                     : registry_core::LogLevel::info;
  return {level, event.text, event.word, event.manager_id, ""};
}

/// Supervision while it runs, and what becomes of its configuration.
class SuperviseService {
public:
  SuperviseService(const Context& context, bool dry_run)
      : context_(context), log_(context.options.verbose), supervisor_(settings(context_), options(dry_run)) {}

  int run() {
    log_.info("supervising " + described());
    manager_.ready("supervising " + described());
    supervisor_.run();
    manager_.stopping();
    log_.finish();
    return exit_done;
  }

private:
  static controller::SupervisorSettings settings(Context& context) {
    return {std::make_shared<const config::Config>(context.config()),
            {context.registry().endpoints, std::chrono::seconds(2), context.registry_keys()}};
  }

  controller::SupervisorOptions options(bool dry_run) {
    controller::SupervisorOptions options;
    options.dry_run = dry_run;
    options.log = [this](const controller::SupervisionEvent& event) { log_.write(entry(event)); };
    options.registry_line = [this](const controller::RegistryView& view) {
      return context_.registry_line(view);
    };
    options.tick = [this] { tick(); };
    options.ending = [] { return asked_to_end.load(); };
    return options;
  }

  std::string described() {
    const auto watched = supervisor_.watched();
    if (watched == 0) return "nobody: no manager of " + context_.config().path + " has restart_on_timeout";
    return counted(watched, "manager");
  }

  void tick() {
    manager_.alive();
    log_.tick();
    if (take_reload()) reload();
  }

  void reload() {
    manager_.reloading();
    constexpr const char* refused = "HUP: the configuration before stays in force: ";
    try {
      take(context_.again(context_.config()));
    } catch (const config::Error& error) {
      for (const auto& fault : error.faults())
        log_.error(refused + config::to_string(error.path(), fault));
    } catch (const std::exception& error) {
      log_.error(std::string(refused) + error.what());
    }
    manager_.ready("supervising " + described());
  }

  /// With the configuration that it reads. \throws where that is wrong; then nothing has changed.
  void take(Context read) {
    supervisor_.change(settings(read));
    const bool is_another = read.registry().endpoints != context_.registry().endpoints;
    context_ = std::move(read);
    log_.info("HUP: supervising " + described());
    if (is_another) log_.info("HUP: the registry is asked at " + listed(context_.registry().endpoints));
    const auto at_work = supervisor_.at_work();
    if (!at_work.empty())
      log_.info("HUP: what is under way ends by the configuration before: " + listed(at_work));
  }

  Context context_; ///< with the configuration in force
  ServeLog log_;
  ServiceManager manager_;
  controller::Supervisor supervisor_;
};

int supervise(Context& context, bool dry_run) {
  keep_memory_private(); // SSH keys
  on_signal(SIGTERM, note_end);
  on_signal(SIGINT, note_end);
  note_reloads();
  return SuperviseService(context, dry_run).run();
}

} // namespace

void add_supervise(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("supervise", "Restart managers that hang, as restart_on_timeout says");
  auto dry_run = std::make_shared<bool>(false);
  app->add_flag("--dry-run", *dry_run, "Only say what would be restarted");
  app->callback(
      [&context, dry_run] { context.run = [&context, dry_run] { return supervise(context, *dry_run); }; });
}

} // namespace cli
