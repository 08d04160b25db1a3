#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/log_lines.hpp"
#include "cli/output.hpp"
#include "cli/selection_options.hpp"
#include "cli/time_argument.hpp"
#include "controller/logs.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace cli {
namespace {

constexpr std::size_t usual_lines = 50;

struct LogsCommand {
  controller::Selection selection;
  std::optional<std::size_t> lines;
  std::string since;
  bool follow = false;
  unsigned parallel = 32;
};

std::optional<std::chrono::microseconds> since(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto moment = moment_from(text, std::chrono::system_clock::now());
  if (!moment)
    throw UsageError("--since: no time: '" + text +
                     "'; it may be '2026-03-01 12:30', '12:30', 'today', '10 min ago', '-2h' or '@SECONDS'");
  return std::chrono::duration_cast<std::chrono::microseconds>(moment->time_since_epoch());
}

int logs(Context& context, const LogsCommand& command) {
  const auto begin = since(command.since);
  const auto chosen = choose_for_change(context, command.selection, "logs");
  context.json_lines = true;
  const LogLines lines(chosen, context.colours());
  std::vector<ExitCode> codes;
  std::atomic<bool> unread = false;
  controller::LogOptions options;
  options.lines = command.lines;
  if (!options.lines && !begin) options.lines = usual_lines;
  options.since = begin;
  options.follow = command.follow;
  options.fan_out = fan_out_options(command.parallel);
  options.fan_out.cancelled = [&unread] { return interrupted() || (unread = unread || reader_is_gone()); };
  options.entry = [&](const controller::Chosen& of, const systemd_units::JournalEntry& entry) {
    if (context.options.json)
      print_json_line(log_json(of, entry));
    else
      print(lines.render(of, entry));
  };
  options.failed = [&](const config::Host& host, const controller::Failure& failure) {
    if (failure.failure_class == controller::FailureClass::interrupted) return;
    codes.push_back(exit_code(failure.failure_class));
    complain(line_for_host(host.name, failure));
  };
  options.back = [&](const config::Host& host) { complain("host " + host.name + ": heard again"); };
  count_interrupts();
  controller::read_logs(chosen, options);
  if (interrupted()) return interrupt_exit_code();
  return unread ? exit_done : worst(codes);
}

} // namespace

void add_logs(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("logs", "The journals of managers' units, merged by time");
  auto command = std::make_shared<LogsCommand>();
  add_selection(*app, command->selection);
  add_parallel(*app, command->parallel);
  app->add_flag("-f,--follow", command->follow, "And what is to come, also over a host's going away");
  app->add_option("-n,--lines", command->lines, "The last ones over all hosts (50; all with --since)")
      ->type_name("N");
  app->add_option("--since", command->since,
                  "'2026-03-01 12:30', '12:30', today, '10 min ago', -2h, @SECONDS")
      ->type_name("TIME");
  app->callback(
      [&context, command] { context.run = [&context, command] { return logs(context, *command); }; });
}

} // namespace cli
