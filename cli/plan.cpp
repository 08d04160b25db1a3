#include "cli/plan.hpp"

#include "cli/exit_codes.hpp"
#include "cli/output.hpp"
#include "cli/table.hpp"

#include <string>

namespace cli {

void add_dry_run(CLI::App& command, bool& dry_run) {
  command.add_flag("--dry-run", dry_run, "Only say what would be done where; no host is asked");
}

int print_plan(Context& context, std::string_view verb, const std::string& options,
               const std::vector<controller::Chosen>& chosen,
               const std::vector<std::vector<std::size_t>>& steps) {
  Table table({"STEP", "MANAGER", "HOST", "TARGET", "WOULD"});
  Json json;
  json["operation"] = verb;
  json["dry_run"] = true;
  json["managers"] = Json::array();
  std::size_t step = 0;
  for (const auto& together : steps) {
    ++step;
    for (const auto position : together) {
      const auto& [host, manager, literally] = chosen[position];
      const auto target = host->is_local() ? "local" : host->ssh;
      table.add({std::to_string(step), manager->id, host->name, target,
                 std::string(verb) + options + " " + manager->service});
      json["managers"].push_back({{"step", step},
                                  {"manager_id", manager->id},
                                  {"host", host->name},
                                  {"target", target},
                                  {"unit", manager->service}});
    }
  }
  if (context.options.json)
    print_json(json);
  else
    print(table.render(context.colours()));
  return exit_done;
}

} // namespace cli
