#include "cli/commands.hpp"
#include "cli/core_dumps.hpp"
#include "cli/exit_codes.hpp"
#include "cli/output.hpp"
#include "cli/validators.hpp"
#include "registry_core/security/certificate.hpp"

#include <array>
#include <ctime>
#include <memory>

namespace cli {
namespace {

struct KeygenCommand {
  std::string path;
  std::string name;
};

std::string now() {
  const std::time_t time = std::time(nullptr);
  std::tm parts{};
  std::array<char, 32> text{};
  if (::gmtime_r(&time, &parts) == nullptr) return {};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

int keygen(Context& context, const KeygenCommand& command) {
  keep_memory_private();
  const auto slash = command.path.rfind('/');
  const auto last = slash == std::string::npos ? command.path : command.path.substr(slash + 1);
  const auto name = command.name.empty() ? last : command.name;
  const auto key = registry_core::make_key_files(command.path, name, now()).text();
  if (!context.options.json) {
    print(key + "\n");
    context.say(command.path + ".key is for others, " + command.path + ".key_secret for its owner alone");
    return exit_done;
  }
  Json json;
  json["name"] = name;
  json["public_key"] = key;
  json["public_file"] = command.path + ".key";
  json["secret_file"] = command.path + ".key_secret";
  print_json(json);
  return exit_done;
}

} // namespace

void add_registry_keygen(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("keygen", "Make a CURVE key pair, for a registry or a client");
  auto command = std::make_shared<KeygenCommand>();
  app->add_option("PATH", command->path, "Writes PATH.key (public) and PATH.key_secret; overwrites nothing")
      ->type_name("")
      ->required()
      ->check(not_empty());
  app->add_option("--name", command->name, "What stands in both files (the end of PATH)")
      ->type_name("NAME")
      ->check(plain_text());
  app->callback(
      [&context, command] { context.run = [&context, command] { return keygen(context, *command); }; });
}

} // namespace cli
