#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/output.hpp"
#include "cli/selection_options.hpp"
#include "controller/targets.hpp"
#include "controller/trust.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>

namespace cli {
namespace {

using controller::KeyOfHost;
using controller::ShownKey;

struct HostsTrustCommand {
  std::vector<std::string> globs;
  std::vector<std::string> fingerprints;
  bool replace = false;
};

/// What came of one host or jump host, for JSON and the exit code.
struct Trusted {
  const config::Host* host = nullptr;
  std::string jump_host; ///< empty: the host itself
  std::string result;    ///< `trusted`, `known`, `local`, `refused`
  std::string fingerprint;
  std::string file;
  std::optional<controller::Failure> failure;
};

controller::Failure refusal(const std::string& message, const std::string& hint) {
  return {controller::FailureClass::host_key, message, hint};
}

/// `host server1`, `jump host gate`.
std::string name(const std::string& host, const std::string& jump_host) {
  return jump_host.empty() ? "host " + host : "jump host " + jump_host;
}

bool ask(const KeyOfHost& one) {
  const auto way = one.jump_host.empty() ? "" : ", on the way to host " + one.host->name + ",";
  const auto question = name(one.host->name, one.jump_host) + " (" + one.target + ")" + way + " shows " +
                        one.key->type() + " " + one.key->fingerprint() + "\ntrust this key? (yes/no) ";
  std::fwrite(question.data(), 1, question.size(), stderr);
  std::string answer;
  return std::getline(std::cin, answer) && answer == "yes";
}

/// Whether this key may be written, or why not.
std::optional<controller::Failure> refused(const KeyOfHost& one, const HostsTrustCommand& command) {
  const auto& key = *one.key;
  const auto shown = key.type() + " " + key.fingerprint();
  if (key.standing() == ShownKey::Standing::revoked)
    return refusal("host key is revoked (" + key.where() + "): " + shown,
                   "nobody may trust this key any more: the host needs a new one");
  if (key.standing() == ShownKey::Standing::changed && !command.replace)
    return refusal("host key changed (" + key.where() + "), it shows " + shown,
                   "actorsctl hosts trust --replace " + one.host->name);
  if (!command.fingerprints.empty()) {
    const auto& given = command.fingerprints;
    if (std::find(given.begin(), given.end(), key.fingerprint()) != given.end()) return std::nullopt;
    return refusal("shows another key than the fingerprints given: " + shown,
                   "compare it with what `ssh-keygen -lf` says there, and give --fingerprint for each");
  }
  if (::isatty(STDIN_FILENO) != 1)
    return refusal("shows " + shown + ", and there is no terminal to ask on",
                   std::string("actorsctl hosts trust ") + (command.replace ? "--replace " : "") +
                       "--fingerprint " + key.fingerprint() + " " + one.host->name);
  if (!ask(one)) return refusal("not trusted, as you said", "");
  return std::nullopt;
}

Trusted trust(const KeyOfHost& one, const HostsTrustCommand& command) {
  Trusted trusted{one.host, one.jump_host, "refused", "", "", one.failure};
  if (one.failure) return trusted;
  if (!one.key) {
    trusted.result = "local";
    return trusted;
  }
  trusted.fingerprint = one.key->fingerprint();
  if (one.key->standing() == ShownKey::Standing::known) {
    trusted.result = "known";
    trusted.file = one.key->where();
    return trusted;
  }
  trusted.failure = refused(one, command);
  if (trusted.failure) return trusted;
  try {
    trusted.file = one.key->trust(command.replace);
    trusted.result = "trusted";
  } catch (const controller::HostError& error) {
    trusted.failure = error.failure();
  }
  return trusted;
}

void print_line(const Trusted& trusted) {
  if (trusted.failure) return;
  if (trusted.result == "local")
    return print("host " + trusted.host->name + ": this machine, no key needed\n");
  const auto words = trusted.result == "known" ? "already trusted" : "trusted";
  print(name(trusted.host->name, trusted.jump_host) + ": " + words + ", " + trusted.fingerprint + " (" +
        trusted.file + ")\n");
}

Json to_json(const Trusted& trusted) {
  Json json;
  json["host"] = trusted.host->name;
  if (!trusted.jump_host.empty()) json["jump_host"] = trusted.jump_host;
  json["result"] = trusted.result;
  if (!trusted.fingerprint.empty()) json["fingerprint"] = trusted.fingerprint;
  if (!trusted.file.empty()) json["file"] = trusted.file;
  if (trusted.failure) json["error"] = failure_json(*trusted.failure);
  return json;
}

int run(Context& context, const HostsTrustCommand& command) {
  const auto hosts = controller::select_hosts(context.config(), command.globs);
  Json json;
  json["hosts"] = Json::array();
  std::vector<ExitCode> codes;
  controller::show_keys(hosts, fan_out_options(1).cancelled, [&](const KeyOfHost& one) {
    const auto trusted = trust(one, command);
    codes.push_back(trusted.failure ? exit_host : exit_done);
    if (trusted.failure)
      complain((trusted.jump_host.empty() ? "" : "jump ") +
               line_for_host(one.jump_host.empty() ? one.host->name : one.jump_host, *trusted.failure));
    if (context.options.json)
      json["hosts"].push_back(to_json(trusted));
    else
      print_line(trusted);
    return !trusted.failure;
  });
  if (context.options.json) print_json(json);
  return worst(codes);
}

} // namespace

void add_hosts_trust(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("trust", "Show a host's key and write it to known_hosts when you say so");
  auto command = std::make_shared<HostsTrustCommand>();
  app->add_option("HOST", command->globs, "Names or globs of the configuration")->type_name("")->required();
  app->add_option("--fingerprint", command->fingerprints,
                  "Trust the key with this fingerprint, without asking (may be repeated)")
      ->type_name("SHA256:...")
      ->allow_extra_args(false);
  app->add_flag("--replace", command->replace, "Also where another key is known: it is replaced");
  app->callback(
      [&context, command] { context.run = [&context, command] { return run(context, *command); }; });
}

} // namespace cli
