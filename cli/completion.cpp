#include "cli/completion.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace cli {
namespace {

using Names = Completion::Names;

/// The first line, up to the first thing in parentheses.
std::string in_short(const std::string& description) {
  return description.substr(0, std::min(description.find(" ("), description.find('\n')));
}

/// An option of the command, or of what leads to it.
const CLI::Option* option_named(const CLI::App& command, const std::string& name) {
  for (const auto* app = &command; app != nullptr; app = app->get_parent())
    if (const auto* option = app->get_option_no_throw(name)) return option;
  return nullptr;
}

const CLI::App* command_named(const CLI::App& parent, const std::string& name) {
  const auto found = parent.get_subcommands([&](const CLI::App* each) { return each->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_min() > 0;
}

/// What a value may be: fixed words, or names.
struct Values {
  std::vector<std::string> words;
  Names names = Names::none;
};

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find(at);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// By the word that stands for the value in the help.
Values values_called(const std::string& what, const CLI::App& command) {
  if (what == "MANAGER" || what == "ID") return {{}, Names::managers};
  if (what == "HOST") return {{}, Names::hosts};
  if (what == "NAME") return {{}, Names::actors};
  if (what == "FILE") return {{}, Names::files};
  if (what == "DIR") return {{}, Names::folders};
  if (what == "WHEN") return {{"auto", "always", "never"}, Names::none};
  if (what == "SHELL") return {{"bash", "zsh", "fish"}, Names::none};
  if (what == "SIG") return {{"HUP", "INT", "TERM", "KILL", "USR1", "USR2", "STOP", "CONT"}, Names::none};
  if (what == "GLOB") return {{}, command.get_name() == "managers" ? Names::heard_managers : Names::actors};
  if (what.find('|') != std::string::npos) return {split(what, '|'), Names::none};
  return {};
}

Values values_of(const CLI::Option& option, const CLI::App& command) {
  if (option.get_positional()) return values_called(option.get_name(true), command);
  if (option.get_type_name() == "GLOB") return {{}, Names::managers}; // --exclude
  return values_called(option.get_type_name(), command);
}

/// Reads what is typed already.
class Place {
public:
  explicit Place(const CLI::App& program) : command_(&program) {}

  void pass(const std::string& word) {
    if (std::exchange(waiting_, nullptr) != nullptr) return;
    if (word.size() > 1 && word.front() == '-') {
      const auto* option = option_named(*command_, word.substr(0, word.find('=')));
      if (option != nullptr && takes_value(*option) && word.find('=') == std::string::npos) waiting_ = option;
    } else if (const auto* deeper = command_named(*command_, word); deeper != nullptr && given_ == 0) {
      command_ = deeper;
    } else {
      ++given_;
    }
  }

  [[nodiscard]] const CLI::App& command() const { return *command_; }
  /// The option whose value comes next.
  [[nodiscard]] const CLI::Option* waiting() const { return waiting_; }
  /// Whether a command may come next.
  [[nodiscard]] bool before_command() const { return given_ == 0; }
  /// What comes next that is no option; nullptr where nothing may.
  [[nodiscard]] const CLI::Option* positional() const {
    std::size_t passed = 0;
    for (const auto* option :
         command_->get_options([](const CLI::Option* o) { return o->get_positional(); })) {
      if (option->get_items_expected_max() > 1 || passed == given_) return option;
      ++passed;
    }
    return nullptr;
  }

private:
  const CLI::App* command_;
  const CLI::Option* waiting_ = nullptr;
  std::size_t given_ = 0;
};

void offer(Completion& completion, const std::string& typed, const std::string& word,
           const std::string& about) {
  if (word.starts_with(typed)) completion.words.push_back({word, about});
}

void offer_values(Completion& completion, const Values& values, const std::string& leading,
                  const std::string& typed) {
  for (const auto& word : values.words)
    offer(completion, leading + typed, leading + word, "");
  completion.names = values.names;
  completion.leading = leading;
  completion.typed = typed;
}

void offer_options(Completion& completion, const CLI::App& command, const std::string& typed) {
  for (const auto* app = &command; app != nullptr; app = app->get_parent())
    for (const auto* option : app->get_options()) {
      const bool told = app == &command || option != app->get_help_ptr();
      if (option->get_group().empty() || !told) continue;
      for (const auto& name : option->get_lnames())
        offer(completion, typed, "--" + name, in_short(option->get_description()));
      if (!typed.starts_with("--") && option->get_lnames().empty())
        for (const auto& name : option->get_snames())
          offer(completion, typed, "-" + name, in_short(option->get_description()));
    }
}

void offer_commands(Completion& completion, const CLI::App& command, const std::string& typed) {
  for (const auto* deeper : command.get_subcommands([](const CLI::App*) { return true; }))
    if (!deeper->get_group().empty())
      offer(completion, typed, deeper->get_name(), in_short(deeper->get_description()));
}

} // namespace

Completion complete(const CLI::App& program, std::span<const std::string> words) {
  Completion completion;
  if (words.empty()) return completion;
  Place place(program);
  for (const auto& word : words.first(words.size() - 1)) {
    if (word == "--") return completion; // another program's
    place.pass(word);
  }
  const auto& typed = words.back();
  const auto equals = typed.find('=');
  if (const auto* option = place.waiting()) {
    offer_values(completion, values_of(*option, place.command()), "", typed);
  } else if (typed.starts_with("--") && equals != std::string::npos) {
    if (const auto* named = option_named(place.command(), typed.substr(0, equals)))
      offer_values(completion, values_of(*named, place.command()), typed.substr(0, equals + 1),
                   typed.substr(equals + 1));
  } else if (typed.starts_with("-")) {
    offer_options(completion, place.command(), typed);
  } else {
    if (place.before_command()) offer_commands(completion, place.command(), typed);
    if (const auto* positional = place.positional())
      offer_values(completion, values_of(*positional, place.command()), "", typed);
  }
  return completion;
}

} // namespace cli
