#include "actors/registry/RegistryEvents.hpp"
#include "cli/commands.hpp"
#include "cli/event_lines.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "registry_core/glob.hpp"

#include <chrono>
#include <memory>
#include <variant>

namespace cli {
namespace {

using actors::registry::ListAgain;
using actors::registry::RegistryEvent;
using actors::registry::RegistryEvents;

/// How long a closed pipe may stay unnoticed.
constexpr std::chrono::milliseconds longest_wait_for_event{250};

class Listener {
public:
  Listener(Context& context, const std::string& pattern) : context_(context), pattern_(pattern) {}

  void take(const RegistryEvent& event) const {
    if (event.event == "tick" || !fits(event)) return;
    if (context_.options.json)
      print_json_line(event_json(event));
    else
      print(event_line(event, context_.colours()));
  }

  void take(const ListAgain& mark) {
    if (!following_ && mark.why == ListAgain::Why::subscribed) {
      context_.say("following the registry's changes");
    } else {
      complain(std::string(gap_text(mark.why)));
      if (context_.options.json) print_json_line({{"event", "gap"}, {"reason", gap_word(mark.why)}});
    }
    following_ = true;
  }

  void take(std::monostate) const {}

private:
  [[nodiscard]] bool fits(const RegistryEvent& event) const {
    using registry_core::glob_matches;
    return pattern_.empty() || (!event.actor_name.empty() && glob_matches(pattern_, event.actor_name)) ||
           (!event.manager_id.empty() && glob_matches(pattern_, event.manager_id));
  }

  Context& context_;
  const std::string& pattern_;
  bool following_ = false;
};

int events(Context& context, const std::string& pattern) {
  end_on_interrupt();
  context.json_lines = true;
  const auto access = context.registry_access();
  RegistryEvents events(access.endpoints, {}, access.timeout, access.keys);
  Listener listener(context, pattern);
  while (!reader_is_gone()) {
    const auto next = events.next(std::chrono::steady_clock::now() + longest_wait_for_event);
    std::visit([&](const auto& one) { listener.take(one); }, next);
  }
  return exit_done;
}

} // namespace

void add_events(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("events", "Follow the registry's changes, a line each");
  auto pattern = std::make_shared<std::string>();
  app->add_option("GLOB", *pattern, "Only those of actors or managers whose name fits ('Order*')")
      ->type_name("");
  app->callback(
      [&context, pattern] { context.run = [&context, pattern] { return events(context, *pattern); }; });
}

} // namespace cli
