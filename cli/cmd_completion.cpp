#include "actors/registry/RegistryQuery.hpp"
#include "actors/registry/errors.hpp"
#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/completion_scripts.hpp"
#include "cli/exit_codes.hpp"
#include "cli/output.hpp"
#include "config/load.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace cli {
namespace {

using Names = Completion::Names;
using Words = std::vector<Completion::Word>;

/// Nobody waits longer for a key to answer.
constexpr std::chrono::milliseconds patience{700};

/// For a shell: what it is to offer files for.
constexpr const char* files_line = ":files\n";
constexpr const char* folders_line = ":folders\n";

actors::registry::RegistryQuery query(Context& context) {
  return actors::registry::RegistryQuery(context.registry().endpoints, patience, context.registry_keys());
}

/// Ids, and after HOST/ those of that host.
Words configured_managers(Context& context, const std::string& typed) {
  Words words;
  const bool by_host = typed.find('/') != std::string::npos;
  for (const auto& host : context.config().hosts)
    for (const auto& manager : host.managers)
      words.push_back({by_host ? host.name + "/" + manager.id : manager.id, "on " + host.name});
  return words;
}

Words names(Context& context, Names which, const std::string& typed) {
  Words words;
  switch (which) {
  case Names::managers: return configured_managers(context, typed);
  case Names::hosts:
    for (const auto& host : context.config().hosts)
      words.push_back({host.name, host.ssh.empty() ? "this machine" : host.ssh});
    break;
  case Names::actors:
    for (const auto& actor : query(context).list_actors())
      words.push_back({actor.actor_name, actor.online ? "online" : "offline"});
    break;
  case Names::heard_managers:
    for (const auto& manager : query(context).list_managers())
      words.push_back({manager.manager_id, manager.online ? "online" : "offline"});
    break;
  case Names::none:
  case Names::files:
  case Names::folders: break;
  }
  return words;
}

/// No shell is told why there is nothing to offer: not where a key was pressed.
Words names_if_any(Context& context, Names which, const std::string& typed) {
  try {
    return names(context, which, typed);
  } catch (const std::exception&) {
    return {};
  }
}

/// A name that could steer a terminal, or that would be two lines, is typed by hand.
void print_candidates(const Words& words) {
  for (const auto& word : words)
    if (harmless(word.text) == word.text) print(word.text + "\t" + harmless(word.about) + "\n");
}

/// Where the line says which configuration and registry it is about, names are asked of those.
void heed(const std::vector<std::string>& typed, const std::string& option, std::string& value) {
  for (auto word = typed.begin(); word != typed.end(); ++word) {
    if (word->starts_with(option + "=")) value = word->substr(option.size() + 1);
    if (*word == option && word + 1 != typed.end()) value = *(word + 1);
  }
}

int print_completion(const CLI::App& program, Context& context) {
  const auto typed = context.words.value_or(std::vector<std::string>{});
  heed(typed, "--config", context.options.config);
  heed(typed, "--registry", context.options.registry);
  auto completion = complete(program, typed);
  for (auto& name : names_if_any(context, completion.names, completion.typed))
    if (name.text.starts_with(completion.typed))
      completion.words.push_back({completion.leading + name.text, std::move(name.about)});
  print_candidates(completion.words);
  if (completion.names == Names::files) print(files_line);
  if (completion.names == Names::folders) print(folders_line);
  return exit_done;
}

} // namespace

void add_completion(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("completion", "Print what makes a shell complete commands and names");
  auto shell = std::make_shared<std::string>();
  app->add_option("SHELL", *shell, "bash, zsh or fish")
      ->type_name("")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
  app->callback([&context, shell] {
    context.run = [shell] {
      print(completion_script(*shell));
      return exit_done;
    };
  });

  // What the scripts call with the words so far, the one that is being typed last.
  auto* complete = parent.add_subcommand("complete", "The words that may stand here")->group("");
  complete->preparse_callback([&context](std::size_t) { context.takes_words = true; });
  complete->callback([&parent, &context] {
    context.run = [&parent, &context] { return print_completion(parent, context); };
  });
}

} // namespace cli
