#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/selection_options.hpp"
#include "cli/table.hpp"
#include "controller/host_check.hpp"
#include "controller/targets.hpp"

#include <array>
#include <cstdio>
#include <memory>

namespace cli {
namespace {

using controller::HostStatus;

struct HostsCommand {
  std::vector<std::string> globs;
  unsigned parallel = 32;
};

std::string milliseconds(double seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f ms", seconds * 1000);
  return text.data();
}

std::string target(const config::Host& host) {
  return host.is_local() ? "local" : host.ssh;
}

Json to_json(const HostStatus& status) {
  Json json;
  json["host"] = status.host->name;
  json["target"] = target(*status.host);
  json["managers"] = status.host->managers.size();
  json["reachable"] = status.reachable;
  json["authenticated"] = status.authenticated;
  json["systemd"] = status.round_trip_s ? Json(status.systemd_version) : Json(nullptr);
  if (status.authenticated) json["connect_s"] = status.connect_s;
  if (status.round_trip_s) json["round_trip_s"] = *status.round_trip_s;
  if (status.failure) json["error"] = failure_json(*status.failure);
  return json;
}

std::vector<Cell> row(const HostStatus& status) {
  const auto yes_no = [](bool yes) { return yes ? Cell("yes", Tint::good) : Cell("no", Tint::bad); };
  std::vector<Cell> cells = {status.host->name, target(*status.host), yes_no(status.reachable),
                             yes_no(status.authenticated)};
  cells.emplace_back(status.systemd_version.empty() ? "-" : status.systemd_version);
  cells.emplace_back(status.round_trip_s ? milliseconds(*status.round_trip_s) : "-");
  cells.emplace_back(status.failure ? harmless(status.failure->message) : "");
  return cells;
}

std::vector<HostStatus> check(const std::vector<const config::Host*>& hosts, const HostsCommand& command) {
  Progress progress("hosts", hosts);
  auto options = fan_out_options(command.parallel);
  options.observer = progress.observer();
  return controller::check_hosts(hosts, options);
}

int hosts(Context& context, const HostsCommand& command) {
  const auto chosen = controller::select_hosts(context.config(), command.globs);
  if (chosen.empty())
    throw UsageError("no hosts in the configuration" +
                     (context.config().path.empty() ? "; give --config FILE" : " " + context.config().path));
  count_interrupts();
  const auto statuses = check(chosen, command);
  if (context.options.json) {
    Json json;
    json["hosts"] = Json::array();
    for (const auto& status : statuses)
      json["hosts"].push_back(to_json(status));
    print_json(json);
  } else {
    Table table({"HOST", "TARGET", "REACHABLE", "AUTHENTICATED", "SYSTEMD", "ROUND TRIP", "DETAIL"});
    for (const auto& status : statuses)
      table.add(row(status));
    print(table.render(context.colours()));
  }
  std::vector<ExitCode> codes;
  for (const auto& status : statuses) {
    codes.push_back(status.failure ? exit_host : exit_done);
    if (status.failure) complain(line_for_host(status.host->name, *status.failure));
  }
  return interrupted() ? interrupt_exit_code() : worst(codes);
}

} // namespace

void add_hosts(CLI::App& parent, Context& context) {
  auto* app =
      parent.add_subcommand("hosts", "Each host: reachable, authenticated, systemd version, round trip");
  auto command = std::make_shared<HostsCommand>();
  app->add_option("HOST", command->globs, "Only these (names or globs)")->type_name("");
  add_parallel(*app, command->parallel);
  app->require_subcommand(0, 1);
  add_hosts_trust(*app, context);
  app->callback([&context, command] {
    // A subcommand's choice was made first.
    if (!context.run) context.run = [&context, command] { return hosts(context, *command); };
  });
}

} // namespace cli
